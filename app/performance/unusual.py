"""Days of stations that are far from what the station is used to on that weekday."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.kit.clock import local_date
from app.kit.db import ReadSession
from app.performance.queries import Asked, StationDay, station_days
from app.performance.rules import FEW, WEEKS, By, Measure, Unusual, unusual

WEEK = timedelta(weeks=1)
MOST_DAYS = 31
"""So many days, up to the last one asked for, are looked at."""


@dataclass(frozen=True, slots=True)
class StationUnusual:
    """What was unusual, where and when."""

    day: date
    station_id: int
    found: Unusual


async def look_for(session: ReadSession, asked: Asked, now: datetime) -> list[StationUnusual]:
    """The last days asked for against the eight same weekdays before each. Today isn't over, and not looked at."""
    last = min(asked.last, local_date(now) - timedelta(days=1))
    first = max(asked.first, last - timedelta(days=MOST_DAYS - 1))
    if first > last:
        return []
    wider = replace(asked, first=first - WEEKS * WEEK, last=last, by=By.DAY, service_id=None)
    rows = {(row.station_id, row.day): row for row in await station_days(session, wider, now)}
    found = [
        StationUnusual(day, station_id, each)
        for (station_id, day), row in rows.items()
        if day >= first
        for each in of_day(row, rows)
    ]
    return sorted(found, key=lambda each: (-each.day.toordinal(), -abs(each.found.deviations), each.station_id))


def of_day(row: StationDay, rows: Mapping[tuple[int, date], StationDay]) -> list[Unusual]:
    """What of a day is unusual. Weekdays on which nothing happened at all, as on holidays, say nothing."""
    earlier = (rows.get((row.station_id, row.day - n * WEEK)) for n in range(1, WEEKS + 1))
    past = [each for each in earlier if each is not None]
    return [
        found
        for measure in Measure
        if (
            found := unusual(
                measure, value(measure, row), [v for each in past if (v := value(measure, each)) is not None]
            )
        )
    ]


def value(measure: Measure, row: StationDay) -> float | None:
    """A wait says something only where some have waited."""
    if measure is Measure.WAIT:
        return float(row.wait_min) if row.wait_min is not None and row.waits >= FEW else None
    return float(getattr(row, measure.value))
