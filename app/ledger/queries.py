"""Reading a ledger: pages of it by one bare statement, one instrument with its history, what is due in numbers.

Membership is a condition of every statement, so that whoever doesn't act for the organisation is shown nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.queries.organisations import mine
from app.accounts.rules.rights import Caller
from app.kit.cursors import CursorInvalid, read_cursor, write_cursor
from app.kit.db import Database
from app.ledger.errors import InstrumentUnknown
from app.ledger.models import Instrument, InstrumentEvent
from app.ledger.rules.dues import WITHIN, When
from app.ledger.rules.identity import folded
from app.requests.rules import ENDED

MOST_IN_A_FILE = 50_000
MOST_STEPS = 200
_WILD, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


class Sort(StrEnum):
    DUE = "due"
    NAME = "name"
    NEWEST = "newest"


class Standing(StrEnum):
    """Which part of the ledger."""

    IN_USE = "in_use"
    BOOKED = "booked"
    FREE = "free"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which instruments, in which order, from where on."""

    q: str = ""
    when: When | None = None
    standing: Standing = Standing.IN_USE
    sort: Sort = Sort.DUE
    cursor: str | None = None
    limit: int = 50
    ids: Sequence[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked for an instrument and not over: `starts` is the visit's first tick, None while it has none."""

    reference: str
    status: str
    station_id: int
    starts: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument as the list has it; columns as in the model."""

    id: UUID
    instrument_name: str
    model_spec: str | None
    measuring_range: str | None
    accuracy_class: str | None
    serial_no: str | None
    manufacturer: str | None
    install_location: str | None
    use_region_code: str | None
    quantity: int
    use_purpose: str | None
    delivery: str | None
    service_id: int | None
    interval_months: int | None
    ecqs_record_no: str | None
    last_cert_no: str | None
    last_cert_date: date | None
    valid_until: date | None
    due_on: date | None
    due_from: str | None
    failed_on: date | None
    retired_at: datetime | None
    version: int
    booked: Booked | None


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Listed]
    next: str | None


OWN = len(fields(Listed)) - 1
"""So many columns stand before those of what is booked."""
OPEN_LINK: LiteralString = """
    SELECT request.reference, item.status, request.station_id,
        CASE WHEN reservation.active THEN reservation.visit_starts END
    FROM instrument_booking link
    JOIN request_item item ON item.request_id = link.request_id AND item.station_id = link.station_id
        AND item.n = link.n
    JOIN request ON request.id = item.request_id AND request.station_id = item.station_id
    JOIN reservation ON reservation.id = request.reservation_id AND reservation.station_id = request.station_id
    WHERE link.instrument_id = instrument.id AND link.open AND item.status <> ALL (%(ended)s)
    LIMIT 1"""
MEMBER: LiteralString = """EXISTS (
    SELECT FROM membership JOIN organisation ON organisation.id = membership.organisation_id
    WHERE membership.organisation_id = %(organisation)s AND membership.person_id = %(person)s
      AND organisation.closed_at IS NULL)"""
SELECT: LiteralString = """
SELECT instrument.id, instrument_name, model_spec, measuring_range, accuracy_class, serial_no, manufacturer,
    install_location, use_region_code, quantity, use_purpose, delivery, service_id, interval_months, ecqs_record_no,
    last_cert_no, last_cert_date, valid_until, due_on, due_from, failed_on, retired_at, version, booked.*
FROM instrument LEFT JOIN LATERAL (-- open link
) booked (reference, status, station_id, starts) ON true
WHERE instrument.organisation_id = %(organisation)s AND -- member
""".replace("-- open link", OPEN_LINK).replace("-- member", MEMBER)
FAR: LiteralString = "coalesce(due_on, 'infinity'::date)"
# What isn't asked for isn't in the statement, so that each question has a plan of its own.
STANDINGS: Mapping[Standing, LiteralString] = {
    Standing.IN_USE: " AND retired_at IS NULL",
    Standing.BOOKED: " AND retired_at IS NULL AND booked.reference IS NOT NULL",
    Standing.FREE: " AND retired_at IS NULL AND booked.reference IS NULL",
    Standing.RETIRED: " AND retired_at IS NOT NULL",
}
WHENS: Mapping[When, LiteralString] = {
    When.OVERDUE: " AND due_on < %(today)s",
    When.DAYS_7: " AND due_on <= %(until)s",
    When.DAYS_30: " AND due_on <= %(until)s",
    When.DAYS_60: " AND due_on <= %(until)s",
    When.NONE: " AND due_on IS NULL",
}
ORDERS: Mapping[Sort, LiteralString] = {
    Sort.DUE: " ORDER BY due_on, instrument.id LIMIT %(limit)s",
    Sort.NAME: " ORDER BY instrument_name, instrument.id LIMIT %(limit)s",
    Sort.NEWEST: " ORDER BY instrument.id DESC LIMIT %(limit)s",
}
AFTER: Mapping[Sort, LiteralString] = {
    Sort.DUE: " AND (due_on, instrument.id) > (%(place)s::date, %(after)s)",
    Sort.NAME: " AND (instrument_name, instrument.id) > (%(place)s, %(after)s)",
    Sort.NEWEST: " AND instrument.id < %(after)s",
}
# After the last one with a date come those without; these begin after any date.
AFTER_DATED: LiteralString = " AND ((due_on, instrument.id) > (%(place)s::date, %(after)s) OR due_on IS NULL)"
AFTER_UNDATED: LiteralString = " AND due_on IS NULL AND instrument.id > %(after)s"
COUNTS: LiteralString = """
SELECT count(*) FILTER (WHERE retired_at IS NULL), count(*) FILTER (WHERE retired_at IS NOT NULL),
    count(*) FILTER (WHERE retired_at IS NULL AND due_on < %(today)s),
    count(*) FILTER (WHERE retired_at IS NULL AND due_on BETWEEN %(today)s AND %(soon)s),
    count(*) FILTER (WHERE retired_at IS NULL AND due_on > %(soon)s AND due_on <= %(later)s),
    count(*) FILTER (WHERE retired_at IS NULL AND due_on IS NULL)
FROM instrument WHERE organisation_id = %(organisation)s AND -- member
""".replace("-- member", MEMBER)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many: in use, out of use; of those in use: overdue, due within 30 days, within 31 to 60, without a date."""

    in_use: int
    retired: int
    overdue: int
    soon: int
    later: int
    undated: int


async def page_of(database: Database, person_id: UUID | None, organisation_id: UUID, wish: Wish, today: date) -> Page:
    """A page of the ledger, by one statement. Raises CursorInvalid."""
    statement: LiteralString = SELECT + STANDINGS[wish.standing]
    values: dict[str, Any] = {
        "organisation": organisation_id,
        "person": person_id,
        "ended": [state.value for state in ENDED],
        "limit": wish.limit + 1,
        "today": today,
    }
    if wish.when is not None:
        statement += WHENS[wish.when]
        values["until"] = today + timedelta(days=WITHIN.get(wish.when, 0))
    if wish.q.strip():
        statement += " AND words LIKE %(q)s"
        values["q"] = f"%{_WILD.sub(_ESCAPED, folded(wish.q))}%"
    if wish.ids is not None:
        statement += " AND instrument.id = ANY (%(ids)s)"
        values["ids"] = list(wish.ids)
    if wish.cursor:
        statement += _after(wish, values)
    rows = await database.fetch(statement + ORDERS[wish.sort], values)
    items = [_listed(row) for row in rows[: wish.limit]]
    return Page(items, _cursor(wish.sort, items[-1]) if len(rows) > wish.limit else None)


def _after(wish: Wish, values: dict[str, Any]) -> LiteralString:
    if wish.sort is Sort.NEWEST:
        (values["after"],) = read_cursor(wish.cursor or "", UUID)
        return AFTER[wish.sort]
    values["place"], values["after"] = read_cursor(wish.cursor or "", str, UUID)
    if wish.sort is Sort.NAME:
        return AFTER[wish.sort]
    if not values["place"]:
        return AFTER_UNDATED
    try:
        values["place"] = date.fromisoformat(values["place"])
    except ValueError as error:
        raise CursorInvalid from error
    return AFTER_DATED


def _cursor(sort: Sort, last: Listed) -> str:
    if sort is Sort.NEWEST:
        return write_cursor(last.id)
    place = last.instrument_name if sort is Sort.NAME else last.due_on.isoformat() if last.due_on else ""
    return write_cursor(place, last.id)


def _listed(row: tuple[Any, ...]) -> Listed:
    own, link = row[:OWN], row[OWN:]
    return Listed(*own, Booked(*link) if link[0] else None)  # type: ignore[call-arg]  # as many as there are columns


async def counts(database: Database, person_id: UUID | None, organisation_id: UUID, today: date) -> Counts:
    """What stands above the list; all zero for whoever isn't of the organisation."""
    values = {
        "organisation": organisation_id,
        "person": person_id,
        "today": today,
        "soon": today + timedelta(days=30),
        "later": today + timedelta(days=60),
    }
    [row] = await database.fetch(COUNTS, values)
    return Counts(*row)


async def one(session: AsyncSession, caller: Caller, organisation_id: UUID, instrument_id: UUID) -> Listed:
    """One instrument, in use or not, as the session's transaction sees it. Raises InstrumentUnknown."""
    values = {
        "organisation": organisation_id,
        "person": caller.person_id,
        "ended": [state.value for state in ENDED],
        "id": instrument_id,
    }
    connection = await session.connection()
    row = (await connection.exec_driver_sql(SELECT + " AND instrument.id = %(id)s", values)).one_or_none()
    if row is None:
        raise InstrumentUnknown
    return _listed(tuple(row))


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of an instrument's history; `by` is a person's name, empty for who has left and for what ran by itself."""

    at: datetime
    kind: str
    data: Mapping[str, Any]
    by: str


async def history(session: AsyncSession, caller: Caller, organisation_id: UUID, instrument_id: UUID) -> list[StepTaken]:
    """The newest first, at most MOST_STEPS. Raises NotFound who isn't of the organisation."""
    await mine(session, caller, organisation_id)
    rows = await session.execute(
        select(InstrumentEvent.at, InstrumentEvent.kind, InstrumentEvent.data, Person.name)
        .join(Instrument, Instrument.id == InstrumentEvent.instrument_id)
        .outerjoin(Person, Person.id == InstrumentEvent.person_id)
        .where(Instrument.id == instrument_id, Instrument.organisation_id == organisation_id)
        .order_by(InstrumentEvent.id.desc())
        .limit(MOST_STEPS)
    )
    return [StepTaken(at, kind, data, name or "") for at, kind, data, name in rows]
