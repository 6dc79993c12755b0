"""Plans as they are read: one, or the newest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.siting.models import CoveragePlan
from app.siting.rules.states import Failure, Status


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with the name of whoever made it. `question` is a `PlanAsked`, `result` what `planner.described` gives."""

    id: UUID
    name: str
    created_at: datetime
    created_by: UUID
    author: str
    question: dict[str, Any]
    status: Status
    progress: float
    ended_at: datetime | None
    result: dict[str, Any] | None
    error: Failure | None


COLUMNS = (
    CoveragePlan.id,
    CoveragePlan.name,
    CoveragePlan.created_at,
    CoveragePlan.created_by,
    Person.name,
    CoveragePlan.question,
    CoveragePlan.status,
    CoveragePlan.progress,
    CoveragePlan.ended_at,
    CoveragePlan.result,
    CoveragePlan.error,
)


async def find(session: AsyncSession, plan_id: UUID) -> Plan | None:
    found = await _plans(session, [CoveragePlan.id == plan_id], 1)
    return found[0] if found else None


async def listed(session: AsyncSession, before: tuple[datetime, UUID] | None, limit: int) -> list[Plan]:
    """The newest first, from the one after `before` on."""
    place = [tuple_(CoveragePlan.created_at, CoveragePlan.id) < tuple_(*before)] if before else []
    return await _plans(session, place, limit)


async def count_open(session: AsyncSession, person_id: UUID) -> int:
    """How many plans of a person wait or are being worked at."""
    theirs = CoveragePlan.created_by == person_id, CoveragePlan.status.in_([Status.QUEUED, Status.RUNNING])
    return (await session.execute(select(func.count()).where(*theirs))).scalar_one()


async def _plans(session: AsyncSession, where: Sequence[ColumnElement[bool]], limit: int) -> list[Plan]:
    rows = await session.execute(
        select(*COLUMNS)
        .join(Person, Person.id == CoveragePlan.created_by)
        .where(*where)
        .order_by(CoveragePlan.created_at.desc(), CoveragePlan.id.desc())
        .limit(limit)
    )
    return [_plan(row) for row in rows.all()]


def _plan(row: Sequence[Any]) -> Plan:
    """Of a row of COLUMNS."""
    plan = Plan(*row)
    return replace(plan, status=Status(plan.status), error=Failure(plan.error) if plan.error else None)
