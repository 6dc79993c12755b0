"""What a day at a counter was like, by hour and by category, from the steps of its tickets. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from app.hall.rules.states import AT_DESK, Action, Kind, State

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a ticket, and where it stood after that."""

    at: datetime
    action: Action
    state: State


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket of the day with all its steps. `split` says that its person had come with another ticket before."""

    kind: Kind
    letter: str
    booked_at: datetime | None
    split: bool
    steps: tuple[Step, ...]

    @property
    def came_at(self) -> datetime:
        return self.steps[0].at

    @property
    def state(self) -> State:
        return self.steps[-1].state

    @property
    def called_at(self) -> datetime | None:
        """When it was first called, a call that was taken back left out."""
        for n, step in enumerate(self.steps):
            taken_back = self.steps[n + 1 : n + 2] and self.steps[n + 1].action is Action.UNDO
            if step.action is Action.CALL and not taken_back:
                return step.at
        return None

    @property
    def served_at(self) -> datetime | None:
        return self.steps[-1].at if self.state is State.DONE else None

    @property
    def waited_min(self) -> float | None:
        """Minutes until the first call: of who is early for an appointment, from its time on. None while not called."""
        if self.called_at is None:
            return None
        since = max(self.came_at, self.booked_at) if self.booked_at else self.came_at
        return max((self.called_at - since) / MINUTE, 0.0)

    def spans(self, states: Iterable[State], until: datetime) -> list[Span]:
        """The times that it spent in these states, the last one until then if it goes on."""
        ends = [*(step.at for step in self.steps[1:]), until]
        wanted = frozenset(states)
        return [
            (step.at, end) for step, end in zip(self.steps, ends, strict=True) if step.state in wanted and step.at < end
        ]


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the day. `most_waiting` is the longest queue in it, `load` the busy share of the time that desks were
    staffed, None where nobody sat at any or the hour is still to come."""

    start: datetime
    booked: int
    walk_ins: int
    served: int
    most_waiting: int
    load: float | None

    @property
    def arrivals(self) -> int:
        return self.booked + self.walk_ins


@dataclass(frozen=True, slots=True)
class Waits:
    """How many were called for the first time, and after how many minutes half of them and nine of ten were at most."""

    count: int
    p50_min: float | None
    p90_min: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A day, or what of it is of one category."""

    booked: int
    walk_ins: int
    waiting: int
    served: int
    no_shows: int
    left: int
    moved: int
    waits: Waits
    longest_now_min: int | None = None


def hours_of(visits: Sequence[Visit], seated: Sequence[Span], opens: Span | None, until: datetime) -> list[Hour]:
    """The hours of a day from its opening to its end, wider where somebody came outside of them; `seated` are the times
    that desks were staffed, breaks left out. After `until`, which is now, nothing has happened yet."""
    came = [visit.came_at for visit in visits]
    if not came and opens is None:
        return []
    first = min([*(opens or ())[:1], *came]).replace(minute=0, second=0, microsecond=0)
    last = max([*(opens or ())[1:], *(at + MINUTE for at in came)])
    waiting = [span for visit in visits for span in visit.spans([State.WAITING], until)]
    busy = [span for visit in visits for span in visit.spans(AT_DESK, until)]
    found = []
    for n in range(ceil((last - first) / HOUR)):
        hour = first + n * HOUR, first + (n + 1) * HOUR
        so_far = hour[0], min(hour[1], until)
        arrived = [visit for visit in visits if not visit.split and within(visit.came_at, hour)]
        booked = sum(visit.kind is Kind.APPOINTMENT for visit in arrived)
        served = sum(visit.served_at is not None and within(visit.served_at, hour) for visit in visits)
        staffed = overlap(seated, so_far)
        load = min(overlap(busy, so_far) / staffed, 1.0) if staffed else None
        found.append(Hour(hour[0], booked, len(arrived) - booked, served, most_at_once(waiting, so_far), load))
    return found


def within(moment: datetime, span: Span) -> bool:
    return span[0] <= moment < span[1]


def overlap(spans: Iterable[Span], of: Span) -> float:
    """Minutes of `of` that the spans cover, those that lie at the same time each for itself."""
    return sum(max((min(end, of[1]) - max(start, of[0])) / MINUTE, 0.0) for start, end in spans)


def most_at_once(spans: Iterable[Span], of: Span) -> int:
    """How many of the spans go on at the same time at most; one that begins when another ends isn't one more."""
    inside = [(max(start, of[0]), end) for start, end in spans if start < of[1] and end > of[0]]
    changes = sorted([*((start, 1) for start, _ in inside), *((end, -1) for _, end in inside)])
    most = there = 0
    for _at, change in changes:
        there += change
        most = max(most, there)
    return most


def figures_of(visits: Sequence[Visit], now: datetime | None = None) -> Figures:
    """Counts and waits; with `now`, as long as the day goes on, the longest that anybody waits now."""
    came = [visit for visit in visits if not visit.split]
    booked = sum(visit.kind is Kind.APPOINTMENT for visit in came)
    states = [visit.state for visit in visits]
    waiting = [visit.came_at for visit in visits if visit.state is State.WAITING]
    return Figures(
        booked,
        len(came) - booked,
        len(waiting),
        states.count(State.DONE),
        states.count(State.NO_SHOW),
        states.count(State.LEFT),
        states.count(State.MOVED),
        waits_of(visit.waited_min for visit in visits),
        int((now - min(waiting)) / MINUTE) if now and waiting else None,
    )


def waits_of(minutes: Iterable[float | None]) -> Waits:
    known = sorted(each for each in minutes if each is not None)
    return Waits(len(known), quantile(known, 0.5), quantile(known, 0.9))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that is not exceeded by that share of them; None of nothing."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None
