"""What somebody changes about the own account. The fresh proof is asked before, by the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import LinkSpent, NameTaken
from app.accounts.models import MailToken, Membership, Organisation, Person
from app.accounts.service import links
from app.accounts.service.notices import tell
from app.accounts.service.sessions import end_all
from app.audit.service import Actor, Object, record
from app.kit.db import violated
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.kit.passwords import Passwords, faults
from app.kit.problems import Invalid
from app.notify.letters import Letter, Letterhead
from app.notify.rules import masked
from app.notify.service import post

ADDRESS_TAKEN = "person_email_key"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something to whom, where and when; `person` is locked by the caller."""

    session: AsyncSession
    person: Person
    actor: Actor
    now: datetime

    async def record(self, action: str, before: dict[str, object] | None = None, **after: object) -> None:
        on = Object("person", str(self.person.id))
        await record(self.session, self.actor, action, on, at=self.now, before=before, after=after or None)


async def change_name(doing: Doing, name: str, language: str) -> None:
    """Names are personal, so the record says only that another one was given."""
    person = doing.person
    if (person.name, person.language) == (name, language):
        return
    after = {"language": language, "renamed": person.name != name}
    before: dict[str, object] = {"language": person.language}
    person.name, person.language = name, language
    await doing.record("person.changed", before, **after)


async def change_password(doing: Doing, passwords: Passwords, new: str, head: Letterhead) -> None:
    """A new password; sessions elsewhere end, links to set one anew are withdrawn. Raises Invalid for field `new`."""
    person = doing.person
    about = [person.username or "", person.email or "", *await _organisations(doing.session, person.id)]
    if wrong := faults(new, about=about, field="new"):
        raise Invalid(errors=wrong)
    person.password_hash, person.password_changed_at = await passwords.hash(new), doing.now
    await end_all(doing.session, person.id, doing.now, but=UUID(doing.actor.via))
    await links.withdraw(doing.session, "password", doing.now, MailToken.person_id == person.id)
    await doing.record("person.password_changed")
    await tell(doing.session, person, "password_changed", head, doing.now)


async def _organisations(session: AsyncSession, person_id: UUID) -> list[str]:
    """The names of the organisations that somebody acts for."""
    mine = select(Organisation.name).join(Membership, Membership.organisation_id == Organisation.id)
    return list(await session.scalars(mine.where(Membership.person_id == person_id)))


async def ask_address(doing: Doing, email: str, head: Letterhead) -> None:
    """Send a link to the new address (normalised, lower case). Whether it has an account is told to it alone."""
    taken = await doing.session.scalar(select(Person.id).where(Person.email == email))
    await links.withdraw(doing.session, "address", doing.now, MailToken.person_id == doing.person.id)
    with use_locale(doing.person.language):
        if taken:
            letter, key = _taken_letter(), f"{doing.person.id}:{doing.now.isoformat()}"
        else:
            made = await links.make(doing.session, "address", email, doing.now, person_id=doing.person.id)
            letter, key = _confirm_letter(made.secret), str(made.id)
        text = letter.text(head)
    kind = "account.address"
    await post(doing.session, kind=kind, key=f"{kind}:{key}", to=email, subject=letter.subject, text=text, at=doing.now)
    await doing.record("person.address_asked", address=masked(email))


def _confirm_letter(secret: str) -> Letter:
    return Letter(
        subject=_("Confirm your new mail address"),
        paragraphs=[_("Open this page and confirm that mail about your account goes to this address from now on:")],
        link=f"/account/address/confirm?link={secret}",
        closing=_("The link is good for 24 hours. If you did not ask for it, do nothing."),
    )


def _taken_letter() -> Letter:
    return Letter(
        subject=_("This address has an account already"),
        paragraphs=[
            _("Somebody wanted to use this address for another account. It has one already, so nothing was changed."),
        ],
        closing=_("If that was you, sign in with this address, or use another one."),
    )


async def confirm_address(session: AsyncSession, secret: str, actor: Actor, head: Letterhead, now: datetime) -> None:
    """The address of the link becomes that of its person; the old one is told. Raises LinkSpent, NameTaken."""
    link = await links.spend(session, "address", secret, now)
    person = await session.get_one(Person, link.person_id, with_for_update=True)
    if person.closed_at:
        raise LinkSpent
    old, person.email = person.email, link.email
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError as error:
        if violated(error) != ADDRESS_TAKEN:
            raise
        raise NameTaken from error
    await links.withdraw(session, "password", now, MailToken.person_id == person.id)
    doing = Doing(session, person, actor, now)
    await doing.record("person.address_changed", {"address": masked(old or "")}, address=masked(link.email))
    if old:
        await tell(session, person, "address_changed", head, now, to=old)
