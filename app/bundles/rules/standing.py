"""How the steps of a bundle stand: derived from what was done with each, and from the items that were booked. Pure.

Nothing of this is stored: an item that is passed on, cancelled or taken up again changes its step with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.bundles.rules.packages import Order
from app.requests.rules import ENDED, State

FALLEN = frozenset({State.ITEM_REJECTED, State.DECLINED, State.CANCELLED})
"""An item that ended without anything coming of it. What has ended otherwise is done."""


class Kind(StrEnum):
    """What was done with a step."""

    BOOKED = "booked"
    LEFT_OUT = "left_out"
    TAKEN_UP = "taken_up"


class StepState(StrEnum):
    """Where a step stands. The first two are open."""

    WAITS = "waits"
    BOOKABLE = "bookable"
    BOOKED = "booked"
    DONE = "done"
    LEFT_OUT = "left_out"


CLOSED = frozenset({StepState.DONE, StepState.LEFT_OUT})
OPEN = frozenset({StepState.WAITS, StepState.BOOKABLE})


@dataclass(frozen=True, slots=True)
class Booking:
    """An item that was booked for a step, as it stands now, and the request in which it is now.

    `start` is that of its visit, aware; `has_time`: that time is taken. `due_at` is by when the station has to have
    done what it does next, None while nothing is due; `working`: that is the work itself.
    """

    reference: str
    n: int
    status: State
    start: datetime
    has_time: bool
    due_at: datetime | None = None
    working: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What was done with a step as its `n`-th thing. `bookings`: the items, when it was booked."""

    n: int
    kind: Kind
    at: datetime
    reason: str = ""
    bookings: tuple[Booking, ...] = ()

    @property
    def live(self) -> bool:
        return any(each.status not in ENDED for each in self.bookings)

    @property
    def done(self) -> bool:
        """Nothing of it goes on any more, and something came of it."""
        return not self.live and any(each.status not in FALLEN for each in self.bookings)


@dataclass(frozen=True, slots=True)
class Planned:
    """A step as the bundle has it, with what was done with it, in its order."""

    key: str
    after: tuple[str, ...]
    order: Order
    optional: bool
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands. `waits_for`: steps before it that aren't done; a step that may be booked all the same, whose
    order is only advised, has them too. `move` is what its state comes from; of an open step the last that came to
    nothing, if any."""

    state: StepState
    waits_for: tuple[str, ...] = ()
    move: Move | None = None


def standings(steps: Sequence[Planned]) -> dict[str, Standing]:
    """By key, in the same order."""
    own = {step.key: _own(step) for step in steps}
    closed = {key: found.state for key, found in own.items() if found is not None and found.state in CLOSED}
    before = effective(steps, {key for key, state in closed.items() if state is StepState.LEFT_OUT})
    return {step.key: own[step.key] or _open(step, before[step.key], closed) for step in steps}


def _own(step: Planned) -> Standing | None:
    """What follows from its own moves; None for an open step. Done wins over what is booked besides, and both over
    its having been left out meanwhile."""
    for state, moves in (
        (StepState.DONE, [move for move in step.moves if move.done]),
        (StepState.BOOKED, [move for move in step.moves if move.live]),
        (StepState.LEFT_OUT, [move for move in step.moves[-1:] if move.kind is Kind.LEFT_OUT]),
    ):
        if moves:
            return Standing(state, move=moves[-1])
    return None


def _open(step: Planned, before: Sequence[str], closed: Mapping[str, StepState]) -> Standing:
    missing = tuple(key for key in before if closed.get(key) is not StepState.DONE)
    state = StepState.WAITS if missing and step.order is Order.MUST else StepState.BOOKABLE
    fallen = [move for move in step.moves if move.kind is Kind.BOOKED]
    return Standing(state, missing, fallen[-1] if fallen else None)


def effective(steps: Sequence[Planned], left_out: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What each step comes after, by key: a step that is left out hands on what it came after itself.

    `steps` stand in an order in which each comes after those before it.
    """
    through: dict[str, tuple[str, ...]] = {}
    for step in steps:
        found: dict[str, None] = {}
        for key in step.after:
            found |= dict.fromkeys(through[key] if key in left_out else (key,))
        through[step.key] = tuple(found)
    return through


def next_number(step: Planned) -> int:
    """The number of what is done next with it: whoever writes it has seen all before, and of two one is first."""
    return len(step.moves) + 1
