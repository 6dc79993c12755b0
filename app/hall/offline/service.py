"""Taking in what was done at a counter without a network: by the steps of the table, at the time when it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.hall.errors import CalledOften, DeskBusy, InvalidTransition, TicketUnknown
from app.hall.kiosk.models import HallDevice
from app.hall.kiosk.queries import Device
from app.hall.models import Ticket
from app.hall.offline.models import OfflineStep
from app.hall.rules.offline import StepOutcome, way_to
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, State
from app.hall.service import Bookings, Counter
from app.kit.db import WriteSession
from app.kit.ids import new_id

COUNTER = text("""
    INSERT INTO hall_device (id, station_id, name, created_at) VALUES (:id, :station_id, 'counter', :now)
    ON CONFLICT (station_id) WHERE token_hash IS NULL DO NOTHING
""")


async def counter_device(session: AsyncSession, station_id: int, now: datetime) -> Device:
    """The one that stands for the station's counter; made when it is first needed."""
    await session.execute(COUNTER, {"id": new_id(), "station_id": station_id, "now": now})
    here = HallDevice.station_id == station_id, HallDevice.token_hash.is_(None)
    found = (await session.scalars(select(HallDevice).where(*here))).one()
    return Device(found.id, found.station_id, found.name)


@dataclass(frozen=True, slots=True)
class Done:
    """A step as somebody took it, at an aware time of the server's clock."""

    event_id: UUID
    ticket_id: UUID
    action: Action
    desk_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of it, and where the ticket stands now; None for one that there isn't."""

    event_id: UUID
    outcome: StepOutcome
    state: State | None


class Replaying:
    """Steps at one station's counter by one person, in the session's transaction.

    `counter_at` gives the counter as that person worked at it at a time.
    """

    def __init__(
        self,
        session: WriteSession,
        counter_at: Callable[[datetime], Counter],
        bookings_at: Callable[[datetime], Bookings],
        who: tuple[int, UUID],
        now: datetime,
    ) -> None:
        self._session = session
        self._counter_at = counter_at
        self._bookings_at = bookings_at
        self._station_id, self._person_id = who
        self._now = now

    async def all(self, done: Sequence[Done]) -> list[Settled]:
        """In the order in which they were done."""
        return [await self._one(each) for each in sorted(done, key=lambda each: each.at)]

    async def _one(self, done: Done) -> Settled:
        ticket = await self._ticket(done.ticket_id)
        known = await self._session.get(OfflineStep, done.event_id)
        if known:
            return Settled(done.event_id, StepOutcome.KNOWN, State(ticket.state) if ticket else None)
        taken = ticket is not None and await self._take(done, ticket)
        outcome = StepOutcome.TAKEN if taken else StepOutcome.OVERTAKEN
        self._session.add(self._kept(done, outcome))
        await self._session.flush()
        after = await self._ticket(done.ticket_id)
        return Settled(done.event_id, outcome, State(after.state) if after else None)

    async def _ticket(self, ticket_id: UUID) -> Ticket | None:
        """Locked, so that of two who hand in the same at once the second one finds what the first has done."""
        try:
            return await self._counter_at(self._now).locked(ticket_id)
        except TicketUnknown:
            return None

    async def _take(self, done: Done, ticket: Ticket) -> bool:
        at, steps = (
            min(done.at, self._now),
            way_to(done.action, State(ticket.state), at_this_desk=ticket.desk_id == done.desk_id),
        )
        given = Given(done.desk_id, done=tuple(ticket.open_ids) if done.action is Action.FINISH else ())
        try:
            async with self._session.begin_nested():
                for step in steps:
                    await self._counter_at(at).act(done.ticket_id, step, given, self._bookings_at(at))
        except (InvalidTransition, CalledOften, DeskBusy):
            return False
        return bool(steps)

    def _kept(self, done: Done, outcome: StepOutcome) -> OfflineStep:
        return OfflineStep(
            id=done.event_id,
            station_id=self._station_id,
            ticket_id=done.ticket_id,
            action=done.action.value,
            at=done.at,
            desk_id=done.desk_id,
            person_id=self._person_id,
            outcome=outcome.value,
            handed_in_at=self._now,
        )
