"""For doors: who is asking, and whether they may. The one place where a route says its rule.

    async def board(caller: Annotated[Caller, Depends(allowed(Permission.REQUESTS_READ))]) -> …
    async def account(caller: SignedIn) -> …
    async def home(caller: CurrentCaller) -> …          # whoever it is

A page knows its visitor by the session's cookie, a call below /api by `Authorization: Bearer …` only: another site
can make a browser send a cookie, but not that header.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.rules.rights import Caller, Permission
from app.accounts.sessions import Callers
from app.kit.clock import now as clock_now
from app.kit.problems import Forbidden
from app.web.cookies import cookie_name
from app.web.errors import on_problem, wants_json

SESSION_COOKIE = "session"
SEE_OTHER = 303
LONGEST_WAY_BACK = 2000
ENROL_PATH = "/account/second-factor"
Rule = Callable[[Caller], Awaitable[Caller]]
GUARDED = (SignInNeeded, SecondFactorMissing, Forbidden)
"""What a guarded route of the API declares: `responses=problem_responses(*GUARDED, …)`."""
Sent = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="A token of POST /auth/tokens, or an API key.")),
]


def address_of(request: Request) -> str:
    return (request.client.host if request.client else "")[:45]


async def caller(request: Request, sent: Sent, now: Annotated[datetime, Depends(clock_now)]) -> Caller:
    """Whoever is asking, also nobody. Costs a query only where a cookie or a bearer token was sent."""
    found = await _identify(request, sent, now)
    request.state.caller = found
    return found


async def anew(request: Request) -> Caller:
    """Whoever asked, as the rights are now; nobody after signing out."""
    return await caller(request, None, await clock_now())


async def _identify(request: Request, sent: HTTPAuthorizationCredentials | None, now: datetime) -> Caller:
    callers: Callers = request.app.state.callers
    if request.url.path.startswith("/api/"):
        if sent is None:
            return Caller(address=address_of(request))
        return await callers.by_bearer(sent.credentials.strip(), address_of(request), now)
    secret = request.cookies.get(cookie_name(request, SESSION_COOKIE))
    if not secret:
        return Caller(address=address_of(request))
    return await callers.by_cookie(secret, address_of(request), now, by_itself=asks_by_itself(request))


def asks_by_itself(request: Request) -> bool:
    """Whether the page asks, without anybody having done something: that keeps nobody signed in."""
    return request.url.path.endswith("/live") or "x-live" in request.headers


CurrentCaller = Annotated[Caller, Depends(caller)]


async def signed_in(request: Request, found: CurrentCaller) -> Caller:
    """Somebody. Raises SignInNeeded, and SecondFactorMissing where a role waits for one (but not on its own page)."""
    if not found.signed_in:
        raise SignInNeeded
    if found.must_enrol and not request.url.path.startswith(ENROL_PATH):
        raise SecondFactorMissing
    return found


SignedIn = Annotated[Caller, Depends(signed_in)]


def allowed(permission: Permission) -> Rule:
    """A dependency: the caller, who has this permission somewhere. Raises SignInNeeded, Forbidden."""

    async def permitted(found: SignedIn) -> Caller:
        if not found.may(permission):
            raise Forbidden
        return found

    permitted.permission = permission  # type: ignore[attr-defined]  # for the test that walks all routes
    return permitted


async def member(found: SignedIn) -> Caller:
    """Somebody who acts for an organisation. Raises SignInNeeded, Forbidden."""
    if not found.memberships:
        raise Forbidden
    return found


ActsForOrganisation = Annotated[Caller, Depends(member)]


async def staff(found: SignedIn) -> Caller:
    """Somebody of the staff, whatever the role. Raises SignInNeeded, Forbidden."""
    if not found.staff:
        raise Forbidden
    return found


AtWork = Annotated[Caller, Depends(staff)]


async def to_sign_in(request: Request, problem: SignInNeeded) -> Response:
    """A page leads to the sign-in and, after it, back; a program gets the problem."""
    if wants_json(request):
        return await on_problem(request, problem)
    return RedirectResponse(f"/sign-in?{urlencode({'next': _way_back(request)})}", SEE_OTHER)


def _way_back(request: Request) -> str:
    """Where to go after the sign-in: the page that was asked for, without its query if that is very long."""
    path, query = request.url.path, request.url.query
    ways = (f"{path}?{query}" if query else path, path) if request.method == "GET" else ()
    return next((way for way in ways if len(way) <= LONGEST_WAY_BACK), "/account")


async def to_enrolment(request: Request, problem: SecondFactorMissing) -> Response:
    """A page leads to where the second factor is set up; a program gets the problem."""
    if wants_json(request):
        return await on_problem(request, problem)
    return RedirectResponse(ENROL_PATH, SEE_OTHER)
