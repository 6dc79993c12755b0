"""One step of many requests: each in a transaction of its own, and each with its own answer.

What one of them refuses stops none of the others. Repeated, nothing happens twice: what is there already says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.inbox.rules import MOST_AT_ONCE
from app.kit.clock import LOCAL
from app.kit.db import ATTEMPTS, RETRYABLE, Database, WriteSession, sqlstate
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid, Problem
from app.kit.ticks import tick_time
from app.requests.errors import InvalidTransition, RequestUnknown
from app.requests.letters import Letters
from app.requests.lists import BOOKED
from app.requests.models import Request, RequestItem
from app.requests.queries import (
    CANCELLED,
    CONFIRMED,
    Appointment,
    RequestView,
    find_reached,
    item_of,
)
from app.requests.reach import Reach, as_staff
from app.requests.rules import TABLE, Action, Party, State, permission_of
from app.requests.service import Changes
from app.requests.service.planning import Given, Moment, check_moment, plan
from app.requests.words import STATES
from app.slots.models import Reservation
from app.stations.snapshot import Network

LOCKED = "55P03"


class Kind(StrEnum):
    """What became of one of them."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request, its state afterwards (None where it is unknown), and why it was refused."""

    reference: str
    kind: Kind
    status: State | None = None
    code: str = ""
    why: str = ""


class Bulk:
    """Steps of many requests by somebody of the staff."""

    def __init__(self, database: Database, network: Network, letters: Letters, caller: Caller, now: datetime) -> None:
        self._database = database
        self._network = network
        self._letters = letters
        self._caller = caller
        self._now = now

    async def take(self, action: Action, references: Iterable[str], given: Given) -> list[Outcome]:
        """The step with all items that can take it, of at most MOST_AT_ONCE requests, in the order given.

        `late_reason` is kept only with those that are late.
        """
        wanted = list(dict.fromkeys(references))[:MOST_AT_ONCE]
        return [await self._one(action, reference, given) for reference in wanted]

    async def _one(self, action: Action, reference: str, given: Given) -> Outcome:
        for _attempt in range(ATTEMPTS - 1):
            try:
                return await self._try(action, reference, given)
            except DBAPIError as error:
                if sqlstate(error) == LOCKED:
                    why = _("Somebody else is at work on it just now. Please try again.")
                    return Outcome(reference, Kind.REFUSED, code="busy", why=why)
                if sqlstate(error) not in RETRYABLE:
                    raise
        return await self._try(action, reference, given)

    async def _try(self, action: Action, reference: str, given: Given) -> Outcome:
        reach = as_staff(self._caller, permission_of(action))
        async with self._database.writer() as session:
            try:
                found = await find_reached(session, self._network, reference, reach, lock=True)
            except RequestUnknown as problem:
                return Outcome(reference, Kind.UNKNOWN, code=problem.code, why=problem.sentence())
            return await self._act(session, found, action, given)

    async def _act(self, session: WriteSession, found: RequestView, action: Action, given: Given) -> Outcome:
        reference, before = found.request.reference, State(found.request.status)
        late = "late_reason" in lacking(found, action, self._now, self._network)
        changes = Changes(session, self._network, self._now, self._caller.actor, self._letters, by_station=True)
        try:
            after = await changes.act(found, action, given if late else replace(given, late_reason=""))
        except Problem as problem:
            await session.rollback()
            there = isinstance(problem, InvalidTransition) and before in targets(action)
            kind = Kind.ALREADY if there else Kind.REFUSED
            return Outcome(reference, kind, before, problem.code, in_words(problem, before))
        await session.commit()
        return Outcome(reference, Kind.DONE, State(after.request.status))


def targets(action: Action) -> frozenset[State]:
    """The states to which the step leads."""
    return frozenset(State(step.target) for step in TABLE if step.action is action and step.target in set(State))


def needs_reason(action: Action) -> bool:
    """Whether the step always asks why."""
    return all("reason" in step.needs for step in TABLE if step.action is action and step.by is Party.STATION)


def refusal(view: RequestView, action: Action, now: datetime, network: Network) -> str:
    """Why the request can't take the step at this moment; nothing when it can, if what it lacks is given."""
    try:
        _judge(view, action, now, network)
    except Invalid:
        return ""
    except Problem as problem:
        return in_words(problem, State(view.request.status))
    return ""


def in_words(problem: Problem, state: State) -> str:
    """Why it was refused, for people."""
    if isinstance(problem, InvalidTransition):
        return _("The step is not possible in its state: {state}.").format(state=STATES[state])
    return " ".join(error.sentence() for error in problem.errors) or problem.sentence()


def lacking(view: RequestView, action: Action, now: datetime, network: Network) -> frozenset[str]:
    """The fields that the step asks for: `reason`, `late_reason`."""
    try:
        _judge(view, action, now, network)
    except Invalid as problem:
        return frozenset(error.field for error in problem.errors)
    except Problem:
        return frozenset()
    return frozenset()


def _judge(view: RequestView, action: Action, now: datetime, network: Network) -> None:
    check_moment(view, action, Party.STATION, now)
    plan(view, action, None, Given(), Moment(Party.STATION, now, network.calendar, lambda _clock, _item: None))


async def several(
    session: AsyncSession, network: Network, reach: Reach, references: Sequence[str]
) -> dict[str, RequestView]:
    """Those of the requests that are reached, by reference, without their timelines: two statements."""
    rows = await session.execute(
        select(Request, Reservation.visit_starts, Reservation.visit_ticks, Reservation.active)
        .join(Reservation, BOOKED)
        .where(reach.condition(), Request.reference.in_(references))
    )
    requests = rows.all()
    items: dict[object, list[RequestItem]] = {}
    asked = select(RequestItem).where(RequestItem.request_id.in_([row[0].id for row in requests]))
    for item in await session.scalars(asked.order_by(RequestItem.request_id, RequestItem.n)):
        items.setdefault(item.request_id, []).append(item)
    return {
        request.reference: RequestView(
            request,
            Appointment(
                network.station_by_id[request.station_id],
                tick_time(starts),
                tick_time(starts + ticks),
                CONFIRMED if active else CANCELLED,
            ),
            tuple(item_of(network, request, item) for item in items.get(request.id, ())),
            (),
            request.due_at and request.due_at.astimezone(LOCAL),
            request.due_provisional,
        )
        for request, starts, ticks, active in requests
    }
