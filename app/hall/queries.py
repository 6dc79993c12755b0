"""A station's counter as it stands: the tickets of the day, and who sits at which desk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.hall.errors import TicketUnknown
from app.hall.rules.calling import Place, Waiting, order
from app.hall.rules.states import Action, Kind, Priority, State
from app.hall.statements import BEGUN, BOARD, CALLED, CONTINUED, LAST_STEP, ONE, SEATS, TRACE
from app.hall.words import number_of
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.notify.rules import masked
from app.stations.snapshot import StationFacts

SHOWN_AFTER = timedelta(hours=1)
"""So long what is over stays on the board."""


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket as its row is; `number_shown` is what is called out. Times are aware."""

    id: UUID
    number: int
    letter: str
    kind: Kind
    state: State
    priority: Priority
    priority_reason: str | None
    service_ids: tuple[int, ...]
    open_ids: tuple[int, ...]
    wants: int
    first_from: datetime
    rank_at: datetime
    booked_at: datetime | None
    desk_id: int | None
    for_desk_id: int | None
    calls: int
    events: int
    issued_at: datetime
    announced_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    request_id: UUID | None
    reference: str | None
    station_id: int
    day: date

    @property
    def shown(self) -> str:
        return number_of(self.letter, self.number)

    @property
    def queued(self) -> Waiting:
        """The same for the calling rule."""
        return Waiting(self.number, Place(self.first_from, self.rank_at), self.wants, self.for_desk_id)


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a desk, with which skills, and since when there is a break."""

    desk_id: int
    person_id: UUID
    name: str
    skills: int
    started_at: datetime
    break_since: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that goes on at a counter; the waiting in the order in which they are called now."""

    station: StationFacts
    day: date
    at: datetime
    waiting: tuple[Line, ...]
    called: tuple[Line, ...]
    serving: tuple[Line, ...]
    parked: tuple[Line, ...]
    over: tuple[Line, ...]
    seats: Mapping[int, Seat]

    @property
    def until(self) -> datetime:
        """How long it stays like this, if nobody does anything: until somebody's turn comes, or a row falls off."""
        turns = (line.first_from for line in self.waiting if line.first_from > self.at)
        falls = (line.ended_at + SHOWN_AFTER for line in self.over if line.ended_at)
        return min((*turns, *falls), default=self.at + SHOWN_AFTER)


def _today(station: StationFacts, now: datetime) -> dict[str, object]:
    day = local_date(now)
    return {"station_id": station.id, "day": day, "morning": datetime(day.year, day.month, day.day, tzinfo=LOCAL)}


async def trace_of(database: Database, station: StationFacts, now: datetime) -> tuple[object, ...]:
    """Another one whenever something at the counter has changed: one bare statement, a tenth of reading it all."""
    [row] = await database.fetch(TRACE, _today(station, now))
    return local_date(now), *row


async def board_of(database: Database, station: StationFacts, now: datetime) -> Board:
    """Two bare statements, whatever there is."""
    values = {**_today(station, now), "ended_after": now - SHOWN_AFTER}
    lines = [line_of(row) for row in await database.fetch(BOARD, values)]
    seats = [Seat(*row) for row in await database.fetch(SEATS, values)]

    def standing(*states: State) -> list[Line]:
        return [line for line in lines if line.state in states]

    return Board(
        station,
        local_date(now),
        now,
        tuple(sorted(standing(State.WAITING), key=lambda line: order(line.queued, now))),
        tuple(standing(State.CALLED)),
        tuple(standing(State.SERVING)),
        tuple(standing(State.PARKED)),
        tuple(sorted(standing(*OVER_FIRST), key=_ended, reverse=True)),
        {seat.desk_id: seat for seat in seats},
    )


@dataclass(frozen=True, slots=True)
class LastCall:
    """A call of the day: the number, to which desk, how often, when, and what has become of it."""

    shown: str
    desk_id: int
    calls: int
    called_at: datetime
    state: State


async def last_calls(database: Database, station: StationFacts, now: datetime, most: int) -> list[LastCall]:
    """The last ones of today, latest first."""
    rows = await database.fetch(CALLED, {**_today(station, now), "most": most})
    return [
        LastCall(number_of(letter, number), desk_id, calls, called_at, State(state))
        for letter, number, desk_id, calls, called_at, state in rows
    ]


OVER_FIRST = State.DONE, State.NO_SHOW, State.LEFT, State.MOVED


def _ended(line: Line) -> datetime:
    return line.ended_at or line.issued_at


async def ticket_of(database: Database, ticket_id: UUID) -> Line | None:
    """One ticket, wherever it is."""
    rows = await database.fetch(ONE, {"id": ticket_id})
    return line_of(rows[0]) if rows else None


async def continued_by(database: Database, ticket_id: UUID) -> UUID | None:
    """The ticket by which one goes on at another station."""
    rows = await database.fetch(CONTINUED, {"id": ticket_id})
    return rows[0][0] if rows else None


async def address_of(database: Database, ticket_id: UUID) -> str | None:
    """Where its holder wants to be told, masked; None when they have left no address."""
    rows = await database.fetch("SELECT email FROM turn_mail WHERE ticket_id = %s", (ticket_id,))
    return masked(rows[0][0]) if rows else None


async def ticket_in(session: AsyncSession, ticket_id: UUID) -> Line:
    """The same as the session's transaction has left it. Raises TicketUnknown."""
    await session.flush()
    rows = (await (await session.connection()).exec_driver_sql(ONE, {"id": ticket_id})).all()
    if not rows:
        raise TicketUnknown
    return line_of(rows[0])


def line_of(row: Iterable[Any]) -> Line:
    id_, number, letter, kind, state, priority, reason, service_ids, open_ids, *rest = row
    known = Kind(kind), State(state), Priority(priority), reason, tuple(service_ids), tuple(open_ids)
    return Line(id_, number, letter, *known, *rest)


@dataclass(frozen=True, slots=True)
class Last:
    """A step that somebody has taken; `kept` says that what was before it is known, so that it can be taken back."""

    ticket_id: UUID
    shown: str
    action: Action
    at: datetime
    kept: bool


async def last_step_of(database: Database, station: StationFacts, person_id: UUID, now: datetime) -> Last | None:
    """What this person did last today, as far as nobody has done anything with that ticket since."""
    rows = await database.fetch(LAST_STEP, {**_today(station, now), "person_id": person_id})
    if not rows:
        return None
    id_, letter, number, action, at, kept = rows[0]
    return Last(id_, number_of(letter, number), Action(action), at, kept)


async def begun_with(database: Database, line: Line) -> tuple[int, ...]:
    """The services that are worked on now, by id."""
    rows = await database.fetch(BEGUN, {"id": line.id, "station_id": line.station_id})
    return tuple(rows[0][0]) if rows else ()


async def seats_of(database: Database, station: StationFacts, now: datetime) -> Mapping[int, Seat]:
    """Who sits there now, by desk."""
    return {seat.desk_id: seat for seat in (Seat(*row) for row in await database.fetch(SEATS, _today(station, now)))}
