"""The words of this room's pages for what the database has by code."""

from collections.abc import Iterable, Mapping

from app.kit.i18n import LazyString, lazy
from app.requests.rules import State
from app.requests.words import state_words

ROLES: Mapping[str, LazyString] = {"owner": lazy("Owner"), "delegate": lazy("Delegate")}
ROLE_HINTS: Mapping[str, LazyString] = {
    "owner": lazy("Book services, see all requests, and manage the people and the name."),
    "delegate": lazy("Book services and see all requests."),
}


def role_options() -> list[tuple[str, str, str]]:
    """For radio buttons: what most people need comes first."""
    return [(role, str(ROLES[role]), str(ROLE_HINTS[role])) for role in ("delegate", "owner")]


def state_options(states: Iterable[State] = State) -> list[tuple[str, str]]:
    return [(state.value, state_words(state)[0]) for state in states]
