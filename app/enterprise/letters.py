"""Mails of this room."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.kit.formats import date_time
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.notify.letters import Letter, Letterhead
from app.notify.service import post


async def tell_of_closing(session: AsyncSession, person: Person, head: Letterhead, now: datetime) -> None:
    """The last mail to an account, in its language: who didn't close it learns of it."""
    if not person.email:
        return
    with use_locale(person.language):
        letter = Letter(
            _("Your account is closed"),
            [
                _("Your account was closed on {at}, and what named you is deleted.").format(at=date_time(now)),
                _("If that was not you, please tell whoever runs this network at once."),
            ],
        )
        await post(
            session,
            kind="account.closed",
            key=f"closed:{person.id}",
            to=person.email,
            subject=letter.subject,
            text=letter.text(head),
            at=now,
        )
