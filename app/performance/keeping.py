"""The job that keeps the figures of days that are over, and once a night compares all that is kept with the events."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError

from app.kit import tasks
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.performance.service import Verdict, open_days, settle, verify
from app.stations.snapshot import load_network

logger = structlog.get_logger(__name__)
EVERY, FIRST_AFTER = timedelta(minutes=10), timedelta(seconds=20)
AT_HOUR = 2
LAST: LiteralString = "SELECT max(at) FROM performance_check"
# Of several processes one compares; until its transaction ends the others go away.
ALONE: LiteralString = "SELECT pg_try_advisory_xact_lock(715007, 0)"


class Summaries:
    """Looks every ten minutes, as long as the process runs; any number of processes may."""

    def __init__(self, database: Database, now: Callable[[], Awaitable[datetime]]) -> None:
        self._database = database
        self._now = now
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="summaries")

    async def stop(self) -> None:
        if self._task:
            await tasks.end([self._task])

    async def _keep(self) -> None:
        await asyncio.sleep(FIRST_AFTER.total_seconds())
        while True:
            try:
                await self.once()
            except (psycopg.Error, PoolTimeout, DBAPIError) as error:
                logger.warning("job_waits", job="summaries", error=type(error).__name__)
            await asyncio.sleep(EVERY.total_seconds())

    async def once(self) -> Verdict | None:
        """Keep what is over; once a day, after two at night, compare, and log what differs."""
        now = await self._now()
        if await open_days(self._database, now):
            await settle(self._database, await load_network(self._database), now)
        async with self._database.writer() as alone:
            connection = await alone.connection()
            if not (await connection.exec_driver_sql(ALONE)).scalar() or not await self._due(now):
                return None
            verdict = await verify(self._database, await load_network(self._database), now, by="nightly job")
        if verdict.differences:
            logger.error("performance_differs", days=verdict.days, rows=len(verdict.differences))
        return verdict

    async def _due(self, now: datetime) -> bool:
        [(last,)] = await self._database.fetch(LAST, ())
        early = now.astimezone(LOCAL).hour < AT_HOUR
        return not early and (last is None or local_date(last) < local_date(now))
