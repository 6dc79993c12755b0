"""What is asked of stations, counties and towns. All from memory, but for what one station offers.

A list is asked for page by page: each item has a key (rank or position, code) by which the list is ordered, and a
cursor is the key of the last item that was given out. So a change of the network between two pages repeats or skips
nothing but what has changed itself.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nsmallest
from typing import Any, Generic, TypeVar

from rapidfuzz import fuzz

from app.catalogue.search.fold import fold
from app.catalogue.snapshot import Catalogue
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Database
from app.stations.atlas import DivisionFacts, TownFacts
from app.stations.directory import Directory, Words
from app.stations.errors import (
    StationUnknown,
    Suggestion,
    county_unknown,
    service_unknown,
    unknown,
)
from app.stations.opening import Opening, Span, opening
from app.stations.rules import HoursRule
from app.stations.snapshot import Network, ServiceFacts, StationFacts

T = TypeVar("T")
Key = tuple[int, str]
MOST_SUGGESTIONS, LIKENESS, NEARLY_THE_SAME = 3, 65, 85
SHORTEST_PIECE = 2


# --- Pages of lists ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, the cursor of what follows (None at the end), and the length of the whole list."""

    items: list[T]
    next: str | None
    total: int


def page_of(found: Sequence[T], key: Callable[[T], Key], cursor: str | None, limit: int) -> Page[T]:
    """The items after the cursor. `found` ascends by `key`. Raises CursorInvalid."""
    after: Any = read_cursor(cursor, int, str) if cursor else None
    start = bisect_right(found, after, key=key) if after else 0
    items = list(found[start : start + limit])
    more = start + limit < len(found)
    return Page(items, write_cursor(*key(items[-1])) if more else None, len(found))


# --- Which stations ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice of stations: in a county, offering a service in force on the day, found by words."""

    county: DivisionFacts | None = None
    service: ServiceFacts | None = None
    q: str = ""

    @property
    def everything(self) -> bool:
        return self.county is None and self.service is None and not fold(self.q)


@dataclass(frozen=True, slots=True)
class Found:
    """A station; `rank` is 0 when the words are its code, 1 when they are in its name, 2 when elsewhere."""

    rank: int
    station: StationFacts

    def order(self) -> Key:
        return self.rank, self.station.code


def wanted(directory: Directory, catalogue: Catalogue, county: str = "", service: str = "", q: str = "") -> Wanted:
    """The choice as the caller put it: a county's code or name, present or former, and a service's code.

    Raises Invalid that names each unknown one, with suggestions.
    """
    division = directory.atlas.county(county) if county else None
    offered = service_of(directory.network, service) if service else None
    faults = []
    if county and division is None:
        faults.append(county_unknown(county, like_counties(directory, county)))
    if service and offered is None:
        faults.append(service_unknown(service, like_services(directory.network, catalogue, service)))
    if faults:
        raise unknown(faults)
    return Wanted(division, offered, q)


def wanted_county(directory: Directory, county: str) -> DivisionFacts | None:
    """The county asked for, None for all. Raises Invalid with suggestions."""
    division = directory.atlas.county(county) if county else None
    if county and division is None:
        raise unknown([county_unknown(county, like_counties(directory, county))])
    return division


def service_of(network: Network, code: str) -> ServiceFacts | None:
    """A service that is offered, by its code in capitals or not."""
    index = network.service_index.get(code, network.service_index.get(code.upper()))
    return network.services[index] if index is not None and network.services[index].active else None


def like_counties(directory: Directory, words: str) -> list[Suggestion]:
    """Up to three counties whose name or code looks like the words."""
    forms = {
        division.adcode: (division.adcode, division.name_zh, division.name_en) for division in directory.atlas.divisions
    }
    alike = [directory.atlas.division_by_code[code] for code in _alike(words, forms)]
    return [Suggestion(code=each.adcode, name_zh=each.name_zh, name_en=each.name_en) for each in alike]


def like_services(network: Network, catalogue: Catalogue, words: str) -> list[Suggestion]:
    """Up to three services: those whose code is the words but for a slip, then what the catalogue's search finds."""
    codes = _alike(words, {service.code: (service.code,) for service in network.services}, NEARLY_THE_SAME)
    hits = [hit.code for hit in catalogue.index.search(words, MOST_SUGGESTIONS)]
    alike = [service_of(network, code) for code in dict.fromkeys([*codes, *hits])]
    known = [service for service in alike if service is not None][:MOST_SUGGESTIONS]
    return [Suggestion(code=each.code, name_zh=each.name_zh, name_en=each.name_en) for each in known]


def _alike(words: str, forms: Mapping[str, Sequence[str]], least: int = LIKENESS) -> list[str]:
    """The codes of what has a form that differs from the words by little, the likest first."""
    query = fold(words)
    scored = ((max(fuzz.ratio(query, fold(form)) for form in each), code) for code, each in forms.items())
    likest = nsmallest(MOST_SUGGESTIONS, ((-score, code) for score, code in scored if score >= least))
    return [code for _, code in likest]


def select(directory: Directory, choice: Wanted, on: date) -> list[Found]:
    """The stations in use that are wanted, best first, then by code."""
    stations: Iterable[StationFacts] = (station for station in directory.network.stations if station.active)
    if choice.county is not None:
        stations = (station for station in stations if station.county_adcode == choice.county.adcode)
    if choice.service is not None:
        offered = directory.in_force(choice.service.index, on.toordinal())
        stations = (station for station in stations if offered[station.index])
    query = fold(choice.q)
    if not query:
        return [Found(0, station) for station in stations]
    ranked = ((_rank(query, directory.words[station.index]), station) for station in stations)
    found = sorted((Found(rank, station) for rank, station in ranked if rank is not None), key=Found.order)
    return found[:1] if found and found[0].rank == 0 else found


def _rank(query: str, words: Words) -> int | None:
    """How well a station answers to a query; None when some part of it is nowhere in the station's words."""
    squeezed = query.replace(" ", "")
    if squeezed == words.code:
        return 0
    if query in words.names or words.code.startswith(squeezed):
        return 1
    return 2 if all(_holds(words.everything, part) for part in query.split()) else None


def _holds(words: str, part: str) -> bool:
    """Whether a part of a query is there: in one piece or, as 镜湖张家山 is, in pieces of two characters or more."""
    if part in words:
        return True
    while part and not part.isascii():
        length = _longest_start(words, part)
        if length < SHORTEST_PIECE:
            return False
        part = part[length:]
    return not part


def _longest_start(words: str, part: str) -> int:
    length = 0
    while length < len(part) and part[: length + 1] in words:
        length += 1
    return length


def openings(network: Network, stations: Iterable[StationFacts], now: datetime) -> list[Opening]:
    """How each station stands now. Most keep the same hours, so each timetable is looked at once."""
    same: dict[tuple[HoursRule, ...], Opening] = {}
    found: list[Opening] = []
    for station in stations:
        closed = closed_spans(station)
        if not station.active:
            found.append(Opening(False))
        elif closed:
            found.append(opening(station.hours, network.calendar, closed, now))
        else:
            if station.hours not in same:
                same[station.hours] = opening(station.hours, network.calendar, (), now)
            found.append(same[station.hours])
    return found


def closed_spans(station: StationFacts) -> list[Span]:
    """The closures of the whole station, not those of single desks."""
    return [(closure.starts, closure.ends) for closure in station.closures if closure.desk_id is None]


def station_of(directory: Directory, code: str) -> StationFacts:
    """A station by its code, in use or not. Raises StationUnknown."""
    index = directory.network.station_index.get(code)
    if index is None:
        raise StationUnknown(station_code=code)
    return directory.network.stations[index]


# --- What a station offers -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """That a station may and can do a service: in which modes, whether designated, with which marks, until when."""

    code: str
    name_zh: str
    name_en: str
    category: str
    category_zh: str
    category_en: str
    modes: list[str]
    designated: bool
    marks: list[str]
    valid_from: date | None
    valid_until: date | None

    def in_force(self, on: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_until is None or on <= self.valid_until)


OFFERS = """
    SELECT v.code, v.name_zh, v.name_en, c.code, c.name_zh, c.name_en, k.modes, k.designated, k.marks, k.valid_from,
        k.valid_until
    FROM capability k JOIN service v ON v.id = k.service_id JOIN category c ON c.code = v.category_code
    WHERE k.station_id = %s AND v.active ORDER BY c.position, v.position, v.code
"""


async def offers(database: Database, station: StationFacts) -> list[Offer]:
    """The services of a station, by category; those no longer in force too."""
    return [Offer(*row) for row in await database.fetch(OFFERS, (station.id,))]


# --- Counties and towns --------------------------------------------------------------------------------------------


def counties(directory: Directory) -> list[tuple[int, DivisionFacts]]:
    """All divisions with their place in the operator's order."""
    return list(enumerate(directory.atlas.divisions))


def towns(directory: Directory, county: DivisionFacts | None = None, q: str = "") -> list[tuple[int, TownFacts]]:
    """The towns of a county, or all, that have all words of `q` in their name, their county's or their code."""
    parts = fold(q).split()
    return [
        (place, town)
        for place, town in enumerate(directory.atlas.towns)
        if (county is None or town.county_adcode == county.adcode)
        and all(_holds(directory.town_words[place], part) for part in parts)
    ]
