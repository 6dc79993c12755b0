"""Tickets that are asked for under an Idempotency-Key: the same call again gives the same ticket, none a second one."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header
from sqlalchemy import text

from app.hall.models import Ticket
from app.hall.queries import ticket_in
from app.hall.schemas import TicketOut
from app.hall.shown import ticket_out
from app.hall.working import AtCounter
from app.kit.schemas import Strict
from app.requests.idempotency import Key, content, keep, look_up

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$", description="At most 255 characters.")
]
# Of two calls at once the second waits here, and finds what the first has got.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Repeating:
    """A call that gives out a ticket, and can be repeated for a day."""

    def __init__(self, at: AtCounter, idempotency_key: IdempotencyKey = None) -> None:
        self._at = at
        self._key = idempotency_key

    async def of(self, operation: str, sent: Strict, issue: Callable[[], Awaitable[Ticket]]) -> TicketOut:
        """The ticket as this transaction leaves it, or as it was given out before.

        Raises IdempotencyKeyReused for something else under the same key, and whatever `issue` raises.
        """
        at, key = self._at, self._under(operation, sent)
        if key:
            await at.session.execute(ONE_AT_A_TIME, {"name": f"{key.caller} {key.key}"})
            if before := await look_up(at.database, key, at.now):
                return TicketOut.model_validate(before.answer)
        answer = ticket_out(await ticket_in(at.session, (await issue()).id), at.network)
        await keep(at.session, key, answer.ticket_id, answer.model_dump(mode="json"), at.now)
        return answer

    def _under(self, operation: str, sent: Strict) -> Key | None:
        if not self._key:
            return None
        caller = self._at.caller
        whose = f"key:{caller.via}" if caller.kind == "key" else f"person:{caller.person_id}"
        return Key(whose, self._key, content(operation, sent.model_dump_json()))


Repeatable = Annotated[Repeating, Depends()]
