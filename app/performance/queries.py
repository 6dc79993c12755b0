"""Figures as they are asked for: of days that are kept as they were kept, of all others from what was recorded.

All in one transaction that sees one state, so that a day which is just being settled is counted once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from app.kit.clock import local_date
from app.kit.db import ReadSession
from app.performance.capacity import Closed, capacity_min
from app.performance.models import EVERYTHING
from app.performance.rules import MOST_DAYS, QUANTILES, SUMS, TIMES, By, Figures, first_of, spelled
from app.performance.spans import DAY, bounds, days, midnight, runs
from app.performance.statements import ALTOGETHER, CALM, COLUMNS, EVENTS, FIRST, SETTLED
from app.performance.tallies import Ints, Tally, together
from app.stations.snapshot import Network

Key = date | str | int
KEYS: Mapping[By, LiteralString] = {
    By.DAY: "day",
    By.WEEK: "date_trunc('week', day)::date",
    By.MONTH: "date_trunc('month', day)::date",
    By.COUNTY: "(SELECT county_adcode FROM station WHERE station.id = station_id)",
    By.STATION: "station_id",
    By.SERVICE: "service_id",
}
KEPT: LiteralString = f"""
SELECT {COLUMNS} FROM performance_day
WHERE day = ANY (%(kept)s::date[]) AND station_id = ANY (%(stations)s::int4[])
    AND (%(service_id)s::int4 IS NULL OR service_id = %(service_id)s::int4)
"""  # noqa: S608 - words of ours, here and below
ADDED: LiteralString = ", ".join(f"sum({name})" for name in SUMS)
# The numbers of all arrays in a row, as array_send writes them after a head of 20 bytes; many times faster than unnest.
JOINED: LiteralString = ", ".join(f"string_agg(substr(array_send({name}), 21), '')" for name in QUANTILES)
GROUPED: LiteralString = f"""
SELECT key, ARRAY[{ADDED}]::int8[], {JOINED}
FROM (SELECT (-- key
)::text AS key, one.* FROM (-- source
) one) counted GROUP BY key
"""  # noqa: S608
ONE_BY_ONE: LiteralString = """
SELECT day, station_id, requests, served, no_shows, appointments,
    wait_min[(cardinality(wait_min) + 1) / 2], cardinality(wait_min)
FROM (-- source
) one
"""
CAPACITY: LiteralString = """
SELECT day, station_id, minutes FROM performance_capacity
WHERE day >= %(first)s::date AND day <= %(last)s::date AND station_id = ANY (%(stations)s::int4[])
"""
CLOSURES: LiteralString = """
SELECT station_id, desk_id, starts, ends FROM closure
WHERE ends > %(start)s::timestamptz AND starts < %(end)s::timestamptz AND station_id = ANY (%(stations)s::int4[])
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Days, both included, and stations by their ids; a service's id, or None for all together."""

    first: date
    last: date
    stations: tuple[int, ...]
    by: By = By.DAY
    service_id: int | None = None

    @property
    def each_service(self) -> bool:
        return self.by is By.SERVICE or self.service_id is not None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of every group in which anything happened, in ascending order of the keys, and of all together."""

    total: Figures
    groups: list[tuple[Key, Figures]]


@dataclass(frozen=True, slots=True)
class StationDay:
    """A day of a station, with the median wait of so many who were called."""

    day: date
    station_id: int
    requests: int
    served: int
    no_shows: int
    appointments: int
    wait_min: int | None
    waits: int


async def report(session: ReadSession, network: Network, asked: Asked, now: datetime) -> Report:
    """The figures. The session is one that nothing has been asked of yet."""
    connection, spans = await _spans(session, asked, now)
    source, values = _source(asked, *spans)
    statement = GROUPED.replace("-- key\n", KEYS[asked.by]).replace("-- source\n", source)
    found = _tallies((await connection.exec_driver_sql(statement, values)).all())
    groups = {key: tally.figures for key, tally in found.items()}
    if asked.by is By.SERVICE:
        total = groups.get(str(asked.service_id or EVERYTHING), Figures())
        groups.pop(str(EVERYTHING), None)
    else:
        capacity = await _capacity(connection, network, asked, now) if asked.service_id is None else {}
        groups, total = _with_capacity(groups, together(found.values()).figures, capacity, asked.by, network)
    return Report(total, sorted((spelled(asked.by, key), figures) for key, figures in groups.items()))


async def station_days(session: ReadSession, asked: Asked, now: datetime) -> list[StationDay]:
    """Every day of every station on which anything happened, in no order."""
    connection, spans = await _spans(session, asked, now)
    source, values = _source(asked, *spans)
    rows: Iterable[Any] = await connection.exec_driver_sql(ONE_BY_ONE.replace("-- source\n", source), values)
    return [StationDay(*row) for row in rows]


async def _spans(session: ReadSession, asked: Asked, now: datetime) -> tuple[AsyncConnection, tuple[Any, Any]]:
    """Of the days asked for, those that are kept, and the stretches of the others on which there may be something."""
    connection = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await connection.exec_driver_sql(CALM)
    since = (await connection.exec_driver_sql(FIRST)).scalar()
    last = min(asked.last, local_date(now))
    first = max(asked.first, since or last + DAY, last - timedelta(days=MOST_DAYS))
    kept = set((await connection.exec_driver_sql(SETTLED, {"first": first, "last": last})).scalars())
    return connection, (sorted(kept), list(runs(day for day in days(first, last) if day not in kept)))


def _source(asked: Asked, kept: list[date], live: Iterable[tuple[date, date]]) -> tuple[LiteralString, dict[str, Any]]:
    """Rows of performance_day, and what would be such rows of each stretch of other days; with their places."""
    service = None if asked.by is By.SERVICE else asked.service_id or 0
    parts, values = [KEPT], {"kept": kept, "stations": list(asked.stations), "service_id": asked.service_id or service}
    statement = EVENTS if asked.each_service else ALTOGETHER
    narrowed: LiteralString = " WHERE service_id = %(service_id)s::int4" if asked.service_id else ""
    for n, (first, last) in enumerate(live):
        numbered = statement
        for name, value in bounds(first, last, ()).items():
            if name != "stations":
                values[f"{name}_{n}"] = value
                numbered = numbered.replace(f"%({name})s", f"%({name}_{n})s")
        parts.append(f"SELECT * FROM ({numbered}) live{narrowed}")  # noqa: S608
    return " UNION ALL ".join(parts), values


def _tallies(rows: Iterable[Any]) -> dict[str, Tally]:
    return {key: Tally(np.array(sums, np.int64), tuple(map(_numbers, joined))) for key, sums, *joined in rows}


def _numbers(joined: bytes | None) -> Ints:
    """Of array_send: each number follows its length, both in four bytes, the highest first."""
    return np.frombuffer(joined or b"", ">i4")[1::2].astype(np.int64)


async def _capacity(
    connection: AsyncConnection, network: Network, asked: Asked, now: datetime
) -> dict[tuple[date, int], int]:
    """Minutes by day and station: as kept, and of days that were never kept as hours and closures are now."""
    last = min(asked.last, local_date(now))
    values = bounds(asked.first, last, asked.stations)
    rows: Iterable[Any] = await connection.exec_driver_sql(CAPACITY, values)
    found = {(day, station_id): minutes for day, station_id, minutes in rows}
    known = {day for day, _ in found}
    since = (await connection.exec_driver_sql(FIRST)).scalar()
    open_days = [day for day in days(max(asked.first, since or last), last) if day not in known]
    if open_days:
        fresh = await capacity_of(connection, network, asked.stations, (open_days[0], open_days[-1]), now)
        found |= {where: minutes for where, minutes in fresh.items() if where[0] not in known}
    return found


async def capacity_of(
    connection: AsyncConnection, network: Network, stations: Iterable[int], span: tuple[date, date], now: datetime
) -> dict[tuple[date, int], int]:
    """Minutes by day and station, by the hours and closures as they are known now; those of today until now."""
    ids = list(stations)
    closed: dict[int, list[Closed]] = {}
    rows: Iterable[Any] = await connection.exec_driver_sql(CLOSURES, bounds(*span, ids))
    for station_id, desk_id, starts, ends in rows:
        closed.setdefault(station_id, []).append(Closed(desk_id, starts, ends))
    return {
        (day, each): capacity_min(
            network.station_by_id[each], network.calendar, closed.get(each, ()), day, min(now, midnight(day + DAY))
        )
        for each in ids
        for day in days(*span)
    }


def _with_capacity(
    found: Mapping[str, Figures],
    total: Figures,
    capacity: Mapping[tuple[date, int], int],
    by: By,
    network: Network,
) -> tuple[dict[str, Figures], Figures]:
    sums: dict[str, int] = {}
    for (day, station_id), minutes in capacity.items():
        key = key_of(by, day, station_id, network)
        sums[key] = sums.get(key, 0) + minutes
    groups = {key: replace(figures, capacity_min=sums.get(key)) for key, figures in found.items()}
    return groups, replace(total, capacity_min=sum(capacity.values()) or None)


def key_of(by: By, day: date, station_id: int, network: Network) -> str:
    """The key of the group to which a station's day belongs, as KEYS has it."""
    if by in TIMES:
        return first_of(by, day).isoformat()
    return network.station_by_id[station_id].county_adcode if by is By.COUNTY else str(station_id)
