"""What the pages of one's own account share: who it is, the fresh proof for sensitive forms, how a page is shown."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SESSION_COOKIE, SignedIn
from app.accounts.errors import CodeWrong, SignInNeeded
from app.accounts.models import Person
from app.accounts.rules.rights import Caller
from app.accounts.service import proof
from app.accounts.service.locks import Locks
from app.accounts.service.second_factor import prove
from app.accounts.sessions import Callers, Timeouts
from app.config import Settings
from app.kit.clock import now as clock_now
from app.kit.db import Writing
from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _
from app.kit.passwords import Passwords
from app.kit.problems import Unavailable
from app.kit.sealing import Sealer
from app.web.client import address_of, network_of
from app.web.cookies import set_cookie
from app.web.templating import page

SEE_OTHER, FORM_AGAIN = 303, 422
NOT_TO_KEEP = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Own:
    """One call of a page of the caller's own account."""

    request: Request
    caller: Caller
    session: AsyncSession
    now: datetime

    @property
    def person_id(self) -> UUID:
        if self.caller.person_id is None:
            raise SignInNeeded
        return self.caller.person_id

    @property
    def session_id(self) -> UUID:
        return UUID(self.caller.via)

    @property
    def sealer(self) -> Sealer:
        sealer: Sealer = self.request.app.state.sealer
        return sealer

    @property
    def passwords(self) -> Passwords:
        passwords: Passwords = self.request.app.state.passwords
        return passwords

    @property
    def timeouts(self) -> Timeouts:
        callers: Callers = self.request.app.state.callers
        return callers.timeouts

    async def person(self) -> Person:
        """The caller, as the database has it."""
        return await self.session.get_one(Person, self.person_id)

    async def locked(self) -> Person:
        """The same; whoever else wants to change this person waits until the end of the transaction."""
        return await self.session.get_one(Person, self.person_id, with_for_update=True)

    async def asked(self, person: Person) -> proof.Asked:
        return await proof.asked(self.session, person, self.session_id, self.now)

    @property
    def locks(self) -> Locks:
        settings: Settings = self.request.app.state.settings
        return Locks(self.request.app.state.database, settings.secret_key, settings.accounts.failures_allowed)

    async def proven(self, person: Person, typed: str) -> str:
        """Empty when the fresh proof is given, else the sentence for its field. Raises SignInLocked, Unavailable."""
        what = await self.asked(person)
        if what == "password" and not typed:
            return _("Enter your current password.")
        try:
            async with self.guessing("code" if what == "code" else "again"):
                await proof.Keys(self.passwords, self.sealer).demand(self.session, person, what, typed, self.now)
        except CodeWrong:
            return str(WRONG[what])
        return ""

    async def code(self, person: Person, typed: str) -> None:
        """A code of the second factor. Raises CodeWrong, SignInLocked."""
        async with self.guessing("code"):
            if await prove(self.session, self.sealer, person, typed, self.now) is None:
                raise CodeWrong

    @asynccontextmanager
    async def guessing(self, what: str) -> AsyncIterator[None]:
        """An attempt that is counted before it is looked at, as when signing in. Raises SignInLocked.

        `what`: "code" for codes of the second factor, counted together with those of signing in; "again" for the
        password. Right is what raises nothing.
        """
        attempt = await self.locks.attempt(f"{what}:{self.person_id}", network_of(address_of(self.request)), self.now)
        try:
            yield
        except Unavailable:
            await self.locks.untried(attempt)
            raise
        await self.locks.right(attempt)

    def show(self, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
        """A page that no cache keeps; `again`: a form with what is wrong."""
        status = FORM_AGAIN if again else 200
        full = {"current": self.request.url.path, **context}
        return page(self.request, f"accounts/{name}", full, status_code=status, headers=NOT_TO_KEEP)

    def renewed(self, response: Response, secret: str) -> Response:
        """The browser gets the new secret of its session."""
        set_cookie(self.request, response, SESSION_COOKIE, secret)
        return response


WRONG: Mapping[proof.Asked, LazyString] = {
    "password": lazy("This is not your current password."),
    "code": CodeWrong.detail,
    "sign-in": lazy("Please sign out and sign in again; then this can be changed for ten minutes."),
}


async def own(
    request: Request, caller: SignedIn, session: Writing, now: Annotated[datetime, Depends(clock_now)]
) -> Own:
    return Own(request, caller, session, now)


Mine = Annotated[Own, Depends(own)]


def see(path: str) -> RedirectResponse:
    """Post, redirect, get."""
    return RedirectResponse(path, SEE_OTHER, NOT_TO_KEEP)
