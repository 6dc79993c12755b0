"""What the city's administrators do with enterprise accounts, on evidence: an owner, the code, an end."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import AlreadyMember, OrganisationTaken
from app.accounts.models import MailToken, Membership, Organisation, Person
from app.accounts.rules.rights import Caller, Permission
from app.accounts.service import links, members
from app.accounts.service.organisations import DELEGATE, OWNER, TAKEN, about
from app.accounts.service.sessions import end_all
from app.audit.service import record
from app.kit.db import violated
from app.kit.problems import FieldError, Forbidden, Invalid, NotFound
from app.kit.text import MESSAGES
from app.kit.uscc import UsccCheck, UsccProblem, check
from app.notify.letters import Letterhead
from app.notify.rules import masked
from app.notify.service import post

Appointed = Literal["owner", "owner_invited"]


async def appoint_owner(
    session: AsyncSession,
    caller: Caller,
    organisation_id: UUID,
    email: str,
    head: Letterhead,
    *,
    now: datetime,
    reason: str,
    alone: bool,
) -> Appointed:
    """Make whoever has this mail address an owner, on evidence; `alone`: other owners become delegates.

    Who has no account is invited to become an owner; then the others stay as they are. Nobody does this for
    themselves. Raises NotFound, Forbidden, AlreadyMember for who is an owner already.
    """
    organisation = await _managed(session, caller, organisation_id)
    address = email.lower()
    known = Person.email == address, Person.closed_at.is_(None), Person.disabled_at.is_(None)
    person = await session.scalar(select(Person).where(*known))
    if person is None:
        return await _invite(session, caller, organisation, address, head, now=now, reason=reason)
    if person.id == caller.person_id:
        raise Forbidden
    await _make_owner(session, organisation.id, person.id, now)
    replaced = await _make_delegates(session, organisation.id, person.id, now) if alone else []
    after = {"person": person.id, "email": masked(address), "role": OWNER, "delegates_now": sorted(map(str, replaced))}
    action = "organisation.owner_appointed"
    await record(session, caller.actor, action, about(organisation.id), at=now, after=after, reason=reason)
    return "owner"


async def close(session: AsyncSession, caller: Caller, organisation_id: UUID, now: datetime, *, reason: str) -> None:
    """Nobody acts for it any more, and its code is free; requests stay. Raises NotFound, Forbidden."""
    organisation = await _managed(session, caller, organisation_id)
    organisation.closed_at = now
    await session.flush()
    await links.withdraw(session, "join", now, MailToken.organisation_id == organisation.id)
    acting = delete(Membership).where(Membership.organisation_id == organisation.id).returning(Membership.person_id)
    people = list((await session.execute(acting.execution_options(synchronize_session=False))).scalars())
    for person_id in people:
        await end_all(session, person_id, now)
    before = {"people": sorted(map(str, people))}
    on = about(organisation.id)
    await record(session, caller.actor, "organisation.closed", on, at=now, before=before, reason=reason)


async def correct_code(
    session: AsyncSession, caller: Caller, organisation_id: UUID, uscc: str, now: datetime, *, reason: str
) -> None:
    """Another credit code, on evidence: then also one whose check digits don't fit.

    Raises NotFound, Forbidden, OrganisationTaken, and Invalid for a code of wrong length or letters.
    """
    organisation = await _managed(session, caller, organisation_id)
    found = check(uscc)
    if found.problem in {UsccProblem.LENGTH, UsccProblem.CHARACTER}:
        raise Invalid(errors=[_fault(found)])
    before = organisation.uscc
    if before == found.code:
        return
    try:
        async with session.begin_nested():  # which writes what is pending: so the change begins inside
            organisation.uscc = found.code
            await session.flush()
    except IntegrityError as error:
        if violated(error) == TAKEN:
            raise OrganisationTaken from error
        raise
    changed = {"uscc": before}, {"uscc": found.code, "check_digits_fit": found.ok}
    await record(
        session,
        caller.actor,
        "organisation.code_corrected",
        about(organisation.id),
        at=now,
        before=changed[0],
        after=changed[1],
        reason=reason,
    )


def _fault(found: UsccCheck) -> FieldError:
    code, misfit = str(found.problem), next(iter(found.misfits), None)
    data = {"place": misfit.place, "character": misfit.character} if misfit else {"length": len(found.code)}
    return FieldError("uscc", code, MESSAGES[code], data)


async def _managed(session: AsyncSession, caller: Caller, organisation_id: UUID) -> Organisation:
    """The organisation, open and locked. Raises NotFound, Forbidden for one of the caller's own."""
    scope = caller.scope(Permission.ORGANISATIONS_MANAGE)
    organisation = await session.get(Organisation, organisation_id, with_for_update={"key_share": True})
    if organisation is None or organisation.closed_at or not scope.everything:
        raise NotFound
    if organisation_id in caller.organisation_ids:
        raise Forbidden
    return organisation


async def _make_owner(session: AsyncSession, organisation_id: UUID, person_id: UUID, now: datetime) -> None:
    member = await session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if member is None:
        session.add(Membership(organisation_id=organisation_id, person_id=person_id, role=OWNER, since=now))
    elif member.role == OWNER:
        raise AlreadyMember
    else:
        member.role = OWNER
    await session.flush()
    await end_all(session, person_id, now)


async def _make_delegates(session: AsyncSession, organisation_id: UUID, but: UUID, now: datetime) -> list[UUID]:
    """The other owners, who manage nobody from now on; invitations that they have sent end."""
    others = Membership.organisation_id == organisation_id, Membership.role == OWNER, Membership.person_id != but
    lowered = update(Membership).where(*others).values(role=DELEGATE).returning(Membership.person_id)
    people = list((await session.execute(lowered.execution_options(synchronize_session=False))).scalars())
    for person_id in people:
        await end_all(session, person_id, now)
    await links.withdraw(session, "join", now, MailToken.organisation_id == organisation_id)
    return people


async def _invite(
    session: AsyncSession,
    caller: Caller,
    organisation: Organisation,
    email: str,
    head: Letterhead,
    *,
    now: datetime,
    reason: str,
) -> Appointed:
    mine = MailToken.organisation_id == organisation.id, MailToken.email == email
    await links.withdraw(session, "join", now, *mine)
    made = await links.make(
        session, "join", email, now, organisation_id=organisation.id, role=OWNER, made_by=caller.person_id
    )
    letter = members.invitation_letter(caller.name, organisation.name, made.secret)
    text, key, kind = letter.text(head), f"join:{made.id}", "organisation.invitation"
    await post(session, kind=kind, key=key, to=email, subject=letter.subject, text=text, at=now)
    after = {"invitation": made.id, "email": masked(email), "role": OWNER}
    on = about(organisation.id)
    await record(session, caller.actor, "invitation.sent", on, at=now, after=after, reason=reason)
    return "owner_invited"
