"""What staff are told by mail of what an administrator does with their account, in their own language."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.kit.ids import new_id
from app.notify.letters import Letter, Letterhead
from app.notify.service import post


async def invite(session: AsyncSession, person: Person, path: str, head: Letterhead, now: datetime) -> None:
    """The link by which a password is chosen, to the person's own address."""
    with use_locale(person.language):
        letter = Letter(
            _("Set your password"),
            [
                _("Hello {name},").format(name=person.name),
                _("You have a staff account. Your user name is {username}.").format(username=person.username),
                _("Please choose your password on this page:"),
            ],
            path,
            _("The link works once, within 7 days. After that, ask your administrator for another one."),
        )
        await _post(session, letter, letter.text(head), now, kind="account.password", to=person.email or "")


async def tell_of_address(session: AsyncSession, person: Person, old: str, head: Letterhead, now: datetime) -> None:
    """To the address that is no longer the person's: who was robbed of an account hears of it."""
    with use_locale(person.language):
        letter = Letter(
            _("Your mail address was changed"),
            [
                _("Hello {name},").format(name=person.name),
                _("An administrator has changed the mail address of your account. Mails no longer come here."),
                _("If you know nothing of this, please ask your administrator at once."),
            ],
        )
        await _post(session, letter, letter.text(head), now, kind="account.address_changed", to=old)


async def tell_of_reset(session: AsyncSession, person: Person, email: str, head: Letterhead, now: datetime) -> None:
    """That the account is protected by a password alone until a second factor is set up again."""
    with use_locale(person.language):
        letter = Letter(
            _("Your second factor was removed"),
            [
                _("Hello {name},").format(name=person.name),
                _("An administrator has removed the second factor of your account. You can set it up anew."),
                _("If you know nothing of this, please ask your administrator at once."),
            ],
        )
        await _post(session, letter, letter.text(head), now, kind="account.second_factor_reset", to=email)


async def _post(session: AsyncSession, letter: Letter, text: str, now: datetime, *, kind: str, to: str) -> None:
    await post(session, kind=kind, key=f"{kind}:{new_id()}", to=to, subject=letter.subject, text=text, at=now)
