"""The job that keeps the figures of days that are over, and once a night compares all that is kept with the events."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import LiteralString

import structlog

from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.rounds import Rounds
from app.performance.service import open_days, settle, verify
from app.stations.snapshot import load_network

logger = structlog.get_logger(__name__)
AT_HOUR = 2
LAST: LiteralString = "SELECT max(at) FROM performance_check"
# Of several processes one compares; until its transaction ends the others go away.
ALONE: LiteralString = "SELECT pg_try_advisory_xact_lock(715007, 0)"


class Summaries(Rounds):
    """Looks every ten minutes."""

    name = "days_kept"
    every, first_after = timedelta(minutes=10), timedelta(seconds=20)

    def __init__(self, database: Database, now: Callable[[], Awaitable[datetime]]) -> None:
        super().__init__()
        self._database = database
        self._now = now

    async def look(self) -> int:
        """Keep what is over, returning how many days; once a day, after two at night, compare, and log what differs."""
        now, kept = await self._now(), 0
        if await open_days(self._database, now):
            kept = len(await settle(self._database, await load_network(self._database), now))
        await self._compare(now)
        return kept

    async def _compare(self, now: datetime) -> None:
        async with self._database.writer() as alone:
            connection = await alone.connection()
            if not (await connection.exec_driver_sql(ALONE)).scalar() or not await self._due(now):
                return
            verdict = await verify(self._database, await load_network(self._database), now, by="nightly job")
        if verdict.differences:
            logger.error("performance_differs", days=verdict.days, rows=len(verdict.differences))

    async def _due(self, now: datetime) -> bool:
        [(last,)] = await self._database.fetch(LAST, ())
        early = now.astimezone(LOCAL).hour < AT_HOUR
        return not early and (last is None or local_date(last) < local_date(now))
