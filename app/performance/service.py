"""Keeping the figures of days that are over, and comparing all that is kept with what was recorded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from app.audit.service import Actor, Object, record
from app.kit.clock import local_date
from app.kit.db import Database, WriteSession
from app.performance.models import PerformanceCheck
from app.performance.queries import capacity_of
from app.performance.spans import DAY, bounds, days
from app.performance.statements import (
    CALM,
    DIFFERENT,
    FIRST,
    FORGET,
    KEEP,
    KEEP_CAPACITY,
    LOCK,
    SETTLE,
    SETTLED,
    STILL_OPEN,
)
from app.stations.snapshot import Network

AFTER_MIDNIGHT = timedelta(minutes=15)
"""What was under way at midnight is over by then, and written."""
MOST_EXAMPLES = 20
ALL_DAYS: LiteralString = "SELECT day FROM performance_settled ORDER BY day"
UNSETTLE: LiteralString = "DELETE FROM performance_settled WHERE day = ANY (%(days)s::date[])"


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept row that isn't what was recorded: both as objects, None where there is none."""

    day: date
    station_id: int
    service_id: int
    kept: dict[str, Any] | None
    fresh: dict[str, Any] | None

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What differs, as it is kept and as it should be."""
        kept, fresh = self.kept or {}, self.fresh or {}
        names = sorted({*kept, *fresh})
        return {name: (kept.get(name), fresh.get(name)) for name in names if kept.get(name) != fresh.get(name)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """So many days were compared; `mended` are those that were counted anew because they differed."""

    days: int
    differences: list[Difference] = field(default_factory=list)
    mended: list[date] = field(default_factory=list)


async def open_days(database: Database, now: datetime) -> list[date]:
    """Days that are over and not kept, the last one first."""
    last = local_date(now - AFTER_MIDNIGHT) - DAY
    [(first,)] = await database.fetch(FIRST, ())
    if first is None or first > last:
        return []
    kept = {day for (day,) in await database.fetch(SETTLED, {"first": first, "last": last})}
    return [day for day in reversed(days(first, last)) if day not in kept]


async def settle(database: Database, network: Network, now: datetime) -> list[date]:
    """Keep the figures of every day that is over; each in a transaction of its own. Which days were kept now."""
    return [day for day in await open_days(database, now) if await settle_day(database, network, day, now)]


async def settle_day(database: Database, network: Network, day: date, now: datetime) -> bool:
    """Whether this call kept the day: of several processes one does, once those have written who are just writing."""
    async with database.writer() as session:
        connection = await session.connection()
        values = _values(network, day, now)
        await connection.exec_driver_sql(CALM)
        await connection.exec_driver_sql(LOCK, values)
        if not (await connection.exec_driver_sql(STILL_OPEN, values)).scalar():
            return False
        await connection.exec_driver_sql(FORGET, values)
        await connection.exec_driver_sql(KEEP, values)
        await _keep_capacity(connection, network, day, now)
        await connection.exec_driver_sql(SETTLE, values)
        await session.commit()
    return True


async def _keep_capacity(connection: AsyncConnection, network: Network, day: date, now: datetime) -> None:
    """As it is known now, unless it was kept before: hours that are changed later were not those of that day."""
    ids = [station.id for station in network.stations]
    found = await capacity_of(connection, network, ids, (day, day), now)
    minutes = [found[day, each] for each in ids]
    await connection.exec_driver_sql(KEEP_CAPACITY, {"first": day, "stations": ids, "minutes": minutes})


async def verify(database: Database, network: Network, now: datetime, *, by: str, mend: bool = False) -> Verdict:
    """Count every kept day anew and compare; with `mend`, keep those that differ anew. The result is kept too."""
    settled = [day for (day,) in await database.fetch(ALL_DAYS, ())]
    found = [difference for day in settled for difference in await _compare(database, network, day, now)]
    wrong = sorted({each.day for each in found})
    if mend and wrong:
        await database.fetch(UNSETTLE, {"days": wrong})
        for day in wrong:
            await settle_day(database, network, day, now)
    verdict = Verdict(len(settled), found, wrong if mend else [])
    async with database.writer() as session:
        await _write(session, verdict, now, by)
        await session.commit()
    return verdict


async def _compare(database: Database, network: Network, day: date, now: datetime) -> list[Difference]:
    async with database.writer() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(CALM)
        rows: Iterable[Any] = await connection.exec_driver_sql(DIFFERENT, _values(network, day, now))
        return [Difference(day, *row) for row in rows]


async def _write(session: WriteSession, verdict: Verdict, now: datetime, by: str) -> None:
    examples = [
        {"day": each.day.isoformat(), "station_id": each.station_id, "service_id": each.service_id} | told(each)
        for each in verdict.differences[:MOST_EXAMPLES]
    ]
    count, mended = len(verdict.differences), bool(verdict.mended)
    session.add(PerformanceCheck(at=now, days=verdict.days, differing=count, mended=mended, examples=examples))
    if count:
        after = {"days": verdict.days, "differing": count, "mended": [day.isoformat() for day in verdict.mended]}
        what = Object("performance", "kept")
        await record(session, Actor("system", name=by), "performance.differs", what, at=now, after=after)


def told(difference: Difference) -> dict[str, Any]:
    """The fields that differ, for people."""
    return {"fields": {name: list(values) for name, values in difference.fields.items()}}


def _values(network: Network, day: date, now: datetime) -> dict[str, Any]:
    return bounds(day, day, [station.id for station in network.stations]) | {"now": now}
