"""What becomes of a step that staff took at the counter while there was no network, when it is handed in. Pure.

A step is known by the id that the browser made for it: twice is harmless. Whoever was in front of a desk was there, so
a call reaches a ticket that was meanwhile parked, or a no-show, too. But what another desk has done in the meantime
stays: a step of a ticket that is no longer where this desk had it is *overtaken*, kept on record, and said to whoever
took it. So is all that follows it, by the same rule.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.hall.rules.states import Action, State


class StepOutcome(StrEnum):
    """What became of a step that was handed in."""

    TAKEN = "taken"
    KNOWN = "known"
    OVERTAKEN = "overtaken"


CALLED_FROM: Mapping[State, tuple[Action, ...]] = {
    State.WAITING: (Action.CALL,),
    State.PARKED: (Action.RESUME, Action.CALL),
    State.NO_SHOW: (Action.COME_BACK, Action.CALL),
}
AT_OWN_DESK: Mapping[Action, State] = {
    Action.START: State.CALLED,
    Action.NO_SHOW: State.CALLED,
    Action.FINISH: State.SERVING,
}
OFFLINE = frozenset({Action.CALL, *AT_OWN_DESK})
"""What can be done without a network."""


def way_to(action: Action, state: State, *, at_this_desk: bool) -> tuple[Action, ...]:
    """The steps of the table by which the action is taken now; none when it is overtaken.

    `at_this_desk` says that the ticket is at the desk at which the action was done.
    """
    if action is Action.CALL:
        return CALLED_FROM.get(state, ())
    return (action,) if at_this_desk and AT_OWN_DESK.get(action) is state else ()
