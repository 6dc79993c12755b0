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


NEXT: Mapping[State, LazyString] = {
    State.RETURNED: lazy("Correct what the station asks for, and send it again."),
    State.CONSENT_ASKED: lazy("Say whether a part of the work may be done elsewhere."),
    State.SUBMITTED: lazy("The station looks at it and answers."),
    State.ACCEPTED: lazy("Choose a time."),
    State.NO_SHOW: lazy("Nobody came; choose a new time."),
    State.SCHEDULED: lazy("It begins at the time of the appointment."),
    State.DISPATCHED: lazy("Staff are on their way to you."),
    State.ARRIVED: lazy("Staff are at your site; the work begins."),
    State.CHECKED_IN: lazy("Checked in; the work begins."),
    State.RECEIVED: lazy("The station begins with the work."),
    State.SUSPENDED: lazy("The work stands still; the station will go on with it."),
    State.INVALIDATED: lazy("The document was withdrawn; the station does the work anew."),
    State.SUBCONTRACTED: lazy("A part of the work is done elsewhere."),
    State.IN_PROGRESS: lazy("The station is at work on it."),
    State.RESULT_ENTERED: lazy("Somebody else verifies the result."),
    State.VERIFIED: lazy("The station issues the document."),
    State.DONE: lazy("The work is done."),
    State.ISSUED: lazy("Fetch the document with the result."),
    State.DELIVERED: lazy("Everything was handed over."),
    State.ARCHIVED: lazy("Everything is done."),
    State.ITEM_REJECTED: lazy("It could not be taken; look at the reason."),
    State.DECLINED: lazy("The station can't do it; look at the reason, or ask another station."),
    State.CANCELLED: lazy("Nothing more will happen."),
}
"""What happens next with a request, in few words."""
