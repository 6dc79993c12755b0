"""Supply: who may do what on a day, how soon, and how much of it there is in a week."""

from asyncio import gather
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.catalogue.rules import Use, needs_designation
from app.kit.clock import local_date
from app.kit.geo import Floats
from app.kit.ticks import TICK_MIN, tick_time
from app.routing.nearby import Ints
from app.slots.queries import Availability
from app.stations.rules import Calendar, day_windows
from app.stations.snapshot import DESIGNATED, MODES, Network, StationFacts

Choices = npt.NDArray[np.bool_]
"""Which stations, for each of some services: [services, stations]."""
NEVER = 2**31 - 1
OPEN = -1
MOST_ASKED = 500
"""Of so many stations at most it is asked when they have time."""
WEEK = 7
MIN_PER_HOUR = 60


def in_force(network: Network, services: Sequence[int], on: date) -> Choices:
    """Stations in use that do these services (indices) on a day, in whatever mode, designated or not."""
    rows, day = np.array(services, np.intp), on.toordinal()
    begun, unended = network.valid_from[rows] <= day, day <= network.valid_until[rows]
    able: Choices = (network.offers[rows] != 0) & begun & unended & network.active
    return able


def designated(network: Network, services: Sequence[int], on: date) -> Choices:
    """Those of them that are designated for it."""
    marked: Choices = (network.offers[np.array(services, np.intp)] & DESIGNATED) != 0
    return np.logical_and(marked, in_force(network, services, on))


def capable(network: Network, services: Sequence[int], on: date, use: Use | None = None) -> Choices:
    """Those that may do it: where the use makes it mandatory, or isn't known, only designated ones."""
    found = in_force(network, services, on)
    for row, service in enumerate(services):
        if needs_designation(network.services[service], use):
            found[row] &= (network.offers[service] & DESIGNATED) != 0
    return found


class Ask(NamedTuple):
    """When some stations [m] have time for a service, done in one way. `lasting` [m]: whether they may do it on all the
    days for which they can be booked, so that the answer holds for every service that is alike."""

    row: int
    service: int
    mode: str
    stations: Ints
    lasting: npt.NDArray[np.bool_]


class Waits:
    """How many working days it takes until a station has time, as it is at one moment.

    What is free depends on a service's category, length and mode only, so of services that are alike in these a station
    is asked for one, unless its capability ends before the time for which it can be booked does. All are asked by one
    statement.
    """

    def __init__(self, network: Network, availability: Availability, first: date, now: datetime) -> None:
        """From the day `first` on, or from today if that is later."""
        self._network, self._availability, self._now = network, availability, now
        self._first = max(first, local_date(now))
        self._horizon = availability.farthest(network)

    async def days(self, services: Sequence[int], choices: Choices) -> Ints:
        """The working days from the first day to the first free start: [k, s] for services [k] and their stations.

        The first day itself is 0; NEVER where a station isn't chosen or has nothing free in the time for which it can
        be booked.
        """
        asks = [each for row, service in enumerate(services) for each in self._asks(row, service, choices[row])]
        alike: dict[tuple[object, ...], Ints] = {}
        open_ones = [self._not_yet_asked(ask, alike) for ask in asks]
        answers = await gather(*map(self._ask, asks, open_ones))
        found = np.full(choices.shape, NEVER, np.int64)
        for ask, opened, answer in zip(asks, open_ones, answers, strict=True):
            own = alike[self._kind(ask)][ask.stations]
            own[opened] = answer
            alike[self._kind(ask)][ask.stations[ask.lasting]] = own[ask.lasting]
            found[ask.row, ask.stations] = own
        return found

    def _asks(self, row: int, service: int, chosen: npt.NDArray[np.bool_]) -> Iterator[Ask]:
        """The chosen stations, each with the first way in which it does the service."""
        offers = self._network.offers[service]
        left = chosen & (offers != 0)
        for mode, bit in MODES.items():
            able = left & ((offers & bit) != 0)
            if able.any():
                stations = np.flatnonzero(able)
                yield Ask(row, service, mode, stations, self._lasts(service, stations))
            left = left & ~able

    def _lasts(self, service: int, stations: Ints) -> npt.NDArray[np.bool_]:
        today = local_date(self._now).toordinal()
        begun = self._network.valid_from[service, stations] <= today
        lasting: npt.NDArray[np.bool_] = begun & (self._network.valid_until[service, stations] >= today + self._horizon)
        return lasting

    def _kind(self, ask: Ask) -> tuple[object, ...]:
        facts = self._network.services[ask.service]
        return ask.mode, facts.skill, facts.ticks

    def _not_yet_asked(self, ask: Ask, alike: dict[tuple[object, ...], Ints]) -> npt.NDArray[np.bool_]:
        """Which of its stations [m] nobody asks before it. Marks those whose answer others can have."""
        known = alike.setdefault(self._kind(ask), np.full(len(self._network.stations), OPEN))
        opened: npt.NDArray[np.bool_] = (known[ask.stations] == OPEN) | ~ask.lasting
        known[ask.stations[ask.lasting]] = NEVER
        return opened

    async def _ask(self, ask: Ask, opened: npt.NDArray[np.bool_]) -> list[int]:
        stations = ask.stations[opened].tolist()
        if not stations:
            return []
        starts = await self._availability.earliest(
            self._network,
            stations,
            [ask.service],
            mode=ask.mode,
            first=self._first,
            days=self._horizon + 1,
            now=self._now,
        )
        return [self._workdays(starts[each]) for each in stations]

    def _workdays(self, tick: int | None) -> int:
        if tick is None:
            return NEVER
        return workdays(self._network.calendar, self._first, local_date(tick_time(tick)))


def workdays(calendar: Calendar, first: date, day: date) -> int:
    """How many working days lie after `first` up to `day`: Monday to Wednesday are two."""
    return sum(calendar.kind(first + timedelta(days=n + 1)).worked for n in range((day - first).days))


def desk_hours(network: Network, skills: int, on: date) -> Floats:
    """The hours in which desks that serve any of the categories (bits) can be booked in the week from a day on: [s].

    By weekly hours and the working calendar; closures aside, so that one closed day doesn't look like a bad network.
    """
    hours: dict[object, float] = {}
    found = np.zeros(len(network.stations))
    for station in network.stations:
        desks = bookable(station, skills)
        if desks:
            if station.hours not in hours:
                hours[station.hours] = _week(network, station, on)
            found[station.index] = desks * hours[station.hours]
    return found


def bookable(station: StationFacts, skills: int) -> int:
    """How many desks of a station can be booked for any of the categories (bits)."""
    return sum(desk.public and desk.active and bool(desk.skills & skills) for desk in station.desks) * station.active


def _week(network: Network, station: StationFacts, on: date) -> float:
    days = (day_windows(station.hours, network.calendar, on + timedelta(days=n)) for n in range(WEEK))
    ticks = sum(closes - opens for day in days for opens, closes in day.windows)
    return ticks * TICK_MIN / MIN_PER_HOUR
