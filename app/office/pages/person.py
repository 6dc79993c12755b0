"""One of the staff: what is known, the roles, what an administrator can do, and what was done."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import allowed
from app.accounts.errors import NameTaken
from app.accounts.queries import people
from app.accounts.queries.people import Member
from app.accounts.rules.rights import Caller, Permission
from app.accounts.service import people as managing_people
from app.audit.queries import Filters
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Conflict, Forbidden, NotFound, Problem
from app.notify.rules import masked
from app.office.calls import Change, Changing, CurrentPlaces
from app.office.forms import SENTENCES, CorrectionForm, ReasonForm, RoleForm, grant_of
from app.office.pages.frame import FORM_AGAIN, judged, placed, see, show, typed
from app.office.pages.people import PATH, choices, handed_over
from app.office.places import Places
from app.office.queries import record
from app.office.words import entry_words

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.PEOPLE_READ))]
MayManage = Annotated[Caller, Depends(allowed(Permission.PEOPLE_MANAGE))]
ONE = f"{PATH}/{{person_id}}"
HISTORY = 20


@router.get(ONE)
async def person_page(
    request: Request, person_id: UUID, caller: MayRead, session: Reading, places: CurrentPlaces
) -> HTMLResponse:
    return await _shown(request, caller, session, places, person_id)


async def _shown(
    request: Request,
    caller: Caller,
    session: AsyncSession,
    places: Places,
    person_id: UUID,
    *,
    form: str = "",
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page, also with one of its forms as it was typed and what is wrong in it."""
    member = await people.find(session, caller.scope(Permission.PEOPLE_READ), person_id)
    if member is None:
        raise NotFound
    managed = member.managed_by(caller)
    found = await record.search(session, caller.scope(Permission.AUDIT_READ), _history(member), None, HISTORY)
    context = {
        "member": member,
        "own": member.id == caller.person_id,
        "managed": managed,
        "entrusted": member.entrusted_to(caller),
        "manages": caller.may(Permission.PEOPLE_MANAGE),
        "email": _address(member, whole=member.entrusted_to(caller)),
        "holdings": places.holdings(member.seen, caller if managed else None),
        "elsewhere": len(member.held) > len(member.seen),
        "history": [(entry, entry_words(entry)) for entry in found.entries],
        "called": {str(member.id): member.username or ""},
        "sees_record": caller.may(Permission.AUDIT_READ),
        "form": form,
        "given": given or {},
        "errors": placed(errors or {}, form),
        **choices(caller, places),
    }
    return show(request, caller, "person.html", context, status_code=FORM_AGAIN if errors else 200)


def _address(member: Member, *, whole: bool) -> str:
    """The mail address: whole for who may correct it, masked for who may only look."""
    if not member.email:
        return ""
    return member.email if whole else masked(member.email)


def _history(member: Member) -> Filters:
    return Filters(object_kind="person", object_id=str(member.id))


@router.post(f"{ONE}/facts")
async def correct(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(CorrectionForm, given, SENTENCES)
    try:
        if form:
            await managing_people.correct(
                change.session, caller, person_id, change.head, change.now, name=form.name, email=form.email
            )
            return see(f"{PATH}/{person_id}", "corrected")
    except NameTaken as problem:
        errors = {problem.data["field"]: problem.sentence()}
    return await _again(request, caller, change, person_id, form="facts", given=given, errors=errors)


@router.post(f"{ONE}/roles")
async def give_role(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(RoleForm, given, SENTENCES)
    grant, wrong_place = grant_of(form, change.places) if form else (None, {})
    if grant is None:
        wrong = errors | wrong_place
        return await _again(request, caller, change, person_id, form="roles", given=given, errors=wrong)
    try:
        await managing_people.grant_role(change.session, caller, person_id, grant, change.now)
    except (Conflict, Forbidden) as problem:
        wrong = {"role": _in_words(problem)}
        return await _again(request, caller, change, person_id, form="roles", given=given, errors=wrong)
    return see(f"{PATH}/{person_id}", "granted")


@router.post(f"{ONE}/roles/{{grant_id}}/revoke")
async def take_role(request: Request, person_id: UUID, grant_id: int, caller: MayManage, change: Change) -> Response:
    """Take a role; whoever has none left within the caller's scope is out of sight then."""
    reason = typed(await request.form()).get("reason", "").strip()[:500]
    await managing_people.revoke_role(change.session, caller, person_id, grant_id, change.now, reason=reason)
    left = await people.find(change.session, caller.scope(Permission.PEOPLE_READ), person_id)
    return see(f"{PATH}/{person_id}", "revoked") if left else see(PATH, "gone")


@router.post(f"{ONE}/link")
async def another_link(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    made = await managing_people.invite(change.session, caller, person_id, change.head, change.now)
    if not made.path:
        return see(f"{PATH}/{person_id}", "mailed")
    member = await people.find(change.session, caller.scope(Permission.PEOPLE_READ), person_id)
    return handed_over(request, caller, made, change.head.link(made.path), name=member.name if member else "")


@router.post(f"{ONE}/disable")
async def disable(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    return await _with_reason(request, caller, change, person_id, "disabled")


@router.post(f"{ONE}/enable")
async def enable(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    return await _with_reason(request, caller, change, person_id, "enabled")


@router.post(f"{ONE}/reset")
async def reset(request: Request, person_id: UUID, caller: MayManage, change: Change) -> Response:
    return await _with_reason(request, caller, change, person_id, "reset")


async def _with_reason(request: Request, caller: Caller, change: Changing, person_id: UUID, what: str) -> Response:
    """Do what needs a reason, or ask for the reason again."""
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    if form is None:
        return await _again(request, caller, change, person_id, form=what, given=given, errors=errors)
    await _do(what, caller, change, person_id, form.reason)
    return see(f"{PATH}/{person_id}", what)


async def _do(what: str, caller: Caller, change: Changing, person_id: UUID, reason: str) -> None:
    session, now = change.session, change.now
    if what == "disabled":
        await managing_people.disable(session, caller, person_id, now, reason=reason)
    elif what == "enabled":
        await managing_people.enable(session, caller, person_id, now, reason=reason)
    else:
        await managing_people.reset_second_factor(session, caller, person_id, change.head, now, reason=reason)


async def _again(
    request: Request,
    caller: Caller,
    change: Changing,
    person_id: UUID,
    *,
    form: str,
    given: Mapping[str, str],
    errors: Mapping[str, str],
) -> HTMLResponse:
    return await _shown(
        request, caller, change.session, change.places, person_id, form=form, given=given, errors=errors
    )


def _in_words(problem: Problem) -> str:
    return _("You can't give this role there.") if isinstance(problem, Forbidden) else problem.sentence()
