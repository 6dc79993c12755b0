"""A station's day: closed for new tickets and opened again, stopped at once and gone on with; each is on record.

All are done under the lock of the station's day, as tickets are issued: whoever issues is done before, or sees it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Update, update
from sqlalchemy.dialects.postgresql import Insert, insert

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.hall.errors import InvalidTransition, TicketUnknown
from app.hall.live import topic_of
from app.hall.models import DeskSession, HallDay
from app.hall.rules.states import Action, HaltReason
from app.hall.service.counter import Counter
from app.hall.words import number_of
from app.kit.clock import local_date
from app.kit.db import WriteSession
from app.kit.i18n import lazy
from app.kit.live import tell
from app.kit.problems import FieldError, Invalid
from app.stations.snapshot import StationFacts

NO_WORDS = lazy("Say in a few words what has happened.")
OPEN_AGAIN: Mapping[str, None] = {"closed_at": None, "closed_by": None}
GO_ON: Mapping[str, None] = {"halted_at": None, "halted_by": None, "halt_reason": None, "halt_words": None}


class Days:
    """Today of one station, as its manager has it, in the session's transaction.

    Each step returns whether it changed anything: who comes second finds it done.
    """

    def __init__(self, session: WriteSession, station: StationFacts, now: datetime, caller: Caller) -> None:
        self._session = session
        self._station = station
        self._now = now
        self._caller = caller

    @property
    def _day(self) -> date:
        return local_date(self._now)

    async def close(self) -> bool:
        """From now on only who has an appointment gets a ticket."""
        values = {"closed_at": self._now, "closed_by": self._caller.person_id}
        closing = insert(HallDay).values(station_id=self._station.id, day=self._day, **values)
        statement = closing.on_conflict_do_update(
            index_elements=["station_id", "day"], set_=values, where=HallDay.closed_at.is_(None)
        )
        return await self._changed(statement, "hall.closed")

    async def open(self) -> bool:
        """Tickets are given out to everybody again."""
        statement = update(HallDay).where(*self._today, HallDay.closed_at.is_not(None)).values(**OPEN_AGAIN)
        return await self._changed(statement, "hall.opened")

    async def halt(self, reason: HaltReason, words: str) -> bool:
        """From the commit on nobody is called and no ticket given out: calls that are under way are waited for.

        Raises Invalid: something else needs words.
        """
        if reason is HaltReason.OTHER and not words:
            raise Invalid(errors=[FieldError("words", "required", NO_WORDS.msgid)])
        values = {
            "halted_at": self._now,
            "halted_by": self._caller.person_id,
            "halt_reason": reason.value,
            "halt_words": words or None,
        }
        halting = insert(HallDay).values(station_id=self._station.id, day=self._day, **values)
        statement = halting.on_conflict_do_update(
            index_elements=["station_id", "day"], set_=values, where=HallDay.halted_at.is_(None)
        )
        return await self._changed(statement, "hall.halted", {"reason": reason.value}, words, halted=True)

    async def go_on(self) -> bool:
        """The stop is over."""
        statement = update(HallDay).where(*self._today, HallDay.halted_at.is_not(None)).values(**GO_ON)
        return await self._changed(statement, "hall.resumed", halted=False)

    async def send_home(self, counter: Counter, ticket_ids: Iterable[UUID]) -> list[str]:
        """Mark these as left, as far as nobody has acted on them meanwhile; the numbers of those that are."""
        gone = []
        for ticket_id in ticket_ids:
            with suppress(InvalidTransition, TicketUnknown):
                ticket = await counter.act(ticket_id, Action.LEAVE)
                gone.append(number_of(ticket.letter, ticket.number))
        if gone:
            await record(
                self._session, self._caller.actor, "hall.sent_home", self._object, at=self._now, after={"left": gone}
            )
        return gone

    @property
    def _today(self) -> tuple[ColumnElement[bool], ...]:
        return HallDay.station_id == self._station.id, HallDay.day == self._day

    @property
    def _object(self) -> Object:
        return Object("hall", f"{self._station.code} {self._day}", self._station.id)

    async def _changed(
        self,
        statement: Insert | Update,
        action: str,
        after: Mapping[str, object] | None = None,
        words: str = "",
        *,
        halted: bool | None = None,
    ) -> bool:
        """Do it, put it on record and tell boards, displays and phones; False when it was so already."""
        done = await self._session.execute(statement.returning(HallDay.station_id))
        if done.first() is None:
            return False
        if halted is not None:
            seated = DeskSession.station_id == self._station.id, DeskSession.ended_at.is_(None)
            await self._session.execute(update(DeskSession).where(*seated).values(halted=halted))
        await tell(self._session, topic_of(self._station.id))
        await record(self._session, self._caller.actor, action, self._object, at=self._now, after=after, reason=words)
        return True
