"""What follows from the network alone, worked out once a version: who can do a visit where, and when they are open.

Nothing here depends on bookings or on the moment, so nothing can be stale as long as the network is the same object.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import or_

from app.kit.clock import LOCAL
from app.kit.geo import Point
from app.kit.ticks import ceil_tick, floor_tick, mask
from app.slots.errors import ModeNotOffered, NotCapable, ServiceRepeated, ServiceUnknown
from app.slots.rules import Reason, Span, Terms, Visits, span, visits
from app.slots.terms import StationTerms
from app.slots.travel import travel
from app.stations.rules import HoursRule
from app.stations.snapshot import MODES, Network, ServiceFacts, StationFacts

MOST_KEPT = 4096


@dataclass(frozen=True, eq=False, slots=True)
class Need:
    """The services of one visit: their skills together, their lengths added up, and how they are carried out."""

    services: tuple[ServiceFacts, ...]
    mode: str
    skills: int
    ticks: int
    duration_min: int

    @property
    def ids(self) -> list[int]:
        return [service.id for service in self.services]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(service.code for service in self.services)


@dataclass(frozen=True, eq=False, slots=True)
class Ability:
    """That a station can serve a need: its terms, at which desks, the least flexible first, on which days (ordinals).

    `missing` says why at no desk. `travel` are the ticks of the way to the site, once there and once back.
    """

    station: StationFacts
    need: Need
    terms: Terms
    desks: tuple[int, ...]
    capable_from: int
    capable_until: int
    missing: Reason | None
    travel: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """The visits of a need at a station on some days, if nobody had booked.

    `closed` has for each desk the places at which it takes nobody, `possible` the starts that its desks leave.
    """

    ability: Ability
    fit: Visits
    closed: tuple[tuple[int, int], ...]
    possible: int

    @property
    def span(self) -> Span:
        return self.fit.span


class Plans:
    """Everything worked out for one network so far; each kind is kept in a table of bounded size.

    `need(service_codes, mode)` raises ServiceUnknown and ServiceRepeated.
    """

    need: Callable[[tuple[str, ...], str], Need]
    plan: Callable[[Ability, date, int], Plan]

    def __init__(self, network: Network, terms: StationTerms) -> None:
        self.network = network
        self.terms = terms
        remember = lru_cache(MOST_KEPT)
        self.need = remember(self._need)
        self._able = remember(self._ability)
        self.plan = remember(self._plan)
        self._hours = remember(self._open)

    def ability(self, index: int, need: Need, site: Point | None = None) -> Ability:
        """Whether a station can do it, on site from there to `site`. Raises NotCapable and ModeNotOffered when it
        can't on any day."""
        return self._able(index, need, travel(self.network.stations[index], need.mode, site))

    def _need(self, service_codes: tuple[str, ...], mode: str) -> Need:
        services = tuple(self._service(code, n) for n, code in enumerate(service_codes))
        for n, service in enumerate(services):
            if service in services[:n]:
                raise ServiceRepeated(field=f"service_codes.{n}", service_code=service.code)
        duration = sum(service.duration_min for service in services)
        ticks = sum(service.ticks for service in services)
        return Need(services, mode, reduce(or_, (service.skill for service in services)), ticks, duration)

    def _service(self, code: str, n: int) -> ServiceFacts:
        index = self.network.service_index.get(code)
        if index is None or not self.network.services[index].active:
            raise ServiceUnknown(field=f"service_codes.{n}", service_code=code)
        return self.network.services[index]

    def _ability(self, index: int, need: Need, on_the_way: int) -> Ability:
        station, network = self.network.stations[index], self.network
        for service in need.services:
            offers = int(network.offers[service.index, index])
            if not offers:
                raise NotCapable(service_code=service.code)
            if not offers & MODES[need.mode]:
                raise ModeNotOffered(service_code=service.code)
        rows = [service.index for service in need.services]
        desks = skilled(station, need.skills) if station.active else ()
        return Ability(
            station,
            need,
            self.terms.of(station),
            desks,
            int(network.valid_from[rows, index].max()),
            int(network.valid_until[rows, index].min()),
            None if desks else Reason.NO_DESK if station.active else Reason.INACTIVE,
            on_the_way,
        )

    def _plan(self, ability: Ability, first: date, days: int) -> Plan:
        open_for = ability.need.ticks, ability.terms.step, ability.travel
        fit = self._hours(ability.station.hours, open_for, first, days)
        closed = tuple((desk, closures(ability.station, desk, fit.span)) for desk in ability.desks)
        return Plan(ability, fit, closed, reduce(or_, (fit.free(places) for _desk, places in closed), 0))

    def _open(self, hours: tuple[HoursRule, ...], of: tuple[int, int, int], first: date, days: int) -> Visits:
        """`of` are the ticks of a visit, of the grid, and of the way."""
        return visits(span(hours, self.network.calendar, first, days, LOCAL), *of)


def skilled(station: StationFacts, skills: int) -> tuple[int, ...]:
    """The ids of public desks in use that have all the skills, those with the fewest others first, then by code."""
    able = [desk for desk in station.desks if desk.public and desk.active and desk.skills & skills == skills]
    return tuple(desk.id for desk in sorted(able, key=lambda desk: (desk.skills.bit_count(), desk.code)))


def closures(station: StationFacts, desk: int, days: Span) -> int:
    """The places of a span at which a desk takes nobody, because it or the whole station is closed."""
    return reduce(or_, _masks(station, desk, days), 0)


def _masks(station: StationFacts, desk: int, days: Span) -> Iterable[int]:
    end = days.edges[-1]
    for closure in station.closures:
        if closure.desk_id in (None, desk):
            window = floor_tick(closure.starts) - days.origin, ceil_tick(closure.ends) - days.origin
            clipped = min(max(window[0], 0), end), min(max(window[1], 0), end)
            yield mask([clipped])
