"""Whose a request is: claimed by who shows its code, and without a person once theirs is closed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Membership, Organisation
from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound
from app.requests.linked import with_what_was_split_off
from app.requests.models import Request, RequestItem
from app.requests.queries import find
from app.requests.rules import ENDED
from app.stations.snapshot import Network

PERSONAL_ANSWERS = ("site_contact",)
"""Keys of forms whose answers name a person."""
UNSEEN = {"synchronize_session": False}
NAMELESS: dict[str, Any] = {
    "contact_name": "",
    "mobile": "",
    "email": None,
    "note": None,
    "site": None,
    "lon": None,
    "lat": None,
    "given_lon": None,
    "given_lat": None,
    "crs": None,
}


class RequestClaimed(Conflict):
    """Only told to who has shown the access code."""

    code = "request_claimed"
    detail = lazy("This request belongs to another organisation already. If that is wrong, please ask its station.")


async def claim(
    session: AsyncSession,
    network: Network,
    caller: Caller,
    organisation_id: UUID,
    shown: tuple[str, str],
    *,
    secret_key: bytes,
    now: datetime,
) -> str:
    """The request whose reference and access code are shown becomes the organisation's, and with it what was split off
    from it and belongs to nobody; its reference.

    Claiming it again changes nothing. Raises NotFound when the caller doesn't act for the organisation; RequestUnknown
    for an unknown reference and a wrong code alike, after the same work; RequestClaimed.
    """
    if not await session.scalar(select(acts_for(caller, organisation_id))):
        raise NotFound
    request = (await find(session, network, shown, secret_key, lock=True)).request
    if request.organisation_id == organisation_id:
        return request.reference
    taken = await session.execute(
        update(Request)
        .where(with_what_was_split_off([request.reference]), Request.organisation_id.is_(None))
        .where(acts_for(caller, organisation_id))
        .values(organisation_id=organisation_id, person_id=func.coalesce(Request.person_id, caller.person_id))
        .returning(Request.reference, Request.station_id),
        execution_options=UNSEEN,
    )
    claimed = taken.all()
    if request.reference not in {row.reference for row in claimed}:
        raise RequestClaimed
    for row in claimed:
        on = Object("request", row.reference, row.station_id, organisation_id)
        await record(session, caller.actor, "request.claimed", on, at=now, after={"organisation": organisation_id})
    return request.reference


def acts_for(caller: Caller, organisation_id: UUID) -> ColumnElement[bool]:
    """Whether the caller is of the organisation at the moment of the statement."""
    return exists().where(
        Membership.organisation_id == organisation_id,
        Membership.person_id == caller.person_id,
        Organisation.id == Membership.organisation_id,
        Organisation.closed_at.is_(None),
    )


async def anonymise(session: AsyncSession, person_id: UUID, now: datetime) -> list[str]:
    """Take the person out of the requests that it has sent and that are over; their references.

    What was asked for, where and when, stays, as the record of the business and of the organisation.
    """
    theirs = Request.person_id == person_id, Request.status.in_(ENDED), Request.anonymised_at.is_(None)
    rows = await session.execute(
        update(Request).where(*theirs).values(**NAMELESS, anonymised_at=now).returning(Request.id, Request.reference),
        execution_options=UNSEEN,
    )
    found = rows.all()
    for key in PERSONAL_ANSWERS:
        await session.execute(
            update(RequestItem)
            .where(RequestItem.request_id.in_([row.id for row in found]))
            .values(inputs=RequestItem.inputs.op("-")(key)),
            execution_options=UNSEEN,
        )
    return [row.reference for row in found]
