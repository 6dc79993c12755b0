"""What waits for a desk that closes: it waits for any desk from then on, so that nobody is forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.hall.live import topic_of
from app.hall.models import DeskSession
from app.hall.rules.states import Action
from app.kit.clock import local_date
from app.kit.db import WriteSession
from app.kit.live import tell

FREE = text("""
    WITH freed AS (
        UPDATE ticket SET for_desk_id = NULL, events = events + 1
        WHERE station_id = :station_id AND day = :day AND state IN ('waiting', 'parked') AND for_desk_id = :desk_id
        RETURNING id, station_id, state, events
    )
    INSERT INTO ticket_event (ticket_id, station_id, n, at, action, state, person_id)
    SELECT id, station_id, events, :now, :action, state, :person_id FROM freed
""")


async def free_of_desk(
    session: WriteSession, station_id: int, desk_id: int, now: datetime, person_id: UUID | None
) -> None:
    """Let those who wait for a desk alone be called at any other one."""
    values = {"station_id": station_id, "desk_id": desk_id, "day": local_date(now), "now": now}
    await session.execute(FREE, values | {"action": Action.TRANSFER.value, "person_id": person_id})
    await tell(session, topic_of(station_id))


async def attended(session: WriteSession, station_id: int, desk_id: int) -> bool:
    """Whether somebody sits at a desk."""
    at_desk = DeskSession.station_id == station_id, DeskSession.desk_id == desk_id, DeskSession.ended_at.is_(None)
    return await session.scalar(select(DeskSession.id).where(*at_desk)) is not None
