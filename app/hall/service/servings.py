"""The times at a desk: begun, ended with what was really done, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.hall.models import Serving, Ticket
from app.hall.rules.states import Action, State
from app.kit.db import WriteSession


class Servings:
    """Servings of tickets that are locked, in the session's transaction."""

    def __init__(self, session: WriteSession, now: datetime, person_id: UUID | None) -> None:
        self._session = session
        self._now = now
        self._person_id = person_id

    async def open_of(self, ticket: Ticket) -> Serving | None:
        """The one that goes on, if the ticket is being served."""
        if ticket.state != State.SERVING:
            return None
        return (await self._all(ticket))[-1]

    async def begin(self, ticket: Ticket, service_ids: list[int]) -> Mapping[str, Any]:
        """What the event keeps: the number of the serving."""
        if ticket.desk_id is None:
            raise ValueError("a ticket that is served has a desk")
        n = len(await self._all(ticket)) + 1
        self._session.add(
            Serving(
                ticket_id=ticket.id,
                station_id=ticket.station_id,
                n=n,
                desk_id=ticket.desk_id,
                person_id=self._person_id,
                service_ids=service_ids,
                started_at=self._now,
            )
        )
        return {"serving": n}

    async def end(self, ticket: Ticket, done: list[int] | None) -> Mapping[str, Any]:
        """The open one, if there is one: with what was done, or dropped. What the event keeps: its number, what was."""
        found = await self.open_of(ticket)
        if found is None:
            return {}
        kept = {"serving": found.n, "service_ids": found.service_ids}
        found.ended_at, found.dropped = self._now, done is None
        if done is not None:
            found.service_ids = done
        return kept

    async def take_back(self, ticket: Ticket, action: Action, data: Mapping[str, Any]) -> None:
        """As it was before the step of which the event kept `data`."""
        if "serving" not in data:
            return
        found = next(each for each in await self._all(ticket) if each.n == data["serving"])
        if action is Action.START:
            await self._session.delete(found)
        else:
            found.ended_at, found.dropped, found.service_ids = None, False, data["service_ids"]

    async def _all(self, ticket: Ticket) -> list[Serving]:
        of_ticket = Serving.ticket_id == ticket.id, Serving.station_id == ticket.station_id
        return list(await self._session.scalars(select(Serving).where(*of_ticket).order_by(Serving.n)))
