"""Who acts for an organisation: invited, joined, given another role, removed, gone. Never without an owner.

Whoever is invited may have an account or make one on the way; the link is good for the invited address alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import AlreadyMember, LastOwner, LinkSpent, OtherAddress
from app.accounts.models import MailToken, Membership, Organisation, Person
from app.accounts.rules.rights import Caller
from app.accounts.service import links
from app.accounts.service.organisations import OWNER, about, joined, owned, person_of
from app.accounts.service.sessions import end_all
from app.audit.service import record
from app.kit.db import violated
from app.kit.i18n import LOCALES, current_locale, use_locale
from app.kit.i18n import gettext as _
from app.kit.problems import NotFound, TooMany
from app.notify.letters import Letter, Letterhead
from app.notify.rules import masked
from app.notify.service import post

MOST_A_DAY = 50
ONE_DAY = timedelta(days=1)
JOIN_PATH = "/join/{secret}"


async def invite(
    session: AsyncSession,
    caller: Caller,
    organisation_id: UUID,
    email: str,
    role: str,
    *,
    head: Letterhead,
    now: datetime,
) -> UUID:
    """Mail a link to join to `email` (normalised, lower case); earlier ones to it become worthless. By an owner.

    Raises NotFound, Forbidden, AlreadyMember, and TooMany after fifty in a day.
    """
    organisation = await owned(session, caller, organisation_id)
    if await session.scalar(_member_by_mail(organisation_id, email)):
        raise AlreadyMember
    await _count(session, organisation_id, now)
    await links.withdraw(session, "join", now, MailToken.organisation_id == organisation_id, MailToken.email == email)
    made = await links.make(
        session, "join", email, now, organisation_id=organisation_id, role=role, made_by=caller.person_id
    )
    letter = partial(invitation_letter, caller.name, organisation.name, made.secret)
    await _write(session, letter, made, email, head=head, now=now)
    after = {"invitation": made.id, "email": masked(email), "role": role}
    await record(session, caller.actor, "invitation.sent", about(organisation_id), at=now, after=after)
    return made.id


async def resend(
    session: AsyncSession,
    caller: Caller,
    organisation_id: UUID,
    invitation_id: UUID,
    *,
    head: Letterhead,
    now: datetime,
) -> None:
    """The same invitation once more, with a new link and a week from now. Raises as `invite`."""
    token = await _open_invitation(session, caller, organisation_id, invitation_id)
    await invite(session, caller, organisation_id, token.email, token.role or "", head=head, now=now)


async def withdraw(
    session: AsyncSession, caller: Caller, organisation_id: UUID, invitation_id: UUID, now: datetime
) -> None:
    """Make an invitation worthless, by an owner. Raises NotFound, Forbidden."""
    token = await _open_invitation(session, caller, organisation_id, invitation_id)
    await links.withdraw(session, "join", now, MailToken.id == token.id)
    before = {"invitation": token.id, "email": masked(token.email), "role": token.role}
    await record(session, caller.actor, "invitation.withdrawn", about(organisation_id), at=now, before=before)


async def join(session: AsyncSession, caller: Caller, secret: str, now: datetime) -> UUID:
    """Take up an invitation; the organisation joined. Who belongs to it already keeps the role.

    Raises LinkSpent, and OtherAddress when it was sent to another address than the account's.
    """
    person_id = person_of(caller)
    link = await links.look(session, "join", secret, now)
    if await session.scalar(select(Person.email).where(Person.id == person_id)) != link.email:
        raise OtherAddress
    organisation = await session.scalar(
        select(Organisation)
        .where(Organisation.id == link.organisation_id, Organisation.closed_at.is_(None))
        .with_for_update(key_share=True)
    )
    if organisation is None:
        raise LinkSpent
    link = await links.spend(session, "join", secret, now)
    if await _add(session, organisation.id, person_id, link.role or "", now):
        after = {"person": person_id, "role": link.role, "invited_by": link.made_by}
        await record(session, caller.actor, "membership.added", about(organisation.id), at=now, after=after)
    return organisation.id


async def _add(session: AsyncSession, organisation_id: UUID, person_id: UUID, role: str, now: datetime) -> bool:
    """Whether the person wasn't a member before."""
    try:
        async with session.begin_nested():
            session.add(Membership(organisation_id=organisation_id, person_id=person_id, role=role, since=now))
            await session.flush()
    except IntegrityError as error:
        if violated(error) != "membership_pkey":
            raise
        return False
    return True


async def change_role(
    session: AsyncSession, caller: Caller, organisation_id: UUID, person_id: UUID, role: str, *, now: datetime
) -> None:
    """Make somebody owner or delegate, by an owner. Raises NotFound, Forbidden, LastOwner."""
    await owned(session, caller, organisation_id)
    member = await _member(session, organisation_id, person_id)
    if member.role == role:
        return
    await keep_an_owner(session, member)
    before, member.role = member.role, role
    await session.flush()
    await renounce(session, caller, member, now)
    changed = {"person": person_id, "role": before}, {"person": person_id, "role": role}
    await record(
        session, caller.actor, "membership.changed", about(organisation_id), at=now, before=changed[0], after=changed[1]
    )


async def remove(session: AsyncSession, caller: Caller, organisation_id: UUID, person_id: UUID, now: datetime) -> None:
    """Take somebody out, by an owner. Raises NotFound, Forbidden, LastOwner."""
    await owned(session, caller, organisation_id)
    await take_out(session, caller, await _member(session, organisation_id, person_id), now)


async def leave(session: AsyncSession, caller: Caller, organisation_id: UUID, now: datetime) -> None:
    """Act for it no longer. Raises NotFound, LastOwner."""
    await joined(session, caller, organisation_id)
    await take_out(session, caller, await _member(session, organisation_id, person_of(caller)), now)


async def take_out(session: AsyncSession, caller: Caller, member: Membership, now: datetime) -> None:
    await keep_an_owner(session, member)
    await session.delete(member)
    await session.flush()
    await renounce(session, caller, member, now)
    before = {"person": member.person_id, "role": member.role}
    await record(session, caller.actor, "membership.removed", about(member.organisation_id), at=now, before=before)


async def keep_an_owner(session: AsyncSession, member: Membership) -> None:
    """Raises LastOwner when nobody else owns the organisation, whose row is locked."""
    if member.role != OWNER:
        return
    others = select(func.count()).where(
        Membership.organisation_id == member.organisation_id,
        Membership.role == OWNER,
        Membership.person_id != member.person_id,
    )
    if not await session.scalar(others):
        raise LastOwner


async def renounce(session: AsyncSession, caller: Caller, member: Membership, now: datetime) -> None:
    """What hung on the role: the person's sessions (not the one in use), and the invitations that it has sent."""
    if member.person_id != caller.person_id:
        await end_all(session, member.person_id, now)
    theirs = MailToken.organisation_id == member.organisation_id, MailToken.made_by == member.person_id
    await links.withdraw(session, "join", now, *theirs)


async def _member(session: AsyncSession, organisation_id: UUID, person_id: UUID) -> Membership:
    found: Membership | None = await session.get(Membership, (organisation_id, person_id), populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def _open_invitation(
    session: AsyncSession, caller: Caller, organisation_id: UUID, invitation_id: UUID
) -> MailToken:
    """Raises NotFound, Forbidden; whose invitation it is, is asked of the query."""
    await owned(session, caller, organisation_id)
    token: MailToken | None = await session.scalar(
        select(MailToken).where(
            MailToken.id == invitation_id,
            MailToken.organisation_id == organisation_id,
            MailToken.purpose == "join",
            MailToken.used_at.is_(None),
            MailToken.withdrawn_at.is_(None),
        )
    )
    if token is None:
        raise NotFound
    return token


def _member_by_mail(organisation_id: UUID, email: str) -> Select[UUID]:
    return (
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id, Person.email == email)
    )


async def _count(session: AsyncSession, organisation_id: UUID, now: datetime) -> None:
    """Raises TooMany: an invitation is a mail to a stranger, in our name."""
    sent = select(func.count()).where(
        MailToken.organisation_id == organisation_id, MailToken.created_at > now - ONE_DAY
    )
    if (await session.scalar(sent) or 0) >= MOST_A_DAY:
        raise TooMany(retry_after=int(ONE_DAY.total_seconds()))


async def _write(
    session: AsyncSession,
    letter: Callable[[], Letter],
    made: links.Made,
    email: str,
    *,
    head: Letterhead,
    now: datetime,
) -> None:
    """In the language of who has an account, else in that of who invites."""
    known = await session.scalar(select(Person.language).where(Person.email == email, Person.closed_at.is_(None)))
    with use_locale(known if known and known in LOCALES else current_locale()):
        written = letter()
        await post(
            session,
            kind="organisation.invitation",
            key=f"join:{made.id}",
            to=email,
            subject=written.subject,
            text=written.text(head),
            at=now,
        )


def invitation_letter(inviter: str, organisation: str, secret: str) -> Letter:
    """What the invited reads, in the language of the moment."""
    return Letter(
        _("Invitation to act for {organisation}").format(organisation=organisation),
        [
            _(
                "{inviter} invites you to act for {organisation}: to book services for it and to see its requests."
            ).format(inviter=inviter, organisation=organisation),
            _("Open this page, sign in with this mail address or make an account with it, and accept:"),
        ],
        JOIN_PATH.format(secret=secret),
        _("The link is good for 7 days and for this mail address only. If you do not know why you get it, do nothing."),
    )
