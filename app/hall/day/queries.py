"""A day at a counter as the database has it: every ticket with its steps, and when desks were staffed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, LiteralString

from app.hall.day.rules import Figures, Hour, Span, Step, Visit, figures_of, hours_of
from app.hall.rules.states import Action, Kind, State
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.ticks import tick_time, wall_tick
from app.stations.opening import without
from app.stations.rules import day_windows
from app.stations.snapshot import Network, StationFacts

DAY = timedelta(days=1)
# A ticket that goes on from one of the same station is no arrival.
VISITS: LiteralString = """
SELECT ticket.id, kind, letter, booked_at, EXISTS (
        SELECT FROM ticket one WHERE one.id = ticket.moved_from AND one.station_id = ticket.station_id
    ), event.at, event.action, event.state
FROM ticket JOIN ticket_event event ON ticket_id = ticket.id AND event.station_id = ticket.station_id
WHERE ticket.station_id = %(station_id)s::int4 AND ticket.day = %(day)s::date
ORDER BY number, n
"""
SEATED: LiteralString = """
SELECT started_at, least(break_since, ended_at, %(until)s::timestamptz), rests FROM desk_session
WHERE station_id = %(station_id)s::int4 AND started_at >= %(morning)s::timestamptz
    AND started_at < %(until)s::timestamptz
"""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a station so far; `hours` is empty when it was closed and nobody came."""

    day: date
    figures: Figures
    by_letter: dict[str, Figures]
    hours: list[Hour]


async def day_of(database: Database, network: Network, station: StationFacts, day: date, now: datetime) -> Day:
    """Two bare statements, whatever day. `day` is today or past."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    today = day == local_date(now)
    until = now.astimezone(LOCAL) if today else midnight + DAY
    values = {"station_id": station.id, "day": day, "morning": midnight, "until": until}
    visits = visits_of(await database.fetch(VISITS, values))
    seated = seated_in(await database.fetch(SEATED, values))
    known = now if today else None
    hours = hours_of(visits, seated, opens_on(network, station, day), until)
    return Day(day, figures_of(visits, known), by_letter(visits, known), hours)


def opens_on(network: Network, station: StationFacts, day: date) -> Span | None:
    """From the first opening to the last closing; None on a day without hours."""
    windows = day_windows(station.hours, network.calendar, day).windows
    return (at(day, windows[0][0]), at(day, windows[-1][1])) if windows else None


def seated_in(rows: Iterable[tuple[Any, ...]]) -> list[Span]:
    """The times that desks were staffed, each without its breaks."""
    found: list[Span] = []
    for start, end, rests in rows:
        found += without((start, end), list(pairwise(rests))[::2])
    return found


def at(day: date, place: int) -> datetime:
    return tick_time(wall_tick(day, place, LOCAL), LOCAL)


def visits_of(rows: Iterable[tuple[Any, ...]]) -> list[Visit]:
    found = []
    for _id, steps in groupby(rows, lambda row: row[0]):
        own = list(steps)
        _ticket, kind, letter, booked_at, split, *_ = own[0]
        taken = tuple(Step(each[5].astimezone(LOCAL), Action(each[6]), State(each[7])) for each in own)
        found.append(Visit(Kind(kind), letter, booked_at, split, taken))
    return found


def by_letter(visits: list[Visit], now: datetime | None) -> dict[str, Figures]:
    letters = sorted({visit.letter for visit in visits})
    return {letter: figures_of([visit for visit in visits if visit.letter == letter], now) for letter in letters}
