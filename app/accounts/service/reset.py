"""A new password by a link that was mailed: for who has forgotten it, and for staff who never had one.

The answer to who asks, and the statements on the way to it, are the same for every address; also an address without an
account gets a mail, so that its owner, who may have used another one, needn't wait for nothing.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import LinkSpent
from app.accounts.models import MailToken, Person
from app.accounts.service import links
from app.accounts.service.keys import revoke_all
from app.accounts.service.notices import tell
from app.accounts.service.sessions import end_all
from app.audit.service import Actor, Object, record
from app.kit.i18n import gettext as _
from app.kit.i18n import tr, use_locale
from app.notify.letters import Letter, Letterhead
from app.notify.service import post

NEVER = timedelta(0)


async def ask(session: AsyncSession, email: str, language: str, head: Letterhead, now: datetime) -> None:
    """Write to the address (normalised, lower case)."""
    columns = Person.id, Person.language, func.coalesce(Person.disabled_at, Person.closed_at).label("shut_at")
    found = (await session.execute(select(*columns).where(Person.email == email))).first()
    usable = found is not None and found.shut_at is None
    whose = found.id if found and usable else None
    made = await links.make(session, "password", email, now, person_id=whose, lifetime=None if usable else NEVER)
    with use_locale(found.language if found else language):
        letter = _anew(made, head) if usable else _unusable(head, known=found is not None)
        text = letter.text(head)
    await post(
        session, kind="account.password", key=f"account.password:{made.id}", to=email, subject=letter.subject,
        text=text, at=now,
    )  # fmt: skip


async def whose(session: AsyncSession, secret: str, now: datetime) -> Person:
    """Whose password the link sets. Raises LinkSpent, also for somebody whose account was disabled meanwhile."""
    return await _person(session, await links.look(session, "password", secret, now))


async def set_password(
    session: AsyncSession, secret: str, password_hash: str, head: Letterhead, *, address: str, now: datetime
) -> Person:
    """Spend the link: the password counts from now on; sessions, keys and other such links end. Raises LinkSpent."""
    person = await _person(session, await links.spend(session, "password", secret, now))
    first = person.password_hash is None
    person.password_hash, person.password_changed_at = password_hash, now
    await links.withdraw(session, "password", now, MailToken.person_id == person.id)
    await end_all(session, person.id, now)
    keys = await revoke_all(session, person.id, now)
    if not first:
        await tell(session, person, "password_changed", head, now)
    actor = Actor("person", person.id, person.username or person.email or "", address)
    action = "person.password_set" if first else "person.password_changed"
    await record(
        session, actor, action, Object("person", str(person.id)), at=now, after={"keys_ended": keys}, reason="link"
    )
    return person


async def _person(session: AsyncSession, link: links.Link) -> Person:
    person = await session.get(Person, link.person_id) if link.person_id else None
    if person is None or person.disabled_at or person.closed_at:
        raise LinkSpent
    return person


def _anew(made: links.Made, head: Letterhead) -> Letter:
    return Letter(
        subject=_("Set a new password"),
        paragraphs=[
            _("Somebody, we suppose you, has forgotten the password of your account at {network}.").format(
                network=tr(head, "network")
            ),
            _("Please open this page, and set a new one:"),
        ],
        link=f"/password/{quote(made.secret)}",
        closing=_("The link works once, within one hour. If that was not you, do nothing: the old password stays."),
    )


def _unusable(head: Letterhead, *, known: bool) -> Letter:
    network = tr(head, "network")
    asked = _("Somebody, we suppose you, wanted a new password at {network}.").format(network=network)
    if known:
        why = _("The account with this address is switched off. Please ask whoever runs this network.")
        return Letter(subject=_("Your account is switched off"), paragraphs=[asked, why])
    why = _("There is no account with this address. Perhaps you registered with another one; else you can register:")
    return Letter(subject=_("There is no account with this address"), paragraphs=[asked, why], link="/register")
