"""A day at the counter of one station, event by event: who comes, who is called by the rule, what was forecast.

Minutes count from 08:30. Walk-ins come as a Poisson stream with a peak in the morning and one in the afternoon;
appointments come early, late or not at all; desks differ in skills and speed and have lunch one after the other. What
the station knows of durations is what it has learnt from servings of days before, not the truth.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import numpy as np

from app.hall.rules.calling import GRACE, Place, Waiting, next_of, place_of
from app.hall.rules.durations import Duration, learnt, past, planned
from app.hall.rules.forecast import Ahead, Coming, Mix, OpenDesk, Part, Serving, Wait, forecast, unbooked
from app.hall.rules.states import Priority
from app.kit.clock import LOCAL

OPENS = datetime(2026, 12, 1, 8, 30, tzinfo=LOCAL)
LAST_TICKET = 8 * 60.0
PEAKS = np.array([0.9, 1.5, 1.6, 1.1, 0.5, 0.8, 1.2, 0.9])  # walk-ins an hour, of the mean
PRIORITY, NO_SHOW, TWO_SERVICES = 0.1, 0.12, 0.1
AHEAD_MIN, HOUR = 120.0, 60.0


def clock(minute: float) -> datetime:
    return OPENS + timedelta(minutes=minute)


def since(now: float, moment: datetime) -> float:
    """Minutes from now until a moment."""
    return (moment - OPENS) / timedelta(minutes=1) - now


@dataclass(frozen=True)
class Desk:
    id: int
    skills: int
    slow: float
    lunch: float
    lunch_min: float = 45.0


@dataclass(frozen=True)
class Sort:
    """A service: how long it really takes, and what the station believes."""

    category: int
    truth: Duration
    belief: Duration

    @property
    def part(self) -> Part:
        return Part(self.category, self.belief)


@dataclass(frozen=True)
class Site:
    desks: tuple[Desk, ...]
    sorts: tuple[Sort, ...]
    shares: tuple[float, ...]
    walk_ins_per_hour: float
    booked: tuple[float, ...]

    @property
    def mix(self) -> list[Mix]:
        return [Mix(share, (sort.part,)) for share, sort in zip(self.shares, self.sorts, strict=True)]


@dataclass
class Ticket:
    number: int
    came: float
    place: Place
    parts: list[tuple[Sort, float]]
    priority: Priority = Priority.NONE
    booked: float | None = None
    wait: Wait | None = None
    calls: list["Call"] = field(default_factory=list)
    whole: int = 0

    @property
    def wants(self) -> int:
        return sum({sort.category for sort, _ in self.parts})

    @property
    def waited(self) -> float:
        return self.calls[0].at - self.came

    @property
    def in_time(self) -> bool:
        """Whether it has the place of an appointment."""
        return self.booked is not None and self.came <= self.booked + GRACE / timedelta(minutes=1)


@dataclass(frozen=True)
class Call:
    """A desk calls: the person sits down at `sits`, and each part ends at its moment of `ends`."""

    ticket: Ticket
    desk: int
    at: float
    sits: float
    parts: tuple[tuple[Sort, float], ...]
    ends: tuple[float, ...]


def site(seed: int, desks: int, load: float) -> Site:
    """A station of so many desks, which its visits keep busy for that share of the time; a third of them booked."""
    rng = np.random.default_rng(seed)
    everything = (1 << (categories := int(rng.integers(2, 6)))) - 1
    slow = np.exp(rng.normal(0, 0.12, size=desks))
    sorts = tuple(_sort(rng, 1 << n % categories, slow) for n in range(categories + 3))
    shares = rng.dirichlet(np.full(len(sorts), 3.0))
    lunch = rng.permutation(desks)
    staff = tuple(
        Desk(
            id=n + 1,
            # The first two know everything, so that lunch leaves no category without a desk; others all but one.
            skills=everything if n < 2 else everything & ~(1 << int(rng.integers(categories))),
            slow=float(slow[n]),
            lunch=180.0 + 45.0 * float(lunch[n] % 3),
        )
        for n in range(desks)
    )
    mean = float(shares @ [sort.truth.mean_min for sort in sorts]) * (1 + TWO_SERVICES) + 1.0
    visits = load * (desks * 510 - desks * 45) / mean
    slots = rng.choice(np.arange(0, 465, 15), size=int(visits / 3), replace=True)
    return Site(staff, sorts, tuple(shares), visits * 2 / 3 / 8, tuple(sorted(float(slot) for slot in slots)))


def _sort(rng: np.random.Generator, category: int, slow: np.ndarray) -> Sort:
    duration_min = float(rng.choice([10, 15, 20, 30]))
    truth = planned(duration_min * float(rng.uniform(0.7, 1.2)), float(rng.uniform(0.3, 0.7)))
    many = int(rng.integers(0, 60))
    seen = rng.lognormal(truth.mu, truth.sigma, size=many) * rng.choice(slow, size=many)
    return Sort(category, truth, learnt(duration_min, past(seen.tolist())))


class Day:
    """One day of a site. Every `asks`-th ticket gets a forecast when it is issued; 0 asks for none."""

    def __init__(self, where: Site, seed: int, asks: int = 1) -> None:
        self.site, self.asks = where, asks
        self.rng = np.random.default_rng(seed)
        self.order, self.numbers = count(), count(1)
        self.events: list[tuple[float, int, str, object]] = []
        self.tickets: list[Ticket] = []
        self.queue: list[Ticket] = []
        self.calls: list[Call] = []
        self.busy: dict[int, Call] = {}
        self.away: dict[int, float] = {}
        self.ate: set[int] = set()
        self.due = [(slot, self._parts()) for slot in where.booked]

    def run(self) -> "Day":
        for at, booked in sorted(self._arrivals(), key=lambda arrival: arrival[0]):
            self._later(at, "comes", booked)
        for desk in self.site.desks:
            self._later(desk.lunch, "free", desk)
        while self.events:
            now, _, what, about = heapq.heappop(self.events)
            getattr(self, f"_{what}")(now, about)
            for desk in self.site.desks:
                self._call(now, desk)
        return self

    def _later(self, at: float, what: str, about: object) -> None:
        heapq.heappush(self.events, (at, next(self.order), what, about))

    def _arrivals(self) -> Iterator[tuple[float, tuple[float, list[tuple[Sort, float]]] | None]]:
        for hour, peak in enumerate(PEAKS):
            many = self.rng.poisson(self.site.walk_ins_per_hour * peak / PEAKS.mean())
            yield from ((at, None) for at in self.rng.uniform(hour * HOUR, (hour + 1) * HOUR, many))
        for due in self.due:
            if self.rng.random() >= NO_SHOW:
                yield max(due[0] + self.rng.normal(-8, 9), 0.0), due

    def _parts(self) -> list[tuple[Sort, float]]:
        """What a visit is for, and how long it will take a desk of common speed."""
        many = 2 if self.rng.random() < TWO_SERVICES else 1
        which = self.rng.choice(len(self.site.sorts), size=many, replace=False, p=self.site.shares)
        sorts = [self.site.sorts[n] for n in which]
        return [(sort, float(self.rng.lognormal(sort.truth.mu, sort.truth.sigma))) for sort in sorts]

    def _comes(self, now: float, due: tuple[float, list[tuple[Sort, float]]] | None) -> None:
        booked, parts = due or (None, self._parts())
        if due:
            self.due.remove(due)
        first = due is None and self.rng.random() < PRIORITY
        priority = Priority.ELDERLY if first else Priority.NONE
        place = place_of(clock(now), priority, None if booked is None else clock(booked))
        ticket = Ticket(next(self.numbers), now, place, parts, priority, booked, whole=len(parts))
        self.tickets.append(ticket)
        self.queue.append(ticket)
        if self.asks and ticket.number % self.asks == 0:
            ticket.wait = self.forecast(now)[-1]

    def _free(self, now: float, desk: Desk) -> None:
        """A desk is free, back, or due to have lunch."""
        if self.away.get(desk.id, now) <= now:
            self.away.pop(desk.id, None)
        call = self.busy.get(desk.id)
        if call and call.ends[-1] <= now:
            del self.busy[desk.id]
            if call.ticket.parts:
                self.queue.append(call.ticket)
        if desk.id not in self.busy and desk.id not in self.ate and now >= desk.lunch:
            self.ate.add(desk.id)
            self.away[desk.id] = now + desk.lunch_min
            self._later(now + desk.lunch_min, "free", desk)

    def _call(self, now: float, desk: Desk) -> None:
        if desk.id in self.busy or desk.id in self.away:
            return
        waiting = {ticket.number: ticket for ticket in self.queue}
        chosen = next_of(self.waiting(), desk.id, desk.skills, clock(now))
        if chosen is None:
            return
        ticket = waiting[chosen.number]
        self.queue.remove(ticket)
        does = tuple(part for part in ticket.parts if part[0].category & desk.skills)
        ticket.parts = [part for part in ticket.parts if part not in does]
        sits = now + float(self.rng.lognormal(-0.1, 0.5))
        ends = sits + np.cumsum([minutes * desk.slow for _, minutes in does])
        call = Call(ticket, desk.id, now, sits, does, tuple(ends.tolist()))
        ticket.calls.append(call)
        self.calls.append(call)
        self.busy[desk.id] = call
        self._later(call.ends[-1], "free", desk)

    def waiting(self) -> list[Waiting]:
        return [Waiting(ticket.number, ticket.place, ticket.wants) for ticket in self.queue]

    def forecast(self, now: float) -> list[Wait | None]:
        """What the station would tell all in the queue."""
        ahead = [
            Ahead(
                ticket.number,
                tuple(sort.part for sort, _ in ticket.parts),
                since(now, ticket.place.rank_at),
                since(now, ticket.place.first_from),
            )
            for ticket in self.queue
        ]
        return forecast([self._desk(now, desk) for desk in self.site.desks], ahead, list(self._coming(now, ahead)))

    def _desk(self, now: float, desk: Desk) -> OpenDesk:
        call = self.busy.get(desk.id)
        serving = _serving(now, call) if call else None
        lunch = None if desk.id in self.ate else max(desk.lunch - now, 0.0)
        returns = 0.0 if lunch is None else lunch + desk.lunch_min
        return OpenDesk(desk.id, desk.skills, serving, self.away.get(desk.id, now) - now, lunch, returns)

    def _coming(self, now: float, ahead: Sequence[Ahead]) -> Iterator[Coming]:
        for slot, parts in self.due:
            starts = slot - now
            if -15.0 < starts < AHEAD_MIN:
                # Three quarters come before their time, almost all the others within ten minutes.
                shows = 1 - NO_SHOW if starts > 0 else 0.5 * (1 + starts / 15)
                yield Coming(max(starts - 5.0, 0.5), tuple(sort.part for sort, _ in parts), starts, starts - 5.0, shows)
        rate = self.site.walk_ins_per_hour
        yield from unbooked(rate * PRIORITY, 30.0, self.site.mix, rank_min=-20.0, first_in_min=10.0)
        last = min(max(each.rank_min for each in ahead), 60.0)
        if last > 0:
            yield from unbooked(rate * (1 - PRIORITY), last, self.site.mix, rank_min=0.0, first_in_min=40.0)


def _serving(now: float, call: Call) -> Serving:
    """What the station sees of a call: which part is under way, and since when."""
    done = sum(end <= now for end in call.ends[:-1])
    begun = call.ends[done - 1] if done else call.sits
    beliefs = [sort.belief for sort, _ in call.parts]
    return Serving(beliefs[done], max(now - begun, 0.0), tuple(beliefs[done + 1 :]))
