"""Who comes to the counter with an appointment: what was typed or scanned as a reference, and the search for one."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LOCAL, local_date
from app.kit.ticks import day_bounds, tick_time
from app.requests.masking import Contact, contact_of
from app.requests.models import Request
from app.slots.models import Reservation
from app.stations.snapshot import Network, ServiceFacts, StationFacts

IN_ADDRESS = re.compile(r"/r/([^/?#\s]+)")
MOST = 20


def reference_in(text: str) -> str:
    """The reference of what a scanner types: the code's address, or the reference itself."""
    found = IN_ADDRESS.search(text)
    return (found[1] if found else text).strip()[:40]


@dataclass(frozen=True, slots=True)
class Expected:
    """An appointment of today, with the person masked."""

    reference: str
    start: datetime
    services: tuple[ServiceFacts, ...]
    organisation: str
    contact: Contact
    status: str


async def expected(
    session: AsyncSession, network: Network, station: StationFacts, asked: tuple[str, str], now: datetime
) -> list[Expected]:
    """Appointments of today at this station under a phone number (in its one form) and a name, or how it begins."""
    phone, name = asked
    first, after = day_bounds(local_date(now), LOCAL)
    statement = (
        select(Request, Reservation.visit_starts, Reservation.service_ids)
        .join(Reservation, (Reservation.id == Request.reservation_id) & (Reservation.station_id == Request.station_id))
        .where(
            Reservation.station_id == station.id,
            Reservation.active,
            Reservation.mode == "station",
            Reservation.starts >= first,
            Reservation.starts < after,
            Request.mobile == phone,
            Request.contact_name.istartswith(name, autoescape=True),
        )
        .order_by(Reservation.visit_starts, Request.reference)
        .limit(MOST)
    )
    return [
        Expected(
            request.reference,
            tick_time(starts, LOCAL),
            tuple(network.service_by_id[each] for each in service_ids),
            request.organisation_name,
            contact_of(request, masked=True),
            request.status,
        )
        for request, starts, service_ids in (await session.execute(statement)).all()
    ]
