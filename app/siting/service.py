"""Making, stopping and deleting plans; each is on record. Whoever has made one may end it, and who plans everywhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller, Permission
from app.accounts.service.organisations import person_of
from app.audit.service import Object, record
from app.kit.ids import new_id
from app.kit.problems import Forbidden
from app.siting.asked import PlanAsked
from app.siting.errors import PlanEnded, PlansFull, PlanUnknown
from app.siting.models import CoveragePlan
from app.siting.queries import Plan, count_open
from app.siting.rules.states import Status

MOST_OPEN = 10
# Two calls of one person count one after the other.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('plans ' || :person, 0))")


async def make(session: AsyncSession, caller: Caller, asked: PlanAsked, now: datetime) -> UUID:
    """A plan that waits for its answer. `asked` has been checked. Raises PlansFull."""
    person_id = person_of(caller)
    await session.execute(ONE_AT_A_TIME, {"person": str(person_id)})
    if await count_open(session, person_id) >= MOST_OPEN:
        raise PlansFull(most=MOST_OPEN)
    question = asked.model_dump(mode="json", exclude={"name"})
    plan = CoveragePlan(
        id=new_id(),
        name=asked.name,
        created_at=now,
        created_by=person_id,
        question=question,
        status=Status.QUEUED,
        progress=0.0,
        attempts=0,
    )
    session.add(plan)
    await session.flush()
    told = question | {"candidates": asked.candidates if isinstance(asked.candidates, str) else "list"}
    await record(session, caller.actor, "plan.made", _object(plan.id), at=now, after=told)
    return plan.id


async def cancel(session: AsyncSession, caller: Caller, plan_id: UUID, now: datetime) -> None:
    """Stop it, wherever it is worked at; one that was stopped stays so. Raises PlanUnknown, Forbidden, PlanEnded."""
    plan = await _own(session, caller, plan_id)
    if plan.status == Status.CANCELLED:
        return
    if not Status(plan.status).open:
        raise PlanEnded(status=plan.status)
    ended = {"status": Status.CANCELLED.value, "ended_at": now, "leased_by": None, "leased_until": None}
    await session.execute(update(CoveragePlan).where(CoveragePlan.id == plan_id).values(**ended))
    await record(session, caller.actor, "plan.cancelled", _object(plan_id), at=now)


async def remove(session: AsyncSession, caller: Caller, plan_id: UUID, now: datetime) -> None:
    """Also where it is being worked at. Raises PlanUnknown, Forbidden."""
    plan = await _own(session, caller, plan_id)
    await session.execute(delete(CoveragePlan).where(CoveragePlan.id == plan_id))
    await record(session, caller.actor, "plan.deleted", _object(plan_id), at=now, before={"name": plan.name})


def may_end(caller: Caller, plan: Plan | CoveragePlan) -> bool:
    """Whether it is the caller's to stop and delete."""
    scope = caller.scope(Permission.PLANS_CHANGE)
    return scope.everything or (not scope.empty and plan.created_by == caller.person_id)


async def _own(session: AsyncSession, caller: Caller, plan_id: UUID) -> CoveragePlan:
    """Under its lock, so that of a stop and an answer one comes first."""
    plan = (
        await session.execute(select(CoveragePlan).where(CoveragePlan.id == plan_id).with_for_update())
    ).scalar_one_or_none()
    if plan is None:
        raise PlanUnknown
    if not may_end(caller, plan):
        raise Forbidden
    return plan


def _object(plan_id: UUID) -> Object:
    return Object("plan", str(plan_id))
