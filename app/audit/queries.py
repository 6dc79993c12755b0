"""Reading the record: a page of entries that fit some filters, newest first, and all that fit, for a file.

Text is looked for in reasons, names, objects and what changed; that reads every entry in the span of days, so the
office's page asks for days first. Everything else is found by index.
"""

import base64
import binascii
import struct
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry
from app.audit.rules import EPOCH, storable
from app.kit.clock import LOCAL

CURSOR = struct.Struct(">qhq")
MICROSECOND = timedelta(microseconds=1)
COLUMNS = tuple(column for column in AuditEntry.__table__.columns if column.name not in {"previous_hash", "hash"})
PLACE = AuditEntry.at, AuditEntry.chain, AuditEntry.n


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the record. Chain and number name it; `trace` is the id of the call that made it, as in the log."""

    chain: int
    n: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    actor_via: str
    address: str
    action: str
    object_kind: str
    object_id: str
    station_id: int | None
    organisation_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    trace: str

    def as_row(self) -> dict[str, object]:
        """The entry by column, for a line of a file."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; what is None or empty is not asked for.

    `actor`: an id, or a user name; `action`: how it begins ("person." finds all about people); `since` and `until`:
    days of the network, both included; `text`: found anywhere in what is told.
    """

    actor: str = ""
    action: str = ""
    object_kind: str = ""
    object_id: str = ""
    station_id: int | None = None
    organisation_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    address: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Some entries, newest first, and the cursor of what follows (None at the end)."""

    entries: list[Entry]
    next: str | None


class CursorError(ValueError):
    """A cursor that isn't ours."""


async def search(session: AsyncSession, filters: Filters, cursor: str | None, limit: int) -> Found:
    """A page of at most `limit` entries. Raises CursorError."""
    asked = _asked(filters).order_by(*(column.desc() for column in PLACE)).limit(limit + 1)
    if cursor:
        asked = asked.where(tuple_(*PLACE) < tuple_(*_read(cursor)))
    entries = [Entry(*row) for row in (await session.execute(asked)).all()]
    more = len(entries) > limit
    return Found(entries[:limit], _written(entries[limit - 1]) if more else None)


async def export(session: AsyncSession, filters: Filters) -> AsyncIterator[Entry]:
    """All entries that fit, oldest first, read from the server bit by bit: as many as there are need little memory.

    The caller puts on record (`audit.exported`) that they leave, before the first one does.
    """
    rows = await session.stream(_asked(filters).order_by(*PLACE).execution_options(yield_per=1000))
    async for row in rows:
        yield Entry(*row)


def _asked(given: Filters) -> Select[Any]:
    texts: dict[str, Any] = {name: storable(text) for name, text in asdict(given).items() if isinstance(text, str)}
    filters = replace(given, **texts)
    same = {
        AuditEntry.object_kind: filters.object_kind,
        AuditEntry.object_id: filters.object_id,
        AuditEntry.address: filters.address,
    }
    statement = select(*COLUMNS).where(*(column == value for column, value in same.items() if value))
    if filters.actor:
        statement = statement.where(_by(filters.actor))
    if filters.action:
        statement = statement.where(AuditEntry.action.startswith(filters.action, autoescape=True))
    if filters.station_id is not None:
        statement = statement.where(AuditEntry.station_id == filters.station_id)
    if filters.organisation_id is not None:
        statement = statement.where(AuditEntry.organisation_id == filters.organisation_id)
    if filters.text:
        statement = statement.where(_tells(filters.text))
    return statement.where(*_within(filters))


def _within(filters: Filters) -> list[ColumnElement[bool]]:
    span = []
    if filters.since and filters.since > date.min:
        span.append(AuditEntry.at >= _midnight(filters.since))
    if filters.until and filters.until < date.max:
        span.append(AuditEntry.at < _midnight(filters.until + timedelta(days=1)))
    return span


def _by(actor: str) -> ColumnElement[bool]:
    try:
        return AuditEntry.actor_id == UUID(actor)
    except ValueError:
        return func.lower(AuditEntry.actor_name) == actor.lower()


def _tells(text: str) -> ColumnElement[bool]:
    told = (
        AuditEntry.reason,
        AuditEntry.actor_name,
        AuditEntry.object_id,
        cast(AuditEntry.before, String),
        cast(AuditEntry.after, String),
        AuditEntry.trace,
    )
    return or_(*(column.icontains(text, autoescape=True) for column in told))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def _written(entry: Entry) -> str:
    packed = CURSOR.pack((entry.at - EPOCH) // MICROSECOND, entry.chain, entry.n)
    return base64.urlsafe_b64encode(packed).decode()


def _read(cursor: str) -> tuple[datetime, int, int]:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        micros, chain, n = CURSOR.unpack(raw)
        return EPOCH + micros * MICROSECOND, chain, n
    except (binascii.Error, struct.error, ValueError, OverflowError) as error:
        raise CursorError(cursor) from error
