"""An appointment for fewer services than before: it ends earlier, where the station still takes anybody then."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kit.db import WriteSession

# Also of one that was given up: taken again, it is for what is left.
LESSEN = """
UPDATE reservation SET service_ids = CAST(:service_ids AS int4[]), changed_at = :now
WHERE id = :id AND kind = 'appointment'
"""
# The station's lock comes before the row's, as everywhere. What has begun keeps its time.
SHORTEN = """
WITH locked AS MATERIALIZED (
    SELECT id, station_id, pg_advisory_xact_lock_shared(715001, station_id) FROM reservation WHERE id = :id
)
UPDATE reservation r
SET ticks = CAST(:visit_ticks AS int2) + r.travel_before + r.travel_after, changed_at = :now
FROM locked
WHERE r.id = locked.id AND r.station_id = locked.station_id AND r.kind = 'appointment'
    AND r.visit_ticks > :visit_ticks AND lower(r.during) > :now
"""


async def shorten(
    session: WriteSession, reservation_id: UUID, service_ids: Collection[int], visit_ticks: int, now: datetime
) -> None:
    """Only these services are left, and at most so many ticks of the visit, in the caller's transaction.

    The guards of closures and desks may refuse the new end: then the time stays as it is.
    """
    values = {"id": reservation_id, "service_ids": sorted(service_ids), "now": now}
    try:
        async with session.begin_nested():
            await session.execute(text(SHORTEN), {"id": reservation_id, "visit_ticks": visit_ticks, "now": now})
    except IntegrityError:
        pass
    await session.execute(text(LESSEN), values)
