"""The list of staff, read by an index that fits what is asked for, however long the station's history is.

What goes on is few: it is read whole, through an index that has nothing else. Days are read from the reservations,
what is unread from the conversations that have something unread. Only the history is long: there a filter looks
through WINDOW requests at a time, and the page says how far back it has looked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, any_, bindparam, or_, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import TextClause

from app.accounts.rules.rights import Scope
from app.conversation.models import Conversation
from app.inbox.rules import STANDS_STILL, WAITS_FOR_APPLICANT, Due, Filters, Source, View, reference_in, soon, span
from app.kit.clock import LOCAL, local_date
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Database
from app.kit.ticks import DAY_TICKS, day_bounds, floor_tick, tick_time
from app.requests.lists import BOOKED, COLUMNS, COMPLAINED, LAST_DAY, Listed, after, listed, tells
from app.requests.models import OPEN, Request
from app.slots.models import Reservation
from app.stations.snapshot import Network

WINDOW = 5_000
NEVER = datetime.max.replace(tzinfo=UTC)

# Said as the two indexes of appointments have it, so that both are read.
STANDING_OR_CANCELLED = or_(Reservation.active, and_(~Reservation.active, Reservation.kind == "appointment"))
Condition = ColumnElement[bool] | TextClause | InstrumentedAttribute[bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters with everything that they mean at this moment. `station_ids` None is the whole network."""

    filters: Filters
    station_ids: frozenset[int] | None
    service_ids: frozenset[int] | None
    now: datetime
    soon: date

    @property
    def today(self) -> date:
        return local_date(self.now)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, the cursor of what follows (None at the end), and how far back was looked where that was cut short."""

    rows: list[Listed]
    next: str | None = None
    back_to: datetime | None = None


def asked_of(network: Network, scope: Scope, filters: Filters, now: datetime) -> Asked:
    """What the filters mean for somebody of this scope; stations that aren't reached are not among them."""
    wanted = {filters.station: "code", filters.county: "county_adcode"}
    narrow = [(name, value) for value, name in wanted.items() if value]
    stations: frozenset[int] | None = None
    if narrow or not scope.everything:
        stations = frozenset(
            each.id
            for each in network.stations
            if scope.reaches(each.id, each.county_adcode)
            and all(getattr(each, name) == value for name, value in narrow)
        )
    services: frozenset[int] | None = None
    if filters.category or filters.service:
        services = frozenset(
            each.id
            for each in network.services
            if filters.category in ("", each.category) and filters.service in ("", each.code)
        )
    return Asked(filters, stations, services, now, soon(network.calendar, local_date(now)))


async def first_page(database: Database, network: Network, asked: Asked, *, limit: int) -> Found:
    """The same as `page_of` for what most people open most often: all that goes on, from its beginning.

    As one bare statement, which takes a third of the time.
    """
    stations = sorted(asked.station_ids or ())
    statement = first_rows(None if asked.station_ids is None else len(stations) == 1)
    values = {"station": stations[0] if stations else None, "stations": stations, "most": limit + 1}
    return _found(asked, list(listed(network, await database.fetch(statement, values))), limit)


@cache
def first_rows(one_station: bool | None) -> LiteralString:
    """What `statement_of` makes of no filter at all, as text for the pool: of one station, of several, or of all.

    Of one the rows are read in their order from the index, which no list of stations allows.
    """
    statement = select(*COLUMNS).join(Reservation, BOOKED).where(OPEN).order_by(*ORDER[Source.LIVE])
    if one_station:
        statement = statement.where(Request.station_id == bindparam("station", type_=Integer))
    elif one_station is not None:
        statement = statement.where(Request.station_id == any_(bindparam("stations", type_=ARRAY(Integer))))
    return str(statement.limit(bindparam("most", type_=Integer)).compile(dialect=dialect()))  # type: ignore[no-untyped-call]


async def page_of(session: AsyncSession, network: Network, asked: Asked, *, cursor: str = "", limit: int) -> Found:
    """At most `limit` rows: one statement, two where the history is searched. Raises Invalid for a foreign cursor."""
    edge = await _edge(session, asked, cursor) if _searches(asked) else None
    statement = statement_of(asked, cursor, edge).limit(limit + 1)
    rows = list(listed(network, (await session.execute(statement)).all()))
    if edge and len(rows) <= limit:
        return Found(rows, write_cursor(*edge), edge[0].astimezone(LOCAL))
    return _found(asked, rows, limit)


def _found(asked: Asked, rows: list[Listed], limit: int) -> Found:
    """A page of rows of which one too many was asked for."""
    return Found(rows[:limit], _cursor(asked, rows[limit - 1]) if len(rows) > limit else None)


def statement_of(asked: Asked, cursor: str = "", edge: tuple[datetime, UUID] | None = None) -> Select[Any]:
    """The rows that fit, in their order, from the cursor on, no further back than the edge."""
    source, statement = asked.filters.source, select(*COLUMNS)
    if source is Source.UNREAD:
        mine = (Conversation.request_id == Request.id) & (Conversation.station_id == Request.station_id)
        statement = statement.join(Conversation, mine).where(Conversation.unread_n.is_not(None))
    statement = statement.join(Reservation, BOOKED).where(*_conditions(asked)).order_by(*ORDER[source])
    if cursor:
        statement = statement.where(_after(source, cursor))
    if edge:
        statement = statement.where(tuple_(Request.created_at, Request.id) >= tuple_(*edge))
    return statement


DUE_FIRST = Request.due_at, Request.created_at, Request.id
NEWEST = Request.created_at.desc(), Request.id.desc()
ORDER = {
    Source.LIVE: DUE_FIRST,
    Source.UNREAD: DUE_FIRST,
    Source.DAYS: (Reservation.visit_starts, Request.id),
    Source.HISTORY: NEWEST,
    Source.REFERENCE: NEWEST,
}


def _cursor(asked: Asked, last: Listed) -> str:
    match asked.filters.source:
        case Source.LIVE | Source.UNREAD:
            return write_cursor(last.due_at or NEVER, last.created_at, last.id)
        case Source.DAYS:
            return write_cursor(last.start, last.id)
        case _newest:
            return write_cursor(last.created_at, last.id)


def _after(source: Source, cursor: str) -> ColumnElement[bool]:
    if source in (Source.LIVE, Source.UNREAD):
        return _after_due(cursor)
    if source is Source.DAYS:
        start, request_id = read_cursor(cursor, datetime, UUID)
        return tuple_(Reservation.visit_starts, Request.id) > tuple_(floor_tick(start), request_id)
    return after(cursor)


def _after_due(cursor: str) -> ColumnElement[bool]:
    """What isn't due comes last, where only the age counts."""
    due_at, created_at, request_id = read_cursor(cursor, datetime, datetime, UUID)
    younger = tuple_(Request.created_at, Request.id) > tuple_(created_at, request_id)
    if due_at == NEVER:
        return and_(Request.due_at.is_(None), younger)
    return or_(Request.due_at > due_at, and_(Request.due_at == due_at, younger), Request.due_at.is_(None))


def _searches(asked: Asked) -> bool:
    """Whether the history is looked through for something that no index knows."""
    return asked.filters.source is Source.HISTORY and any(True for _each in _narrowing(asked))


async def _edge(session: AsyncSession, asked: Asked, cursor: str) -> tuple[datetime, UUID] | None:
    """The last request of the window; None when the history ends within it."""
    statement = select(Request.created_at, Request.id).where(*_within(asked.station_ids, Request.station_id))
    if cursor:
        statement = statement.where(after(cursor))
    row = (await session.execute(statement.order_by(*NEWEST).offset(WINDOW - 1).limit(1))).one_or_none()
    return None if row is None else (row.created_at, row.id)


def _within(ids: frozenset[int] | None, column: Any) -> Iterable[Condition]:  # noqa: ANN401 - of any of three tables
    if ids is not None:
        yield column.in_(sorted(ids))


def _conditions(asked: Asked) -> Iterable[Condition]:
    """Where the rows come from, and what narrows them."""
    source = asked.filters.source
    yield from _within(asked.station_ids, Request.station_id)
    if source is Source.REFERENCE:
        yield Request.reference == reference_in(asked.filters.text)
        return
    if source is Source.LIVE:
        yield OPEN
    elif source is Source.DAYS:
        yield from _within(asked.station_ids, Reservation.station_id)
        yield Reservation.active if asked.filters.view is View.TODAY else STANDING_OR_CANCELLED
        yield from _on(*span(asked.filters, asked.today))
    yield from _narrowing(asked)


def _narrowing(asked: Asked) -> Iterable[Condition]:
    filters = asked.filters
    yield from _of_view(asked)
    if filters.states:
        yield Request.status.in_(sorted(filters.states))
    if asked.service_ids is not None:
        yield Reservation.service_ids.overlap(array(sorted(asked.service_ids) or [0]))
    if filters.mode:
        yield Request.mode == filters.mode.value
    if filters.due:
        yield _due(asked, filters.due)
    if filters.complaint or filters.view is View.COMPLAINTS:
        yield Request.complaint == COMPLAINED
    if (filters.first or filters.last) and filters.source is not Source.DAYS:
        yield from _on(*span(filters, asked.today))
    if filters.text:
        yield tells(filters.text)


def _of_view(asked: Asked) -> Iterable[Condition]:
    match asked.filters.view:
        case View.LATE:
            yield Request.due_at < asked.now
        case View.WAITING:
            yield Request.status.in_(sorted(WAITS_FOR_APPLICANT))
        case View.TODAY if asked.filters.source is not Source.DAYS:
            yield from _on(asked.today, asked.today)
        case _other:
            return


def _on(first: date, last: date) -> Iterable[Condition]:
    """Visits of these days. A reservation begins with the way there, less than a day before, and is indexed so."""
    begins, ends = day_bounds(min(first, LAST_DAY), LOCAL)[0], day_bounds(min(last, LAST_DAY), LOCAL)[1]
    yield Reservation.starts >= begins - DAY_TICKS
    yield Reservation.starts < ends
    yield Reservation.visit_starts >= begins
    yield Reservation.visit_starts < ends


def _due(asked: Asked, due: Due) -> ColumnElement[bool]:
    at = Request.due_at
    match due:
        case Due.LATE:
            return at < asked.now
        case Due.TODAY:
            return and_(at >= asked.now, at < _end_of(asked.today))
        case Due.SOON:
            return and_(at >= asked.now, at < _end_of(asked.soon))
        case Due.STILL:
            return and_(at.is_(None), Request.status.in_(sorted(STANDS_STILL)))
        case Due.NONE:
            return and_(at.is_(None), Request.status.not_in(sorted(STANDS_STILL)))


def _end_of(day: date) -> datetime:
    return tick_time(day_bounds(day, LOCAL)[1])
