"""Requests as an enterprise and a person have them: the organisation's list, and all that is kept of one's own.

The list is hot: one bare statement that a page of rows and their services come from. Membership is a condition of it,
so that whoever doesn't act for the organisation is shown nothing, whatever was looked at before.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.conversation.queries import messages_of
from app.kit.clock import LOCAL
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Database
from app.kit.text import to_halfwidth
from app.kit.ticks import tick_time
from app.requests.models import Rating, Request, RequestEvent, RequestItem
from app.requests.queries import CANCELLED, CONFIRMED
from app.requests.telling import told
from app.slots.models import Reservation
from app.stations.snapshot import Network

MOST_IN_A_FILE = 10_000
# What isn't asked for isn't in the statement: a condition that may be NULL would spoil the plan that is kept for it.
FILTERS: Mapping[str, LiteralString] = {
    "after": " AND (created_at, id) < (%(after)s::timestamptz, %(after_id)s::uuid)",
    "status": " AND status = %(status)s",
    "waits": " AND status IN ('returned', 'accepted', 'no_show')",
    "q": """ AND (replace(reference, '-', '') LIKE %(q)s OR EXISTS (
        SELECT FROM request_item item JOIN service ON service.id = item.service_id
        WHERE item.request_id = request.id AND item.station_id = request.station_id
          AND (item.inputs->>'serial_no' ILIKE %(text)s OR service.name_zh ILIKE %(text)s
               OR service.name_en ILIKE %(text)s)))""",
}
# First the rows of the page, by the index of the organisation, then what belongs to them.
PAGE: LiteralString = """
WITH page AS MATERIALIZED (
    SELECT id, station_id, reference, status, created_at, reservation_id, due_at, due_provisional FROM request
    WHERE organisation_id = %(organisation)s
      AND EXISTS (SELECT FROM membership JOIN organisation ON organisation.id = membership.organisation_id
        WHERE membership.organisation_id = %(organisation)s AND membership.person_id = %(person)s
        AND organisation.closed_at IS NULL)"""
LISTED: LiteralString = """
    ORDER BY created_at DESC, id DESC LIMIT %(limit)s
)
SELECT page.id, page.reference, page.status, page.created_at, station.code, reservation.visit_starts,
    reservation.visit_ticks, reservation.active, page.due_at, page.due_provisional,
    (SELECT json_agg(json_build_object('n', n, 'service_code', service.code, 'status', item.status) ORDER BY n)::text
     FROM request_item item JOIN service ON service.id = item.service_id
     WHERE item.request_id = page.id AND item.station_id = page.station_id)
FROM page
JOIN station ON station.id = page.station_id
JOIN reservation ON reservation.id = page.reservation_id AND reservation.station_id = page.station_id
ORDER BY page.created_at DESC, page.id DESC
"""
_READ_AS = str.maketrans("OIL", "011")
_NOT_IN_REFERENCE = re.compile("[^0-9A-Z]+")
_WILD, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which requests: in a state, with a part of reference, serial number or service as it was typed, after a cursor.

    `waits`: only those about which the applicant has to do something.
    """

    status: str | None = None
    q: str = ""
    cursor: str | None = None
    limit: int = 50
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A request of the list. `start` and `end` are in the network's zone, `services` is JSON as in the contract."""

    id: UUID
    reference: str
    status: str
    created_at: datetime
    station_code: str
    start: datetime
    end: datetime
    active: bool
    due_at: datetime | None
    due_provisional: bool
    services: str

    @property
    def appointment(self) -> str:
        return CONFIRMED if self.active else CANCELLED

    def service_codes(self) -> list[str]:
        """The services that are asked for, each once."""
        return list(dict.fromkeys(self.asked_for()))

    def asked_for(self) -> list[str]:
        """The service of each item."""
        return [item["service_code"] for item in orjson.loads(self.services)]

    def json(self) -> dict[str, Any]:
        """The request in short, as `queries.Summary` has it, with when it was made."""
        return {
            "reference": self.reference,
            "status": self.status,
            "created_at": self.created_at.astimezone(LOCAL),
            "due_at": self.due_at,
            "due_provisional": self.due_provisional,
            "items": orjson.Fragment(self.services),
            "appointment": {
                "station_code": self.station_code,
                "start": self.start,
                "end": self.end,
                "status": self.appointment,
            },
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Some requests, the newest first, and the cursor of those that follow; None at the end."""

    items: list[Listed]
    next: str | None


async def page_of(database: Database, person_id: UUID | None, organisation_id: UUID, wish: Wish) -> Page:
    """A page of the organisation's requests, for somebody who acts for it; else of nothing.

    Raises Invalid for a cursor that isn't ours.
    """
    after, after_id = read_cursor(wish.cursor, datetime, UUID) if wish.cursor else (None, None)
    values: Mapping[str, object] = {
        "organisation": organisation_id,
        "person": person_id,
        "after": after,
        "after_id": after_id,
        "status": wish.status,
        "q": f"%{_searched(wish.q)}%" if wish.q.strip() else None,
        "text": f"%{_WILD.sub(_ESCAPED, wish.q.strip())}%",
        "waits": wish.waits or None,
        "limit": wish.limit + 1,
    }
    found = [_listed(row) for row in await database.fetch(statement(values), values)]
    items = found[: wish.limit]
    return Page(items, write_cursor(items[-1].created_at, items[-1].id) if len(found) > wish.limit else None)


def statement(values: Mapping[str, object]) -> LiteralString:
    """The statement with the conditions for which there is a value."""
    conditions = [condition for name, condition in FILTERS.items() if values[name] is not None]
    return PAGE + "".join(conditions) + LISTED


def _listed(row: Sequence[Any]) -> Listed:
    request_id, reference, status, created_at, station, starts, ticks, active, due_at, provisional, services = row
    start, end = tick_time(starts, LOCAL), tick_time(starts + ticks, LOCAL)
    due = due_at and due_at.astimezone(LOCAL)
    return Listed(request_id, reference, status, created_at, station, start, end, active, due, provisional, services)


def _searched(text: str) -> str:
    """What was typed, as references are written; what none could have finds none."""
    return _NOT_IN_REFERENCE.sub("", to_halfwidth(text).upper()).translate(_READ_AS) or "none"


# --- All that is kept of one's own ---------------------------------------------------------------------------------


async def of_person(session: AsyncSession, network: Network, person_id: UUID) -> list[dict[str, Any]]:
    """Every request that the person has sent or claimed, with what was given and the timeline, the oldest first."""
    rows = await session.execute(
        select(Request, Reservation.visit_starts, Reservation.visit_ticks, Reservation.active)
        .join(
            Reservation,
            (Reservation.id == Request.reservation_id) & (Reservation.station_id == Request.station_id),
        )
        .where(Request.person_id == person_id)
        .order_by(Request.created_at, Request.id)
    )
    requests = rows.all()
    ids = [row[0].id for row in requests]
    items = _by_request(await session.scalars(_parts(RequestItem, ids)))
    events = _by_request(await session.scalars(_parts(RequestEvent, ids)))
    messages = await messages_of(session, ids)
    given = await session.scalars(select(Rating).where(Rating.request_id.in_(ids)))
    ratings = {each.request_id: each for each in given}
    return [
        {
            **_given(request),
            "station_code": network.station_by_id[request.station_id].code,
            "start": tick_time(starts, LOCAL),
            "end": tick_time(starts + ticks, LOCAL),
            "appointment_status": CONFIRMED if active else CANCELLED,
            "items": [_item(network, item) for item in items.get(request.id, ())],
            "timeline": [
                {"at": step.at.astimezone(LOCAL), "text_zh": step.text_zh, "text_en": step.text_en}
                for step in told(network, events.get(request.id, ()))
            ],
            "ratings": [
                {
                    "at": each.at.astimezone(LOCAL),
                    "level": each.level,
                    "words": each.words,
                    "indicators": each.indicators,
                }
                for each in [ratings.get(request.id)]
                if each
            ],
            "messages": [
                {"at": each.at.astimezone(LOCAL), "side": each.side, "text": each.text}
                for each in messages.get(request.id, ())
            ],
        }
        for request, starts, ticks, active in requests
    ]


GIVEN = (
    "reference",
    "split_from",
    "status",
    "mode",
    "use",
    "language",
    "organisation_name",
    "uscc",
    "contact_name",
    "mobile",
    "email",
    "note",
    "site",
    "given_lon",
    "given_lat",
    "crs",
    "consent_version",
    "consented_at",
    "created_at",
    "changed_at",
    "anonymised_at",
)


def _given(request: Request) -> dict[str, Any]:
    values = {name: getattr(request, name) for name in GIVEN}
    return {name: each.astimezone(LOCAL) if isinstance(each, datetime) else each for name, each in values.items()}


def _item(network: Network, item: RequestItem) -> dict[str, Any]:
    service = network.service_by_id[item.service_id]
    return {"n": item.n, "service_code": service.code, "status": item.status, "inputs": item.inputs}


P = TypeVar("P", RequestItem, RequestEvent)


def _parts(kind: type[P], ids: Sequence[UUID]) -> Select[P]:
    return select(kind).where(kind.request_id.in_(ids)).order_by(kind.request_id, kind.n)


def _by_request(parts: Iterable[P]) -> dict[UUID, list[P]]:
    found: dict[UUID, list[P]] = {}
    for part in parts:
        found.setdefault(part.request_id, []).append(part)
    return found
