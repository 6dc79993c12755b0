"""The words of the staff's pages for what the database has by code."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.requests.rules import State

STATES: Mapping[State, LazyString] = {State.SUBMITTED: lazy("Received"), State.CANCELLED: lazy("Cancelled")}
TONES: Mapping[State, str] = {State.SUBMITTED: "info", State.CANCELLED: "plain"}
OTHER = "other"
REASONS: Mapping[str, LazyString] = {
    "call": lazy("To talk about the appointment or the request"),
    "identify": lazy("To make sure who stands at the desk"),
    "papers": lazy("To send papers or a result"),
    OTHER: lazy("For another reason"),
}
"""Why staff look at contact data."""


def state_tag(state: State) -> tuple[str, str]:
    """A state as a tag: its words and its tone."""
    return str(STATES[state]), TONES[state]
