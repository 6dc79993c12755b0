"""Where a visitor is: the towns to choose from, the place in words, and the question for routing that comes of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.booking.drafts import DraftData, Origin
from app.catalogue.rules import Use
from app.kit.formats import number
from app.kit.geo import Crs
from app.kit.i18n import tr
from app.routing.origins import origin_of_point, origin_of_town
from app.routing.rules import Mode, Policy, Question
from app.routing.rules import Origin as RoutingOrigin
from app.stations.atlas import Atlas, DivisionFacts, TownFacts
from app.stations.directory import Directory
from app.stations.queries import towns
from app.stations.snapshot import Network, StationFacts

MOST_LISTED = 400
MOST_FOUND = 20
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class TownChoice:
    """All towns by county, where a list can hold them; else those that the words `find` have found."""

    listed: Sequence[tuple[DivisionFacts, Sequence[TownFacts]]]
    find: str
    found: Sequence[tuple[TownFacts, DivisionFacts | None]]

    @property
    def as_list(self) -> bool:
        return bool(self.listed)


def town_choice(directory: Directory, find: str) -> TownChoice:
    atlas = directory.atlas
    if len(atlas.towns) <= MOST_LISTED:
        return TownChoice(_by_county(atlas), "", ())
    hits = towns(directory, None, find)[:MOST_FOUND] if find else []
    return TownChoice((), find, [(town, atlas.division_by_code.get(town.county_adcode)) for _, town in hits])


def _by_county(atlas: Atlas) -> list[tuple[DivisionFacts, list[TownFacts]]]:
    groups: dict[str, list[TownFacts]] = defaultdict(list)
    for town in atlas.towns:
        groups[town.county_adcode].append(town)
    return [(division, groups[division.adcode]) for division in atlas.divisions if groups[division.adcode]]


def routing_origin(origin: Origin, atlas: Atlas) -> RoutingOrigin:
    """The place for routing. A town that has left the list meanwhile is still the point that it was."""
    if origin.town and (origin.town in atlas.town_by_code or origin.town in atlas.division_by_code):
        return origin_of_town(atlas, origin.town)
    return origin_of_point(origin.lon, origin.lat, Crs(origin.crs))


def origin_label(origin: Origin, atlas: Atlas) -> str:
    """The place in words: a town with its county, or the coordinates and their system, as given."""
    town = atlas.town_by_code.get(origin.town or "")
    if town is None:
        return f"{number(origin.lon, DECIMALS)}, {number(origin.lat, DECIMALS)} ({SYSTEMS[origin.crs]})"
    county = atlas.division_by_code.get(town.county_adcode)
    return f"{tr(county, 'name')} {tr(town, 'name')}" if county else tr(town, "name")


SYSTEMS = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True, slots=True)
class Days:
    """The days in question, and how many stations to offer."""

    first: date
    days: int
    limit: int


def question(network: Network, data: DraftData, origin: RoutingOrigin, when: Days, reach_km: float) -> Question:
    """What a draft asks of routing. Its services and mode must have been chosen."""
    return Question(
        services=tuple(network.service_index[code] for code in data.services),
        origin=origin,
        mode=Mode(data.mode or Mode.STATION),
        first=when.first,
        days=when.days,
        use=Use(data.use) if data.use else None,
        policy=Policy(data.policy),
        limit=when.limit,
        reach_km=reach_km,
    )


def points(stations: Iterable[StationFacts], ranked: int = 0) -> dict[str, Any]:
    """What a map shows: the stations in their order, the first `ranked` of them with their rank."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [station.lon, station.lat]},
            "properties": {
                "code": station.code,
                "name_zh": station.name_zh,
                "name_en": station.name_en,
                "coord_class": station.coord_class,
                **({"rank": rank} if rank <= ranked else {}),
            },
        }
        for rank, station in enumerate(stations, start=1)
    ]
    return {"type": "FeatureCollection", "features": features}
