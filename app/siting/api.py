"""`/coverage/plans`: where new stations, capabilities or desks serve most."""

import asyncio
import time
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Caller, Permission
from app.coverage.asking import CurrentWork, FileFormat
from app.kit import clock
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Database, Hot, Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import Conflict, Invalid, problem_responses
from app.kit.schemas import Strict
from app.kit.tables import CSV, GEOJSON, XLSX, as_file, file_kind
from app.requests.errors import IdempotencyKeyReused
from app.requests.idempotency import Key, content, keep, look_up
from app.siting.asked import PlanAsked, checked
from app.siting.errors import PlanEnded, PlansFull, PlanUnanswered, PlanUnknown
from app.siting.queries import Plan, find, listed
from app.siting.schemas import PATH, PlanOut, PlansPage, plan_out
from app.siting.service import cancel as cancel_plan
from app.siting.service import make, remove
from app.siting.tables import chosen_file

router = Door(tags=["coverage"], prefix="/coverage/plans", route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.COVERAGE_READ))]
MayPlan = Annotated[Caller, Depends(allowed(Permission.PLANS_CHANGE))]
Now = Annotated[datetime, Depends(clock.now)]
WAITS_SECONDS, LOOKS_SECONDS = 5.0, 0.1
CREATED, ACCEPTED = 201, 202
OPERATION = "POST /coverage/plans"
UNKNOWN = problem_responses(*GUARDED, PlanUnknown, Invalid)
AS_MAP = as_file(CSV, XLSX, GEOJSON, description="The plan; the chosen places also as a file, and as GeoJSON.")
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$", description="At most 255 characters.")
]


class PlansAsked(Strict):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=200)] = ""


class PlanFileAsked(Strict):
    format: FileFormat = None


@router.post(
    "",
    status_code=CREATED,
    responses=problem_responses(*GUARDED, Conflict, PlansFull, IdempotencyKeyReused, Invalid)
    | {ACCEPTED: {"model": PlanOut, "description": "It takes longer: look at `links.self` again."}},
)
async def make_plan(
    *,
    asked: PlanAsked,
    caller: MayPlan,
    work: CurrentWork,
    database: Hot,
    now: Now,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PlanOut:
    """Ask where new ones serve most. What is answered within seconds is answered here, all else at `links.self`."""
    full = checked(asked, work)
    key = _key(caller, idempotency_key, asked)
    before = await look_up(database, key, now)
    plan_id = before.request_id if before else await _made(database, caller, full, key, now)
    # Where other processes work at plans, nobody here knows whether one is free.
    plan = await _awaited(database, plan_id, WAITS_SECONDS if request.app.state.jobs else 0.0)
    response.status_code = ACCEPTED if plan.status.open else CREATED
    response.headers["Location"] = f"{PATH}/{plan_id}"
    return plan_out(plan)


def _key(caller: Caller, sent: str | None, asked: PlanAsked) -> Key | None:
    if not sent:
        return None
    whose = f"key:{caller.via}" if caller.kind == "key" else f"person:{caller.person_id}"
    return Key(whose, sent, content(OPERATION, asked.model_dump_json()))


async def _made(database: Database, caller: Caller, asked: PlanAsked, key: Key | None, now: datetime) -> UUID:
    """Committed at once, so that it can be worked at while this call waits. Raises PlansFull, IdempotencyKeyReused."""
    async with database.writer() as session:
        plan_id = await make(session, caller, asked, now)
        await keep(session, key, plan_id, {}, now)
        await session.commit()
    return plan_id


async def _awaited(database: Database, plan_id: UUID, seconds: float) -> Plan:
    """As it is when its answer has come or the time is over. Raises PlanUnknown where it was deleted meanwhile."""
    until = time.monotonic() + seconds
    while True:
        async with database.reader() as session:
            plan = await find(session, plan_id)
        if plan is None:
            raise PlanUnknown
        if not plan.status.open or time.monotonic() >= until:
            return plan
        await asyncio.sleep(LOOKS_SECONDS)


@router.get("", responses=problem_responses(*GUARDED, Invalid))
async def list_plans(asked: Annotated[PlansAsked, Query()], _caller: MayRead, session: Reading) -> PlansPage:
    """All plans, the newest first."""
    before = read_cursor(asked.cursor, datetime, UUID) if asked.cursor else None
    found = await listed(session, before and (before[0], before[1]), asked.limit + 1)
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    following = write_cursor(shown[-1].created_at, shown[-1].id) if more else None
    return PlansPage(items=[plan_out(plan) for plan in shown], next=following)


@router.get("/{plan_id}", response_model=PlanOut, responses=UNKNOWN | problem_responses(PlanUnanswered) | AS_MAP)
async def get_plan(
    plan_id: UUID, asked: Annotated[PlanFileAsked, Query()], request: Request, _caller: MayRead, session: Reading
) -> PlanOut | Response:
    """A plan, with its answer once it is done; the chosen places also as a file."""
    found = plan_out(await _found(session, plan_id))
    kind = "geojson" if asked.format == "geojson" else file_kind(request, asked.format)
    if kind is None or kind == "pdf":  # paper is made of the page
        return found
    return chosen_file(found, kind)


async def _found(session: AsyncSession, plan_id: UUID) -> Plan:
    found = await find(session, plan_id)
    if found is None:
        raise PlanUnknown
    return found


@router.post("/{plan_id}/cancel", responses=UNKNOWN | problem_responses(PlanEnded))
async def stop_plan(plan_id: UUID, caller: MayPlan, session: Writing, now: Now) -> PlanOut:
    """Stop working at a plan of one's own; one that was stopped stays so."""
    await cancel_plan(session, caller, plan_id, now)
    return plan_out(await _found(session, plan_id))


@router.delete("/{plan_id}", status_code=204, responses=UNKNOWN)
async def delete_plan(plan_id: UUID, caller: MayPlan, session: Writing, now: Now) -> None:
    """Delete a plan of one's own, also while it is worked at."""
    await remove(session, caller, plan_id, now)
