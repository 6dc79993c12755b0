"""The words of the counter for what the database has by code."""

from collections.abc import Mapping

from app.hall.rules.states import State
from app.kit.i18n import LazyString, lazy

STATES: Mapping[State, LazyString] = {
    State.WAITING: lazy("In the queue"),
    State.CALLED: lazy("Called"),
    State.SERVING: lazy("Being served"),
    State.PARKED: lazy("Parked"),
    State.DONE: lazy("Served"),
    State.NO_SHOW: lazy("Did not come when called"),
    State.LEFT: lazy("Has left"),
    State.MOVED: lazy("Passed on to another station"),
}


def number_of(letter: str, number: int) -> str:
    """What is called out and stands on the ticket: B017."""
    return f"{letter}{number:03}"
