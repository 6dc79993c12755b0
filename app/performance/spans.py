"""Days as the statements want them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.kit.clock import LOCAL
from app.kit.ticks import day_bounds

DAY = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    """Both included; none when the last is before the first."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def runs(given: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days in ascending order as stretches without a gap, first and last of each."""
    first = last = None
    for day in given:
        if last is not None and first is not None and day - last != DAY:
            yield first, last
            first = day
        first, last = first or day, day
    if first is not None and last is not None:
        yield first, last


def bounds(first: date, last: date, stations: Sequence[int]) -> dict[str, Any]:
    """The places of statements.EVENTS for the days from the first to the last."""
    return {
        "first": first,
        "last": last,
        "start": midnight(first),
        "end": midnight(last + DAY),
        "from_tick": day_bounds(first, LOCAL)[0],
        "to_tick": day_bounds(last, LOCAL)[1],
        "stations": list(stations),
    }


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)
