"""Taking an appointment that was given up once more: the very same place, if nobody has taken it since."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kit.db import WriteSession

# An expired hold counts as free: it goes first, so that it isn't in the way.
CLEAR = """
DELETE FROM reservation r USING reservation given
WHERE given.id = :id AND r.desk_id = given.desk_id AND r.during && given.during
    AND r.active AND r.kind = 'hold' AND r.expires_at <= :now
"""
# The station's lock comes before the row's, as everywhere: a closure that is entered at this moment is seen.
RESTORE = """
WITH locked AS MATERIALIZED (
    SELECT id, station_id, pg_advisory_xact_lock_shared(715001, station_id) FROM reservation WHERE id = :id
)
UPDATE reservation r SET active = true, changed_at = :now
FROM locked
WHERE r.id = locked.id AND r.station_id = locked.station_id AND NOT r.active AND r.kind = 'appointment'
    AND (r.hours_version IS NULL
        OR r.hours_version = (SELECT hours_version FROM station WHERE station.id = r.station_id))
RETURNING r.id
"""


async def restore(session: WriteSession, reservation_id: UUID, now: datetime) -> bool:
    """Whether the place is taken again, in the caller's transaction; False leaves everything as it was.

    A place that was found to fit into other hours than those of today isn't taken again; the exclusion constraint and
    the guards of closures and desks have the last word.
    """
    values = {"id": reservation_id, "now": now}
    try:
        async with session.begin_nested():
            await session.execute(text(CLEAR), values)
            return (await session.execute(text(RESTORE), values)).one_or_none() is not None
    except IntegrityError:
        return False
