"""How plans are worked at by any number of processes: one takes a plan, says that it still works, and hands it in."""

from datetime import datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import orjson

from app.kit.db import Database
from app.kit.ids import new_id
from app.siting.rules.states import Failure

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 3
# Whose lease is over has died, or has lost its way to the database for so long.
TAKE: LiteralString = """
WITH next AS (
    SELECT id FROM coverage_plan
    WHERE status = 'queued' OR (status = 'running' AND leased_until < %(now)s::timestamptz)
    ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE coverage_plan SET status = 'running', attempts = attempts + 1, progress = 0,
    leased_by = %(lease)s::uuid, leased_until = %(until)s::timestamptz
FROM next WHERE coverage_plan.id = next.id
RETURNING coverage_plan.id, coverage_plan.question, coverage_plan.attempts
"""
RENEW: LiteralString = """
UPDATE coverage_plan SET leased_until = %(until)s::timestamptz, progress = greatest(progress, %(progress)s::real)
WHERE id = %(id)s::uuid AND leased_by = %(lease)s::uuid RETURNING id
"""
HAND_IN: LiteralString = """
UPDATE coverage_plan SET status = 'done', progress = 1, result = %(result)s::jsonb, ended_at = %(now)s::timestamptz,
    leased_by = NULL, leased_until = NULL
WHERE id = %(id)s::uuid AND leased_by = %(lease)s::uuid RETURNING id
"""
FAIL: LiteralString = """
UPDATE coverage_plan SET status = 'failed', error = %(error)s, ended_at = %(now)s::timestamptz,
    leased_by = NULL, leased_until = NULL
WHERE id = %(id)s::uuid AND leased_by = %(lease)s::uuid RETURNING id
"""
GIVE_BACK: LiteralString = """
UPDATE coverage_plan SET status = 'queued', attempts = attempts - 1, progress = 0, leased_by = NULL, leased_until = NULL
WHERE id = %(id)s::uuid AND leased_by = %(lease)s::uuid RETURNING id
"""


class Taken(NamedTuple):
    """A plan that this process works at, and the lease that says so."""

    id: UUID
    lease: UUID
    question: dict[str, Any]
    attempts: int


class Leases:
    """The plans of a database. What is written under a lease that is over, or was ended by somebody, isn't written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, now: datetime) -> Taken | None:
        """The plan that has waited longest, or whose worker has died."""
        lease = new_id()
        rows = await self._database.fetch(TAKE, {"now": now, "until": now + LEASE, "lease": lease})
        return Taken(rows[0][0], lease, rows[0][1], rows[0][2]) if rows else None

    async def renew(self, taken: Taken, progress: float, now: datetime) -> bool:
        """Whether it is still this process's."""
        return await self._write(RENEW, taken, progress=progress, until=now + LEASE)

    async def hand_in(self, taken: Taken, result: dict[str, Any], now: datetime) -> bool:
        return await self._write(HAND_IN, taken, result=orjson.dumps(result).decode(), now=now)

    async def fail(self, taken: Taken, error: Failure, now: datetime) -> bool:
        return await self._write(FAIL, taken, error=error.value, now=now)

    async def give_back(self, taken: Taken) -> bool:
        """For somebody else, as if it had not been taken."""
        return await self._write(GIVE_BACK, taken)

    async def _write(self, statement: LiteralString, taken: Taken, **values: object) -> bool:
        return bool(await self._database.fetch(statement, {"id": taken.id, "lease": taken.lease, **values}))
