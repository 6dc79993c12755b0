"""Enterprise accounts: the list, and one with what the city's administrators can do on evidence."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import allowed
from app.accounts.errors import AlreadyMember, OrganisationTaken
from app.accounts.rules.rights import Caller, Permission
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Forbidden, Invalid, NotFound
from app.kit.uscc import check
from app.office.calls import Change
from app.office.forms import SENTENCES, CodeForm, OwnerForm, ReasonForm
from app.office.pages.frame import FORM_AGAIN, address, judged, placed, see, show, typed, wrong
from app.office.queries import organisations
from app.office.queries.cursors import read_cursor, written_cursor
from app.office.queries.organisations import State
from app.office.service import organisations as managing

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.ORGANISATIONS_READ))]
MayManage = Annotated[Caller, Depends(allowed(Permission.ORGANISATIONS_MANAGE))]
PATH = "/office/organisations"
ONE = f"{PATH}/{{organisation_id}}"
PER_PAGE = 50
LONGEST_FIND = 100
STATES: Mapping[str, State] = {"open": "open", "closed": "closed"}


@router.get(PATH)
async def organisations_page(request: Request, caller: MayRead, session: Reading) -> HTMLResponse:
    """Enterprise accounts by name."""
    text = request.query_params.get("q", "").replace("\0", "").strip()[:LONGEST_FIND]
    state: State = STATES.get(request.query_params.get("state", ""), "")
    after = request.query_params.get("after", "")
    scope = caller.scope(Permission.ORGANISATIONS_READ)
    found, following = await organisations.listed(session, scope, read_cursor(after), PER_PAGE, text=text, state=state)
    query = {"q": text, "state": state}
    context = {
        "asked": query,
        "narrowed": bool(text or state),
        "rows": found,
        "first": address(PATH, query) if after else "",
        "following": address(PATH, query, after=written_cursor(following)) if following else "",
    }
    return show(request, caller, "organisations.html", context)


@router.get(ONE)
async def organisation_page(request: Request, organisation_id: UUID, caller: MayRead, session: Reading) -> HTMLResponse:
    return await _shown(request, caller, session, organisation_id)


@router.post(f"{ONE}/owner")
async def appoint_owner(request: Request, organisation_id: UUID, caller: MayManage, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(OwnerForm, given, SENTENCES)
    if form:
        try:
            done = await managing.appoint_owner(
                change.session,
                caller,
                organisation_id,
                form.email,
                change.head,
                now=change.now,
                reason=form.reason,
                alone=form.alone,
            )
            return see(f"{PATH}/{organisation_id}", done)
        except AlreadyMember:
            errors = {"email": _("This person is an owner already.")}
        except Forbidden as problem:
            errors = {"email": problem.sentence()}
    return await _shown(request, caller, change.session, organisation_id, form="owner", given=given, errors=errors)


@router.post(f"{ONE}/code")
async def correct_code(request: Request, organisation_id: UUID, caller: MayManage, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(CodeForm, given, SENTENCES)
    if form:
        try:
            await managing.correct_code(
                change.session, caller, organisation_id, form.uscc, change.now, reason=form.reason
            )
            return see(f"{PATH}/{organisation_id}", "corrected")
        except Invalid as problem:
            errors = wrong(problem.errors, SENTENCES)
        except OrganisationTaken:
            errors = {"uscc": _("Another organisation has this code.")}
    return await _shown(request, caller, change.session, organisation_id, form="code", given=given, errors=errors)


@router.post(f"{ONE}/close")
async def close(request: Request, organisation_id: UUID, caller: MayManage, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    if form is None:
        return await _shown(request, caller, change.session, organisation_id, form="close", given=given, errors=errors)
    await managing.close(change.session, caller, organisation_id, change.now, reason=form.reason)
    return see(f"{PATH}/{organisation_id}", "closed")


async def _shown(
    request: Request,
    caller: Caller,
    session: AsyncSession,
    organisation_id: UUID,
    *,
    form: str = "",
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    scope = caller.scope(Permission.ORGANISATIONS_READ)
    found = await organisations.find(session, scope, organisation_id)
    if found is None:
        raise NotFound
    managed = caller.may(Permission.ORGANISATIONS_MANAGE) and found.closed_at is None
    context = {
        "organisation": found,
        "fits": check(found.uscc).ok,
        "people": await organisations.people_of(session, scope, organisation_id),
        "managed": managed and organisation_id not in caller.organisation_ids,
        "sees_record": caller.may(Permission.AUDIT_READ),
        "form": form,
        "given": given or {},
        "errors": placed(errors or {}, form),
    }
    return show(request, caller, "organisation.html", context, status_code=FORM_AGAIN if errors else 200)
