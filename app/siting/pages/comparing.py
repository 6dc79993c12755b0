"""Two plans side by side: what was asked, what each makes of it, which places both choose."""

from uuid import UUID

from fastapi.responses import HTMLResponse

from app.kit.db import Reading
from app.kit.doors import Door
from app.siting.pages.frame import PLANS, READ, Looking, Shown, shown_plan
from app.siting.tables import changes

router = Door()


@router.get(f"{PLANS}/compare", dependencies=[READ])
async def compare_page(at: Looking, session: Reading, a: UUID, b: UUID) -> HTMLResponse:
    """Whatever they ask; where that differs, the page says so. Raises PlanUnknown."""
    pair = [await shown_plan(session, at, each) for each in (a, b)]
    context = {
        "pair": pair,
        "figures": _figures(pair),
        "alike": len({_question(each) for each in pair}) == 1,
        "both": _codes(pair[0]) & _codes(pair[1]),
    }
    return at.show("compare.html", context)


def _figures(pair: list[Shown]) -> list[tuple[object, object]]:
    """The same figures of both, row by row; none where one has no answer."""
    rows = [changes(each.plan.before, each.plan.after) for each in pair if each.plan.before and each.plan.after]
    return list(zip(*rows, strict=True)) if len(rows) == len(pair) else []


def _question(shown: Shown) -> tuple[object, ...]:
    """What makes figures comparable: the same demand for the same services, counted alike."""
    plan = shown.plan
    codes = tuple(sorted(plan.service_codes))
    return codes, plan.within_km, plan.within_days, plan.basis, plan.county, plan.on


def _codes(shown: Shown) -> set[str]:
    return {each.code for each in shown.plan.chosen or []}
