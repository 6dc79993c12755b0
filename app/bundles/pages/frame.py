"""What the pages of one bundle share: who may look, how it is shown, and where it sends on to."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.bundles.errors import BundleUnknown
from app.bundles.finding import Around, CurrentAround, opened_here
from app.bundles.models import Bundle
from app.bundles.queries import BundleView, spelled
from app.bundles.service import Doer
from app.kit.db import Reading, RetryingRoute, WriteSession, Writing
from app.kit.i18n import gettext as _
from app.requests.answers import NOT_TO_KEEP
from app.web.templating import page

SEE_OTHER, FORM_AGAIN = 303, 422


def address(reference: str, *parts: str) -> str:
    """The path of a bundle's page."""
    return "/".join(("/bundles", reference, *parts))


def see(path: str) -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)


class BundleRoute(RetryingRoute):
    """Asks for the access code where it has not been shown: nobody learns whether there is such a bundle."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def asking(request: Request) -> Response:
            try:
                return await handler(request)
            except BundleUnknown:
                reference = spelled(request.path_params["reference"]) or request.path_params["reference"].strip()
                if request.method == "GET" and request.url.path == address(reference):
                    return ask(request, reference)
                return see(address(reference))

        return asking


def ask(request: Request, reference: str, *, wrong: bool = False) -> HTMLResponse:
    """The page that asks for the access code of one bundle."""
    errors = {"code": _("No package has this reference and access code.")} if wrong else {}
    context = {"reference": reference, "errors": errors}
    status = FORM_AGAIN if wrong else 200
    return page(request, "bundles/code.html", context, status_code=status, headers=NOT_TO_KEEP)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a page of a bundle."""

    request: Request
    session: AsyncSession
    caller: Caller
    around: Around
    reference: str

    @property
    def doer(self) -> Doer:
        return Doer(self.caller.actor, self.caller.person_id, self.around.now)

    def address(self, *parts: str) -> str:
        return address(self.reference, *parts)

    async def bundle(self, *, lock: bool = False) -> Bundle:
        """Raises BundleUnknown, which asks for the code."""
        permission = Permission.REQUESTS_CHANGE if lock else Permission.REQUESTS_READ
        return await opened_here(self.request, self.session, self.caller, self.reference, permission, lock=lock)

    async def open(self, *, lock: bool = False) -> BundleView:
        return await self.around.view(self.session, await self.bundle(lock=lock))

    def show(self, name: str, context: dict[str, Any], *, again: bool = False) -> HTMLResponse:
        status = FORM_AGAIN if again else 200
        full = {"here_path": self.address(), **context}
        return page(self.request, f"bundles/{name}", full, status_code=status, headers=NOT_TO_KEEP)


@dataclass(frozen=True, slots=True)
class Edit(Call):
    """The same with a session that may write."""

    session: WriteSession


Typed = Annotated[str, Path(max_length=60)]


async def looking(
    *, request: Request, reference: Typed, session: Reading, caller: CurrentCaller, around: CurrentAround
) -> Call:
    return Call(request, session, caller, around, spelled(reference) or reference.strip())


async def changing(
    *, request: Request, reference: Typed, session: Writing, caller: CurrentCaller, around: CurrentAround
) -> Edit:
    return Edit(request, session, caller, around, spelled(reference) or reference.strip())


Looking = Annotated[Call, Depends(looking)]
Changing = Annotated[Edit, Depends(changing)]
