"""What staff may do with a ticket on the board: the steps of the table with their words, keys and whether they ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.hall.queries import Line
from app.hall.rules.states import MOST_CALLS, Action, Priority
from app.hall.rules.table import steps_from
from app.kit.i18n import LazyString, lazy

VERBS: Mapping[Action, LazyString] = {
    Action.CALL: lazy("Call this one"),
    Action.ANNOUNCE: lazy("Say that it is soon their turn"),
    Action.RECALL: lazy("Call again"),
    Action.START: lazy("Start"),
    Action.FINISH: lazy("Finish"),
    Action.NO_SHOW: lazy("Nobody has come"),
    Action.PARK: lazy("Park"),
    Action.RESUME: lazy("Is ready again"),
    Action.REQUEUE: lazy("Back to the queue"),
    Action.COME_BACK: lazy("Has come back"),
    Action.TRANSFER: lazy("Pass on"),
    Action.SPLIT: lazy("Split"),
    Action.PRIORITISE: lazy("Change the priority"),
    Action.LEAVE: lazy("Has left without service"),
}
"""What stands on the button of a step."""
LAST: Mapping[Action, LazyString] = {
    Action.ISSUE: lazy("{number}: ticket given out"),
    Action.CALL: lazy("{number}: called"),
    Action.ANNOUNCE: lazy("{number}: told that it is soon their turn"),
    Action.RECALL: lazy("{number}: called again"),
    Action.START: lazy("{number}: started"),
    Action.FINISH: lazy("{number}: finished"),
    Action.NO_SHOW: lazy("{number}: has not come"),
    Action.PARK: lazy("{number}: parked"),
    Action.RESUME: lazy("{number}: ready again, back in the queue"),
    Action.REQUEUE: lazy("{number}: back in the queue"),
    Action.COME_BACK: lazy("{number}: has come back, in the queue again"),
    Action.TRANSFER: lazy("{number}: passed on"),
    Action.MOVE: lazy("{number}: passed on to another station"),
    Action.SPLIT: lazy("{number}: split"),
    Action.PRIORITISE: lazy("{number}: priority changed"),
    Action.LEAVE: lazy("{number}: has left"),
    Action.UNDO: lazy("{number}: last step taken back"),
}
"""What happened last, as the board says it."""
KEYS: Mapping[Action, str] = {
    Action.RECALL: "r",
    Action.START: "s",
    Action.FINISH: "f",
    Action.NO_SHOW: "x",
    Action.PARK: "p",
    Action.REQUEUE: "b",
    Action.TRANSFER: "t",
    Action.SPLIT: "v",
    Action.LEAVE: "l",
}
"""By which each step of the ticket at one's own desk is taken."""
CALL_NEXT, UNDO, WALK_IN, CHECK_IN = "n", "u", "w", "c"
ASKING = frozenset({Action.TRANSFER, Action.SPLIT, Action.PRIORITISE})
"""These need to be told something first."""
PRIORITIES: Mapping[Priority, LazyString] = {
    Priority.NONE: lazy("No priority"),
    Priority.ELDERLY: lazy("Elderly"),
    Priority.DISABLED: lazy("With a disability"),
    Priority.URGENT: lazy("Urgent"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A step as a button. `name` is how it stands in an address; `asks` that a form comes first."""

    action: Action
    name: str
    verb: str
    key: str
    asks: bool


def offers_for(line: Line, *, may_call: bool) -> list[Offer]:
    """What can be done with a ticket now; called it is only by who sits at a free desk."""
    steps = steps_from(line.state, line.calls)
    return [
        _offer(line, action) for action in steps if _possible(line, action) and (action is not Action.CALL or may_call)
    ]


def _possible(line: Line, action: Action) -> bool:
    """Passing on to another station is offered with passing on; what is one can't be split."""
    return action in VERBS and (action is not Action.SPLIT or len(line.open_ids) > 1)


def _offer(line: Line, action: Action) -> Offer:
    verb = str(VERBS[action])
    if action is Action.RECALL:
        verb = f"{verb} ({line.calls}/{MOST_CALLS})"
    return Offer(action, action.value.replace("_", "-"), verb, KEYS.get(action, ""), action in ASKING)


def named(offers: Iterable[Offer], *actions: Action) -> list[Offer]:
    """Those of these steps, in this order."""
    by_action = {offer.action: offer for offer in offers}
    return [by_action[action] for action in actions if action in by_action]
