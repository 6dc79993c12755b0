"""Putting on record what was done, in the transaction that does it: both happen or neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
import psycopg
from asgi_correlation_id import correlation_id
from sqlalchemy import String, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry
from app.audit.rules import storable
from app.audit.statements import RECORD
from app.kit.text import mask_email

PREFIX = "audit_"
WIDTHS: Mapping[str, int] = {
    column.name: column.type.length
    for column in AuditEntry.__table__.columns
    if isinstance(column.type, String) and column.type.length
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    `kind`: a person signed in; an API key; a visitor, who isn't signed in; the system, which is a command or a job.
    `id` is the person's, also for a key (its owner). `name` is the user name (a mail address is masked when it is
    written down), never a phone number; for the system the command. `address` is the IP address, empty for the
    system. `via` is the id of the session or key.
    """

    kind: Literal["person", "key", "visitor", "system"]
    id: UUID | None = None
    name: str = ""
    address: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """What is acted on: "person", "organisation", "request", "network" …, its id or reference, and whose it is."""

    kind: str
    id: str
    station_id: int | None = None
    organisation_id: UUID | None = None


async def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    on: Object,
    *,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """One entry in the caller's transaction.

    `action` is "<kind>.<verb in past tense>". `before` and `after` hold only what changed, never secrets, personal
    data only masked. The entry holds one of 16 chains until the end of the transaction: record late, commit soon.
    """
    values = _values(actor, action, on, at=at, before=before, after=after, reason=reason)
    await session.execute(insert(AuditEntry.__table__).inline().values(values))  # type: ignore[arg-type]  # a Table


async def record_on(
    connection: psycopg.AsyncConnection[Any],
    actor: Actor,
    action: str,
    on: Object,
    *,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """The same on a bare connection, in the transaction that it is in."""
    await connection.execute(RECORD, entry(actor, action, on, at=at, before=before, after=after, reason=reason))


def entry(
    actor: Actor,
    action: str,
    on: Object,
    *,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> dict[str, object]:
    """The parameters that `statements.RECORD` names, for a hot statement of which it is a part."""
    values = _values(actor, action, on, at=at, before=before, after=after, reason=reason)
    changed = {name: None if values[name] is None else orjson.dumps(values[name]).decode() for name in _CHANGES}
    return {PREFIX + name: value for name, value in (values | changed).items()}


_CHANGES = ("before", "after")


def _values(
    actor: Actor,
    action: str,
    on: Object,
    *,
    at: datetime,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    reason: str,
) -> dict[str, object]:
    texts = {
        "actor_kind": actor.kind,
        "actor_name": _named(actor.name),
        "actor_via": actor.via,
        "address": actor.address,
        "action": action,
        "object_kind": on.kind,
        "object_id": on.id,
        "reason": reason,
        "trace": correlation_id.get() or "",
    }
    return {
        "at": at,
        "actor_id": actor.id,
        "station_id": on.station_id,
        "organisation_id": on.organisation_id,
        "before": _plain(before),
        "after": _plain(after),
        **{name: storable(text)[: WIDTHS[name]] for name, text in texts.items()},
    }


def _named(name: str) -> str:
    """A user name as it is. Whoever signs in by a mail address is told by `actor_id`: the record outlives accounts."""
    return mask_email(name) if "@" in name else name


def _plain(changed: Mapping[str, object] | None) -> dict[str, object] | None:
    """What JSON can hold: dates, ids and decimals as text."""
    if changed is None:
        return None
    plain: dict[str, object] = orjson.loads(orjson.dumps(_clean(dict(changed)), default=str))
    return plain


def _clean(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(name)): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return value
