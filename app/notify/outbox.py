"""The outbox as its deliverers see it: single statements that several processes may run at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import LiteralString

from app.kit.db import Database
from app.notify.mail import Outgoing
from app.notify.models import ERROR_LENGTH
from app.notify.rules import masked, pause

BATCH = 20
LEASE = timedelta(minutes=5)

# Rows that another one is just claiming are skipped; claimed rows are due again when the lease ends.
CLAIM: LiteralString = """
    UPDATE message SET next_attempt_at = %(until)s, attempts = attempts + 1 WHERE id = ANY (ARRAY(
        SELECT id FROM message WHERE sent_at IS NULL AND dead_at IS NULL AND next_attempt_at <= %(now)s
        ORDER BY next_attempt_at LIMIT %(most)s FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, recipient, subject, body, attempts
"""
SENT: LiteralString = """
    UPDATE message SET sent_at = %(now)s, body = NULL, recipient = %(masked)s, last_error = NULL, dead_at = NULL
    WHERE id = %(id)s AND sent_at IS NULL
"""
# A later attempt counts one more: who lost the lease changes nothing.
POSTPONED: LiteralString = """
    UPDATE message SET next_attempt_at = %(at)s, last_error = %(error)s
    WHERE id = %(id)s AND attempts = %(attempts)s AND sent_at IS NULL AND dead_at IS NULL
"""
DEAD: LiteralString = """
    UPDATE message SET dead_at = %(at)s, last_error = %(error)s
    WHERE id = %(id)s AND attempts = %(attempts)s AND sent_at IS NULL AND dead_at IS NULL
"""
RELEASED: LiteralString = """
    UPDATE message SET next_attempt_at = %(at)s, attempts = attempts - 1
    WHERE id = %(id)s AND attempts = %(attempts)s AND sent_at IS NULL AND dead_at IS NULL
"""


class Outbox:
    """What is due, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime) -> list[Outgoing]:
        """At most BATCH messages that are due, oldest first; nobody else gets them for the time of the LEASE."""
        rows = await self._database.fetch(CLAIM, {"now": now, "until": now + LEASE, "most": BATCH})
        return sorted((Outgoing(*row) for row in rows), key=lambda outgoing: outgoing.id)

    async def sent(self, outgoing: Outgoing, now: datetime) -> None:
        """Wipes the text, which holds links, and masks the recipient."""
        values = {"id": outgoing.id, "now": now, "masked": masked(outgoing.recipient)}
        await self._database.fetch(SENT, values)

    async def postpone(self, outgoing: Outgoing, now: datetime, error: str) -> None:
        await self._mark(POSTPONED, outgoing, now + pause(outgoing.attempts), error)

    async def bury(self, outgoing: Outgoing, now: datetime, error: str) -> None:
        await self._mark(DEAD, outgoing, now, error)

    async def release(self, rest: Sequence[Outgoing], now: datetime) -> None:
        """Give back what was claimed and not tried."""
        for outgoing in rest:
            await self._mark(RELEASED, outgoing, now, "")

    async def _mark(self, statement: LiteralString, outgoing: Outgoing, at: datetime, error: str) -> None:
        values = {"id": outgoing.id, "attempts": outgoing.attempts, "at": at, "error": error[:ERROR_LENGTH]}
        await self._database.fetch(statement, values)
