"""Mails on their way and those that have left, within the scope that is given; those of accounts have no station."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Scope
from app.accounts.scoping import within
from app.notify.models import Message
from app.notify.rules import masked
from app.office.mails import State

PENDING = and_(Message.sent_at.is_(None), Message.dead_at.is_(None), Message.withdrawn_at.is_(None))
Place = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without its text. `ended_at` is when it was sent, given up or withdrawn; `lease`: somebody is sending."""

    id: UUID
    key: str
    kind: str
    recipient: str
    subject: str
    created_at: datetime
    due_at: datetime
    attempts: int
    ended_at: datetime | None
    expires_at: datetime | None
    last_error: str | None
    station_id: int | None
    has_text: bool
    state: State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to."""

    state: State = ""
    kind: str = ""
    text: str = ""


async def listed(
    session: AsyncSession, scope: Scope, wanted: Wanted, now: datetime, *, after: Place | None, limit: int
) -> tuple[list[Mail], Place | None]:
    """A page of mails, the newest first, and where the next begins."""
    place = _place()
    asked = _mails(scope, now).order_by(Message.created_at.desc(), Message.id.desc()).limit(limit + 1)
    if wanted.state:
        asked = asked.where(in_state(wanted.state, now))
    if wanted.kind:
        asked = asked.where(Message.kind == wanted.kind)
    if wanted.text:
        asked = asked.where(Message.key.icontains(wanted.text, autoescape=True))
    if after:
        asked = asked.where(tuple_(place, Message.id) < tuple_(*after))
    rows = (await session.execute(asked.add_columns(place))).all()
    found = [_mail(row[:-1]) for row in rows[:limit]]
    return found, (rows[limit - 1][-1], found[-1].id) if len(rows) > limit else None


async def find(session: AsyncSession, scope: Scope, message_id: UUID, now: datetime) -> Mail | None:
    """One mail; None also for one out of the scope."""
    row = (await session.execute(_mails(scope, now).where(Message.id == message_id))).first()
    return _mail(row) if row else None


async def text_of(session: AsyncSession, scope: Scope, message_id: UUID) -> str | None:
    """The text of a mail of a station, while it exists. Those of accounts hold links that open them: nobody reads them.

    Of these there is no text, for anybody.
    """
    own = Message.id == message_id, Message.station_id.is_not(None), within(scope, Message.station_id)
    found: str | None = await session.scalar(select(Message.body).where(*own))
    return found


async def dead(session: AsyncSession, scope: Scope) -> int:
    """How many couldn't be delivered."""
    asked = select(func.count()).select_from(Message)
    return await session.scalar(asked.where(Message.dead_at.is_not(None), within(scope, Message.station_id))) or 0


async def kinds(session: AsyncSession, scope: Scope) -> list[str]:
    """The kinds that there are."""
    asked = select(Message.kind).where(within(scope, Message.station_id)).distinct().order_by(Message.kind)
    return list(await session.scalars(asked))


def in_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The mails in a state, as a condition. Scheduled are those whose time hasn't come and that nobody has tried."""
    scheduled = and_(Message.attempts == 0, Message.lease.is_(None), Message.next_attempt_at > now)
    conditions: dict[State, ColumnElement[bool]] = {
        "waiting": and_(PENDING, ~scheduled),
        "scheduled": and_(PENDING, scheduled),
        "sent": Message.sent_at.is_not(None),
        "dead": Message.dead_at.is_not(None),
        "withdrawn": Message.withdrawn_at.is_not(None),
    }
    return conditions.get(state, true())


def _mails(scope: Scope, now: datetime) -> Select[*tuple[Any, ...]]:
    states: tuple[State, ...] = ("sent", "dead", "withdrawn", "scheduled")
    return select(
        Message.id,
        Message.key,
        Message.kind,
        Message.recipient,
        Message.subject,
        Message.created_at,
        Message.next_attempt_at,
        Message.attempts,
        func.coalesce(Message.sent_at, Message.dead_at, Message.withdrawn_at),
        Message.expires_at,
        Message.last_error,
        Message.station_id,
        and_(Message.body.is_not(None), Message.station_id.is_not(None)),
        case(*((in_state(state, now), state) for state in states), else_="waiting"),
    ).where(within(scope, Message.station_id))


def _mail(row: Any) -> Mail:  # noqa: ANN401 - a row of the columns above
    found = Mail(*row)
    return Mail(found.id, found.key, found.kind, masked(found.recipient), *row[4:])


def _place() -> ColumnElement[str]:
    """When a mail was written, as text that sorts."""
    return cast(func.to_char(func.timezone("UTC", Message.created_at), 'YYYY-MM-DD"T"HH24:MI:SS.US'), String)
