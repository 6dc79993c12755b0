"""What a ticket is issued for: what somebody wants, where they come from, and the number that they get."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from app.hall.errors import Exhausted, HallClosed, HallHalted
from app.hall.models import Contingent, Ticket
from app.hall.rules.calling import Place
from app.hall.rules.states import Kind, Priority
from app.kit.db import WriteSession
from app.stations.snapshot import ServiceFacts

NUMBER = text("""
    INSERT INTO hall_day (station_id, day, last_number) VALUES (:station_id, :day, 1)
    ON CONFLICT (station_id, day) DO UPDATE SET last_number = hall_day.last_number + 1
    RETURNING last_number, closed_at IS NOT NULL, halted_at IS NOT NULL
""")

DAY = text(
    "SELECT closed_at IS NOT NULL, halted_at IS NOT NULL FROM hall_day WHERE station_id = :station_id AND day = :day"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody has come for, and what is to be known of their turn."""

    services: tuple[ServiceFacts, ...]
    language: str
    priority: Priority = Priority.NONE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a ticket comes from, if not from somebody who has just come: a booking, or another ticket, perhaps one
    of another station (`from_elsewhere`)."""

    kind: Kind = Kind.WALK_IN
    place: Place | None = None
    request_id: UUID | None = None
    booked_at: datetime | None = None
    moved_from: UUID | None = None
    from_elsewhere: bool = False
    printed: "Printed | None" = None

    @property
    def just_come(self) -> bool:
        """Without an appointment, and without a ticket."""
        return self.kind is Kind.WALK_IN and self.moved_from is None


@dataclass(frozen=True, slots=True)
class Printed:
    """A ticket that a kiosk has given out: its id, its number (None for a new one), what the event says of it.

    `offline`: it is in somebody's hand, so it counts even when the contingent is exhausted.
    """

    id: UUID
    number: int | None
    data: Mapping[str, Any]
    offline: bool = False


JUST_COME = Origin()


async def next_number(session: WriteSession, station_id: int, day: date, origin: Origin = JUST_COME) -> int:
    """The next number, under the lock of the station's day: whoever comes next waits for this transaction.

    Raises HallHalted, and HallClosed for whoever isn't here yet and has no appointment.
    """
    number, closed, halted = (await session.execute(NUMBER, {"station_id": station_id, "day": day})).one()
    _judge(origin, closed=closed, halted=halted)
    return int(number)


async def still_given_out(session: WriteSession, station_id: int, day: date, origin: Origin = JUST_COME) -> None:
    """The same for a number that a kiosk has ahead; whoever asks holds the lock of the day."""
    found = await session.execute(DAY, {"station_id": station_id, "day": day})
    for closed, halted in found:
        _judge(origin, closed=closed, halted=halted)


def _judge(origin: Origin, *, closed: bool, halted: bool) -> None:
    if halted:
        raise HallHalted
    if closed and (origin.just_come or origin.from_elsewhere):
        raise HallClosed


async def within_contingents(
    session: WriteSession, station_id: int, day: date, services: Iterable[ServiceFacts]
) -> None:
    """Counted under the day's lock, so two can't both get the last one. Raises Exhausted."""
    codes = {service.id: service.code for service in services}
    limits = select(Contingent).where(Contingent.station_id == station_id, Contingent.service_id.in_(codes))
    for limit in await session.scalars(limits):
        given_out = await session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(
                Ticket.station_id == station_id,
                Ticket.day == day,
                Ticket.kind == Kind.WALK_IN.value,
                Ticket.service_ids.contains([limit.service_id]),
            )
        )
        if (given_out or 0) >= limit.per_day:
            raise Exhausted(service_code=codes[limit.service_id])
