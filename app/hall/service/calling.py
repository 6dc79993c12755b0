"""Calling the next one: one statement in its own transaction, as often as all desks together press the key."""

from datetime import datetime
from uuid import UUID

import psycopg

from app.hall.errors import DeskBusy, DeskUnattended, HallHalted, OnBreak
from app.hall.live import topic_of
from app.hall.statements import CALL_NEXT
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database, once_more, violated
from app.stations.snapshot import DeskFacts, StationFacts


class Calls:
    """Calls to the desks of the network. One for each process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def next(self, station: StationFacts, desk: DeskFacts, person_id: UUID, now: datetime) -> UUID | None:
        """The ticket that the desk has called; None when nobody waits for it.

        Raises DeskUnattended, HallHalted, OnBreak, DeskBusy.
        """
        day = local_date(now)
        values = {
            "station_id": station.id,
            "desk_id": desk.id,
            "person_id": person_id,
            "day": day,
            "morning": datetime(day.year, day.month, day.day, tzinfo=LOCAL),
            "now": now,
            "topic": topic_of(station.id),
        }
        try:
            [(ticket_id, seats, on_break, halted, _told)] = await once_more(
                lambda: self._database.fetch(CALL_NEXT, values)
            )
        except psycopg.errors.UniqueViolation as error:
            if violated(error) != "ticket_at_desk_key":
                raise
            raise DeskBusy from None
        if not seats:
            raise DeskUnattended
        if halted:
            raise HallHalted
        if on_break is not None:
            raise OnBreak
        found: UUID | None = ticket_id
        return found
