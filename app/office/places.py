"""Where a role holds, in words, and the stations and counties that somebody may choose from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.accounts.queries.people import Held
from app.accounts.rules.labels import ROLES
from app.accounts.rules.rights import APPOINTS, Caller, Permission, Role, Scope
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.stations.atlas import DivisionFacts
from app.stations.directory import Directory
from app.stations.snapshot import StationFacts

FEW_STATIONS = 200
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Holding:
    """A role of somebody in words, with the grant's id for forms."""

    id: int
    role: str
    place: str
    revocable: bool


@dataclass(frozen=True)
class Places:
    """The network's places for the pages of the office."""

    directory: Directory

    def station(self, station_id: int | None) -> StationFacts | None:
        return self.directory.network.station_by_id.get(station_id) if station_id is not None else None

    def station_name(self, station_id: int | None) -> str:
        station = self.station(station_id)
        return tr(station, "name") if station else ""

    def county_name(self, adcode: str | None) -> str:
        division = self.directory.atlas.division_by_code.get(adcode or "")
        return tr(division, "name") if division else adcode or ""

    def of(self, held: Held) -> str:
        """Where a role holds: the station's name, the county's, or everywhere."""
        if held.station_id is not None:
            return self.station_name(held.station_id) or held.station or ""
        return self.county_name(held.county) if held.county else _("The whole network")

    def holdings(self, held: Iterable[Held], caller: Caller | None = None) -> list[Holding]:
        """Roles in words; with a caller, which of them this caller may take."""
        return [
            Holding(each.id, str(ROLES[each.role]), self.of(each), caller is not None and each.given_by(caller))
            for each in held
        ]

    def stations_in(self, scope: Scope) -> list[StationFacts]:
        """The stations that a scope reaches, in use or not, by code."""
        return [each for each in self.directory.network.stations if scope.reaches(each.id, each.county_adcode)]

    def station_groups(self, scope: Scope) -> list[tuple[str, list[Option]]] | None:
        """The same as choices by county; None where there are too many for a list: then a code is typed."""
        stations = self.stations_in(scope)
        if len(stations) > FEW_STATIONS:
            return None
        groups = [
            (tr(division, "name"), [(each.code, tr(each, "name")) for each in _of(stations, division)])
            for division in self.directory.atlas.divisions
        ]
        return [group for group in groups if group[1]]

    def counties_in(self, scope: Scope) -> list[Option]:
        """The counties that a scope reaches as a whole."""
        divisions = self.directory.atlas.divisions
        return [
            (each.adcode, tr(each, "name")) for each in divisions if scope.everything or each.adcode in scope.counties
        ]

    def station_by_code(self, code: str) -> StationFacts | None:
        index = self.directory.network.station_index.get(code.strip().upper())
        return None if index is None else self.directory.network.stations[index]


def roles_to_give(caller: Caller) -> list[Option]:
    """The roles that the caller may give somewhere, least first."""
    given = {role for own in caller.roles for role in APPOINTS.get(own, frozenset())}
    return [(role.value, str(ROLES[role])) for role in Role if role in given]


def managing(caller: Caller) -> Scope:
    return caller.scope(Permission.PEOPLE_MANAGE)


def _of(stations: Sequence[StationFacts], division: DivisionFacts) -> list[StationFacts]:
    return [each for each in stations if each.county_adcode == division.adcode]
