"""The end of a station's day: what was left as it stood is over, nobody sits at a desk any more."""

from datetime import datetime
from typing import LiteralString

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LOCAL, local_date
from app.kit.db import Database

# By steps of the table, as nobody has said otherwise: who was served is done, who was called has not come, all others
# have left. How long a serving took that nobody ended isn't known. One station, or all with none.
TICKETS: LiteralString = """
WITH over AS (
    UPDATE ticket SET desk_id = NULL, for_desk_id = NULL, ended_at = %(now)s::timestamptz, events = events + 1,
        state = CASE state WHEN 'serving' THEN 'done' WHEN 'called' THEN 'no_show' ELSE 'left' END
    WHERE day < %(day)s::date AND state IN ('waiting', 'called', 'serving', 'parked')
        AND (%(station_id)s::int4 IS NULL OR station_id = %(station_id)s::int4)
    RETURNING id, station_id, events, state
), ended AS (
    UPDATE serving SET ended_at = %(now)s::timestamptz, dropped = true FROM over
    WHERE serving.station_id = over.station_id AND ticket_id = over.id AND serving.ended_at IS NULL
)
INSERT INTO ticket_event (ticket_id, station_id, n, at, action, state)
SELECT id, station_id, events, %(now)s::timestamptz,
    CASE state WHEN 'done' THEN 'finish' WHEN 'no_show' THEN 'no_show' ELSE 'leave' END, state
FROM over
"""
SEATS: LiteralString = """
UPDATE desk_session SET ended_at = %(now)s::timestamptz
WHERE ended_at IS NULL AND started_at < %(morning)s::timestamptz
"""
MAILS: LiteralString = "DELETE FROM turn_mail WHERE created_at < %(morning)s::timestamptz"


async def end_before_today(session: AsyncSession, station_id: int, now: datetime) -> None:
    """End what a station has left of days before: it would keep a desk taken that looks free."""
    await (await session.connection()).exec_driver_sql(TICKETS, _values(now, station_id))


async def end_all(database: Database, now: datetime) -> None:
    """The same for all stations, everybody who was forgotten at a desk, and the addresses that came with tickets."""
    await database.fetch(TICKETS, _values(now, None))
    await database.fetch(SEATS, _values(now, None))
    await database.fetch(MAILS, _values(now, None))


def _values(now: datetime, station_id: int | None) -> dict[str, object]:
    day = local_date(now)
    morning = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    return {"now": now, "day": day, "morning": morning, "station_id": station_id}
