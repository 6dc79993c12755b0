"""What the pages of plans share: who looks, the frame of the office, and plans in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Caller, Permission
from app.coverage.asking import CurrentWork, Working
from app.coverage.words import BASES
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.siting.errors import PlanUnknown
from app.siting.queries import Plan, find
from app.siting.schemas import PlanOut, plan_out
from app.siting.service import may_end
from app.siting.words import FAILURES, KINDS, OBJECTIVES, SOURCES, STATUSES

PLANS = "/office/plans"
READ, CHANGE = Depends(allowed(Permission.COVERAGE_READ)), Depends(allowed(Permission.PLANS_CHANGE))
SEE_OTHER, FORM_AGAIN = 303, 422


@dataclass(frozen=True)
class Look:
    """Somebody who looks at plans."""

    request: Request
    caller: Caller
    work: Working

    @property
    def may_plan(self) -> bool:
        return self.caller.may(Permission.PLANS_CHANGE)

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        full = {"section": PLANS, "path": PLANS, "may_plan": self.may_plan, **context}
        return show_office(self.request, self.caller, f"siting/{name}", full, status_code=status_code)

    def shown(self, plan: Plan) -> "Shown":
        return Shown(plan_out(plan), self.work, ends=may_end(self.caller, plan))


async def look(request: Request, caller: CurrentCaller, work: CurrentWork) -> Look:
    return Look(request, caller, work)


Looking = Annotated[Look, Depends(look)]


@dataclass(frozen=True)
class Shown:
    """A plan in the reader's words. `ends`: whether the reader may stop and delete it."""

    plan: PlanOut
    work: Working
    ends: bool

    @property
    def name(self) -> str:
        """As it was called, or what it is about."""
        return self.plan.name or _("{kind}: {services}").format(kind=self.kind, services=self.services)

    @property
    def kind(self) -> str:
        return str(KINDS[self.plan.kind][0])

    @property
    def objective(self) -> str:
        return str(OBJECTIVES[self.plan.objective])

    @property
    def services(self) -> str:
        return self.names(self.plan.service_codes)

    def names(self, codes: list[str]) -> str:
        """Of services; a code that isn't known any more stays as it is."""
        network = self.work.network
        known = network.service_index
        words = [tr(network.services[known[code]], "name") if code in known else code for code in codes]
        return _("; ").join(words)

    @property
    def county(self) -> str:
        return self.county_name(self.plan.county) if self.plan.county else _("The whole network")

    def county_name(self, adcode: str | None) -> str:
        division = self.work.directory.atlas.division_by_code.get(adcode or "")
        return tr(division, "name") if division else _("Outside")

    @property
    def basis(self) -> tuple[str, str]:
        name, says = BASES[self.plan.basis]
        return str(name), str(says)

    @property
    def candidates(self) -> str:
        given = self.plan.candidates
        return _("{n} listed places").format(n=given) if isinstance(given, int) else str(SOURCES[given])

    @property
    def status(self) -> tuple[str, str]:
        """In words, with its tone."""
        words, tone = STATUSES[self.plan.status]
        return str(words), tone

    @property
    def failure(self) -> str:
        return str(FAILURES[self.plan.error]) if self.plan.error else ""


async def shown_plan(session: AsyncSession, at: Look, plan_id: UUID) -> Shown:
    """Raises PlanUnknown."""
    found = await find(session, plan_id)
    if found is None:
        raise PlanUnknown
    return at.shown(found)


def see(path: str) -> RedirectResponse:
    """Post, redirect, get."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)
