"""Who is booked at a station from now on, and which of its closures are still to come."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LOCAL
from app.kit.ticks import TICK_MIN, tick_time
from app.requests.models import Request, RequestItem
from app.requests.queries import CONFIRMED, Appointment, RequestView, item_of
from app.slots.models import Reservation
from app.slots.moving import Taken
from app.stations.models import Closure
from app.stations.snapshot import Network


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment, and the request that it is for, as a page of a list shows it: without its timeline."""

    taken: Taken
    view: RequestView

    @property
    def reference(self) -> str:
        return self.view.request.reference


async def booked_in(
    session: AsyncSession, network: Network, taken: Iterable[Taken], *, lock: bool = False
) -> list[Booked]:
    """The requests behind appointments, in the order of their times; locked by the order of their ids."""
    places = {each.id: each for each in taken if each.kind == "appointment"}
    wanted = select(Request).where(Request.reservation_id.in_(places)).order_by(Request.id)
    requests = (await session.scalars(wanted.with_for_update() if lock else wanted)).all()
    items: dict[UUID, list[RequestItem]] = defaultdict(list)
    of_these = select(RequestItem).where(RequestItem.request_id.in_([each.id for each in requests]))
    for item in await session.scalars(of_these.order_by(RequestItem.request_id, RequestItem.n)):
        items[item.request_id].append(item)
    visits = {
        row.id: row
        for row in await session.execute(
            select(Reservation.id, Reservation.visit_starts, Reservation.visit_ticks, Reservation.travel_before).where(
                Reservation.id.in_(places)
            )
        )
    }
    found = [
        Booked(
            places[request.reservation_id],
            _view(network, request, items[request.id], visits[request.reservation_id]),
        )
        for request in requests
    ]
    return sorted(found, key=lambda each: (each.taken.starts, each.reference))


def _view(
    network: Network, request: Request, items: Iterable[RequestItem], visit: Row[UUID, int, int, int]
) -> RequestView:
    starts, ticks, travel = visit.visit_starts, visit.visit_ticks, visit.travel_before
    appointment = Appointment(
        network.station_by_id[request.station_id],
        tick_time(starts, LOCAL),
        tick_time(starts + ticks, LOCAL),
        CONFIRMED,
        timedelta(minutes=travel * TICK_MIN),
    )
    shown = tuple(item_of(network, request, item) for item in items)
    return RequestView(request, appointment, shown, (), request.due_at, request.due_provisional)


async def closures_of(session: AsyncSession, station_id: int, now: datetime) -> list[Closure]:
    """Those of a station that are not over, the first one first."""
    found = await session.scalars(
        select(Closure).where(Closure.station_id == station_id, Closure.ends > now).order_by(Closure.starts, Closure.id)
    )
    return list(found)
