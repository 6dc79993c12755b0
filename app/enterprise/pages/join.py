"""An invitation taken up: the page says who invites to what, and for which address; an account is made on the way.

Looking at the link spends nothing, since mail scanners look too.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Form, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller
from app.accounts.errors import LinkSpent, OtherAddress
from app.accounts.models import Organisation, Person
from app.accounts.rules.rights import Caller
from app.accounts.service import links, members
from app.enterprise.pages.frame import Acting, Now, address, see, shown
from app.enterprise.words import ROLE_HINTS, ROLES
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.notify.rules import masked

router = Door(route_class=RetryingRoute)


@router.get("/join/{token}")
async def look(request: Request, caller: CurrentCaller, session: Reading, now: Now, token: str) -> Response:
    return await page_of(request, caller, session, token, now)


@router.post("/organisation/join")
async def join(call: Acting, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    try:
        joined = await members.join(call.session, call.caller, token, call.now)
    except (OtherAddress, LinkSpent):
        return await page_of(call.request, call.caller, call.session, token, call.now)
    return see(f"{address(joined)}?done=joined")


async def page_of(request: Request, caller: Caller, session: AsyncSession, token: str, now: datetime) -> Response:
    """What the invitation is, and the next step of whoever looks at it. Raises LinkSpent."""
    link = await links.look(session, "join", token, now)
    organisation = await session.scalar(
        select(Organisation).where(Organisation.id == link.organisation_id, Organisation.closed_at.is_(None))
    )
    if organisation is None:
        raise LinkSpent
    mine = await session.scalar(select(Person.email).where(Person.id == caller.person_id)) if caller.signed_in else None
    context = {
        "organisation": organisation,
        "inviter": await session.scalar(select(Person.name).where(Person.id == link.made_by)) or "",
        "role": ROLES[link.role or "delegate"],
        "role_hint": ROLE_HINTS[link.role or "delegate"],
        "until": link.expires_at,
        # Whoever isn't the invited learns of the address only as much as it takes to find the right account.
        "email": link.email if mine == link.email else masked(link.email),
        "fits": mine == link.email,
        "member": organisation.id in caller.organisation_ids,
        "token": token,
        "here_path": members.JOIN_PATH.format(secret=token),
    }
    response = shown(request, "join.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address opens the invitation
    return response
