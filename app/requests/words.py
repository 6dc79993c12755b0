"""The words of the staff's pages for what the database has by code."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy, pgettext
from app.kit.i18n import gettext as _
from app.policy.rules import Clock
from app.requests.rules import ENDED, FINISHED, Action, State

STATES: Mapping[State, LazyString] = {
    State.RETURNED: lazy("To be corrected"),
    State.CONSENT_ASKED: lazy("Consent asked for"),
    State.SUBMITTED: lazy("Received"),
    State.ACCEPTED: lazy("Accepted by the station"),
    State.NO_SHOW: lazy("Nobody came"),
    State.SCHEDULED: lazy("Time set"),
    State.DISPATCHED: lazy("On the way"),
    State.ARRIVED: lazy("At the site"),
    State.CHECKED_IN: lazy("Checked in"),
    State.RECEIVED: lazy("Handed in"),
    State.SUSPENDED: lazy("Suspended"),
    State.INVALIDATED: lazy("Withdrawn, to be done anew"),
    State.SUBCONTRACTED: lazy("Partly done elsewhere"),
    State.IN_PROGRESS: lazy("In progress"),
    State.RESULT_ENTERED: lazy("Result entered"),
    State.VERIFIED: lazy("Result verified"),
    State.DONE: lazy("Done"),
    State.ISSUED: lazy("Document issued"),
    State.DELIVERED: lazy("Handed over"),
    State.ARCHIVED: lazy("Filed"),
    State.ITEM_REJECTED: lazy("Not taken"),
    State.DECLINED: lazy("Declined"),
    State.CANCELLED: lazy("Cancelled"),
}
GOOD = FINISHED
WAITS = frozenset({State.RETURNED, State.CONSENT_ASKED, State.SUSPENDED, State.INVALIDATED, State.NO_SHOW})
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
    Action.ASK_SUBCONTRACT: lazy("Ask to have a part done elsewhere"),
    Action.CONSENT: lazy("Agree"),
    Action.REFUSE_CONSENT: lazy("Don’t agree"),
    Action.RECORD_RESULT: lazy("Enter the result"),
    Action.REFUSE_RESULT: lazy("Send the result back"),
    Action.VERIFY: lazy("Verify the result"),
    Action.ISSUE: lazy("Issue the document"),
    Action.DELIVER: lazy("Handed over to the applicant"),
    Action.FINISH: lazy("Work is done"),
    Action.ARCHIVE: lazy("File"),
    Action.REROUTE: lazy("Pass on to another station"),
    Action.ESCALATE: lazy("Hand up to the parent station"),
    Action.CORRECT_RESULT: lazy("Correct the document"),
    Action.INVALIDATE: lazy("Withdraw the document"),
    Action.RESTORE: lazy("Take up again"),
    Action.UNBOOK: lazy("Give the time up"),
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


NEXT: Mapping[State, LazyString] = {
    State.RETURNED: lazy("The station has asked you to correct something. Please do so and send it again."),
    State.CONSENT_ASKED: lazy("The station asks whether a part of it may be done elsewhere. Please answer below."),
    State.SUBMITTED: lazy("The station looks at your request and answers."),
    State.ACCEPTED: lazy("The station has accepted it. Please choose a time."),
    State.NO_SHOW: lazy("Nobody came to the appointment. You can choose a new time."),
    State.SCHEDULED: lazy("The station has accepted it and expects you at the time below."),
    State.DISPATCHED: lazy("Staff are on their way to you."),
    State.ARRIVED: lazy("Staff have arrived at your site; the work begins."),
    State.CHECKED_IN: lazy("You were checked in; the staff will attend to you."),
    State.RECEIVED: lazy("The station has what you handed in, and will begin with the work."),
    State.SUSPENDED: lazy("The work is suspended; why, stands below. The station will go on with it."),
    State.INVALIDATED: lazy("The document was withdrawn, and the station does the work anew; why, stands below."),
    State.SUBCONTRACTED: lazy("A part of the work is done elsewhere, as you have agreed."),
    State.IN_PROGRESS: lazy("The station is at work on it."),
    State.RESULT_ENTERED: lazy("The result is there; somebody else verifies it before it is issued."),
    State.VERIFIED: lazy("The result was verified. The station issues the document."),
    State.DONE: lazy("The work is done. If something is not right, tell the station here."),
    State.ISSUED: lazy("The document with the result is there: you can read and save it below."),
    State.DELIVERED: lazy("Everything was handed over. The document stays here for you to save."),
    State.ARCHIVED: lazy("Everything is done, and the request filed."),
    State.ITEM_REJECTED: lazy("What was handed in could not be taken; why, stands below."),
    State.DECLINED: lazy("The station can't do this; why, stands below. You can ask another station."),
    State.CANCELLED: lazy("Nothing more will happen."),
}
"""What the applicant is told of what happens next."""
CHOOSE_ANEW = lazy("Please choose another time. Everything that you told us is kept.")


NEEDS_A_TIME = frozenset({State.SUBMITTED, State.ACCEPTED})
"""Without a time that is booked, the applicant has to choose one before anything goes on."""


def state_words(state: str, *, booked: bool = True) -> tuple[str, str]:
    """A state as a tag for the applicant. What was sent with a time is booked, whoever has looked at it yet."""
    if not booked and state in NEEDS_A_TIME:
        return _("A new time is needed"), "attention"
    if state == State.SUBMITTED:
        return pgettext("state of a booking", "Booked"), "good"
    if state == State.CANCELLED:
        return str(STATES[State.CANCELLED]), "attention"
    return state_tag(State(state)) if state in set(State) else (state, "plain")


def state_tag(state: State) -> tuple[str, str]:
    """A state as a tag: its words and its tone."""
    tone = "good" if state in GOOD else "attention" if state in WAITS else "plain" if state in ENDED else "info"
    return str(STATES[state]), tone
