"""What a step makes of a ticket: pure, from what stands in its row to what will. The row is written by the service."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Protocol

from app.hall.rules.calling import place_of
from app.hall.rules.states import MOST_CALLS, Action, Priority, State
from app.hall.rules.table import Seat, Step, find_step

UNDO_WITHIN = timedelta(minutes=1)


class Facts(Protocol):
    """The part of a ticket that steps look at and change."""

    state: str
    service_ids: list[int]
    open_ids: list[int]
    wants: int
    first_from: datetime
    rank_at: datetime
    issued_at: datetime
    booked_at: datetime | None
    priority: str
    desk_id: int | None
    for_desk_id: int | None
    calls: int
    called_at: datetime | None
    announced_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    priority_reason: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a step: the desk that acts or that it is passed on to, what was really done, why it goes first.

    `done` are ids of services, also of such that nobody asked for before; `rest_left` says that what is still open
    isn't wanted any more.
    """

    desk_id: int | None = None
    done: Collection[int] = ()
    rest_left: bool = False
    priority: Priority = Priority.NONE
    reason: str = ""
    service_ids: Collection[int] = ()


class ImpossibleError(Exception):
    """The step doesn't exist for a ticket in this state."""


class CalledOftenError(Exception):
    """It was called MOST_CALLS times: now it is a no-show."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The step of the table, the new values, and the old ones of the same names."""

    step: Step
    after: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody takes now. `skills` has the bit of the category of each service."""

    ticket: Facts
    action: Action
    given: Given
    skills: Mapping[int, int]
    now: datetime

    @property
    def left(self) -> list[int]:
        """What is open after it, as far as it ends something."""
        if self.action is not Action.FINISH or self.given.rest_left:
            return []
        return [each for each in self.ticket.open_ids if each not in self.given.done]

    def open_now(self, asked: list[int], left: list[int]) -> dict[str, Any]:
        return {"service_ids": asked, "open_ids": left, "wants": wants_of(left, self.skills)}


def plan(asked: Asked) -> Planned:
    """What the step changes. Raises ImpossibleError and CalledOftenError."""
    ticket = asked.ticket
    step = find_step(asked.action, State(ticket.state), remaining=bool(asked.left))
    if step is None:
        raise ImpossibleError
    after: dict[str, Any] = {"state": step.leads_from(State(ticket.state)).value}
    if step.seat is Seat.TAKEN:
        after |= {"desk_id": asked.given.desk_id, "for_desk_id": None}
    elif step.seat is Seat.LEFT:
        after["desk_id"] = None
    if step.front:
        after["first_from"] = min(ticket.first_from, asked.now)
    if own := OWN.get(asked.action):
        after |= own(asked)
    changed = {name: value for name, value in after.items() if getattr(ticket, name) != value}
    return Planned(step, changed, {name: getattr(ticket, name) for name in changed})


def _called(asked: Asked) -> dict[str, Any]:
    return {"calls": 1, "called_at": asked.now}


def _called_again(asked: Asked) -> dict[str, Any]:
    if asked.ticket.calls >= MOST_CALLS:
        raise CalledOftenError
    return {"calls": asked.ticket.calls + 1, "called_at": asked.now}


def _finished(asked: Asked) -> dict[str, Any]:
    """What was done although nobody had asked for it becomes part of the ticket."""
    known = asked.ticket.service_ids
    values = asked.open_now([*known, *(each for each in asked.given.done if each not in known)], asked.left)
    return values if asked.left else values | {"ended_at": asked.now}


def _split(asked: Asked) -> dict[str, Any]:
    ticket = asked.ticket
    stays = [each for each in ticket.open_ids if each not in asked.given.service_ids]
    return asked.open_now([each for each in ticket.service_ids if each not in ticket.open_ids or each in stays], stays)


def _prioritised(asked: Asked) -> dict[str, Any]:
    given, ticket = asked.given, asked.ticket
    place = place_of(ticket.issued_at, given.priority, ticket.booked_at)
    values = {"first_from": place.first_from, "rank_at": place.rank_at}
    return values | {"priority": given.priority.value, "priority_reason": given.reason or None}


def _ended(asked: Asked) -> dict[str, Any]:
    return {"ended_at": asked.now}


OWN: Mapping[Action, Callable[[Asked], dict[str, Any]]] = {
    Action.CALL: _called,
    Action.RECALL: _called_again,
    Action.ANNOUNCE: lambda asked: {"announced_at": asked.now},
    Action.START: lambda asked: {"started_at": asked.now},
    Action.FINISH: _finished,
    Action.NO_SHOW: _ended,
    Action.LEAVE: _ended,
    Action.MOVE: _ended,
    Action.COME_BACK: lambda _asked: {"ended_at": None},
    Action.TRANSFER: lambda asked: {"for_desk_id": asked.given.desk_id},
    Action.SPLIT: _split,
    Action.PRIORITISE: _prioritised,
}
"""What a step does that no other does."""


def wants_of(service_ids: Collection[int], skills: Mapping[int, int]) -> int:
    """The bits of the categories of services."""
    return reduce(or_, (skills[each] for each in service_ids), 0)
