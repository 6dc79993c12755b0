"""The outbox as its deliverers see it: single statements that several processes may run at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import LiteralString

from app.kit.db import Database
from app.kit.ids import new_id
from app.notify.mail import Outgoing
from app.notify.models import ERROR_LENGTH
from app.notify.rules import MAIL, pause

BATCH = 100
LEASE = timedelta(minutes=5)
EXPIRED = "Expired"

# Says the same as rules.masked, and twice the same.
MASKED: LiteralString = """
    CASE WHEN recipient ~ '^.+@[^@]*$' THEN left(recipient, 1) || '***' || substring(recipient from '@[^@]*$')
    ELSE '***' END
"""
PENDING: LiteralString = "sent_at IS NULL AND dead_at IS NULL AND withdrawn_at IS NULL"
IN_TIME: LiteralString = "(expires_at IS NULL OR expires_at > %(now)s)"

# Rows that another one is just claiming are skipped; claimed rows are due again when the lease ends.
CLAIM: LiteralString = f"""
    UPDATE message SET next_attempt_at = %(until)s, lease = %(lease)s WHERE id = ANY (ARRAY(
        SELECT id FROM message WHERE {PENDING} AND next_attempt_at <= %(now)s AND channel = %(channel)s AND {IN_TIME}
        ORDER BY next_attempt_at LIMIT %(most)s FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, recipient, subject, body, attempts, lease
"""  # noqa: S608 - put together from our own words
DROP: LiteralString = f"""
    UPDATE message SET withdrawn_at = %(now)s, body = NULL, recipient = {MASKED}, lease = NULL, last_error = %(error)s
    WHERE id = ANY (ARRAY(
        SELECT id FROM message WHERE {PENDING} AND next_attempt_at <= %(now)s AND expires_at <= %(now)s
        FOR UPDATE SKIP LOCKED))
"""  # noqa: S608 - see above
# The last look before sending: still ours, not withdrawn, not too late, and the lease begins anew. Who is just
# withdrawing a message isn't waited for: it stays where it is, and is due again when the lease ends.
HOLD: LiteralString = f"""
    UPDATE message SET attempts = attempts + 1, next_attempt_at = %(until)s WHERE id = ANY (ARRAY(
        SELECT id FROM message JOIN unnest(%(ids)s::uuid[], %(leases)s::uuid[]) AS mine (id, lease) USING (id, lease)
        WHERE {PENDING} AND {IN_TIME} FOR UPDATE OF message SKIP LOCKED))
    RETURNING id, attempts
"""  # noqa: S608 - see above
# Whatever was written meanwhile, what the server has taken was sent. Locked in one order, as withdrawing does.
SENT: LiteralString = f"""
    UPDATE message SET sent_at = %(now)s, body = NULL, recipient = {MASKED}, last_error = NULL, dead_at = NULL,
        withdrawn_at = NULL, lease = NULL
    WHERE id = ANY (ARRAY(
        SELECT id FROM message WHERE id = ANY (%(ids)s) AND sent_at IS NULL ORDER BY id FOR UPDATE))
"""  # noqa: S608 - see above
# A later claim has another lease: who lost it changes nothing.
POSTPONED: LiteralString = f"""
    UPDATE message SET next_attempt_at = least(%(at)s, expires_at), last_error = %(error)s, lease = NULL
    WHERE id = %(id)s AND lease = %(lease)s AND {PENDING}
"""  # noqa: S608 - see above
DEAD: LiteralString = f"""
    UPDATE message SET dead_at = %(at)s, last_error = %(error)s, lease = NULL
    WHERE id = %(id)s AND lease = %(lease)s AND {PENDING}
"""  # noqa: S608 - see above
RELEASED: LiteralString = f"""
    UPDATE message SET next_attempt_at = %(at)s, lease = NULL WHERE id = ANY (ARRAY(
        SELECT id FROM message JOIN unnest(%(ids)s::uuid[], %(leases)s::uuid[]) AS mine (id, lease) USING (id, lease)
        WHERE {PENDING} FOR UPDATE OF message SKIP LOCKED))
"""  # noqa: S608 - see above


class Outbox:
    """What is due on a channel, and what became of it."""

    def __init__(self, database: Database, channel: str = MAIL) -> None:
        self._database = database
        self._channel = channel

    async def claim(self, now: datetime) -> list[Outgoing]:
        """At most BATCH messages that are due, oldest first; nobody else gets them for the time of the LEASE.

        What has become too late meanwhile is withdrawn first.
        """
        await self._database.fetch(DROP, {"now": now, "error": EXPIRED})
        values = {"now": now, "until": now + LEASE, "most": BATCH, "lease": new_id(), "channel": self._channel}
        rows = await self._database.fetch(CLAIM, values)
        return sorted((Outgoing(*row) for row in rows), key=lambda outgoing: outgoing.id)

    async def hold(self, batch: Sequence[Outgoing], now: datetime) -> Mapping[Outgoing, int | None]:
        """Which attempt it is, for each that may be sent now, counted and with its lease begun anew; else None."""
        values = {"now": now, "until": now + LEASE, **_ours(batch)}
        held = dict(await self._database.fetch(HOLD, values))
        return {outgoing: held.get(outgoing.id) for outgoing in batch}

    async def sent(self, batch: Sequence[Outgoing], now: datetime) -> None:
        """Wipes the texts, which hold links, and masks the recipients."""
        await self._database.fetch(SENT, {"ids": [outgoing.id for outgoing in batch], "now": now})

    async def postpone(self, outgoing: Outgoing, now: datetime, error: str) -> None:
        await self._mark(POSTPONED, outgoing, now + pause(outgoing.attempts), error)

    async def bury(self, outgoing: Outgoing, now: datetime, error: str) -> None:
        await self._mark(DEAD, outgoing, now, error)

    async def release(self, rest: Sequence[Outgoing], now: datetime) -> None:
        """Give back what was claimed and not tried."""
        if rest:
            await self._database.fetch(RELEASED, {"at": now, **_ours(rest)})

    async def _mark(self, statement: LiteralString, outgoing: Outgoing, at: datetime, error: str) -> None:
        values = {"id": outgoing.id, "lease": outgoing.lease, "at": at, "error": error[:ERROR_LENGTH]}
        await self._database.fetch(statement, values)


def _ours(batch: Sequence[Outgoing]) -> dict[str, object]:
    return {"ids": [outgoing.id for outgoing in batch], "leases": [outgoing.lease for outgoing in batch]}
