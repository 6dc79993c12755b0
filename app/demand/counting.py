"""Questions counted while they are answered: in memory, written down every few seconds and at the end.

To count costs an answer a microsecond and can't make it fail. What a database that is away doesn't take is kept and
written later, up to MOST_CELLS numbers; beyond these, new ones are lost, and the log says how many. A connection that
breaks in the moment between a write and its answer may make some questions count twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import LiteralString

import numpy as np
import psycopg
import structlog
from psycopg_pool import PoolTimeout

from app.demand.boundaries import county_codes
from app.demand.rules import CELLS_PER_DEGREE, Asked
from app.kit import tasks
from app.kit.clock import local_date
from app.kit.db import Database, once_more
from app.stations.directory import DirectoryStore

logger = structlog.get_logger(__name__)
EVERY_SECONDS, LAST_SECONDS = 5.0, 3.0
MOST_CELLS, AT_ONCE = 100_000, 5_000
AWAY = (psycopg.Error, PoolTimeout, TimeoutError)

# All processes write in the order of the key, so that none waits for another in a circle.
WRITE: LiteralString = """
    INSERT INTO question_count (day, service_id, mode, x, y, outcome, county_adcode, n)
    SELECT * FROM unnest(%s::date[], %s::int[], %s::text[], %s::int[], %s::int[], %s::text[], %s::text[], %s::int[])
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (day, service_id, mode, x, y, outcome) DO UPDATE SET n = question_count.n + excluded.n
"""
WRITE_SEARCHES: LiteralString = """
    INSERT INTO search_count (day, found, n) SELECT * FROM unnest(%s::date[], %s::bool[], %s::int[]) ORDER BY 1, 2
    ON CONFLICT (day, found) DO UPDATE SET n = search_count.n + excluded.n
"""
Counts = dict[Asked, int]


class Questions:
    """What one process was asked since it last wrote it down."""

    def __init__(self, database: Database, places: DirectoryStore, now: Callable[[], Awaitable[datetime]]) -> None:
        self._database = database
        self._places = places
        self._now = now
        self._counts: Counts = {}
        self._searches = {True: 0, False: 0}
        self._lost = 0
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def count(self, asked: Asked, times: int = 1) -> None:
        """Count a question for one service."""
        counts = self._counts
        if asked in counts:
            counts[asked] += times
        elif len(counts) < MOST_CELLS:
            counts[asked] = times
        else:
            self._lost += times

    def searched(self, *, found: bool) -> None:
        """Count a search of the catalogue, on the day on which it is written down."""
        self._searches[found] += 1

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep_writing(), name="questions")

    async def stop(self) -> None:
        """Write down what is left, unless the database doesn't take it within seconds."""
        if self._task:
            await tasks.end([self._task])
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self.write()
        except AWAY as error:
            logger.warning("questions_lost", questions=sum(self._counts.values()), error=type(error).__name__)

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.write()
            except AWAY as error:
                logger.warning("questions_wait", numbers=len(self._counts), error=type(error).__name__)

    async def write(self) -> None:
        """Write down what was counted until now. What the database doesn't take stays counted; its error is raised."""
        async with self._writing:
            if self._lost:
                logger.warning("questions_lost", questions=self._lost)
                self._lost = 0
            await self._write_searches()
            taken, self._counts = self._counts, {}
            try:
                while taken:
                    part = dict(islice(taken.items(), AT_ONCE))
                    await self._write(part)
                    for asked in part:
                        del taken[asked]
            finally:
                for asked, n in taken.items():
                    self.count(asked, n)

    async def _write(self, part: Mapping[Asked, int]) -> None:
        atlas = (await self._places.current()).atlas
        days, services, modes, xs, ys, outcomes = map(list, zip(*part, strict=True))
        counties = county_codes(atlas, np.array(xs) / CELLS_PER_DEGREE, np.array(ys) / CELLS_PER_DEGREE)
        rows = (days, services, modes, xs, ys, outcomes, counties, list(part.values()))
        await once_more(lambda: self._database.fetch(WRITE, rows))

    async def _write_searches(self) -> None:
        taken, self._searches = self._searches, {True: 0, False: 0}
        kinds = [found for found, n in taken.items() if n]
        if not kinds:
            return
        day: date = local_date(await self._now())
        rows: Sequence[object] = ([day] * len(kinds), kinds, [taken[found] for found in kinds])
        try:
            await once_more(lambda: self._database.fetch(WRITE_SEARCHES, rows))
        except BaseException:
            for found, n in taken.items():
                self._searches[found] += n
            raise
