"""Lists of requests, newest first: those within somebody's reach that fit some filters, a page at a time.

One statement, by the key of the last row shown: however many requests there are, a page costs the same. Nothing of
these rows names a person, so they may be shown and taken along by whoever reaches them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.kit import ids
from app.kit.clock import LOCAL
from app.kit.cursors import read_cursor, write_cursor
from app.kit.ticks import TICK_MIN, day_bounds, tick_time
from app.kit.uscc import normalise
from app.requests.models import Request
from app.requests.queries import CANCELLED, CONFIRMED
from app.requests.reach import Reach
from app.requests.rules import REFERENCE_PREFIX, State
from app.slots.models import Reservation
from app.stations.snapshot import Network, ServiceFacts, StationFacts

COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Request.id,
    Request.reference,
    Request.status,
    Request.mode,
    Request.station_id,
    Request.organisation_name,
    Request.organisation_id,
    Request.created_at,
    Request.changed_at,
    Reservation.visit_starts,
    Reservation.visit_ticks,
    Reservation.travel_before,
    Reservation.active,
    Reservation.service_ids,
    Request.due_at,
    Request.due_provisional,
    Request.complaint,
)

BOOKED = (Reservation.id == Request.reservation_id) & (Reservation.station_id == Request.station_id)
COMPLAINED = "open"
LAST_DAY = date.max - timedelta(days=1)
"""The last one after which there is another."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; what is None or empty is not asked for.

    `day` is that of the appointment. `text` is a reference, a credit code, or a part of the organisation's name.
    """

    status: State | None = None
    station_id: int | None = None
    organisation_id: UUID | None = None
    day: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A request as a row. Times are aware; `due_at` is None when nothing is due.

    `travel` is kept free before a visit on site, for the way there.
    """

    id: UUID
    reference: str
    status: State
    mode: str
    organisation_name: str
    organisation_id: UUID | None
    station: StationFacts
    services: tuple[ServiceFacts, ...]
    start: datetime
    end: datetime
    travel: timedelta
    appointment: str
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None
    due_provisional: bool
    complaint: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor of what follows (None at the end)."""

    rows: list[Listed]
    next: str | None


async def search(
    session: AsyncSession, network: Network, reach: Reach, wanted: Wanted, *, cursor: str = "", limit: int = 50
) -> Page:
    """A page of at most `limit` rows. Raises Invalid for a cursor that isn't ours."""
    asked = statement(reach, wanted).limit(limit + 1)
    if cursor:
        asked = asked.where(after(cursor))
    found = list(listed(network, (await session.execute(asked)).all()))
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], write_cursor(last.created_at, last.id) if last else None)


def after(cursor: str) -> ColumnElement[bool]:
    """What is older than the last row shown. Raises Invalid for a cursor that isn't ours."""
    return tuple_(Request.created_at, Request.id) < tuple_(*read_cursor(cursor, datetime, UUID))


def statement(reach: Reach, wanted: Wanted) -> Select[Any]:
    """The rows within reach that fit, newest first."""
    newest = Request.created_at.desc(), Request.id.desc()
    return select(*COLUMNS).join(Reservation, BOOKED).where(reach.condition(), *_fits(wanted)).order_by(*newest)


def _fits(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.status is not None:
        yield Request.status == wanted.status
    if wanted.station_id is not None:
        yield Request.station_id == wanted.station_id
    if wanted.organisation_id is not None:
        yield Request.organisation_id == wanted.organisation_id
    if wanted.day is not None:
        first, end = day_bounds(min(wanted.day, LAST_DAY), LOCAL)
        yield Reservation.starts >= first
        yield Reservation.starts < end
    if text := wanted.text.replace("\0", "").strip():
        yield tells(text)


def tells(text: str) -> ColumnElement[bool]:
    """What a text finds: a reference, a credit code, or a part of the organisation's name."""
    try:
        return Request.reference == ids.parse_reference(text, REFERENCE_PREFIX)
    except ids.ReferenceFormatError:
        named = Request.organisation_name.icontains(text, autoescape=True)
        return or_(named, Request.uscc == normalise(text)[:18])


def listed(network: Network, rows: Iterable[Any]) -> Iterable[Listed]:
    """Rows of COLUMNS."""
    for row in rows:
        request_id, reference, status, mode, station_id, name, organisation_id, created, changed, *booked = row
        starts, ticks, travel, active, service_ids, due_at, provisional, complaint = booked
        yield Listed(
            request_id,
            reference,
            State(status),
            mode,
            name,
            organisation_id,
            network.station_by_id[station_id],
            tuple(network.service_by_id[service_id] for service_id in service_ids),
            tick_time(starts, LOCAL),
            tick_time(starts + ticks, LOCAL),
            timedelta(minutes=travel * TICK_MIN),
            CONFIRMED if active else CANCELLED,
            created,
            changed,
            due_at and due_at.astimezone(LOCAL),
            provisional,
            complaint == COMPLAINED,
        )
