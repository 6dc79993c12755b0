"""Telling somebody by mail that the own account was changed: who didn't do it learns of it. Without a mail address
nobody is told."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.kit.formats import date_time
from app.kit.i18n import LazyString, lazy, use_locale
from app.kit.i18n import gettext as _
from app.kit.ids import new_id
from app.notify.letters import Letter, Letterhead
from app.notify.service import post

# What has happened: the subject, and the sentence that says it.
HAPPENED: Mapping[str, tuple[LazyString, LazyString]] = {
    "password_changed": (
        lazy("Your password was changed"),
        lazy("The password of your account was changed on {at}. Everywhere else you were signed out."),
    ),
    "second_factor_set": (
        lazy("A second factor was set up"),
        lazy("A second factor was set up for your account on {at}. Everywhere else you were signed out."),
    ),
    "second_factor_removed": (
        lazy("The second factor was removed"),
        lazy("The second factor of your account was removed on {at}. From now on the password alone lets you in."),
    ),
    "recovery_codes_made": (
        lazy("New recovery codes were made"),
        lazy("New recovery codes were made for your account on {at}. The ones before are worth nothing now."),
    ),
    "address_changed": (
        lazy("Your mail address was changed"),
        lazy("The mail address of your account was changed on {at}. This address will get no more mail about it."),
    ),
    "key_made": (
        lazy("An API key was made"),
        lazy("An API key was made for your account on {at}. Programs can use it to act in your name."),
    ),
}


async def tell(
    session: AsyncSession, person: Person, what: str, head: Letterhead, now: datetime, *, to: str | None = None
) -> None:
    """Write the mail in the session's transaction; `to` is another address than the person's."""
    recipient = to or person.email
    if not recipient:
        return
    with use_locale(person.language):
        subject, sentence = HAPPENED[what]
        letter = Letter(
            subject=str(subject),
            paragraphs=[sentence.format(at=date_time(now))],
            link="/account",
            closing=_("If that was not you, set a new password at once and tell whoever runs this network."),
            why=_("You get this mail because it concerns the safety of your account."),
        )
        text = letter.text(head)
    kind = f"account.{what}"
    await post(session, kind=kind, key=f"{kind}:{new_id()}", to=recipient, subject=letter.subject, text=text, at=now)
