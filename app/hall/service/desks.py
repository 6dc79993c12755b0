"""Who sits at which desk: signing in with skills, breaks, leaving."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Person
from app.hall.ending import end_before_today
from app.hall.errors import DeskBusy, DeskTaken, DeskUnattended, ElsewhereSignedIn, HallHalted, OnBreak
from app.hall.live import topic_of
from app.hall.models import AT_DESK, DeskSession, Ticket
from app.hall.service.freeing import free_of_desk
from app.kit.clock import LOCAL, local_date
from app.kit.db import WriteSession, violated
from app.kit.i18n import lazy
from app.kit.ids import new_id
from app.kit.live import tell
from app.kit.problems import FieldError, Invalid
from app.stations.snapshot import DeskFacts, StationFacts

EMPTY = lazy("Nobody sits at this desk now. Choose one at which somebody does.")
HALTED = text("""
    INSERT INTO hall_day (station_id, day) VALUES (:station_id, :day)
    ON CONFLICT (station_id, day) DO UPDATE SET last_number = hall_day.last_number
    RETURNING halted_at IS NOT NULL
""")


async def attended(session: WriteSession, station_id: int, desk_id: int | None, now: datetime) -> bool:
    """Whether somebody sits at the desk today, and goes on doing so until this transaction ends."""
    day = local_date(now)
    statement = select(DeskSession.id).where(
        DeskSession.station_id == station_id,
        DeskSession.desk_id == desk_id,
        DeskSession.ended_at.is_(None),
        DeskSession.started_at >= datetime(day.year, day.month, day.day, tzinfo=LOCAL),
    )
    return await session.scalar(statement.with_for_update(read=True)) is not None


async def must_be_attended(session: WriteSession, station_id: int, desk_id: int, now: datetime) -> None:
    """Nobody is passed on to a desk at which nobody sits. Raises Invalid."""
    if not await attended(session, station_id, desk_id, now):
        raise Invalid(errors=[FieldError("desk", "desk_empty", EMPTY.msgid)])


async def may_stand_again(
    session: WriteSession, ticket: Ticket, before: Mapping[str, Any], now: datetime
) -> Mapping[str, Any]:
    """What a ticket was, as far as it can be so again: for no desk alone at which nobody sits any more.

    Raises DeskUnattended for one that was at such a desk.
    """
    if before.get("desk_id") and not await attended(session, ticket.station_id, before["desk_id"], now):
        raise DeskUnattended
    alone = before.get("for_desk_id", ticket.for_desk_id)
    kept = not alone or await attended(session, ticket.station_id, alone, now)
    return before if kept else {**before, "for_desk_id": None}


class Seats:
    """The desks of one station, in the session's transaction."""

    def __init__(self, session: WriteSession, station: StationFacts, now: datetime) -> None:
        self._session = session
        self._station = station
        self._now = now

    async def sign_in(self, desk: DeskFacts, person_id: UUID, skills: int | None = None) -> None:
        """Sit down at a desk, for what one can do of what the desk is for; once more with others, they are changed.

        Whoever was forgotten there, or oneself elsewhere, on a day before is signed out, and so are tickets. Raises
        DeskTaken, ElsewhereSignedIn.
        """
        halted = await self._halted()
        await self._clear_up(desk, person_id)
        wanted = desk.skills if skills is None else skills & desk.skills or desk.skills
        if mine := await self._of(desk, person_id):
            mine.skills = wanted
        else:
            station_id = self._station.id
            await self._seated(
                desk,
                DeskSession(
                    id=new_id(),
                    station_id=station_id,
                    desk_id=desk.id,
                    person_id=person_id,
                    skills=wanted,
                    started_at=self._now,
                    halted=halted,
                ),
            )
        await self._tell()

    async def calling(self, desk: DeskFacts, person_id: UUID) -> None:
        """Nobody calls to a desk at which they don't sit. Raises DeskUnattended, HallHalted, OnBreak."""
        mine = await self._mine(desk, person_id)
        if mine.halted:
            raise HallHalted
        if mine.break_since is not None:
            raise OnBreak

    async def rest(self, desk: DeskFacts, person_id: UUID) -> None:
        """Begin a break, or end it. Raises DeskUnattended."""
        mine = await self._mine(desk, person_id)
        if mine.break_since:
            mine.rests = [*mine.rests, mine.break_since, self._now]
        mine.break_since = None if mine.break_since else self._now
        await self._tell()

    async def sign_out(self, desk: DeskFacts, person_id: UUID | None) -> None:
        """Leave the desk, at which nobody is; with no person, whoever sits there. Who waits for this desk alone may be
        called by others from now on.

        Raises DeskUnattended, DeskBusy.
        """
        found = await self._mine(desk, person_id)
        here = Ticket.station_id == self._station.id, Ticket.desk_id == desk.id, AT_DESK
        if await self._session.scalar(select(Ticket.id).where(*here)) is not None:
            raise DeskBusy
        found.ended_at = self._now
        await free_of_desk(self._session, self._station.id, desk.id, self._now, person_id)

    async def _halted(self) -> bool:
        """Whether the station's day is halted, under its lock: a halt sees this desk, or is seen from it."""
        values = {"station_id": self._station.id, "day": local_date(self._now)}
        return bool((await self._session.execute(HALTED, values)).scalar_one())

    async def _clear_up(self, desk: DeskFacts, person_id: UUID) -> None:
        """Nobody has sat there since yesterday, and nobody has been served."""
        await end_before_today(self._session, self._station.id, self._now)
        today = local_date(self._now)
        statement = select(DeskSession).where(
            DeskSession.ended_at.is_(None),
            (DeskSession.person_id == person_id)
            | ((DeskSession.station_id == self._station.id) & (DeskSession.desk_id == desk.id)),
        )
        old = [each.id for each in await self._session.scalars(statement) if local_date(each.started_at) < today]
        if old:
            gone = update(DeskSession).where(DeskSession.id.in_(old)).values(ended_at=self._now)
            await self._session.execute(gone)

    async def _of(self, desk: DeskFacts, person_id: UUID | None) -> DeskSession | None:
        statement = select(DeskSession).where(
            DeskSession.station_id == self._station.id, DeskSession.desk_id == desk.id, DeskSession.ended_at.is_(None)
        )
        if person_id is not None:
            statement = statement.where(DeskSession.person_id == person_id)
        found: DeskSession | None = await self._session.scalar(statement.with_for_update())
        return found

    async def _mine(self, desk: DeskFacts, person_id: UUID | None) -> DeskSession:
        found = await self._of(desk, person_id)
        if found is None:
            raise DeskUnattended
        return found

    async def _seated(self, desk: DeskFacts, new: DeskSession) -> None:
        """The two unique indexes have the last word."""
        try:
            async with self._session.begin_nested():
                self._session.add(new)
        except IntegrityError as error:
            if violated(error) == "desk_session_person_key":
                raise ElsewhereSignedIn from None
            if violated(error) == "desk_session_desk_key":
                raise DeskTaken(name=await self._who(desk)) from None
            raise

    async def _who(self, desk: DeskFacts) -> str:
        statement = (
            select(Person.name)
            .join(DeskSession, DeskSession.person_id == Person.id)
            .where(
                DeskSession.station_id == self._station.id,
                DeskSession.desk_id == desk.id,
                DeskSession.ended_at.is_(None),
            )
        )
        return str(await self._session.scalar(statement) or "")

    async def _tell(self) -> None:
        await tell(self._session, topic_of(self._station.id))
