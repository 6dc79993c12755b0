"""What the pages of the way in share: where it leads afterwards, and the cookies of signing in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import ENROL_PATH, SESSION_COOKIE
from app.accounts.entrance import Entrance
from app.accounts.rules.rights import Caller
from app.accounts.service.sessions import end
from app.accounts.service.sign_in import Entered
from app.config import AccountSettings
from app.web.cookies import delete_cookie, set_cookie
from app.web.pages import own_path
from app.web.templating import page

SEE_OTHER, FORM_AGAIN, GONE = 303, 422, 410
PENDING_COOKIE = "pending"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""No cache keeps the page, and no other site learns its address, in which a secret may stand."""
LONGEST_PATH = 2000


def see(path: str) -> RedirectResponse:
    """Post, redirect, get."""
    return RedirectResponse(path, SEE_OTHER, PRIVATE)


def shown(entrance: Entrance, name: str, context: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    return page(entrance.request, f"accounts/{name}", context, status_code=status, headers=PRIVATE)


def inside(onward: str) -> str:
    """Where somebody wanted to go, if that is a path of ours; else ""."""
    safe = len(onward) <= LONGEST_PATH and own_path(onward) == onward and onward != "/"
    return onward if safe else ""


def home_of(*, staff: bool, member: bool) -> str:
    """Where somebody who wanted nothing special begins."""
    if staff:
        return "/office"
    return "/organisation" if member else "/account"


async def let_in(entrance: Entrance, entered: Entered, before: Caller, onward: str) -> Response:
    """Onward with the cookie of the new session; the one that this browser had before ends."""
    if before.signed_in and before.person_id:
        await end(entrance.session, before.person_id, UUID(before.via), entrance.now)
    person = entered.person
    home = home_of(staff=person.staff, member=person.member)
    response = see(ENROL_PATH if entered.must_enrol else inside(onward) or home)
    set_cookie(entrance.request, response, SESSION_COOKIE, entered.opened.secret)
    delete_cookie(entrance.request, response, PENDING_COOKIE)
    return response


def account_settings(entrance: Entrance) -> AccountSettings:
    settings: AccountSettings = entrance.request.app.state.settings.accounts
    return settings
