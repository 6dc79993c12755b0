"""For doors: who works at which counter, with everything that a step there needs. Pages and JSON do it by this."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.accounts.callers import CurrentCaller
from app.accounts.rules.rights import Caller, Permission
from app.accounts.service.organisations import person_of
from app.hall.asked import asked_for
from app.hall.errors import DeskUnknown, HallHalted, TicketUnknown
from app.hall.models import Ticket
from app.hall.opening import opening_of
from app.hall.queries import ticket_of
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, Priority
from app.hall.service import Bookings, Calls, Counter, Seats, Wish
from app.hall.service.passing import move, split
from app.kit import clock
from app.kit.clock import local_date
from app.kit.db import Database, WriteSession, Writing
from app.kit.i18n import current_locale, lazy
from app.kit.problems import FieldError, Invalid
from app.requests.correspondence import CurrentLetters
from app.requests.letters import Letters
from app.requests.queries import find_reached
from app.requests.reach import as_staff
from app.requests.service import Changes
from app.requests.visiting import spelled
from app.slots.errors import FieldProblem, StationUnknown
from app.stations.snapshot import CurrentNetwork, DeskFacts, Network, StationFacts

Now = Annotated[datetime, Depends(clock.now)]
REASON_NEEDED = lazy("Say in a few words why it is urgent.")
UNKNOWN = lazy("There is no service with the code {code}.")
NO_CATEGORY = lazy("There is no category with the code {code}.")
WHOSE = lazy("Name the desk at which you sit.")
CALLS_OUT = frozenset({Action.RECALL, Action.ANNOUNCE})
WHICH = lazy("Name the desk or the station that it is passed on to.")


@dataclass(frozen=True, slots=True)
class Looking:
    """A call that looks at counters."""

    request: Request
    caller: Caller
    network: Network
    now: datetime

    @property
    def database(self) -> Database:
        found: Database = self.request.app.state.database
        return found

    def station(self, code: str, permission: Permission = Permission.HALL_WORK) -> StationFacts:
        """The station of this code, where the caller may. Raises StationUnknown, also where they may not."""
        index = self.network.station_index.get(code)
        station = None if index is None else self.network.stations[index]
        if station is None or not self.reaches(station, permission):
            raise StationUnknown
        return station

    def reaches(self, station: StationFacts, permission: Permission) -> bool:
        return self.caller.scope(permission).reaches(station.id, station.county_adcode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Working(Looking):
    """A call that changes something there, in its session's transaction."""

    session: WriteSession
    letters: Letters

    @property
    def person_id(self) -> UUID:
        return person_of(self.caller)

    def counter(self, station: StationFacts) -> Counter:
        return Counter(self.session, self.network, station, self.now, self.person_id)

    def seats(self, station: StationFacts) -> Seats:
        return Seats(self.session, station, self.now)

    def bookings(self, station: StationFacts) -> Bookings:
        changes = Changes(self.session, self.network, self.now, self.caller.actor, self.letters, by_station=True)
        return Bookings(self.session, self.network, station, changes)

    def skills_of(self, categories: Iterable[str]) -> int | None:
        """The bits of categories; None for none, which means all. Raises Invalid."""
        bits = self.network.category_bit
        for n, code in enumerate(categories := list(categories)):
            if code not in bits:
                raise Invalid(
                    errors=[FieldError(f"categories.{n}", "category_unknown", NO_CATEGORY.msgid, {"code": code})]
                )
        return sum(bits[code] for code in set(categories)) or None

    async def walk_in(self, station: StationFacts, codes: list[str], language: str | None, why: "Why") -> Ticket:
        """Raises what `asked_for` raises, Invalid, Exhausted."""
        services = asked_for(self.network, station, codes, local_date(self.now))
        return await self.counter(station).issue(Wish(services, language or current_locale(), *why.checked()))

    async def check_in(self, station: StationFacts, reference: str, why: "Why") -> Ticket:
        """Raises RequestUnknown, OtherStation, OtherDay, AlreadyIn, InvalidTransition of the request."""
        reach = as_staff(self.caller, Permission.HALL_WORK)
        found = await find_reached(self.session, self.network, spelled(reference), reach, lock=True)
        services = tuple(service for service, _n in found.what)
        wish = Wish(services, found.request.language, *why.checked())
        return await self.counter(station).check_in(found, self.bookings(station), wish)

    async def step(self, ticket_id: UUID, action: Action, asked: "Asked") -> Ticket:
        """One step of a ticket at a station where the caller works. Raises TicketUnknown and what the step raises."""
        station = await self.station_of(ticket_id)
        counter, given = self.counter(station), self._given(station, asked)
        if action is Action.UNDO:
            return await counter.undo(ticket_id)
        if action is Action.SPLIT:
            return await split(counter, self.network, ticket_id, list(given.service_ids))
        if action is Action.TRANSFER and asked.station:
            return await self._move(ticket_id, counter, asked.station)
        if action is Action.TRANSFER and given.desk_id is None:
            raise Invalid(errors=[FieldError("desk", "required", WHICH.msgid)])
        if action is Action.CALL:
            await self._calls_to(station, asked.desk)
        if action in CALLS_OUT and (await opening_of(self.database, station, self.now)).halted_at:
            raise HallHalted
        return await counter.act(ticket_id, action, given, self.bookings(station))

    async def _calls_to(self, station: StationFacts, desk: str | None) -> None:
        """Raises Invalid, DeskUnattended, HallHalted, OnBreak."""
        if desk is None:
            raise Invalid(errors=[FieldError("desk", "required", WHOSE.msgid)])
        await self.seats(station).calling(desk_of(station, desk), self.person_id)

    async def station_of(self, ticket_id: UUID, permission: Permission = Permission.HALL_WORK) -> StationFacts:
        """Raises TicketUnknown, also where the caller may not."""
        line = await ticket_of(self.database, ticket_id)
        station = self.network.station_by_id.get(line.station_id) if line else None
        if station is None or not self.reaches(station, permission):
            raise TicketUnknown
        return station

    async def _move(self, ticket_id: UUID, here: Counter, code: str) -> Ticket:
        """Whoever passes somebody on needs no right at the other station: it gets a ticket, as from the street."""
        index = self.network.station_index.get(code)
        if index is None or self.network.stations[index].id == here.station.id:
            raise Invalid(errors=[FieldError("station", "station_unknown", WHICH.msgid)])
        there = self.network.stations[index]
        ticket = await here.locked(ticket_id)
        codes = [self.network.service_by_id[each].code for each in ticket.open_ids]
        try:
            services = asked_for(self.network, there, codes, local_date(self.now))
        except FieldProblem as problem:
            raise type(problem)(field="station", **problem.data) from None
        return await move(
            here, Counter(self.session, self.network, there, self.now, self.person_id), ticket_id, services
        )

    def _given(self, station: StationFacts, asked: "Asked") -> Given:
        priority, reason = asked.why.checked()
        return Given(
            desk_of(station, asked.desk).id if asked.desk else None,
            self._ids(asked.done, "done"),
            asked.rest_left,
            priority,
            reason,
            self._ids(asked.service_codes, "service_codes"),
        )

    def _ids(self, codes: Iterable[str], field: str) -> list[int]:
        indices = self.network.service_index
        for n, code in enumerate(codes):
            if code not in indices:
                raise Invalid(errors=[FieldError(f"{field}.{n}", "service_unknown", UNKNOWN.msgid, {"code": code})])
        return [self.network.services[indices[code]].id for code in codes]


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody goes before others."""

    priority: Priority = Priority.NONE
    reason: str = ""

    def checked(self) -> tuple[Priority, str]:
        """Raises Invalid: urgent is only what has a reason."""
        if self.priority is Priority.URGENT and not self.reason:
            raise Invalid(errors=[FieldError("priority_reason", "required", REASON_NEEDED.msgid)])
        return self.priority, self.reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What came with a step, as it was sent: codes, not ids."""

    desk: str | None = None
    station: str | None = None
    done: tuple[str, ...] = ()
    rest_left: bool = False
    service_codes: tuple[str, ...] = ()
    why: Why = Why()


def desk_of(station: StationFacts, code: str) -> DeskFacts:
    """Raises DeskUnknown."""
    for desk in station.desks:
        if desk.code == code and desk.active:
            return desk
    raise DeskUnknown


def calls_of(request: Request) -> Calls:
    found: Calls = request.app.state.calls
    return found


async def looking(request: Request, caller: CurrentCaller, network: CurrentNetwork, now: Now) -> Looking:
    return Looking(request, caller, network, now)


async def working(
    *,
    request: Request,
    caller: CurrentCaller,
    network: CurrentNetwork,
    now: Now,
    session: Writing,
    letters: CurrentLetters,
) -> Working:
    return Working(request=request, caller=caller, network=network, now=now, session=session, letters=letters)


AtCounter = Annotated[Working, Depends(working)]
Watching = Annotated[Looking, Depends(looking)]
