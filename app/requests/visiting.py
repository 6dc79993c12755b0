"""What the pages of a request share: which one it is, and whether whoever looks may see it.

The same pages serve its owner, below /r, and staff, below /office/requests. An owner's browser has shown the access
code, or somebody has signed in whose request it is.
"""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.kit import clock, ids
from app.kit.db import Reading, RetryingRoute, WriteSession, Writing
from app.kit.i18n import gettext as _
from app.requests.answers import NOT_TO_KEEP
from app.requests.correspondence import CurrentLetters
from app.requests.errors import RequestUnknown
from app.requests.letters import Letters
from app.requests.opened import Opened
from app.requests.queries import RequestView, find, find_reached, open_by_reference, open_through
from app.requests.reach import as_staff, reach_of
from app.requests.rules import REFERENCE_PREFIX, Party
from app.requests.service import Changes
from app.stations.snapshot import CurrentNetwork, Network
from app.web.client import get_clients
from app.web.templating import page

SEE_OTHER, FORM_AGAIN = 303, 422
PUBLIC, OFFICE = "/r", "/office/requests"
Now = Annotated[datetime, Depends(clock.now)]


class NotOpenedError(Exception):
    """This browser has not shown the request's access code, or not lately. Nobody learns whether there is one."""


class ForStaffError(Exception):
    """Whoever has signed in may see it as staff only, on the office's page."""


class FollowRoute(RetryingRoute):
    """Asks for the access code where it has not been shown, and leads staff to their own page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def asking(request: Request) -> Response:
            try:
                return await handler(request)
            except ForStaffError:
                return see(address(request.path_params["reference"], base=OFFICE))
            except NotOpenedError:
                reference = request.path_params["reference"]
                if not is_reference(reference):
                    return see(f"/find?{urlencode({'reference': reference})}")
                if request.method == "GET" and request.url.path == address(reference):
                    return ask(request, reference)
                return see(address(reference))

        return asking


@dataclass(frozen=True, slots=True)
class Visitor:
    """One call of a request's page. The reference is in its one spelling, or as typed when it is none."""

    request: Request
    session: AsyncSession
    network: Network
    now: datetime
    reference: str
    caller: Caller
    permission: Permission = Permission.REQUESTS_READ

    @property
    def as_staff(self) -> bool:
        return self.request.url.path == OFFICE or self.request.url.path.startswith(f"{OFFICE}/")

    @property
    def secret_key(self) -> bytes:
        key: bytes = self.request.app.state.settings.secret_key
        return key

    @property
    def party(self) -> Party:
        return Party.STATION if self.as_staff else Party.APPLICANT

    def address(self, page_name: str = "") -> str:
        """The path of this request's page, or of one below it, for whoever looks."""
        return address(self.reference, page_name, base=OFFICE if self.as_staff else PUBLIC)

    async def open(self, *, lock: bool = False) -> RequestView:
        """The request, if it may be seen. Raises NotOpenedError and ForStaffError; RequestUnknown for staff."""
        if self.as_staff:
            reach = as_staff(self.caller, self.permission)
            return await find_reached(self.session, self.network, self.reference, reach, lock=lock)
        try:
            return await self._opened(lock=lock) or await self._own(lock=lock)
        except RequestUnknown as error:
            raise NotOpenedError from error

    async def _opened(self, *, lock: bool) -> RequestView | None:
        """The request if its code was shown here, or that of one from which it was split off."""
        opened = Opened(self.request).references()
        if self.reference in opened:
            return await open_by_reference(self.session, self.network, self.reference, lock=lock)
        if not opened:
            return None
        with suppress(RequestUnknown):
            return await open_through(self.session, self.network, self.reference, opened, lock=lock)
        return None

    def knows_code(self, view: RequestView) -> bool:
        """Whether the code was shown, so that codes of what was split off from it may be told."""
        shown = self.reference in Opened(self.request)
        return shown or not (self.as_staff or reach_of(self.caller, Permission.REQUESTS_READ).owns(view.request))

    async def _own(self, *, lock: bool) -> RequestView:
        """The request of whoever has signed in; one query, also when it is none of theirs."""
        reach = reach_of(self.caller, Permission.REQUESTS_READ)
        if reach.empty:
            raise NotOpenedError
        found = await find_reached(self.session, self.network, self.reference, reach, lock=lock)
        if not reach.owns(found.request):
            raise ForStaffError
        return found

    async def enter(self, code: str) -> Response:
        """Onward to the request with the cookie that opens it. Raises RequestUnknown."""
        found = await find(self.session, self.network, (self.reference, code), self.secret_key)
        response = see(address(found.request.reference))
        Opened(self.request).remember(response, found.request.reference)
        get_clients(self.request).ensure(self.request, response)
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor(Visitor):
    """The same with a session that may write."""

    session: WriteSession
    letters: Letters

    @property
    def changes(self) -> Changes:
        return Changes(
            self.session,
            self.network,
            self.now,
            self.caller.actor,
            self.letters,
            by_station=self.as_staff,
            secret_key=self.secret_key,
        )


def is_reference(text: str) -> bool:
    """Whether a reference could be written like this; nothing is said of whether there is one."""
    try:
        ids.parse_reference(text, REFERENCE_PREFIX)
    except ids.ReferenceFormatError:
        return False
    return True


def spelled(reference: str) -> str:
    """The reference in its one spelling; what is none stays as typed."""
    return ids.parse_reference(reference, REFERENCE_PREFIX) if is_reference(reference) else reference.strip()


TypedReference = Annotated[str, Path(max_length=60)]


async def looking(
    *,
    request: Request,
    reference: TypedReference,
    session: Reading,
    network: CurrentNetwork,
    now: Now,
    caller: CurrentCaller,
) -> Visitor:
    request.state.mark = request.app.state.live.mark  # before anything is read: what changes later is told
    return Visitor(request, session, network, now, spelled(reference), caller)


async def choosing(visitor: Annotated[Visitor, Depends(looking)]) -> Visitor:
    """The same on the way to a change: staff need to be allowed that there."""
    return replace(visitor, permission=Permission.REQUESTS_CHANGE)


async def changing(
    *,
    request: Request,
    reference: TypedReference,
    session: Writing,
    network: CurrentNetwork,
    letters: CurrentLetters,
    now: Now,
    caller: CurrentCaller,
) -> Editor:
    request.state.mark = request.app.state.live.mark
    return Editor(
        request=request,
        session=session,
        network=network,
        letters=letters,
        now=now,
        reference=spelled(reference),
        caller=caller,
        permission=Permission.REQUESTS_CHANGE,
    )


Looking = Annotated[Visitor, Depends(looking)]
Choosing = Annotated[Visitor, Depends(choosing)]
Changing = Annotated[Editor, Depends(changing)]


def address(reference: str, page_name: str = "", *, base: str = PUBLIC) -> str:
    """The path of a request's page."""
    return f"{base}/{reference}" + (f"/{page_name}" if page_name else "")


def see(path: str) -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)


def private(request: Request, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    """A page that no cache keeps."""
    return page(request, f"requests/{name}", context, status_code=status_code, headers=NOT_TO_KEEP)


def ask(request: Request, reference: str, *, wrong: bool = False) -> HTMLResponse:
    """The page that asks for the access code of one request."""
    errors = {"code": _("No request has this reference and access code.")} if wrong else {}
    context = {"reference": spelled(reference), "errors": errors}
    return private(request, "code.html", context, status_code=FORM_AGAIN if wrong else 200)
