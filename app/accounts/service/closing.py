"""Closing one's own account: what names the person goes at once, what the record needs stays without a name.

The row stays, since others point to it. That closed it, when, and which version of the notice was agreed to is kept.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import LastOwnerLeaves
from app.accounts.models import (
    ApiKey,
    CodeCase,
    Identity,
    MailToken,
    Membership,
    Organisation,
    Person,
    RecoveryCode,
    RoleGrant,
    SigninSession,
)
from app.accounts.rules.rights import Caller, Role
from app.accounts.service.members import take_out
from app.accounts.service.organisations import OWNER, person_of, shut
from app.accounts.service.people import keep_an_administrator
from app.accounts.service.sessions import end_all
from app.audit.service import Object, record

UNSEEN = {"synchronize_session": False}


async def close(session: AsyncSession, caller: Caller, now: datetime) -> list[UUID]:
    """Close the caller's account; the ids of files that belonged to what was still open, to be deleted.

    An organisation of nobody else is closed with it. Raises LastOwnerLeaves for one that has others, and
    LastAdministrator.
    """
    person_id = person_of(caller)
    roles = list(await session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id)))
    if Role.CITY_ADMIN in roles:
        await keep_an_administrator(session, without=person_id)
    left = [await _let_go(session, caller, each, now) for each in await _organisations(session, person_id)]
    files = await _forget_cases(session, person_id)
    await _shut_out(session, person_id, now)
    await _forget_name(session, person_id, now)
    after = {"roles": sorted(roles), "organisations": left}
    await record(session, caller.actor, "person.closed", Object("person", str(person_id)), at=now, before=after)
    return files


async def _organisations(session: AsyncSession, person_id: UUID) -> list[Organisation]:
    """Those that the person acts for, locked in one order, so that two who close at once don't wait for each other."""
    theirs = select(Membership.organisation_id).where(Membership.person_id == person_id)
    found = await session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(theirs))
        .order_by(Organisation.id)
        .with_for_update(key_share=True)
    )
    return list(found)


async def _let_go(session: AsyncSession, caller: Caller, organisation: Organisation, now: datetime) -> UUID:
    """Leave it, or close it when nobody else is in it."""
    person_id = person_of(caller)
    member = await session.get(Membership, (organisation.id, person_id), populate_existing=True)
    others = Membership.organisation_id == organisation.id, Membership.person_id != person_id
    if member is None or organisation.closed_at:
        return organisation.id
    if not await session.scalar(select(func.count()).where(*others)):
        await shut(session, caller, organisation, now)
    elif member.role == OWNER and not await session.scalar(
        select(func.count()).where(*others, Membership.role == OWNER)
    ):
        raise LastOwnerLeaves(organisation=organisation.name)
    else:
        await take_out(session, caller, member, now)
    return organisation.id


async def _forget_cases(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Codes that staff haven't looked at yet are for nobody any more; a decision stays on record."""
    waiting = delete(CodeCase).where(CodeCase.person_id == person_id, CodeCase.decided_at.is_(None))
    files = (await session.execute(waiting.returning(CodeCase.file_id), execution_options=UNSEEN)).scalars()
    return [file_id for file_id in files if file_id]


async def _shut_out(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Every way in: identities, codes, roles, keys, sessions, links."""
    for kind in (Identity, RecoveryCode, RoleGrant):
        await session.execute(delete(kind).where(kind.person_id == person_id), execution_options=UNSEEN)
    keys = update(ApiKey).where(ApiKey.person_id == person_id)
    await session.execute(
        keys.values(name="", revoked_at=func.coalesce(ApiKey.revoked_at, now)), execution_options=UNSEEN
    )
    await end_all(session, person_id, now)
    sessions = update(SigninSession).where(SigninSession.person_id == person_id)
    await session.execute(sessions.values(address="", agent=""), execution_options=UNSEEN)
    mine = select(Person.email).where(Person.id == person_id).scalar_subquery()
    theirs = or_(MailToken.person_id == person_id, MailToken.email == mine)
    await session.execute(delete(MailToken).where(theirs), execution_options=UNSEEN)


async def _forget_name(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    nobody = {
        "username": None,
        "email": None,
        "name": "",
        "mobile": None,
        "password_hash": None,
        "password_changed_at": None,
        "totp_sealed": None,
        "totp_confirmed_at": None,
        "totp_last_step": None,
        "closed_at": now,
    }
    await session.execute(update(Person).where(Person.id == person_id).values(nobody), execution_options=UNSEEN)
    session.expire_all()
