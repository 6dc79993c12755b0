"""When a visit could begin: opening hours, length, grid, closures, what is taken. Pure: integers and dates only.

Some days in a row at one station are one mask (see kit.ticks), a bit a tick from the first day's midnight on, so a
week at a desk is a single integer and all its free starts come out of a few shifts.

**How long a visit may be.** A visit normally lies inside one window of the day. One that is longer than the longest
window of that day may go across the break: its open minutes add up, the desk stays reserved throughout, and nobody
else gets it during the break. So with 08:30-12:00 and 14:00-17:30 a service of 240 minutes begins at 08:30 and ends
at 14:30. A closure is not a break: nothing goes across it. Nor does a visit go across midnight.

**On the way.** A visit at the applicant's site takes the desk of whoever goes for the way there and back too, within
opening hours and without a pause on the road. Places are where the visit itself begins, never where the way does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from app.kit.ticks import (
    DAY_TICKS,
    TICK_MIN,
    Window,
    compress,
    day_bounds,
    every,
    finish,
    mask,
    runs,
    starts,
    wall_tick,
)
from app.stations.rules import Calendar, HoursRule, day_windows


@dataclass(frozen=True, slots=True)
class Terms:
    """A station's rules of booking. Without `holds_per_client` there is no limit."""

    step_min: int = 15
    lead_min: int = 60
    horizon_days: int = 30
    hold_min: int = 10
    holds_per_client: int | None = 3

    @property
    def step(self) -> int:
        return self.step_min // TICK_MIN


class State(StrEnum):
    """What a day is for one who asks: `full` has hours on which a visit would fit, all of them taken."""

    OPEN = "open"
    CLOSED = "closed"
    FULL = "full"


class Reason(StrEnum):
    """Why a day is closed for one who asks."""

    PAST = "past"
    TOO_SOON = "too_soon"
    BEYOND_HORIZON = "beyond_horizon"
    INACTIVE = "inactive"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    NO_HOURS = "no_hours"
    TOO_LONG = "too_long"
    CAPABILITY_EXPIRED = "capability_expired"
    NO_DESK = "no_desk"
    CLOSURE = "closure"


class DayFree(NamedTuple):
    """One day's answer. `places` has a bit for each free start, from the tick `midnight` (of the epoch) on."""

    date: date
    state: State
    reason: Reason | None
    midnight: int
    places: int

    @property
    def starts(self) -> tuple[int, ...]:
        """The free starts as ticks of the epoch, in order."""
        return tuple(self.midnight + place for place in starts(self.places))


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row at one station, closures aside. All places count from `origin`, the first midnight.

    `edges` are the midnights, one more than days; `windows` the open windows of each day; `reasons` why a day has none.
    """

    first: date
    origin: int
    edges: tuple[int, ...]
    windows: tuple[tuple[Window, ...], ...]
    reasons: tuple[Reason | None, ...]

    def edge(self, ordinal: int) -> int:
        """The place of a day's midnight, cut to the span."""
        return self.edges[min(max(ordinal - self.first.toordinal(), 0), len(self.edges) - 1)]


def span(hours: Iterable[HoursRule], calendar: Calendar, first: date, days: int, zone: tzinfo) -> Span:
    """The opening hours of `days` days from `first` on."""
    hours = tuple(hours)
    origin = day_bounds(first, zone)[0]
    edges, windows, reasons = [0], [], []
    for day in (first + timedelta(days=n) for n in range(days)):
        found = day_windows(hours, calendar, day)
        edges.append(day_bounds(day, zone)[1] - origin)
        windows.append(
            joined((wall_tick(day, a, zone) - origin, wall_tick(day, b, zone) - origin) for a, b in found.windows)
        )
        reasons.append(Reason(found.reason) if found.reason else None)
    return Span(first, origin, tuple(edges), tuple(windows), tuple(reasons))


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Windows in order, those that touch or overlap made one."""
    whole: list[Window] = []
    for start, end in sorted(windows):
        if whole and start <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], end)
        else:
            whole.append((start, end))
    return tuple(whole)


@dataclass(frozen=True, slots=True)
class Visits:
    """Where visits of `ticks` fit into the hours of a span, with `travel` ticks on the way before and after them.

    On most days they lie `within` a window and begin at a place of `grid`; on days whose windows are all shorter they
    go `across` the breaks, from start to end. `reasons` says of each day why no visit fits, if none does.
    """

    span: Span
    ticks: int
    within: int
    grid: int
    across: tuple[Window, ...]
    reasons: tuple[Reason | None, ...]
    travel: int = 0

    def free(self, taken: int) -> int:
        """The places where a visit may begin at a desk that is taken at the places of `taken`."""
        found = runs(self.within & ~taken, self.ticks + 2 * self.travel) << self.travel & self.grid
        for start, end in self.across:
            if not _between(taken, start - self.travel, end + self.travel):
                found |= 1 << start
        return found

    def end(self, start: int) -> int:
        """Where the visit ends that begins at a place where one may."""
        return next((end for begin, end in self.across if begin == start), start + self.ticks)


def visits(days: Span, ticks: int, step: int, travel: int = 0) -> Visits:
    """How visits of `ticks` fit, beginning every `step` ticks of the local day, after and before `travel` ticks."""
    within = grid = 0
    across: list[Window] = []
    for windows, (midnight, next_midnight) in zip(days.windows, pairwise(days.edges), strict=True):
        on_grid = every(mask(windows), step, midnight)
        if ticks + 2 * travel <= max((end - start for start, end in windows), default=0):
            within |= mask(windows)
            grid |= on_grid & mask([(midnight + travel, next_midnight - ticks - travel + 1)])
        else:
            across += _across(windows, on_grid, ticks, travel)
    found = Visits(days, ticks, within, grid, tuple(across), (), travel)
    fits = found.free(0)
    reasons = tuple(
        reason or (None if _between(fits, *bounds) else Reason.TOO_LONG)
        for reason, bounds in zip(days.reasons, pairwise(days.edges), strict=True)
    )
    return Visits(days, ticks, within, grid, tuple(across), reasons, travel)


def _across(windows: Sequence[Window], on_grid: int, ticks: int, travel: int) -> Iterable[Window]:
    """Visits that pause outside the windows; none that would keep a desk for more than a day."""
    room = sum(end - start for start, end in windows)
    for start in starts(on_grid):
        before = compress((1 << start) - 1, windows).bit_count()
        if room - before < ticks:
            continue
        end = finish(start, ticks, windows)
        on_the_way = _inside(windows, start - travel, start) and _inside(windows, end, end + travel)
        if on_the_way and end - start + 2 * travel <= DAY_TICKS:
            yield start, end


def _inside(windows: Iterable[Window], start: int, end: int) -> bool:
    """Whether all of a time, which may be empty, lies in one of the windows."""
    return start == end or any(opens <= start and end <= closes for opens, closes in windows)


def _between(places: int, start: int, end: int) -> int:
    """The part of a mask from `start` on to before `end`, counted from `start`."""
    return places >> start & ((1 << (end - start)) - 1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the moment and the capability allow. Ticks of the epoch; days are ordinals, both ends inclusive.

    `now` is the first tick not begun, `earliest` that after the lead time.
    """

    now: int
    earliest: int
    today: int
    horizon: int
    capable_from: int = 0
    capable_until: int = date.max.toordinal()

    def clip(self, days: Span, places: int) -> int:
        """Of places of a span, those at which a visit may still begin."""
        low = max(self.earliest - days.origin, days.edge(max(self.today, self.capable_from)))
        high = days.edge(min(self.horizon, self.capable_until) + 1)
        return places >> low << low & ((1 << high) - 1)

    def capable(self, ordinal: int) -> bool:
        return self.capable_from <= ordinal <= self.capable_until


@dataclass(frozen=True, slots=True)
class Desks:
    """What the desks of a station leave: `possible` starts if nobody had booked, `free` starts as it is.

    `missing` says why there are none at all: the station is not in use, or no desk has the skills.
    """

    possible: int
    free: int
    missing: Reason | None = None


def judge(fit: Visits, desks: Desks, bounds: Bounds) -> list[DayFree]:
    """The answer for each day of the span."""
    days, free = fit.span, bounds.clip(fit.span, desks.free)
    first, origin = days.first.toordinal(), days.origin
    answer = []
    for n, (start, end) in enumerate(pairwise(days.edges)):
        places = free >> start & ((1 << (end - start)) - 1)
        state, reason = (State.OPEN, None) if places else _closed(fit, desks, bounds, n)
        answer.append(DayFree(date.fromordinal(first + n), state, reason, origin + start, places))
    return answer


def _closed(fit: Visits, desks: Desks, bounds: Bounds, n: int) -> tuple[State, Reason | None]:
    """State and reason of the n-th day, on which nothing is free."""
    ordinal = fit.span.first.toordinal() + n
    reason = _never(fit, desks, bounds, ordinal, n)
    if reason is None:
        reason = _not_now(fit, desks, bounds, n)
    return (State.CLOSED, reason) if reason else (State.FULL, None)


def _never(fit: Visits, desks: Desks, bounds: Bounds, ordinal: int, n: int) -> Reason | None:
    """Why nothing could begin on that day at whatever hour somebody asks."""
    if ordinal < bounds.today:
        return Reason.PAST
    if ordinal > bounds.horizon:
        return Reason.BEYOND_HORIZON
    if desks.missing is Reason.INACTIVE:
        return Reason.INACTIVE
    if not bounds.capable(ordinal) and fit.span.reasons[n] is None:
        return Reason.CAPABILITY_EXPIRED
    return fit.reasons[n] or desks.missing


def _not_now(fit: Visits, desks: Desks, bounds: Bounds, n: int) -> Reason | None:
    """Why what could begin on that day can't; None when it is all taken."""
    start, end = fit.span.edges[n], fit.span.edges[n + 1]
    possible = _between(desks.possible, start, end)
    if not possible:
        return Reason.CLOSURE
    at = fit.span.origin + start
    if possible >> max(bounds.earliest - at, 0):
        return None
    return Reason.TOO_SOON if possible >> max(bounds.now - at, 0) else Reason.PAST
