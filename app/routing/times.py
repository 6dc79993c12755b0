"""When stations have time: what routing asks of slots, asked so that little is read.

The first free time is nearly always on the next working day. So the days until then are asked about first, for all
stations in one statement, and the rest of the days in question only for those that are full until then.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from app.kit.clock import LOCAL
from app.routing.rules import Question
from app.slots.queries import Availability, codes
from app.stations.rules import Calendar
from app.stations.snapshot import Network

NOON = time(12)


class Outlook(NamedTuple):
    """The first free start at a station as a tick, None when nothing is free, and the share of its starts taken."""

    start: int | None
    load: float = 0.0


NEVER = Outlook(None)


class Times(Protocol):
    """Free time for one question. Stations and services are indices; all services are meant in one visit.

    Only days count on which the station is in force for all of them.
    """

    async def earliest(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        """The first free start at each station."""

    async def outlook(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        """The same, and how busy each is over the days in question."""

    def bookable(self, station: int, services: Sequence[int]) -> bool:
        """Whether a visit could begin there at all on these days, had nobody booked."""


@dataclass(frozen=True, slots=True)
class SlotTimes:
    """`Times` by `Availability`, for one question at one moment. On site, staff travel to where it is asked from."""

    availability: Availability
    network: Network
    question: Question
    now: datetime

    async def earliest(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        days = self.question.days
        soon = min(days, days_to_workday(self.network.calendar, self.question.first, self.now.astimezone(LOCAL)))
        found = await self._earliest(stations, services, 0, soon)
        full = [station for station in stations if found[station].start is None]
        if full and soon < days:
            found |= await self._earliest(full, services, soon, days - soon)
        return found

    async def _earliest(
        self, stations: Sequence[int], services: Sequence[int], ahead: int, days: int
    ) -> dict[int, Outlook]:
        question = self.question
        first = question.first + timedelta(days=ahead)
        starts = await self.availability.earliest(
            self.network,
            stations,
            services,
            mode=question.mode,
            first=first,
            days=days,
            now=self.now,
            site=question.origin.point,
        )
        return {index: Outlook(start) for index, start in starts.items()}

    async def outlook(self, stations: Sequence[int], services: Sequence[int]) -> Mapping[int, Outlook]:
        found = await asyncio.gather(*(self._outlook(station, services) for station in stations))
        return dict(zip(stations, found, strict=True))

    async def _outlook(self, station: int, services: Sequence[int]) -> Outlook:
        question = self.question
        days = await self.availability.days(
            self.network,
            station,
            services,
            mode=question.mode,
            first=question.first,
            days=question.days,
            now=self.now,
            site=question.origin.point,
        )
        start = next((day.starts[0] for day in days if day.places), None)
        free, possible = sum(day.places.bit_count() for day in days), self._possible(station, services).bit_count()
        return Outlook(start, 1 - free / possible if possible else 1.0)

    def bookable(self, station: int, services: Sequence[int]) -> bool:
        return self._possible(station, services) != 0

    def _possible(self, station: int, services: Sequence[int]) -> int:
        """The starts that there would be had nobody booked, as a mask."""
        plans = self.availability.plans(self.network)
        need = plans.need(codes(self.network, services), self.question.mode)
        ability = plans.ability(station, need, self.question.origin.point)
        plan = plans.plan(ability, self.question.first, self.question.days)
        return self.availability.bounds(ability, self.now).clip(plan.span, plan.possible)


def days_to_workday(calendar: Calendar, first: date, now: datetime) -> int:
    """How many days from `first` on it takes until one is a working day. `now` (local): today counts until noon."""
    over = first == now.date() and now.time() >= NOON
    days = 1
    while over or not calendar.kind(first + timedelta(days=days - 1)).worked:
        over = False
        days += 1
    return days
