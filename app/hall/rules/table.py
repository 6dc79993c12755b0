"""The way of a ticket as one table: what leads from where to where, and what it does to its place in the queue. Pure.

Nothing else knows the steps one by one: service, pages and docs/hall.md are made from `TABLE`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.hall.rules.states import MOST_CALLS, Action, State

S, A = State, Action


class Seat(StrEnum):
    """What a step does to the desk at which the ticket is."""

    KEPT = "kept"
    TAKEN = "taken"
    """The desk of whoever acts is its desk from now on; there may be no other ticket."""
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Step:
    """A row: `action` leads from each of `sources` to `target`, None where the ticket stays as it is.

    `remaining`: only when services are open after it (True) or none is (False). `front`: its turn has come, by
    its old place. `undone`: for a minute it can be taken back.
    """

    action: Action
    sources: frozenset[State]
    target: State | None
    seat: Seat = Seat.KEPT
    remaining: bool | None = None
    front: bool = False
    undone: bool = True

    def leads_from(self, state: State) -> State:
        return state if self.target is None else self.target


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


HERE = _from(S.WAITING, S.CALLED, S.SERVING, S.PARKED)
TABLE: tuple[Step, ...] = (
    Step(A.CALL, _from(S.WAITING), S.CALLED, Seat.TAKEN),
    Step(A.ANNOUNCE, _from(S.WAITING), None),
    Step(A.RECALL, _from(S.CALLED), None),
    Step(A.START, _from(S.CALLED), S.SERVING),
    Step(A.FINISH, _from(S.SERVING), S.DONE, Seat.LEFT, remaining=False),
    Step(A.FINISH, _from(S.SERVING), S.WAITING, Seat.LEFT, remaining=True),
    Step(A.NO_SHOW, _from(S.CALLED), S.NO_SHOW, Seat.LEFT),
    Step(A.PARK, _from(S.CALLED, S.SERVING), S.PARKED, Seat.LEFT),
    Step(A.RESUME, _from(S.PARKED), S.WAITING, front=True),
    Step(A.REQUEUE, _from(S.CALLED, S.SERVING), S.WAITING, Seat.LEFT),
    Step(A.COME_BACK, _from(S.NO_SHOW), S.WAITING),
    Step(A.TRANSFER, HERE, S.WAITING, Seat.LEFT),
    Step(A.MOVE, HERE, S.MOVED, Seat.LEFT, undone=False),
    Step(A.SPLIT, HERE, None, undone=False),
    Step(A.PRIORITISE, _from(S.WAITING), None),
    Step(A.LEAVE, _from(S.WAITING, S.CALLED, S.PARKED), S.LEFT, Seat.LEFT),
)


def find_step(action: Action, state: State, *, remaining: bool = False) -> Step | None:
    """The row for a ticket in this state; None when the step is impossible there."""
    fitting = (step for step in TABLE if step.action is action and state in step.sources)
    return next((step for step in fitting if step.remaining in (None, remaining)), None)


def steps_from(state: State, calls: int = 0) -> Iterable[Action]:
    """What can be done with a ticket now, in the order of the table: nobody is called more often than MOST_CALLS."""
    for step in TABLE:
        if state in step.sources and step.remaining is not True and (step.action is not A.RECALL or calls < MOST_CALLS):
            yield step.action
