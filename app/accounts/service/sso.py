"""Who of ours somebody is whom the single sign-on has identified, and letting that person in.

A link between the two is made the first time, by the mail address: only an address that the provider has verified, and
only to staff, whose accounts administrators make. Nobody gets an account by signing on. Who is linked already under
another subject stays so: an address may have passed to a new colleague.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Identity, Membership, Person, RoleGrant
from app.accounts.service.second_factor import required
from app.accounts.service.sessions import Device, begin
from app.accounts.service.sign_in import Entered, Known, Pending
from app.accounts.sessions import Timeouts
from app.accounts.sso.failures import SsoFailed
from app.accounts.sso.tokens import Proven
from app.audit.service import Actor, Object, record


async def person_of(session: AsyncSession, proven: Proven, address: str, now: datetime) -> Person:
    """Raises SsoFailed, `unknown` or `barred`."""
    linked = select(Person).join(Identity, Identity.person_id == Person.id)
    mine = Identity.issuer == proven.issuer, Identity.subject == proven.subject
    person = await session.scalar(linked.where(*mine)) or await _link(session, proven, address, now)
    if person.disabled_at or person.closed_at:
        raise SsoFailed("barred", "disabled" if person.disabled_at else "closed")
    return person


async def _link(session: AsyncSession, proven: Proven, address: str, now: datetime) -> Person:
    """The member of the staff with the verified address, from now on known by the subject."""
    if not proven.email:
        raise SsoFailed("unknown", "no verified address")
    staff = exists().where(RoleGrant.person_id == Person.id)
    open_account = Person.disabled_at.is_(None), Person.closed_at.is_(None)
    found = select(Person).where(Person.email == proven.email, *open_account, staff).with_for_update()
    person = await session.scalar(found)
    if person is None:
        raise SsoFailed("unknown", "no such staff")
    before = select(Identity.subject).where(Identity.person_id == person.id, Identity.issuer == proven.issuer)
    subject = await session.scalar(before)
    if subject is None:
        await _keep_link(session, proven, person, address, now)
    elif subject != proven.subject:
        raise SsoFailed("unknown", "linked to another subject")
    return person


async def _keep_link(session: AsyncSession, proven: Proven, person: Person, address: str, now: datetime) -> None:
    session.add(Identity(issuer=proven.issuer, subject=proven.subject, person_id=person.id, linked_at=now))
    actor = Actor("person", person.id, person.username or "", address)
    on = Object("person", str(person.id))
    await record(session, actor, "person.identity_linked", on, at=now, after={"issuer": proven.issuer})


async def enter(
    session: AsyncSession, person: Person, device: Device, timeouts: Timeouts, now: datetime, *, strong: bool
) -> Entered | Pending:
    """A session; without a second factor there, one that owes ours where the person has one."""
    if person.totp_confirmed_at and not strong:
        return Pending(await begin(session, person.id, device, timeouts, now, kind="pending", proof="sso"))
    opened = await begin(session, person.id, device, timeouts, now, proof="sso", strong=strong)
    actor = Actor("person", person.id, person.username or person.email or "", device.address, str(opened.id))
    after = {"by": "browser", "proof": "sso", "second_factor": strong}
    await record(session, actor, "person.signed_in", Object("person", str(person.id)), at=now, after=after)
    return Entered(await _known(session, person, strong=strong), opened)


async def _known(session: AsyncSession, person: Person, *, strong: bool) -> Known:
    """The person as signing in needs it; a second factor given there is as good as one here."""
    role = exists().where(RoleGrant.person_id == person.id)
    acts = exists().where(Membership.person_id == person.id)
    staff, member = (await session.execute(select(role, acts))).one()
    return Known(
        id=person.id,
        username=person.username or person.email or "",
        password_hash=person.password_hash,
        has_factor=strong or person.totp_confirmed_at is not None,
        barred="",
        requires_factor=await required(session, person.id),
        staff=staff,
        member=member,
    )


async def refused(session: AsyncSession, failure: SsoFailed, address: str, now: datetime) -> None:
    """On record: what kind of reason, never what was sent."""
    actor, on = Actor("visitor", address=address), Object("person", "unknown")
    reason = f"sso {failure.kind}: {failure.cause}"
    await record(session, actor, "person.sign_in_refused", on, at=now, reason=reason)
