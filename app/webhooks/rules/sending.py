"""When an event is tried again, what is sent, and how it is signed (Standard Webhooks 1.0). Pure."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook

SECRET_PREFIX, SECRET_BYTES = "whsec_", 32
BOTH_SIGN = timedelta(hours=24)
"""How long the secret before still signs beside the new one."""
TRIED_FOR = timedelta(days=3)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
PAUSES: Sequence[timedelta] = (
    timedelta(seconds=5), 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR,
    20 * _HOUR,
)  # fmt: skip
"""After the first attempt, after the second …: ten attempts in 71 h 35 min."""
GONE = 410


def new_secret() -> str:
    """32 random bytes as the specification writes them: ``whsec_`` and base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def next_try(attempts: int, begun: datetime, now: datetime, *, asked: timedelta | None = None) -> datetime | None:
    """When it is tried again after so many attempts; None when that is given up.

    `asked` is how long the receiver wants to be left alone (Retry-After); within the time that it is tried for.
    """
    if attempts > len(PAUSES):
        return None
    pause, end = PAUSES[attempts - 1], begun + TRIED_FOR
    return min(now + max(pause, asked or pause), end) if now + pause <= end else None


def body_of(kind: str, at: datetime, data: Mapping[str, Any], address: str) -> bytes:
    """The payload: the same bytes at every attempt. `address` is the portal's own, without a slash at its end."""
    links: dict[str, str] = {}
    if reference := data.get("reference"):
        links = {"self": f"{address}/api/v1/requests/{reference}", "page": f"{address}/r/{reference}"}
    told = {**data, "links": links} if links else dict(data)
    return orjson.dumps({"type": kind, "timestamp": at.astimezone(UTC), "data": told}, option=orjson.OPT_UTC_Z)


def message_id(event_id: UUID) -> str:
    """An event's id as it is sent, the same at every attempt."""
    return f"msg_{event_id.hex}"


def headers_of(event_id: UUID, body: bytes, secrets_: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of one attempt, signed by each of these secrets."""
    moment = now.astimezone(UTC)  # the library takes any time for one of UTC
    message = message_id(event_id)
    signatures = [Webhook(each).sign(message, moment, body.decode("utf-8")) for each in secrets_]
    return {
        "Content-Type": "application/json",
        "User-Agent": "OneStop-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
