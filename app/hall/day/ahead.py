"""The next day on which a station is open: what is booked, who else is expected, and the desks that it has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from app.hall.day.load import HourLoad, OpenDesk, Work, laid_out, load_of
from app.hall.day.queries import DAY, at, opens_on
from app.hall.day.rules import Span
from app.hall.rules.states import Kind
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ticks import day_bounds, tick_time
from app.stations.opening import without
from app.stations.rules import day_windows
from app.stations.snapshot import DeskFacts, Network, StationFacts

LOOKS_AHEAD_DAYS, WEEKS = 30, 8
BOOKED: LiteralString = """
SELECT visit_starts, service_ids FROM reservation
WHERE active AND station_id = %(station_id)s::int4 AND starts >= %(first)s::int4 AND starts < %(after)s::int4
    AND kind = 'appointment' AND mode = 'station'
"""
CAME: LiteralString = """
SELECT day, kind, issued_at, service_ids FROM ticket
WHERE station_id = %(station_id)s::int4 AND day = ANY (%(days)s::date[]) AND moved_from IS NULL
"""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day to come. `walk_ins` are expected after those of `based_on` days of the same weekday; 0 of none."""

    day: date
    booked: int
    walk_ins: float
    based_on: int
    hours: list[HourLoad]


async def ahead_of(database: Database, network: Network, station: StationFacts, today: date) -> Ahead | None:
    """The next day with hours; None when there is none within a month. Two bare statements."""
    coming = (today + n * DAY for n in range(1, LOOKS_AHEAD_DAYS + 1))
    day = next((day for day in coming if open_spans(network, station, day, None)), None)
    opens = opens_on(network, station, day) if day else None
    if day is None or opens is None:
        return None
    first, after = day_bounds(day, LOCAL)
    booked = await database.fetch(BOOKED, {"station_id": station.id, "first": first, "after": after})
    days = [day - timedelta(weeks=n) for n in range(1, WEEKS + 1)]
    came = await database.fetch(CAME, {"station_id": station.id, "days": days})
    known = {row[0] for row in came}
    walk_ins = [row for row in came if row[1] == Kind.WALK_IN]
    timetable = Timetable(network, windows_on(network, station, day), day)
    work = [*timetable.booked(booked), *timetable.expected(walk_ins, len(known))]
    desks = [OpenDesk(desk.skills, open_spans(network, station, day, desk)) for desk in station.desks if _public(desk)]
    mean = len(walk_ins) / len(known) if known else 0.0
    return Ahead(day, len(booked), mean, len(known), load_of(desks, work, opens))


def _public(desk: DeskFacts) -> bool:
    return desk.public and desk.active


def open_spans(network: Network, station: StationFacts, day: date, desk: DeskFacts | None) -> tuple[Span, ...]:
    """When the station, or one of its desks, is open on a day, closures cut out."""
    closed = [(one.starts, one.ends) for one in station.closures if one.desk_id in (None, desk.id if desk else None)]
    return tuple(span for window in windows_on(network, station, day) for span in without(window, closed))


def windows_on(network: Network, station: StationFacts, day: date) -> tuple[Span, ...]:
    windows = day_windows(station.hours, network.calendar, day).windows
    return tuple((at(day, opens), at(day, closes)) for opens, closes in windows)


class Timetable:
    """Visits of a day as work of categories, in the station's hours."""

    def __init__(self, network: Network, windows: tuple[Span, ...], day: date) -> None:
        self._network = network
        self._windows = windows
        self._day = day

    def booked(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Work]:
        for starts, service_ids in rows:
            yield from self._one_by_one(tick_time(starts, LOCAL), service_ids, 1.0, booked=True)

    def expected(self, rows: Iterable[tuple[Any, ...]], days: int) -> Iterator[Work]:
        """Whoever came on such a day comes again, at the same time, with the chance of one in as many days."""
        for _day, _kind, issued_at, service_ids in rows:
            came = datetime.combine(self._day, issued_at.astimezone(LOCAL).time(), LOCAL)
            yield from self._one_by_one(came, service_ids, 1 / days, booked=False)

    def _one_by_one(
        self, start: datetime, service_ids: Iterable[int], weight: float, *, booked: bool
    ) -> Iterator[Work]:
        """The services of a visit one after the other, each as long as the catalogue plans."""
        for service_id in service_ids:
            service = self._network.service_by_id[service_id]
            spans, start = laid_out(start, service.duration_min, self._windows)
            yield from (Work(service.skill, begins, ends, booked, weight) for begins, ends in spans)
