"""Every route by every role, from the application's own routes: one without a rule fails here.

A route is public only if it is named in PUBLIC; every other one says its rule by a dependency of app.accounts.callers,
and each role is then tried on it: let in, refused, or led to the sign-in.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from app.accounts.callers import member, signed_in, staff
from app.accounts.rules.rights import TABLE, Permission, Role
from tests.conftest import without_database
from tests.support.people import People, Signed

# Open to everybody. What a request's pages and calls show depends on its access code: see tests/requests.
PUBLIC = re.compile(
    r"/(openapi\.json|static|metrics|healthz|readyz|\.well-known/security\.txt|preferences|docs(/webhooks|/python)?|embed(/v1\.js)?|privacy|)"
    r"|/services(/.*)?|/stations(/.*)?|/open-data(/.*)?|/book(/.*)?|/find|/r/\{reference\}(/.*)?"
    r"|/feeds/\{secret\}\.ics|/account/address/confirm|/sign-in(/.*)?|/sign-out|/register(/.*)?|/password(/.*)?|/join/\{[a-z_]+\}(/.*)?"
    r"|/api/v1/(stations|holds|routes|suggest|services|categories|counties|towns|calendar|consent)([/.].*)?"
    r"|/api/v1/requests\{?(/\{reference\}(/(reschedule|cancel|rating|calendar\.ics|(messages|things)(/.*)?|documents/.*"
    r"|items/\{n\}/(\{verb\}|results(/.*)?|record-result|correct-result|verify|refuse-result|issue|invalidate)|actions/\{verb\}))?)?"
    # A document is checked by whoever has its number and code, and names nobody: see tests/results.
    r"|(/api/v1)?/check"
    r"|/api/v1/auth/tokens"
    # A bundle is opened by its access code, or by its organisation: see tests/bundles.
    r"|(/api/v1)?/packages(/\{code\})?|(/api/v1)?/bundles(/\{reference\}(/.*)?)?"
    # The display names nobody; who has a ticket's address has the ticket: see tests/hall.
    r"|(/api/v1)?/display/\{[a-z]+\}(/stream)?|/t/\{ticket_id\}(/.*)?"
    # A label leads everybody but staff to the search for a request: see tests/reception.
    r"|/w/\{code\}"
    # Who has a kiosk's secret is the kiosk, a counter shows a pass: see tests/hall/test_kiosk*, test_offline*.
    r"|/kiosk/(worker\.js|\{secret\}(/.*)?)|/api/v1/(kiosks|counters)/[a-z-]+"
)
SUBMIT = ("POST", "/api/v1/requests")
STAFF = tuple(role.value for role in Role)
ENTERPRISE = ("owner", "delegate")
EVERYBODY = ("nobody", *STAFF, *ENTERPRISE)
UNKNOWN = UUID(int=7)


@dataclass(frozen=True)
class Guarded:
    """A route with its rule: a permission, or a dependency that asks for somebody at all."""

    method: str
    path: str
    rule: Permission | Callable[..., Any] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def lets_in(self, role: str) -> bool:
        if isinstance(self.rule, Permission):
            return role in STAFF and self.rule in TABLE[Role(role)]
        return role in {member: ENTERPRISE, staff: STAFF}.get(self.rule, (*STAFF, *ENTERPRISE))  # type: ignore[arg-type]

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def address(self) -> str:
        return re.sub(r"\{\w+(:\w+)?\}", str(UNKNOWN), self.path)


def routes() -> Iterator[Guarded]:
    app = without_database()
    for context in iter_route_contexts(app.routes):
        methods = sorted(context.methods or {"GET"})
        dependant = getattr(context, "dependant", None)
        for method in methods:
            yield Guarded(method, str(context.path), rule_of(dependant) if dependant else None)


def rule_of(dependant: Any) -> Permission | Callable[..., Any] | None:
    """The narrowest rule that a route, or what it depends on, declares."""
    found = list(_rules(dependant))
    permissions = [each for each in found if isinstance(each, Permission)]
    for each in (*permissions, member, staff, signed_in):
        if each in found:
            return each
    return None


def _rules(dependant: Any) -> Iterator[Permission | Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call in {signed_in, member, staff}:
            yield each.call
        elif permission := getattr(each.call, "permission", None):
            yield permission
        yield from _rules(each)


def is_public(route: Guarded) -> bool:
    return bool(PUBLIC.fullmatch(route.path)) and not (route.path == SUBMIT[1] and route.method != SUBMIT[0])


ROUTES = list(routes())
GUARDED = [route for route in ROUTES if not is_public(route)]


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_a_route_that_is_not_public_has_a_rule(route: Guarded) -> None:
    assert route.rule is not None, f"{route} needs SignedIn, ActsForOrganisation or allowed(Permission.…)"


def test_what_is_public_asks_for_nobody() -> None:
    assert [str(route) for route in ROUTES if is_public(route) and route.rule is not None] == []


def test_there_is_something_to_guard_in_every_area() -> None:
    areas = {route.path.removeprefix("/api/v1").split("/")[1] for route in GUARDED}
    assert areas >= {"account", "organisation", "office", "auth"}


@dataclass
class Visitor:
    """Somebody of one role (None: nobody), signed in anew for every call, since some routes end sessions."""

    client: httpx.AsyncClient
    people: People
    who: Signed | None

    async def call(self, route: Guarded, *, by_cookie: bool | None = None) -> str:
        """What comes of a call with nothing right about it but whose it is: in, asked to sign in, refused, broken."""
        by_cookie = not route.api if by_cookie is None else by_cookie
        self.client.cookies.clear()
        headers: dict[str, str] = {}
        if self.who:
            signed = await self.people.sign_in(self.who.id, strong=True)
            headers = {} if by_cookie else dict(signed.bearer)
            if by_cookie:
                signed.browse(self.client)
        body: dict[str, Any] = (
            {} if route.method in {"GET", "HEAD", "DELETE"} else {"json" if route.api else "data": {}}
        )
        return _outcome(await self.client.request(route.method, route.address, headers=headers, **body))


def _outcome(answer: httpx.Response) -> str:
    led = answer.headers.get("location", "")
    if answer.status_code == 401 or led.startswith("/sign-in?next="):
        return "asked"
    if answer.status_code == 403:
        return "refused"
    return "in" if answer.status_code < 500 else f"broken ({answer.status_code})"


async def visitor(role: str, client: httpx.AsyncClient, people: People) -> Visitor:
    if role == "nobody":
        return Visitor(client, people, None)
    if role in ENTERPRISE:
        return Visitor(client, people, await people.enterprise(role))
    return Visitor(client, people, await people.staff(role, county="340202" if role == Role.COUNTY_ADMIN else ""))


@pytest.mark.parametrize("role", EVERYBODY)
async def test_a_role_gets_into_exactly_what_is_its_own(client: httpx.AsyncClient, people: People, role: str) -> None:
    somebody = await visitor(role, client, people)
    wrong = []
    for route in GUARDED:
        expected = "in" if route.lets_in(role) else "asked" if role == "nobody" else "refused"
        if (got := await somebody.call(route)) != expected:
            wrong.append(f"{route}: {got}, not {expected}")
    assert wrong == []


async def test_a_cookie_is_nothing_to_the_api_and_a_token_nothing_to_a_page(
    client: httpx.AsyncClient, people: People
) -> None:
    admin = await visitor("city_admin", client, people)
    for route in GUARDED:
        assert await admin.call(route, by_cookie=route.api) == "asked", str(route)
