"""When a station is open, as people ask it: now, until when, again when, this week, and on which days otherwise. Pure.

Built on `rules.day_windows`; closures are half-open pairs of aware times in which the whole station is closed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from app.kit.clock import LOCAL, local_date
from app.kit.ticks import DAY_TICKS, tick_time, wall_tick
from app.stations.rules import Calendar, ClosedReason, DayKind, HoursRule, Kind, day_windows

LOOK_AHEAD_DAYS = 60
DAY = timedelta(days=1)
Span = tuple[datetime, datetime]
Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Open with the time it closes, or closed with the time it opens next.

    Either time is None when it lies more than 60 days ahead. Times are local.
    """

    open_now: bool
    closes_at: datetime | None = None
    opens_next: datetime | None = None


def opening(hours: Iterable[HoursRule], calendar: Calendar, closed: Sequence[Span], now: datetime) -> Opening:
    """How a station stands at an aware time."""
    today = local_date(now)
    horizon = _at(today + timedelta(days=LOOK_AHEAD_DAYS - 1), DAY_TICKS)
    for start, end in _open_spans(tuple(hours), calendar, closed, today):
        if start > now:
            return Opening(False, opens_next=start)
        if end > now:
            return Opening(True, closes_at=end if end < horizon else None)
    return Opening(False)


def _open_spans(hours: Sequence[HoursRule], calendar: Calendar, closed: Sequence[Span], first: date) -> Iterator[Span]:
    """Open times from a day on, ascending; those that touch each other are one, over midnight too."""
    current: Span | None = None
    for day in _days(first, LOOK_AHEAD_DAYS):
        for opens, closes in day_windows(hours, calendar, day).windows:
            for start, end in without((_at(day, opens), _at(day, closes)), closed):
                if current is not None and start <= current[1]:
                    current = current[0], max(current[1], end)
                    continue
                if current is not None:
                    yield current
                current = start, end
    if current is not None:
        yield current


def without(window: Span, closed: Iterable[Span]) -> list[Span]:
    """What is left of a window when closures are cut out of it."""
    left = [window]
    for start, end in closed:
        cut = [part for opens, closes in left for part in ((opens, min(closes, start)), (max(opens, end), closes))]
        left = [(opens.astimezone(LOCAL), closes.astimezone(LOCAL)) for opens, closes in cut if opens < closes]
    return left


def _at(day: date, place: int) -> datetime:
    return tick_time(wall_tick(day, place, LOCAL), LOCAL)


def _days(first: date, count: int) -> Iterator[date]:
    return (first + n * DAY for n in range(count))


@dataclass(frozen=True, slots=True)
class Timetable:
    """The windows of Monday to Sunday, in ticks of the day, as they are in force between two days, both inclusive.

    None: since ever, or until further notice.
    """

    first: date | None
    last: date | None
    week: tuple[Windows, ...]


def timetables(hours: Sequence[HoursRule], today: date) -> tuple[Timetable, ...]:
    """The week that is in force today, and those that are to come. At least one, which may be empty."""
    turns = {rule.valid_from for rule in hours} | {
        rule.valid_until + DAY for rule in hours if rule.valid_until is not None and rule.valid_until < date.max
    }
    past = max((turn for turn in turns if turn is not None and turn <= today), default=None)
    coming = sorted(turn for turn in turns if turn is not None and turn > today)
    found: list[Timetable] = []
    for first, following in pairwise((past, *coming, None)):
        week = _week(hours, first or today)
        last = following - DAY if following else None
        if found and found[-1].week == week:
            found[-1] = Timetable(found[-1].first, last, week)
        else:
            found.append(Timetable(first, last, week))
    return tuple(found)


def _week(hours: Sequence[HoursRule], on: date) -> tuple[Windows, ...]:
    return tuple(
        tuple(sorted((rule.opens, rule.closes) for rule in hours if rule.iso_weekday == weekday and rule.in_force(on)))
        for weekday in range(1, 8)
    )


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Days in a row that are not what their weekday says: a holiday, or a make-up day with the windows kept on it."""

    first: date
    last: date
    kind: DayKind
    windows: Windows
    reason: ClosedReason | None


def special_days(hours: Sequence[HoursRule], calendar: Calendar, first: date, count: int) -> tuple[SpecialDays, ...]:
    """Holidays and make-up days among `count` days from `first` on, those of one holiday together."""
    found: list[SpecialDays] = []
    for day in _days(first, count):
        open_on = day_windows(hours, calendar, day)
        if open_on.kind.kind not in (Kind.HOLIDAY, Kind.MAKEUP):
            continue
        last = found[-1] if found else None
        if last and last.last + DAY == day and last.kind == open_on.kind:
            found[-1] = SpecialDays(last.first, day, last.kind, last.windows, last.reason)
        else:
            found.append(SpecialDays(day, day, open_on.kind, open_on.windows, open_on.reason))
    return tuple(found)


def first_provisional(calendar: Calendar, first: date, count: int) -> date | None:
    """The first of `count` days whose year has not been announced yet."""
    return next((day for day in _days(first, count) if calendar.kind(day).provisional), None)
