"""The stations whose staff can be asked about a credit code, those of the code's own division first. Pure."""

from app.kit.i18n import tr
from app.kit.uscc import LENGTH, normalise
from app.stations.directory import Directory
from app.stations.snapshot import StationFacts

MOST_LISTED = 300
DIVISION = slice(2, 8)


def offices(directory: Directory, uscc: str) -> list[tuple[str, str]]:
    """Code and "county · name" of active stations; of a large network those of the division and then some.

    Places 3 to 8 of the code name the division where the organisation is registered, by its number of that time.
    """
    home = home_of(directory, uscc)
    stations = [station for station in directory.network.stations if station.active]
    stations.sort(key=lambda station: (station.county_adcode != home, station.county_adcode, station.code))
    return [(station.code, _words(directory, station)) for station in stations[:MOST_LISTED]]


def home_of(directory: Directory, uscc: str) -> str:
    """The division in force that the code names; "" when it is none of this network."""
    code = normalise(uscc)
    division = directory.atlas.county(code[DIVISION]) if len(code) == LENGTH else None
    return division.adcode if division else ""


def _words(directory: Directory, station: StationFacts) -> str:
    county = directory.county_of(station)
    return f"{tr(county, 'name')} · {tr(station, 'name')}" if county else tr(station, "name")
