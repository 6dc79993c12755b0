"""Mails to whoever answers for a webhook: that events were given up, or that it has ended by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Membership, Person
from app.kit.clock import local_date
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all
from app.notify.statements import Mail
from app.webhooks.models import Subscription
from app.webhooks.rules.robots import WEBHOOK

DEAD, ENDED = "webhook.dead", "webhook.ended"


class Reader(NamedTuple):
    """Somebody to be told, in their language."""

    id: UUID
    email: str
    language: str


async def tell_dead(session: AsyncSession, head: Letterhead, of: Subscription, now: datetime) -> None:
    """At most once a day and webhook, however many events were given up."""
    await _tell(session, head, of, f"{DEAD}:{of.id}:{local_date(now)}", now)


async def tell_ended(session: AsyncSession, head: Letterhead, of: Subscription, now: datetime) -> None:
    await _tell(session, head, of, f"{ENDED}:{of.id}", now)


async def _tell(session: AsyncSession, head: Letterhead, of: Subscription, key: str, now: datetime) -> None:
    """One mail to each, whose key begins with what it is for."""
    kind, mails = key.partition(":")[0], []
    for reader in await readers(session, of):
        with use_locale(reader.language):
            letter = _dead(of) if kind == DEAD else _ended(of)
            words = letter.subject, letter.text(head)
        about = f"webhook:{of.id}"
        mails.append(Mail(kind, f"{key}:{reader.id}", reader.email, *words, now, about, station_id=of.station_id))
    await post_all(session, mails)


async def readers(session: AsyncSession, of: Subscription) -> Sequence[Reader]:
    """All owners of the organisation; of the network's, who answers for it."""
    columns = select(Person.id, Person.email, Person.language)
    open_account = Person.email.is_not(None), Person.disabled_at.is_(None), Person.closed_at.is_(None)
    if of.organisation_id is None:
        asked = columns.where(Person.id == of.person_id, *open_account)
    else:
        owns = Membership.organisation_id == of.organisation_id, Membership.role == "owner"
        asked = columns.join(Membership, Membership.person_id == Person.id).where(*owns, *open_account)
    found = await session.execute(asked)
    return [Reader(own, email, language) for own, email, language in found if email]


def path_of(of: Subscription) -> str:
    """Its page."""
    base = f"/organisation/{of.organisation_id}/webhooks" if of.organisation_id else "/office/webhooks"
    return f"{base}/{of.id}"


def _dead(of: Subscription) -> Letter:
    return Letter(
        subject=_("Events could not be delivered to “{name}”").format(name=of.name),
        paragraphs=[
            _("For three days “{name}” did not take events.").format(name=of.name),
            _("Look on its page at what was answered. Once it works again, have the events sent again from there."),
        ],
        link=path_of(of),
        why=_("You get this mail because you answer for what is told there."),
    )


def _ended(of: Subscription) -> Letter:
    if of.ended_why == "gone" and of.via != WEBHOOK:
        reason = _("The group chat answered that there is no such robot any more. Nothing more is sent there.")
    elif of.ended_why == "gone":
        reason = _("Its address answered that it is gone for good (410). Nothing more is sent there.")
    else:
        reason = _("Who answered for it may no longer do so, or the organisation's account is closed.")
    return Letter(
        subject=_("“{name}” is told nothing more").format(name=of.name),
        paragraphs=[reason, _("If this is a mistake, set it up anew.")],
        link=path_of(of),
        why=_("You get this mail because you answer for what is told there."),
    )
