"""Whose own texts are looked at: the network's, or those of a station that the caller sees."""

from dataclasses import dataclass

from pydantic import BaseModel

from app.kit.i18n import tr
from app.policy.pages.frame import FEW_STATIONS, Looking
from app.policy.reach import sees
from app.policy.rules import Level, Place
from app.stations.snapshot import StationFacts


class At(BaseModel):
    """Whose texts are looked at: a station's by its code, or with an empty one the network's."""

    station: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """A place whose texts the caller sees, by the station's `code` or "". `station` is the one examples tell of."""

    place: Place
    code: str
    station: StationFacts


def stations_seen(desk: Looking) -> list[StationFacts] | None:
    """Those whose settings the caller sees; None when they are too many for a list."""
    found = [each for each in desk.network.stations if sees(desk.caller, station_place(each), desk.network)]
    return found if len(found) <= FEW_STATIONS else None


def first_place(desk: Looking, stations: list[StationFacts] | None) -> At:
    """Where somebody begins: with what they may change, which for a manager is the own station."""
    mine = [each for each in stations or [] if desk.may_change(station_place(each))]
    return At(station=mine[0].code if mine and not desk.may_change(Place(Level.NETWORK)) else "")


def by_county(desk: Looking, stations: list[StationFacts]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = [
        (tr(each, "name"), [(s.code, tr(s, "name")) for s in stations if s.county_adcode == each.adcode])
        for each in desk.directory.atlas.divisions
    ]
    return [group for group in groups if group[1]]


def station_place(station: StationFacts) -> Place:
    return Place(Level.STATION, str(station.id))


def where_of(desk: Looking, at: At) -> Where | None:
    """The place that an address names, if the caller sees its settings."""
    if not at.station:
        network = Place(Level.NETWORK)
        example = next((each for each in desk.network.stations if each.active), None)
        return Where(network, "", example) if example and sees(desk.caller, network, desk.network) else None
    index = desk.network.station_index.get(at.station.strip().upper())
    station = None if index is None else desk.network.stations[index]
    if station is None or not sees(desk.caller, station_place(station), desk.network):
        return None
    return Where(station_place(station), station.code, station)
