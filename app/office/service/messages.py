"""Sending a mail again that couldn't be delivered, and reading the text of one: both on record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller, Permission
from app.accounts.scoping import within
from app.audit.service import Object, record
from app.kit.problems import NotFound
from app.notify.models import Message
from app.notify.rules import CHANNEL
from app.office.errors import MailTooLate, NotToResend, TextGone
from app.office.queries import messages
from app.office.queries.messages import PENDING, Mail


async def resend(session: AsyncSession, caller: Caller, message_id: UUID, now: datetime) -> None:
    """Try now what was given up or waits for its next attempt, with all attempts anew. Of two at once one does it.

    Raises NotFound, also for a station that isn't the caller's, MailTooLate, NotToResend for one that has left, was
    withdrawn, is being sent, waits for its first attempt or for its time.
    """
    mail = await _find(session, caller, message_id, now)
    if mail.expires_at is not None and mail.expires_at <= now:
        raise MailTooLate
    postponed = and_(PENDING, Message.attempts > 0, Message.lease.is_(None))
    mine = within(caller.scope(Permission.MESSAGES_RESEND), Message.station_id)
    again = (
        update(Message)
        .where(Message.id == message_id, mine, or_(Message.dead_at.is_not(None), postponed))
        .values(dead_at=None, attempts=0, next_attempt_at=now, lease=None)
        .returning(Message.id)
    )
    if (await session.execute(again.execution_options(synchronize_session=False))).first() is None:
        raise NotToResend
    await session.execute(select(func.pg_notify(CHANNEL, "")))
    before = {"state": mail.state, "attempts": mail.attempts}
    await record(session, caller.actor, "message.resent", _object(mail), at=now, before=before)


async def read_text(session: AsyncSession, caller: Caller, message_id: UUID, now: datetime) -> str:
    """The text, that somebody looked at it being on record. Raises NotFound, and TextGone where none is kept."""
    mail = await _find(session, caller, message_id, now)
    text = await messages.text_of(session, caller.scope(Permission.MESSAGES_RESEND), message_id)
    if text is None:
        raise TextGone
    await record(session, caller.actor, "message.text_read", _object(mail), at=now)
    return text


async def _find(session: AsyncSession, caller: Caller, message_id: UUID, now: datetime) -> Mail:
    mail = await messages.find(session, caller.scope(Permission.MESSAGES_RESEND), message_id, now)
    if mail is None:
        raise NotFound
    return mail


def _object(mail: Mail) -> Object:
    return Object("message", str(mail.id), station_id=mail.station_id)
