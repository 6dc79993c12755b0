"""The words of the counter for what the database has by code."""

from collections.abc import Mapping

from app.hall.rules.states import HaltReason, State
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
HALT_REASONS: Mapping[HaltReason, LazyString] = {
    HaltReason.FIRE: lazy("Fire or smoke"),
    HaltReason.MEDICAL: lazy("Somebody needs a doctor"),
    HaltReason.SECURITY: lazy("Danger to people"),
    HaltReason.FAILURE: lazy("Power, network or devices have failed"),
    HaltReason.WEATHER: lazy("Storm or flood"),
    HaltReason.OTHER: lazy("Something else"),
}


def number_of(letter: str, number: int) -> str:
    """What is called out and stands on the ticket: B017."""
    return f"{letter}{number:03}"
