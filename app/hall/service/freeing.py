"""What waits for one desk alone, at which nobody will call: it waits for any desk from then on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from app.hall.live import topic_of
from app.kit.db import WriteSession
from app.kit.live import tell

# Waiting for this desk alone: no other desk that calls can pass over such a row.
FREED = text("""
    WITH freed AS (
        UPDATE ticket SET for_desk_id = NULL, events = events + 1
        WHERE station_id = :station_id AND for_desk_id = :desk_id AND state = 'waiting'
        RETURNING id, events
    )
    INSERT INTO ticket_event (ticket_id, station_id, n, at, action, state, person_id)
    SELECT id, :station_id, events, :now, 'transfer', 'waiting', CAST(:person_id AS uuid) FROM freed
""")


async def free_of_desk(
    session: WriteSession, station_id: int, desk_id: int, now: datetime, person_id: UUID | None
) -> None:
    """Let those who wait for a desk alone be called at any other one."""
    values = {"station_id": station_id, "desk_id": desk_id, "now": now, "person_id": person_id}
    await session.execute(FREED, values)
    await tell(session, topic_of(station_id))
