"""Repeated submissions: the same key and content by the same caller gets the same answer for a day.

Two at once can't both be first: the key is unique, and the second one waits for the first one's transaction.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.kit.db import Database, WriteSession, violated
from app.requests.errors import IdempotencyKeyReused
from app.requests.models import Idempotency

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key of a caller, with the digest of what was sent under it (and where to)."""

    caller: str
    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that was given under a key, without its secrets, and the request that it was about."""

    request_id: UUID
    answer: Mapping[str, Any]


def content(operation: str, sent: str) -> bytes:
    """The digest that tells whether the same was sent before."""
    return hashlib.sha256(f"{operation}\0{sent}".encode("utf-8", "surrogatepass")).digest()


# Who looks also clears away a little of what is over, the own key first, so nothing else has to.
LOOK_UP: LiteralString = """
WITH asked (caller, key, since) AS (VALUES (%s::text, %s::text, %s::timestamptz)),
cleared AS (
    DELETE FROM idempotency i USING asked WHERE i.created_at <= asked.since AND (
        (i.caller = asked.caller AND i.key = asked.key)
        OR (i.caller, i.key) IN (
            SELECT o.caller, o.key FROM idempotency o WHERE o.created_at <= asked.since
            LIMIT 20 FOR UPDATE SKIP LOCKED
        )
    )
)
SELECT i.body_hash, i.request_id, i.answer FROM idempotency i JOIN asked USING (caller, key)
WHERE i.created_at > asked.since
"""


async def look_up(database: Database, key: Key | None, now: datetime) -> Kept | None:
    """What was answered under this key before, if anything. Raises IdempotencyKeyReused for other content."""
    if key is None:
        return None
    rows = await database.fetch(LOOK_UP, (key.caller, key.key, now - KEPT))
    for content_before, request_id, answer in rows:
        if content_before != key.content:
            raise IdempotencyKeyReused
        return Kept(request_id, answer)
    return None


async def keep(
    session: WriteSession, key: Key | None, request_id: UUID, answer: Mapping[str, Any], now: datetime
) -> None:
    """Keep the answer with the session's transaction. Raises IdempotencyKeyReused when the key is being used now."""
    if key is None:
        return
    session.add(
        Idempotency(
            caller=key.caller,
            key=key.key,
            body_hash=key.content,
            request_id=request_id,
            answer=dict(answer),
            created_at=now,
        )
    )
    try:
        await session.flush()
    except IntegrityError as error:
        if violated(error) == "idempotency_pkey":
            raise IdempotencyKeyReused from error
        raise
