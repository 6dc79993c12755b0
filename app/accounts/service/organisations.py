"""Organisations: made, renamed, closed. Whether the caller may is asked of the database, not of the page before.

Whatever changes who acts for an organisation locks its row first (`owned`), so that two owners who act in the same
moment come one after the other, and the second one is judged by what the first has done.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import OrganisationTaken, SignInNeeded
from app.accounts.models import MailToken, Membership, Organisation
from app.accounts.queries.organisations import accepted_codes
from app.accounts.rules.rights import Caller
from app.accounts.service import links
from app.audit.service import Object, record
from app.kit.db import violated
from app.kit.ids import new_id
from app.kit.problems import FieldError, Forbidden, Invalid, NotFound
from app.kit.text import MESSAGES, TextError
from app.kit.uscc import UsccProblem, normalise, require

TAKEN = "organisation_uscc_key"
OWNER, DELEGATE = "owner", "delegate"


def person_of(caller: Caller) -> UUID:
    """Whose account it is. Raises SignInNeeded."""
    if caller.person_id is None:
        raise SignInNeeded
    return caller.person_id


def about(organisation_id: UUID) -> Object:
    """The organisation, for the record."""
    return Object("organisation", str(organisation_id), organisation_id=organisation_id)


async def code_of(session: AsyncSession, text: str) -> str:
    """The credit code in its one spelling. Raises Invalid: wrong in itself, or in a check digit nobody accepted."""
    try:
        return require(text)
    except TextError as error:
        if error.code == UsccProblem.CHECK_DIGIT and await accepted_codes(session, text):
            return normalise(text)
        raise Invalid(errors=[FieldError("uscc", error.code, MESSAGES[error.code], error.context)]) from error


async def create(session: AsyncSession, caller: Caller, name: str, uscc: str, now: datetime) -> UUID:
    """A new organisation, whose owner the caller is. Raises Invalid for the code, OrganisationTaken."""
    person_id, code = person_of(caller), await code_of(session, uscc)
    made = Organisation(id=new_id(), uscc=code, name=name, created_at=now)
    try:
        async with session.begin_nested():
            session.add(made)
            await session.flush()
    except IntegrityError as error:
        if violated(error) == TAKEN:
            raise OrganisationTaken from error
        raise
    session.add(Membership(organisation_id=made.id, person_id=person_id, role=OWNER, since=now))
    await session.flush()
    after = {"uscc": code, "name": name, "owner": person_id}
    await record(session, caller.actor, "organisation.created", about(made.id), at=now, after=after)
    return made.id


async def rename(session: AsyncSession, caller: Caller, organisation_id: UUID, name: str, now: datetime) -> None:
    """Correct the name, by an owner. The code is for staff to correct. Raises NotFound, Forbidden."""
    organisation = await owned(session, caller, organisation_id)
    if organisation.name == name:
        return
    before, organisation.name = organisation.name, name
    await session.flush()
    changed = {"name": before}, {"name": name}
    await record(
        session,
        caller.actor,
        "organisation.renamed",
        about(organisation_id),
        at=now,
        before=changed[0],
        after=changed[1],
    )


async def close(session: AsyncSession, caller: Caller, organisation_id: UUID, now: datetime) -> None:
    """Close it, by an owner: nobody acts for it any more, its code is free. Raises NotFound, Forbidden."""
    await shut(session, caller, await owned(session, caller, organisation_id), now)


async def shut(session: AsyncSession, caller: Caller, organisation: Organisation, now: datetime) -> None:
    """The same for one that is locked already."""
    organisation.closed_at = now
    await session.flush()
    await links.withdraw(session, "join", now, MailToken.organisation_id == organisation.id)
    theirs = delete(Membership).where(Membership.organisation_id == organisation.id).returning(Membership.person_id)
    people = (await session.execute(theirs.execution_options(synchronize_session=False))).scalars()
    after = {"people": sorted(map(str, people))}
    await record(session, caller.actor, "organisation.closed", about(organisation.id), at=now, after=after)


async def owned(session: AsyncSession, caller: Caller, organisation_id: UUID) -> Organisation:
    """The organisation, locked, which the caller owns. Raises NotFound who isn't of it, Forbidden a delegate."""
    organisation, role = await joined(session, caller, organisation_id)
    if role != OWNER:
        raise Forbidden
    return organisation


async def joined(session: AsyncSession, caller: Caller, organisation_id: UUID) -> tuple[Organisation, str]:
    """The organisation, locked, and as what the caller acts for it. Raises NotFound.

    The role is read by a statement that begins after the lock was got: what another has just changed, counts.
    """
    person_id = person_of(caller)
    mine = select(Membership.role).where(
        Membership.organisation_id == organisation_id, Membership.person_id == person_id
    )
    organisation = await session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id, Organisation.closed_at.is_(None), mine.exists())
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    role = await session.scalar(mine) if organisation else None
    if organisation is None or role is None:
        raise NotFound
    return organisation, role
