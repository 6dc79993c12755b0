"""Registering: first a mail address, then, by the link that was mailed there, a name and a password.

Whoever asks learns nothing of who has an account: the answer, and the statements on the way to it, are the same. Which
it is stands in the mail, and who has an account already is offered a new password there.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import NameTaken
from app.accounts.models import Person
from app.accounts.service import links
from app.audit.service import Actor, Object, record
from app.kit.db import violated
from app.kit.i18n import gettext as _
from app.kit.i18n import tr, use_locale
from app.kit.ids import new_id
from app.notify.letters import Letter, Letterhead
from app.notify.service import post


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody to be made: the name is cleaned, the password hashed, consent given to the notice of this version."""

    email: str
    name: str
    password_hash: str
    language: str
    consent_version: str


async def ask(
    session: AsyncSession, email: str, language: str, head: Letterhead, now: datetime, *, onward: str = ""
) -> None:
    """Write to the address (normalised, lower case). `onward` is one of our paths to go to afterwards, or ""."""
    found = (await session.execute(select(Person.id, Person.language).where(Person.email == email))).first()
    if found is None:
        made = await links.make(session, "register", email, now)
    else:
        made = await links.make(session, "password", email, now, person_id=found.id)
    with use_locale(found.language if found else language):
        letter = _known(made, head) if found else _welcome(made, onward, head)
        text = letter.text(head)
    await post(
        session, kind="account.register", key=f"account.register:{made.id}", to=email, subject=letter.subject,
        text=text, at=now,
    )  # fmt: skip


async def create(session: AsyncSession, new: Registration, address: str, now: datetime) -> UUID:
    """Make the account, which belongs to no organisation yet. Raises NameTaken."""
    person = Person(
        id=new_id(),
        email=new.email,
        name=new.name,
        language=new.language,
        password_hash=new.password_hash,
        password_changed_at=now,
        consent_version=new.consent_version,
        consented_at=now,
        created_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(person)
    except IntegrityError as error:
        if violated(error) == "person_email_key":
            raise NameTaken from error
        raise
    actor = Actor("person", person.id, new.email, address)
    after = {"consent_version": new.consent_version}
    await record(session, actor, "person.created", Object("person", str(person.id)), at=now, after=after)
    return person.id


def _welcome(made: links.Made, onward: str, head: Letterhead) -> Letter:
    query = f"?{urlencode({'next': onward})}" if onward else ""
    return Letter(
        subject=_("Go on with your registration"),
        paragraphs=[
            _("Somebody, we suppose you, wants an account with this address at {network}.").format(
                network=tr(head, "network")
            ),
            _("Please open this page, and choose a name and a password:"),
        ],
        link=f"/register/{quote(made.secret)}{query}",
        closing=_("The link works once, within 24 hours. If that was not you, do nothing: no account is made."),
    )


def _known(made: links.Made, head: Letterhead) -> Letter:
    return Letter(
        subject=_("You have an account already"),
        paragraphs=[
            _(
                "Somebody, we suppose you, wanted to register this address at {network}. It has an account already."
            ).format(network=tr(head, "network")),
            _("Please sign in with it. If you have forgotten the password, set another one here:"),
        ],
        link=f"/password/{quote(made.secret)}",
        closing=_("The link works once, within one hour. If that was not you, do nothing: nothing has changed."),
    )
