"""The words of the staff's pages for what the database has by code."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.policy.rules import Clock
from app.requests.rules import ENDED, Action, State

STATES: Mapping[State, LazyString] = {
    State.RETURNED: lazy("To be corrected"),
    State.SUBMITTED: lazy("Received"),
    State.ACCEPTED: lazy("Accepted"),
    State.NO_SHOW: lazy("Nobody came"),
    State.SCHEDULED: lazy("Scheduled"),
    State.DISPATCHED: lazy("On the way"),
    State.ARRIVED: lazy("At the site"),
    State.CHECKED_IN: lazy("Checked in"),
    State.RECEIVED: lazy("Handed in"),
    State.SUSPENDED: lazy("Suspended"),
    State.IN_PROGRESS: lazy("In progress"),
    State.DONE: lazy("Done"),
    State.ARCHIVED: lazy("Filed"),
    State.ITEM_REJECTED: lazy("Not taken"),
    State.DECLINED: lazy("Declined"),
    State.CANCELLED: lazy("Cancelled"),
}
GOOD, WAITS = frozenset({State.DONE, State.ARCHIVED}), frozenset({State.RETURNED, State.SUSPENDED, State.NO_SHOW})
VERBS: Mapping[Action, LazyString] = {
    Action.RETURN: lazy("Ask for corrections"),
    Action.CORRECT: lazy("Correct and send again"),
    Action.ACCEPT: lazy("Accept"),
    Action.DECLINE: lazy("Decline"),
    Action.CHECK_IN: lazy("Check in"),
    Action.NO_SHOW: lazy("Nobody came"),
    Action.RECEIVE: lazy("Take in what was handed in"),
    Action.REJECT_ITEM: lazy("Don't take what was handed in"),
    Action.DISPATCH: lazy("Set out"),
    Action.ARRIVE: lazy("Arrived at the site"),
    Action.START: lazy("Begin work"),
    Action.SUSPEND: lazy("Suspend work"),
    Action.RESUME: lazy("Go on with work"),
    Action.FINISH: lazy("Work is done"),
    Action.ARCHIVE: lazy("File"),
    Action.REROUTE: lazy("Pass on to another station"),
    Action.ESCALATE: lazy("Hand up to the parent station"),
    Action.RESTORE: lazy("Take up again"),
    Action.COMPLAIN: lazy("Complain"),
    Action.CLOSE_COMPLAINT: lazy("Answer the complaint"),
}
"""What stands on the button of a step."""
CLOCKS: Mapping[Clock, LazyString] = {
    Clock.FIRST_ANSWER: lazy("First answer"),
    Clock.WORK: lazy("Work done"),
    Clock.COMPLAINT: lazy("Answer to the complaint"),
}
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
    tone = "good" if state in GOOD else "attention" if state in WAITS else "plain" if state in ENDED else "info"
    return str(STATES[state]), tone
