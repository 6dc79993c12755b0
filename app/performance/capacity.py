"""For how many minutes the desks of a station can be booked on a day: hours and calendar, closures cut out. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kit.clock import LOCAL
from app.kit.ticks import tick_time, wall_tick
from app.stations.opening import without
from app.stations.rules import Calendar, day_windows
from app.stations.snapshot import StationFacts

MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Closed:
    """A time in which a desk, or with none the whole station, is closed."""

    desk_id: int | None
    starts: datetime
    ends: datetime


def capacity_min(
    station: StationFacts, calendar: Calendar, closures: Iterable[Closed], day: date, until: datetime
) -> int:
    """Minutes of all active public desks together; of today only those until now."""
    desks = [desk.id for desk in station.desks if desk.active and desk.public]
    spans = [
        (start, min(end, until)) for start, end in _open(station, calendar, day) if start < until and station.active
    ]
    closed = [each for each in closures if any(each.starts < end and start < each.ends for start, end in spans)]
    if not closed:
        return len(desks) * _minutes(spans)
    return sum(_left(spans, [each for each in closed if each.desk_id in (None, desk)]) for desk in desks)


def _open(station: StationFacts, calendar: Calendar, day: date) -> list[Span]:
    windows = day_windows(station.hours, calendar, day).windows
    return [(_at(day, opens), _at(day, closes)) for opens, closes in windows]


def _left(spans: Sequence[Span], closed: Sequence[Closed]) -> int:
    cut = [(each.starts, each.ends) for each in closed]
    return sum(_minutes(without(span, cut)) for span in spans)


def _minutes(spans: Iterable[Span]) -> int:
    return sum((end - start) // MINUTE for start, end in spans)


def _at(day: date, place: int) -> datetime:
    return tick_time(wall_tick(day, place, LOCAL), LOCAL)
