"""A day at the counter of a demo's station: who comes, who is called by the portal's own rule, for how long."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.demo.world import MINUTE, Span
from app.hall.rules.calling import Place, Waiting, order, place_of
from app.hall.rules.states import Priority

PATIENCE = 100 * MINUTE
OVERTIME = 60 * MINUTE
NOT_THERE, TWO_MINUTES = 0.03, 2 * MINUTE
SPREAD = 0.45  # standard deviation of the logarithm of a service's minutes


@dataclass
class Guest:
    """Somebody at the counter. `planned_min` is what the catalogue says; times are None for what didn't happen."""

    came: datetime
    services: tuple[int, ...]
    planned_min: int
    booked: datetime | None = None
    elderly: bool = False
    number: int = 0
    desk: int | None = None
    called: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    state: str = "left"

    @property
    def priority(self) -> Priority:
        return Priority.ELDERLY if self.elderly else Priority.NONE

    @property
    def place(self) -> Place:
        return place_of(self.came, self.priority, self.booked)


@dataclass
class Counter:
    """The desks of one day; `guests` come in any order."""

    desks: Sequence[int]
    windows: Sequence[Span]
    random: Random
    waiting: list[Guest] = field(default_factory=list)

    def run(self, guests: list[Guest]) -> list[Guest]:
        """The same, in the order in which they came, with what became of each."""
        guests.sort(key=lambda guest: guest.came)
        for number, guest in enumerate(guests, start=1):
            guest.number = number
        coming = list(reversed(guests))
        free = [(self.windows[0][0], desk) for desk in self.desks]
        heapq.heapify(free)
        last = self.windows[-1][1] + OVERTIME
        while free and (coming or self.waiting):
            at, desk = heapq.heappop(free)
            at = self._open(at)
            while coming and coming[-1].came <= at:
                self.waiting.append(coming.pop())
            self._leave(at, last)
            if self.waiting:
                heapq.heappush(free, (self._serve(at, desk), desk))
            elif coming:
                heapq.heappush(free, (max(at, coming[-1].came), desk))
        return guests

    def _open(self, at: datetime) -> datetime:
        """Not during lunch."""
        for start, end in self.windows:
            if at < start:
                return start
            if at < end:
                return at
        return at

    def _leave(self, at: datetime, last: datetime) -> None:
        """Who has no appointment doesn't wait for ever, nor after hours."""
        for guest in [each for each in self.waiting if each.booked is None]:
            if at > min(guest.came + PATIENCE, last):
                guest.ended = max(min(guest.came + PATIENCE, last), guest.came)
                self.waiting.remove(guest)

    def _serve(self, at: datetime, desk: int) -> datetime:
        """When the desk is free again."""
        queue = {id(each): Waiting(each.number, each.place, 1) for each in self.waiting}
        guest = min(self.waiting, key=lambda each: order(queue[id(each)], at))
        self.waiting.remove(guest)
        guest.desk, guest.called = desk, at + timedelta(seconds=self.random.randint(20, 300))
        if guest.booked is None and self.random.random() < NOT_THERE:
            guest.ended, guest.state = guest.called + TWO_MINUTES, "no_show"
            return guest.ended
        guest.started = guest.called + timedelta(seconds=self.random.randint(15, 60))
        minutes = guest.planned_min * self.random.lognormvariate(-(SPREAD**2) / 2, SPREAD)
        guest.ended = guest.started + timedelta(seconds=int(60 * min(max(minutes, 2.0), 150.0)))
        guest.state = "done"
        return guest.ended + timedelta(seconds=self.random.randint(10, 60))
