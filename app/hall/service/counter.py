"""The counter of a station: tickets are issued, and each is moved on step by step, in the session's transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, select, update
from sqlalchemy.exc import IntegrityError

from app.hall.asked import letter_of
from app.hall.errors import (
    AlreadyIn,
    CalledOften,
    DeskBusy,
    InvalidTransition,
    TicketUnknown,
    TooLateToUndo,
)
from app.hall.live import topic_of
from app.hall.models import Ticket, TicketEvent
from app.hall.rules.calling import place_of
from app.hall.rules.planning import (
    UNDO_WITHIN,
    Asked,
    CalledOftenError,
    Given,
    ImpossibleError,
    Planned,
    plan,
    wants_of,
)
from app.hall.rules.states import Action, Kind, State
from app.hall.rules.table import Seat, Step
from app.hall.service.bookings import Bookings
from app.hall.service.desks import may_stand_again, must_be_attended
from app.hall.service.issuing import JUST_COME, Origin, Wish, next_number, within_contingents
from app.hall.service.servings import Servings
from app.hall.words import number_of
from app.kit.clock import local_date
from app.kit.db import WriteSession, violated
from app.kit.ids import new_id
from app.kit.live import tell
from app.requests.queries import RequestView
from app.stations.snapshot import Network, StationFacts

NOTHING_GIVEN = Given()


class Counter:
    """Tickets of one station, as one person or device works with them; `person_id` None for a device."""

    def __init__(
        self, session: WriteSession, network: Network, station: StationFacts, now: datetime, person_id: UUID | None
    ) -> None:
        self._session = session
        self._network = network
        self.station = station
        self._now = now
        self._person_id = person_id
        self._servings = Servings(session, now, person_id)

    @property
    def skills(self) -> Mapping[int, int]:
        return {service.id: service.skill for service in self._network.services}

    async def issue(self, wish: Wish, origin: Origin = JUST_COME) -> Ticket:
        """A ticket with the day's next number, in its place in the queue.

        Raises Exhausted when as many walk-ins as there may be have one; AlreadyIn for a booking that has one;
        HallHalted, and HallClosed for whoever isn't here yet and has no appointment.
        """
        day, service_ids = local_date(self._now), [service.id for service in wish.services]
        printed = origin.printed
        number = (printed and printed.number) or await next_number(self._session, self.station.id, day, origin)
        if origin.just_come and not (printed and printed.offline):
            await within_contingents(self._session, self.station.id, day, wish.services)
        place = origin.place or place_of(self._now, wish.priority, origin.booked_at)
        ticket = Ticket(
            id=printed.id if printed else new_id(),
            station_id=self.station.id,
            day=day,
            number=number,
            letter=letter_of(wish.services[0]),
            kind=origin.kind.value,
            state=State.WAITING.value,
            priority=wish.priority.value,
            priority_reason=wish.reason or None,
            service_ids=service_ids,
            open_ids=service_ids,
            wants=wants_of(service_ids, self.skills),
            first_from=place.first_from,
            rank_at=place.rank_at,
            booked_at=origin.booked_at,
            request_id=origin.request_id,
            moved_from=origin.moved_from,
            language=wish.language,
            calls=0,
            events=1,
            issued_at=self._now,
        )
        self._session.add(ticket)
        await self._session.flush()
        self._session.add(self._event(ticket, Action.ISSUE, None, printed.data if printed else {}))
        await self._tell()
        return ticket

    async def check_in(self, found: RequestView, bookings: Bookings, wish: Wish) -> Ticket:
        """Whoever has an appointment is there: the request says so, and they get a ticket.

        Raises OtherStation, OtherDay, AlreadyIn, InvalidTransition.
        """
        request_id = found.request.id
        of_today = Ticket.request_id == request_id, Ticket.day == local_date(self._now)
        if here := (await self._session.scalars(select(Ticket).where(*of_today))).first():
            raise AlreadyIn(number=number_of(here.letter, here.number))
        booked_at = found.appointment.start
        await bookings.check_in(found, self._now)
        return await self.issue(wish, Origin(Kind.APPOINTMENT, request_id=request_id, booked_at=booked_at))

    async def act(
        self, ticket_id: UUID, action: Action, given: Given = NOTHING_GIVEN, bookings: Bookings | None = None
    ) -> Ticket:
        """Take one step of the table.

        Raises TicketUnknown, InvalidTransition, CalledOften, DeskBusy; Invalid for passing on to an empty desk.
        """
        ticket = await self.locked(ticket_id)
        if action is Action.FINISH and not given.done and (serving := await self._servings.open_of(ticket)):
            given = replace(given, done=serving.service_ids)
        planned = self.planned(ticket, action, given)
        if action is Action.TRANSFER and given.desk_id is not None:
            await must_be_attended(self._session, self.station.id, given.desk_id, self._now)
        kept: Mapping[str, Any] = {}
        if action is Action.START:
            given = replace(given, done=self._begun(ticket, given))
            kept = await self._servings.begin(ticket, list(given.done))
        elif planned.step.seat is Seat.LEFT:
            kept = await self._servings.end(ticket, list(given.done) if action is Action.FINISH else None)
        await self.write(ticket, planned, action, kept, undone=planned.step.undone)
        if bookings and ticket.request_id and await bookings.follow(ticket.request_id, action, given.done):
            await self._keep(ticket)
        return ticket

    async def _keep(self, ticket: Ticket) -> None:
        """The request behind it has gone on as well: the last step can't be taken back."""
        last = TicketEvent.ticket_id == ticket.id, TicketEvent.station_id == ticket.station_id
        statement = update(TicketEvent).where(*last, TicketEvent.n == ticket.events).values(before=None)
        await self._session.execute(statement)

    def _begun(self, ticket: Ticket, given: Given) -> list[int]:
        """The services that are begun with: those that are named, else the first open one that the desk is for."""
        if named := [each for each in ticket.open_ids if each in given.service_ids]:
            return named
        desk = next((desk for desk in self.station.desks if desk.id == ticket.desk_id), None)
        skills = desk.skills if desk else 0
        fitting = [each for each in ticket.open_ids if self.skills[each] & skills]
        return (fitting or ticket.open_ids)[:1]

    async def locked(self, ticket_id: UUID) -> Ticket:
        """The ticket, for this transaction alone. Raises TicketUnknown."""
        statement = select(Ticket).where(Ticket.id == ticket_id, Ticket.station_id == self.station.id)
        found: Ticket | None = await self._session.scalar(
            statement.with_for_update().execution_options(populate_existing=True)
        )
        if found is None:
            raise TicketUnknown
        return found

    async def write(
        self, ticket: Ticket, planned: Planned, action: Action, data: Mapping[str, Any], *, undone: bool = True
    ) -> None:
        """Change the ticket and write the step down. Raises DeskBusy."""
        for name, value in planned.after.items():
            setattr(ticket, name, value)
        ticket.events += 1
        try:
            await self._session.flush()
        except IntegrityError as error:
            if violated(error) == "ticket_at_desk_key":
                raise DeskBusy from None
            raise
        before = {name: _stored(value) for name, value in planned.before.items()} if undone else None
        self._session.add(self._event(ticket, action, before, data))
        await self._session.flush()
        await self._tell()

    async def drop(self, ticket: Ticket) -> Mapping[str, Any]:
        """End the serving that goes on, with nothing done; what the event keeps of it."""
        return await self._servings.end(ticket, None)

    async def undo(self, ticket_id: UUID) -> Ticket:
        """Take the last step back, within a minute of it.

        Raises TicketUnknown, TooLateToUndo; DeskBusy where its desk is now another's, DeskUnattended where nobody sits.
        """
        ticket = await self.locked(ticket_id)
        of_ticket = TicketEvent.ticket_id == ticket.id, TicketEvent.station_id == ticket.station_id
        last = await self._session.scalar(select(TicketEvent).where(*of_ticket, TicketEvent.n == ticket.events))
        if last is None or last.before is None or self._now - last.at > UNDO_WITHIN:
            raise TooLateToUndo
        await self._servings.take_back(ticket, Action(last.action), last.data)
        before = {name: _read(name, value) for name, value in last.before.items()}
        before = dict(await may_stand_again(self._session, ticket, before, self._now))
        back = Planned(Step(Action.UNDO, frozenset(), None), before)
        await self.write(ticket, back, Action.UNDO, {"step": last.action}, undone=False)
        return ticket

    def planned(self, ticket: Ticket, action: Action, given: Given) -> Planned:
        number = number_of(ticket.letter, ticket.number)
        try:
            return plan(Asked(ticket, action, given, self.skills, self._now))
        except ImpossibleError:
            raise InvalidTransition(action=action.value, number=number, state=ticket.state) from None
        except CalledOftenError:
            raise CalledOften(number=number) from None

    def _event(
        self, ticket: Ticket, action: Action, before: Mapping[str, Any] | None, data: Mapping[str, Any]
    ) -> TicketEvent:
        return TicketEvent(
            ticket_id=ticket.id,
            station_id=ticket.station_id,
            n=ticket.events,
            at=self._now,
            action=action.value,
            state=ticket.state,
            desk_id=ticket.desk_id,
            person_id=self._person_id,
            before=None if before is None else dict(before),
            data=dict(data),
        )

    async def _tell(self) -> None:
        await tell(self._session, topic_of(self.station.id))


def _stored(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - a value of any column
    column = Ticket.__table__.columns[name]
    return datetime.fromisoformat(value) if value is not None and isinstance(column.type, DateTime) else value
