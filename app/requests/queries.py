"""Reading a request back: by reference and access code or by reach, with everything a door shows of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import ids
from app.kit.clock import LOCAL
from app.kit.ticks import TICK_MIN, tick_time
from app.requests.errors import RequestUnknown
from app.requests.linked import Linked, linked_with, with_what_was_split_off
from app.requests.many import counted
from app.requests.models import Request, RequestEvent, RequestItem
from app.requests.reach import Reach
from app.requests.rules import REFERENCE_PREFIX, Action, Deadline, Party, State, Step, Way, find_step, read, way_of
from app.requests.sites import Site, site_of, way_to
from app.requests.sites import Way as WayTo
from app.requests.telling import Told, told
from app.slots.models import Reservation
from app.stations.snapshot import Network, ServiceFacts, StationFacts

NO_DIGEST = bytes(32)
CONFIRMED, CANCELLED = "confirmed", "cancelled"


class SummaryItem(TypedDict):
    n: int
    service_code: str
    status: str


class SummaryAppointment(TypedDict):
    station_code: str
    start: str
    end: str
    status: str


class Summary(TypedDict):
    """A request in short, as the JSON contract has it: nothing personal, nothing secret, so it may be kept."""

    reference: str
    status: str
    items: list[SummaryItem]
    appointment: SummaryAppointment


@dataclass(frozen=True, slots=True)
class Appointment:
    """The visit, aware; `confirmed` or `cancelled`. On site `travel` is kept free before and after it, for the way."""

    station: StationFacts
    start: datetime
    end: datetime
    status: str
    travel: timedelta = timedelta()

    @property
    def sets_out(self) -> datetime:
        return self.start - self.travel

    @property
    def is_back(self) -> datetime:
        return self.end + self.travel


@dataclass(frozen=True, slots=True)
class Item:
    """One service of the request, what its form holds, and how it stands.

    `deadline` is its clock, `due_at` what follows from it (None while nothing is due, or it stands still). `faults` is
    what the applicant has to correct: `field` and what is `wanted`; `returns` how often that was asked.
    """

    n: int
    service: ServiceFacts
    status: str
    inputs: Mapping[str, Any]
    way: Way
    before: str | None = None
    deadline: Deadline | None = None
    due_at: datetime | None = None
    due_provisional: bool = False
    returns: int = 0
    faults: tuple[Mapping[str, str], ...] = ()

    def step(self, action: Action, by: Party, *, booked: bool) -> Step | None:
        """The row of the table for the item as it stands; None when it is impossible, or not for this side."""
        result = bool(self.service.result)
        return find_step(action, State(self.status), self.way, by, booked=booked, result=result)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as it stands. `due_at` is None when nothing is due; `linked` is what it was split into or from."""

    request: Request
    appointment: Appointment
    items: tuple[Item, ...]
    timeline: tuple[Told, ...]
    due_at: datetime | None
    due_provisional: bool
    linked: tuple[Linked, ...] = ()

    @property
    def booked(self) -> bool:
        """Whether a time is taken for it."""
        return self.appointment.status == CONFIRMED

    @property
    def what(self) -> list[tuple[ServiceFacts, int]]:
        """Each service that is asked for, once, with how many items it has."""
        return counted(item.service for item in self.items)

    @property
    def site(self) -> Site | None:
        return site_of(self.request)

    @property
    def way(self) -> WayTo | None:
        """How far staff travel to it, as far as that is known."""
        return way_to(self.request, self.appointment.station)

    def summary(self) -> Summary:
        """The request in short, as it stands."""
        appointment = self.appointment
        return summary(
            self.request.reference,
            [(item.n, item.service.code, item.status) for item in self.items],
            status=self.request.status,
            place=place(appointment.station.code, appointment.start, appointment.end, appointment.status),
        )


def summary(
    reference: str, items: Iterable[tuple[int, str, str]], *, status: str, place: SummaryAppointment
) -> Summary:
    """The request in short. `items` are number, service code and status."""
    listed: list[SummaryItem] = [{"n": n, "service_code": code, "status": status} for n, code, status in items]
    return {"reference": reference, "status": status, "items": listed, "appointment": place}


def place(station_code: str, start: datetime, end: datetime, status: str = CONFIRMED) -> SummaryAppointment:
    """An appointment in short, its times with the network's offset."""
    times = start.astimezone(LOCAL).isoformat(), end.astimezone(LOCAL).isoformat()
    return {"station_code": station_code, "start": times[0], "end": times[1], "status": status}


async def find(
    session: AsyncSession, network: Network, shown: tuple[str, str], secret_key: bytes, *, lock: bool = False
) -> RequestView:
    """The request whose reference and access code (in any spelling) are shown.

    Raises RequestUnknown for an unknown reference and for a wrong code alike, after the same work. With `lock` the
    request is locked first, until the end of the transaction.
    """
    reference, access_code = shown
    request = await _by_reference(session, reference, lock=lock)
    digest = request.access_hash if request else NO_DIGEST
    fits = ids.matches(ids.normalise_access_code(access_code), digest, secret_key)
    if request is None or not fits:
        raise RequestUnknown
    return await view(session, network, request)


async def find_reached(
    session: AsyncSession, network: Network, reference: str, reach: Reach, *, lock: bool = False
) -> RequestView:
    """The request for somebody who has signed in.

    Raises RequestUnknown for an unknown reference and for one out of reach alike, after the same work.
    """
    request = await _by_reference(session, reference, reach.condition(), lock=lock)
    if request is None:
        raise RequestUnknown
    return await view(session, network, request)


async def open_by_reference(
    session: AsyncSession, network: Network, reference: str, *, lock: bool = False
) -> RequestView:
    """The same for whoever has shown the code before (a page with a signed cookie). Raises RequestUnknown."""
    request = await _by_reference(session, reference, lock=lock)
    if request is None:
        raise RequestUnknown
    return await view(session, network, request)


async def open_through(
    session: AsyncSession, network: Network, reference: str, opened: Collection[str], *, lock: bool = False
) -> RequestView:
    """The same for whoever has shown the code of a request that it was split off from. Raises RequestUnknown."""
    request = await _by_reference(session, reference, with_what_was_split_off(opened), lock=lock)
    if request is None:
        raise RequestUnknown
    return await view(session, network, request)


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A time that is kept at a station until `expires_at`; all aware."""

    station: StationFacts
    start: datetime
    end: datetime
    expires_at: datetime
    travel: timedelta = timedelta()


async def held_place(session: AsyncSession, network: Network, hold_id: UUID, now: datetime) -> KeptPlace | None:
    """What a hold keeps; None when it is over, used, or was never made."""
    hold = await session.scalar(
        select(Reservation).where(Reservation.id == hold_id, Reservation.active, Reservation.kind == "hold")
    )
    if hold is None or hold.expires_at is None or hold.expires_at <= now:
        return None
    start, end = tick_time(hold.visit_starts, LOCAL), tick_time(hold.visit_starts + hold.visit_ticks, LOCAL)
    travel = timedelta(minutes=hold.travel_before * TICK_MIN)
    return KeptPlace(network.station_by_id[hold.station_id], start, end, hold.expires_at, travel)


async def by_id(session: AsyncSession, network: Network, request_id: UUID) -> RequestView:
    """The request of this id. Raises RequestUnknown."""
    request = await session.scalar(select(Request).where(Request.id == request_id))
    if request is None:
        raise RequestUnknown
    return await view(session, network, request)


async def view(session: AsyncSession, network: Network, request: Request) -> RequestView:
    """Everything that is shown of a request that was already read."""
    booked = (
        await session.execute(
            select(
                Reservation.visit_starts, Reservation.visit_ticks, Reservation.travel_before, Reservation.active
            ).where(Reservation.id == request.reservation_id, Reservation.station_id == request.station_id)
        )
    ).one()
    items = await session.scalars(
        select(RequestItem).where(RequestItem.request_id == request.id).order_by(RequestItem.n)
    )
    events = await session.scalars(
        select(RequestEvent).where(RequestEvent.request_id == request.id).order_by(RequestEvent.n)
    )
    timeline = tuple(told(network, events))
    return RequestView(
        request,
        Appointment(
            network.station_by_id[request.station_id],
            tick_time(booked.visit_starts),
            tick_time(booked.visit_starts + booked.visit_ticks),
            CONFIRMED if booked.active else CANCELLED,
            timedelta(minutes=booked.travel_before * TICK_MIN),
        ),
        tuple(item_of(network, request, item) for item in items),
        timeline,
        request.due_at and request.due_at.astimezone(LOCAL),
        request.due_provisional,
        await linked_with(session, network, request, timeline),
    )


def item_of(network: Network, request: Request, item: RequestItem) -> Item:
    return Item(
        item.n,
        network.service_by_id[item.service_id],
        item.status,
        item.inputs,
        way_of(request.mode, item.inputs),
        item.before,
        read(item.clock),
        item.due_at,
        item.due_provisional,
        item.returns,
        tuple(item.faults or ()),
    )


async def _by_reference(
    session: AsyncSession, reference: str, *conditions: ColumnElement[bool], lock: bool
) -> Request | None:
    try:
        exact = ids.parse_reference(reference, REFERENCE_PREFIX)
    except ids.ReferenceFormatError:
        exact = ""  # asked for all the same: what is no reference takes as long as one that doesn't exist
    statement = select(Request).where(Request.reference == exact, *conditions)
    if lock:
        statement = statement.with_for_update()
    request: Request | None = await session.scalar(statement)
    return request
