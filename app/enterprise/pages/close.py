"""Closing one's own account: what goes, what the law wants kept, the fresh proof, and then at once."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SESSION_COOKIE
from app.accounts.errors import CodeWrong, LastAdministrator, LastOwner
from app.accounts.letterhead import Head
from app.accounts.models import Person
from app.accounts.queries.organisations import all_mine
from app.accounts.rules.rights import NOBODY
from app.accounts.service import closing, proof
from app.accounts.service.locks import Locks
from app.bundles.service import forget as forget_bundles
from app.config import Settings
from app.enterprise.letters import tell_of_closing
from app.enterprise.pages.frame import Acting, Call, Looking
from app.feeds.service import revoke_all
from app.files.models import StoredFile
from app.files.service import remove
from app.inbox.service import forget as forget_views
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Unavailable
from app.notify.letters import Letterhead
from app.reports.service import forget as forget_reports
from app.requests.claims import anonymise
from app.requests.models import Request as RequestRow
from app.requests.rules import ENDED
from app.web.client import address_of, network_of
from app.web.cookies import delete_cookie

router = Door(route_class=RetryingRoute)
HERE = "/account/close"


@router.get(HERE)
async def ask(call: Looking) -> Response:
    return await close_page(call, {})


@router.post(HERE)
async def close(
    call: Acting,
    head: Head,
    typed: Annotated[str, Form(alias="proof", max_length=1000)] = "",
    sure: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    errors = {} if sure == "yes" else {"sure": _("Tick the box, so that nothing is closed by mistake.")}
    if not errors and (wrong := await unproven(call, typed)):
        errors["proof"] = wrong
    if not errors:
        try:
            async with call.session.begin_nested():  # what was proven stays used up, whatever comes of it
                await finish(call, head)
        except (LastOwner, LastAdministrator) as problem:
            errors[""] = problem.sentence()
    if errors:
        return await close_page(call, errors)
    call.request.state.caller = NOBODY  # whom the page greets
    response = call.show("closed.html", {})
    delete_cookie(call.request, response, SESSION_COOKIE)
    return response


async def unproven(call: Call, typed: str) -> str:
    """Empty once whoever sits there has proved to be the person, else the sentence for the field.

    Attempts are counted as when signing in. Raises SignInLocked, Unavailable.
    """
    person = await call.session.get_one(Person, call.person_id)
    asked = await proof.asked(call.session, person, UUID(call.caller.via), call.now)
    if asked == "sign-in":
        return _("Please sign out and sign in again; then you can close the account for ten minutes.")
    settings: Settings = call.request.app.state.settings
    locks = Locks(call.request.app.state.database, settings.secret_key, settings.accounts.failures_allowed)
    what = "code" if asked == "code" else "again"
    network = network_of(address_of(call.request))
    attempt = await locks.attempt(f"{what}:{call.person_id}", network, call.now)
    keys = proof.Keys(call.request.app.state.passwords, call.request.app.state.sealer)
    try:
        await keys.demand(call.session, person, asked, typed, call.now)
    except CodeWrong:
        return _("This is not right. Please type it again.")
    except Unavailable:
        await locks.untried(attempt)
        raise
    await locks.right(attempt)
    return ""


async def finish(call: Call, head: Letterhead) -> None:
    """The last mail and the requests that are over first, while it is known whose they are; then the account."""
    await tell_of_closing(call.session, await call.session.get_one(Person, call.person_id), head, call.now)
    await anonymise(call.session, call.person_id, call.now)
    await revoke_all(call.session, call.person_id, call.now)
    await forget_bundles(call.session, call.person_id)
    await forget_views(call.session, call.person_id)
    await forget_reports(call.session, call.person_id)
    for file_id in await closing.close(call.session, call.caller, call.now):
        await remove(call.session, await call.session.get_one(StoredFile, file_id), call.now)


async def close_page(call: Call, errors: dict[str, str]) -> Response:
    person = await call.session.get_one(Person, call.person_id)
    context = {
        "asked": await proof.asked(call.session, person, UUID(call.caller.via), call.now),
        "organisations": await all_mine(call.session, call.caller),
        "going_on": await going_on(call.session, call),
        "errors": errors,
    }
    return call.show("close_account.html", context, again=bool(errors))


async def going_on(session: AsyncSession, call: Call) -> int:
    """How many requests of the person aren't over yet."""
    theirs = RequestRow.person_id == call.person_id, RequestRow.status.not_in(ENDED)
    return await session.scalar(select(func.count()).where(*theirs)) or 0
