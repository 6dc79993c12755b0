"""Signing in and out: name and password, then the code of whoever has a second factor."""

from collections.abc import Mapping
from math import ceil
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Form, Query, Response

from app.accounts.callers import SESSION_COOKIE, CurrentCaller
from app.accounts.entrance import AtEntrance, Entrance
from app.accounts.errors import SignInLocked
from app.accounts.models import SigninSession
from app.accounts.pages.frame import (
    FORM_AGAIN,
    PENDING_COOKIE,
    account_settings,
    home_of,
    inside,
    let_in,
    see,
    shown,
)
from app.accounts.service.sessions import end
from app.accounts.service.sign_in import Entered, Guess, Pending
from app.audit.service import Object, record
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext
from app.web.cookies import delete_cookie, read_cookie, set_cookie
from app.web.limits import limited

router = Door()
LIMITED = [Depends(limited("sign_in"))]
MINUTE_SECONDS = 60
LONGEST_SHOWN = 254
RECOVERY = "recovery"
DONE = ("out", "password")
"""What happened before the form is shown."""
Onward = Annotated[str, Query(alias="next")]
OnwardTyped = Annotated[str, Form(alias="next")]
Typed = Annotated[str, Form()]


@router.get("/sign-in")
async def sign_in_form(entrance: AtEntrance, caller: CurrentCaller, onward: Onward = "", done: str = "") -> Response:
    if caller.signed_in:
        return see(inside(onward) or home_of(staff=caller.staff, member=bool(caller.memberships)))
    return _form(entrance, "", onward, {}, done=done)


@router.post("/sign-in", dependencies=LIMITED)
async def sign_in(
    entrance: AtEntrance, caller: CurrentCaller, name: Typed = "", password: Typed = "", onward: OnwardTyped = ""
) -> Response:
    """In, or to the code, or the form again, with the same words whatever was wrong."""
    errors = {field: sentence for field, sentence in _missing(name, password).items() if sentence}
    if errors:
        return _form(entrance, name, onward, errors)
    try:
        outcome = await entrance.sign_ins.enter(entrance.session, Guess(name, password, entrance.origin), entrance.now)
    except SignInLocked as locked:
        return _form(entrance, name, onward, {"": waiting(locked)}, locked=locked)
    if isinstance(outcome, Entered):
        return await let_in(entrance, outcome, caller, onward)
    if isinstance(outcome, Pending):
        response = see(_with("/sign-in/code", onward))
        set_cookie(entrance.request, response, PENDING_COOKIE, outcome.opened.secret)
        return response
    return _form(entrance, name, onward, {"": _("The user name or the password is not right.")})


@router.get("/sign-in/code")
async def code_form(entrance: AtEntrance, onward: Onward = "", by: str = "") -> Response:
    if await _pending(entrance) is None:
        return see(_with("/sign-in", onward))
    return _code_form(entrance, onward, by, {})


@router.post("/sign-in/code", dependencies=LIMITED)
async def give_code(
    entrance: AtEntrance, caller: CurrentCaller, code: Typed = "", onward: OnwardTyped = "", by: Typed = ""
) -> Response:
    pending = await _pending(entrance)
    if pending is None:
        return see(_with("/sign-in", onward))
    if not code.strip():
        return _code_form(entrance, onward, by, {"code": _("Enter the code.")})
    try:
        outcome = await entrance.sign_ins.give_code(entrance.session, pending, code, entrance.origin, entrance.now)
    except SignInLocked as locked:
        return _code_form(entrance, onward, by, {"": waiting(locked)}, locked=locked)
    if isinstance(outcome, Entered):
        return await let_in(entrance, outcome, caller, onward)
    once = _("This code is not right, or it was used already.")
    later = _("This code is not right, or it was used already. Wait for the next one, and type that.")
    return _code_form(entrance, onward, by, {"code": once if by == RECOVERY else later})


@router.post("/sign-out")
async def sign_out(entrance: AtEntrance, caller: CurrentCaller) -> Response:
    """The session ends on our side too: its cookie is worth nothing afterwards."""
    if caller.person_id and await end(entrance.session, caller.person_id, UUID(caller.via), entrance.now):
        await record(entrance.session, caller.actor, "session.ended", Object("session", caller.via), at=entrance.now)
    response = see("/sign-in?done=out")
    delete_cookie(entrance.request, response, SESSION_COOKIE)
    delete_cookie(entrance.request, response, PENDING_COOKIE)
    return response


def waiting(locked: SignInLocked) -> str:
    """What to say of a lock; the same for a name that nobody has."""
    minutes = ceil(int(locked.data["retry_after"]) / MINUTE_SECONDS)
    return ngettext(
        "There were too many failed attempts. Please try again in {n} minute.",
        "There were too many failed attempts. Please try again in {n} minutes.",
        minutes,
    ).format(n=minutes)


def _missing(name: str, password: str) -> Mapping[str, str]:
    return {
        "name": "" if name.strip() else _("Enter your user name or mail address."),
        "password": "" if password else _("Enter your password."),
    }


async def _pending(entrance: Entrance) -> SigninSession | None:
    secret = read_cookie(entrance.request, PENDING_COOKIE)
    return await entrance.sign_ins.whose(entrance.session, secret, entrance.now) if secret else None


def _form(
    entrance: Entrance,
    name: str,
    onward: str,
    errors: Mapping[str, str],
    *,
    done: str = "",
    locked: SignInLocked | None = None,
) -> Response:
    settings = account_settings(entrance)
    context = {
        "name": name[:LONGEST_SHOWN],
        "onward": inside(onward),
        "errors": errors,
        "done": done if done in DONE else "",
        "sso": {"name_zh": settings.sso_name_zh, "name_en": settings.sso_name_en} if settings.sso_issuer else None,
    }
    return _again(shown(entrance, "sign_in.html", context, status=FORM_AGAIN if errors else 200), locked)


def _code_form(
    entrance: Entrance, onward: str, by: str, errors: Mapping[str, str], *, locked: SignInLocked | None = None
) -> Response:
    context = {"onward": inside(onward), "by": RECOVERY if by == RECOVERY else "", "errors": errors}
    return _again(shown(entrance, "sign_in_code.html", context, status=FORM_AGAIN if errors else 200), locked)


def _again(response: Response, locked: SignInLocked | None) -> Response:
    if locked:
        response.status_code = locked.status
        response.headers.update(locked.headers)
    return response


def _with(path: str, onward: str) -> str:
    return f"{path}?{urlencode({'next': inside(onward)})}" if inside(onward) else path
