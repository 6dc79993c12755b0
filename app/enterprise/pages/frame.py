"""What the pages of this room share: who calls, which organisation, how a page is shown and never kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SignedIn
from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import person_of
from app.kit import clock
from app.kit.db import Reading, Writing
from app.web.templating import page

SEE_OTHER, FORM_AGAIN = 303, 422
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
Now = Annotated[datetime, Depends(clock.now)]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a page by somebody who has signed in."""

    request: Request
    caller: Caller
    session: AsyncSession
    now: datetime

    @property
    def person_id(self) -> UUID:
        return person_of(self.caller)

    def show(self, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
        """A page that no cache keeps; `again`: a form with what is wrong."""
        return shown(self.request, name, context, again=again)


def shown(request: Request, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
    status = FORM_AGAIN if again else 200
    return page(request, f"enterprise/{name}", context, status_code=status, headers=NOT_TO_KEEP)


async def looking(request: Request, caller: SignedIn, session: Reading, now: Now) -> Call:
    return Call(request, caller, session, now)


async def acting(request: Request, caller: SignedIn, session: Writing, now: Now) -> Call:
    return Call(request, caller, session, now)


Looking = Annotated[Call, Depends(looking)]
Acting = Annotated[Call, Depends(acting)]


def address(organisation: UUID, *parts: str) -> str:
    """The path of an organisation's page."""
    return "/".join(("/organisation", str(organisation), *parts))


def see(path: str) -> Response:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)
