"""Moving what is booked in somebody's transaction: when a desk or a station closes, with all who are booked there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Integer, literal, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.db import WriteSession, violated
from app.kit.ticks import floor_tick
from app.slots.models import Reservation
from app.slots.places import Handle
from app.slots.service import GUARDS, hold_values
from app.slots.statements import HOLD
from app.slots.wishes import Choice

TO_DESK = text("UPDATE reservation SET desk_id = :desk_id, changed_at = :now WHERE id = :id AND active RETURNING id")
# An expired hold counts as free: it goes first, so that it isn't in the way.
CLEAR = text("""
    DELETE FROM reservation r USING reservation given
    WHERE given.id = :id AND r.desk_id = :desk_id AND r.during && given.during
        AND r.active AND r.kind = 'hold' AND r.expires_at <= :now
""")
DROP_HOLDS = text("""
    DELETE FROM reservation
    WHERE active AND kind = 'hold' AND station_id = :station_id AND id = ANY (CAST(:ids AS uuid[]))
""")


LOOK_BACK = 288
"""Nobody is longer than so many ticks at a desk (a check of the table)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A time that is taken at a desk: the whole of it in ticks of the epoch, the way to a site included."""

    id: UUID
    desk_id: int
    starts: int
    ticks: int
    kind: str


async def taken_from(session: AsyncSession, station_id: int, now: datetime) -> list[Taken]:
    """What is taken at a station from a moment on; holds that are over are not."""
    tick = literal(floor_tick(now), Integer)
    found = await session.execute(
        select(Reservation.id, Reservation.desk_id, Reservation.starts, Reservation.ticks, Reservation.kind)
        .where(
            Reservation.active,
            Reservation.station_id == station_id,
            Reservation.kind != "block",
            Reservation.starts > tick - LOOK_BACK,
            Reservation.starts + Reservation.ticks > tick,
            Reservation.expires_at.is_(None) | (Reservation.expires_at > now),
        )
        .order_by(Reservation.starts, Reservation.id)
    )
    return [Taken(*row) for row in found]


async def place(session: WriteSession, choice: Choice, new: Handle, now: datetime) -> bool:
    """Whether the place is held, by a hold of the caller's transaction; False when somebody was faster.

    After False for a closure or for hours that have changed the transaction must be rolled back.
    """
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    try:
        cursor = await driver.execute(HOLD, hold_values(choice, None, new, now))
    except psycopg.errors.CheckViolation as error:
        if violated(error) not in GUARDS:
            raise
        return False
    [(made, _desk, _place)] = await cursor.fetchall()
    return bool(made)


async def to_desk(session: WriteSession, reservation_id: UUID, desk_id: int, now: datetime) -> bool:
    """Whether an appointment now has another desk at the same time; False leaves everything as it was."""
    values = {"id": reservation_id, "desk_id": desk_id, "now": now}
    try:
        async with session.begin_nested():
            await session.execute(CLEAR, values)
            return (await session.execute(TO_DESK, values)).one_or_none() is not None
    except IntegrityError:
        return False


async def drop_holds(session: WriteSession, station_id: int, ids: list[UUID]) -> None:
    """Give these holds back: what they keep can't be booked any more."""
    if ids:
        await session.execute(DROP_HOLDS, {"station_id": station_id, "ids": ids})
