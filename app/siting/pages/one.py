"""One plan: how far it is, or its answer in words, figures and a map."""

from contextlib import suppress
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import numpy as np
from fastapi import Depends, Response

from app.coverage.supply import capable
from app.kit.clock import now as clock_now
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.requests.answers import NOT_TO_KEEP
from app.siting.errors import PlanEnded
from app.siting.pages.frame import CHANGE, PLANS, READ, Look, Looking, Shown, see, shown_plan
from app.siting.pages.paper import plan_paper
from app.siting.queries import find
from app.siting.rules.questions import Objective
from app.siting.rules.states import Status
from app.siting.service import cancel, remove
from app.siting.tables import FILES, changes, chosen_file
from app.web.papers import paper_answer

router = Door(route_class=RetryingRoute)
ONE = f"{PLANS}/{{plan_id}}"
Now = Annotated[Any, Depends(clock_now)]


@router.get(ONE, dependencies=[READ])
async def plan_page(at: Looking, session: Reading, plan_id: UUID) -> Response:
    shown = await shown_plan(session, at, plan_id)
    name = at.request.query_params.get("format", "")
    if name == "pdf" and shown.plan.status is Status.DONE:
        await session.close()  # a paper may wait for others
        return await paper_answer(at.request, f"plan-{plan_id}", partial(plan_paper, shown), at.work.now)
    kind = FILES.get(name)
    if kind and shown.plan.chosen is not None:
        return chosen_file(shown.plan, kind)
    return at.show("plan.html", _context(at, shown, await _points(session, plan_id)))


@router.get(f"{ONE}/live", dependencies=[READ])
async def progress(at: Looking, session: Reading, plan_id: UUID) -> Response:
    """How far it is, for a page that asks again and again; one whose plan has come to its end is loaded anew."""
    shown = await shown_plan(session, at, plan_id)
    if not shown.plan.status.open:
        return Response(headers={"HX-Refresh": "true", **NOT_TO_KEEP})
    return at.show("progress.html", {"shown": shown})


@router.post(f"{ONE}/cancel", dependencies=[CHANGE])
async def stop(at: Looking, session: Writing, plan_id: UUID, now: Now) -> Response:
    """Stop it; where its answer has come first, the page shows that."""
    with suppress(PlanEnded):
        await cancel(session, at.caller, plan_id, now)
    return see(f"{PLANS}/{plan_id}")


@router.post(f"{ONE}/delete", dependencies=[CHANGE])
async def delete(at: Looking, session: Writing, plan_id: UUID, now: Now) -> Response:
    await remove(session, at.caller, plan_id, now)
    return see(f"{PLANS}?done=deleted")


async def _points(session: Reading, plan_id: UUID) -> list[list[float]]:
    found = await find(session, plan_id)
    return found.result.get("drawn", []) if found and found.result else []


def _context(at: Look, shown: Shown, points: list[list[float]]) -> dict[str, Any]:
    plan = shown.plan
    context: dict[str, Any] = {"shown": shown, "plan": plan}
    if plan.status is Status.DONE and plan.before and plan.after:
        context |= {
            "changes": changes(plan.before, plan.after),
            "counties": [(shown.county_name(each.county), each) for each in plan.counties or []],
            "covers": plan.objective is Objective.MAX_COVER,
            "drawn": _drawn(at, shown, points),
        }
    return context


def _drawn(at: Look, shown: Shown, points: list[list[float]]) -> dict[str, Any]:
    """What the map shows: demand by its three states, stations that may do it, and the chosen, numbered."""
    plan, network = shown.plan, at.work.network
    services = [network.service_index[code] for code in plan.service_codes if code in network.service_index]
    able = np.asarray(capable(network, services, plan.on).any(axis=0))
    return {
        "points": points,
        "stations": [
            {"name_zh": each.name_zh, "name_en": each.name_en, "lon": each.lon, "lat": each.lat}
            for each in network.stations
            if able[each.index]
        ],
        "chosen": [
            {"rank": n, "name_zh": each.name_zh or each.code, "name_en": each.name_en, "lon": each.lon, "lat": each.lat}
            for n, each in enumerate(plan.chosen or [], start=1)
        ],
    }
