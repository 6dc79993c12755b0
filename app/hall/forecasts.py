"""What people were told first of their wait is written down, so that one can see later whether it held.

It is written behind: whoever looks at a board doesn't wait for it, and one that is lost is one less to learn from.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from app.hall.queries import Board
from app.hall.rules.forecast import Wait
from app.kit.db import Database

logger = structlog.get_logger(__name__)
# Another process may have been first.
KEEP: LiteralString = """
INSERT INTO forecast (ticket_id, station_id, made_at, p50_min, p90_min)
SELECT each.id, %(station_id)s::int4, %(at)s::timestamptz, each.p50, each.p90
FROM unnest(%(ids)s::uuid[], %(p50)s::float4[], %(p90)s::float4[]) AS each (id, p50, p90)
ON CONFLICT (ticket_id) DO NOTHING
"""
LATE: LiteralString = """
SELECT ticket_id FROM forecast
WHERE ticket_id = ANY (%(ids)s::uuid[]) AND made_at + p90_min * interval '1 minute' < %(now)s::timestamptz
"""


async def longer_than_told(database: Database, board: Board, now: datetime) -> frozenset[UUID]:
    """Who waits longer than nine of ten should, by what they were told first."""
    ids = [line.id for line in board.waiting if line.called_at is None]
    rows = await database.fetch(LATE, {"ids": ids, "now": now}) if ids else []
    return frozenset(row[0] for row in rows)


class FirstForecasts:
    """The forecasts that this process has seen first; one for each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[int, tuple[date, set[UUID]]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def keep(self, board: Board, waits: Sequence[Wait | None]) -> None:
        """Write down those of tickets that were never called nor told a wait before, in the order of `waiting`."""
        seen = self._of(board)
        new = [
            (line.id, wait)
            for line, wait in zip(board.waiting, waits, strict=True)
            if wait is not None and line.called_at is None and line.id not in seen
        ]
        if new:
            seen.update(ticket_id for ticket_id, _wait in new)
            task = asyncio.create_task(self._write(board, new), name="forecasts")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def ended(self) -> None:
        """When everything that is under way has been written, or given up."""
        await asyncio.gather(*self._writing)

    def _of(self, board: Board) -> set[UUID]:
        """What was seen at the station today."""
        day, seen = self._seen.get(board.station.id, (None, set[UUID]()))
        if day != board.day:
            seen = set()
            self._seen[board.station.id] = board.day, seen
        return seen

    async def _write(self, board: Board, new: Sequence[tuple[UUID, Wait]]) -> None:
        values = {
            "station_id": board.station.id,
            "at": board.at,
            "ids": [ticket_id for ticket_id, _wait in new],
            "p50": [max(wait.p50_min, 0.0) for _id, wait in new],
            "p90": [max(wait.p90_min, wait.p50_min, 0.0) for _id, wait in new],
        }
        try:
            await self._database.fetch(KEEP, values)
        except (psycopg.Error, PoolTimeout) as error:
            logger.warning("forecasts_lost", count=len(new), error=type(error).__name__)
