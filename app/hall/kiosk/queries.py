"""Reading kiosks: whose a secret is, those of a station with the numbers that they have, what is exhausted today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.hall.kiosk.models import HallDevice
from app.kit.clock import local_date
from app.kit.db import Database
from app.kit.ids import hash_secret

SEEN_EVERY = timedelta(minutes=1)
LOOK: LiteralString = """
WITH device AS (
    SELECT id, station_id, name FROM hall_device WHERE token_hash = %(hash)s AND revoked_at IS NULL
), seen AS (
    UPDATE hall_device SET last_seen_at = %(now)s::timestamptz FROM device
    WHERE hall_device.id = device.id AND (last_seen_at IS NULL OR last_seen_at < %(seen_before)s::timestamptz)
)
SELECT id, station_id, name FROM device
"""
EXHAUSTED: LiteralString = """
SELECT service_id FROM contingent
WHERE station_id = %(station_id)s::int4 AND per_day <= (
    SELECT count(*) FROM ticket
    WHERE ticket.station_id = contingent.station_id AND day = %(day)s::date AND kind = 'walk_in'
        AND service_ids @> ARRAY[service_id]
)
"""
NUMBERS: LiteralString = """
SELECT device_id, first, last, (
    SELECT count(*)::int4 FROM ticket
    WHERE ticket.station_id = lease.station_id AND ticket.day = lease.day AND number BETWEEN first AND last
)
FROM number_lease AS lease WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date ORDER BY first
"""


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk that is in use."""

    id: UUID
    station_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Leased:
    """Numbers that a device has of a day, and how many of them are on tickets."""

    device_id: UUID
    first: int
    last: int
    given_out: int


async def device_of(database: Database, secret: str, now: datetime) -> Device | None:
    """Whose the secret is; None for one that opens nothing, whatever the reason. One statement."""
    values = {"hash": hash_secret(secret), "now": now, "seen_before": now - SEEN_EVERY}
    rows = await database.fetch(LOOK, values)
    return Device(*rows[0]) if rows else None


async def exhausted(database: Database, station_id: int, now: datetime) -> Collection[int]:
    """Ids of the services of which a station gives out no more tickets today."""
    rows = await database.fetch(EXHAUSTED, {"station_id": station_id, "day": local_date(now)})
    return {row[0] for row in rows}


async def numbers_of(database: Database, station_id: int, now: datetime) -> Sequence[Leased]:
    """The leases of a station today. Those of other days: what has no ticket is void."""
    rows = await database.fetch(NUMBERS, {"station_id": station_id, "day": local_date(now)})
    return [Leased(*row) for row in rows]


async def devices_of(session: AsyncSession, station_id: int) -> Sequence[HallDevice]:
    """The kiosks of a station that are in use, by name."""
    here = HallDevice.station_id == station_id, HallDevice.revoked_at.is_(None), HallDevice.token_hash.is_not(None)
    return (await session.scalars(select(HallDevice).where(*here).order_by(HallDevice.name, HallDevice.id))).all()


async def device_in_use(session: AsyncSession, station_id: int, device_id: UUID) -> HallDevice | None:
    here = HallDevice.station_id == station_id, HallDevice.revoked_at.is_(None), HallDevice.token_hash.is_not(None)
    found: HallDevice | None = await session.scalar(select(HallDevice).where(*here, HallDevice.id == device_id))
    return found
