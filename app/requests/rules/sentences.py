"""What the timeline tells of each step, to both sides. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from app.kit.i18n import LazyString, lazy
from app.requests.rules.states import Action
from app.requests.rules.table import Party


class Event(StrEnum):
    """What the timeline tells; the sentence of each is in `SENTENCES`."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    CORRECTED = "corrected"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RESCHEDULED = "rescheduled"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"
    RECEIVED = "received"
    ITEM_REJECTED = "item_rejected"
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"
    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CONSENT_ASKED = "consent_asked"
    CONSENTED = "consented"
    CONSENT_REFUSED = "consent_refused"
    RESULT_ENTERED = "result_entered"
    RESULT_REFUSED = "result_refused"
    VERIFIED = "verified"
    ISSUED = "issued"
    DELIVERED = "delivered"
    RESULT_CORRECTED = "result_corrected"
    INVALIDATED = "invalidated"
    FINISHED = "finished"
    ARCHIVED = "archived"
    REROUTED = "rerouted"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    UNBOOKED = "unbooked"
    COMPLAINED = "complained"
    COMPLAINT_CLOSED = "complaint_closed"
    ITEM_REROUTED = "item_rerouted"
    SPLIT_OFF = "split_off"
    RATED = "rated"


TELLS: Mapping[Action, Event] = {
    Action.SUBMIT: Event.SUBMITTED,
    Action.RETURN: Event.RETURNED,
    Action.CORRECT: Event.CORRECTED,
    Action.ACCEPT: Event.ACCEPTED,
    Action.DECLINE: Event.DECLINED,
    Action.RESCHEDULE: Event.RESCHEDULED,
    Action.CHECK_IN: Event.CHECKED_IN,
    Action.NO_SHOW: Event.NO_SHOW,
    Action.RECEIVE: Event.RECEIVED,
    Action.REJECT_ITEM: Event.ITEM_REJECTED,
    Action.DISPATCH: Event.DISPATCHED,
    Action.ARRIVE: Event.ARRIVED,
    Action.START: Event.STARTED,
    Action.SUSPEND: Event.SUSPENDED,
    Action.RESUME: Event.RESUMED,
    Action.ASK_SUBCONTRACT: Event.CONSENT_ASKED,
    Action.CONSENT: Event.CONSENTED,
    Action.REFUSE_CONSENT: Event.CONSENT_REFUSED,
    Action.RECORD_RESULT: Event.RESULT_ENTERED,
    Action.REFUSE_RESULT: Event.RESULT_REFUSED,
    Action.VERIFY: Event.VERIFIED,
    Action.ISSUE: Event.ISSUED,
    Action.DELIVER: Event.DELIVERED,
    Action.CORRECT_RESULT: Event.RESULT_CORRECTED,
    Action.INVALIDATE: Event.INVALIDATED,
    Action.FINISH: Event.FINISHED,
    Action.ARCHIVE: Event.ARCHIVED,
    Action.REROUTE: Event.REROUTED,
    Action.ESCALATE: Event.ESCALATED,
    Action.CANCEL: Event.CANCELLED,
    Action.RESTORE: Event.RESTORED,
    Action.UNBOOK: Event.UNBOOKED,
    Action.COMPLAIN: Event.COMPLAINED,
    Action.CLOSE_COMPLAINT: Event.COMPLAINT_CLOSED,
}

SENTENCES: Mapping[Event, LazyString] = {
    Event.SUBMITTED: lazy("The request was sent. {start} at {station} is booked."),
    Event.RETURNED: lazy("The station asks for corrections ({count}). The time for its answer stands still."),
    Event.CORRECTED: lazy("What was asked for was corrected, and the request sent again."),
    Event.ACCEPTED: lazy("The station has accepted the request."),
    Event.DECLINED: lazy("The station can't do this: {reason}"),
    Event.RESCHEDULED: lazy("The appointment was moved from {old_start} at {old_station} to {start} at {station}."),
    Event.CHECKED_IN: lazy("You were checked in at the station."),
    Event.NO_SHOW: lazy("Nobody came to the appointment."),
    Event.RECEIVED: lazy("The station has received what was handed in."),
    Event.ITEM_REJECTED: lazy("What was handed in could not be taken: {reason}"),
    Event.DISPATCHED: lazy("Staff are on their way to you."),
    Event.ARRIVED: lazy("Staff have arrived at your site."),
    Event.STARTED: lazy("Work has begun."),
    Event.SUSPENDED: lazy("Work is suspended, and its time stands still: {reason}"),
    Event.RESUMED: lazy("Work goes on."),
    Event.CONSENT_ASKED: lazy("The station asks for your consent to have a part of the work done elsewhere: {reason}"),
    Event.CONSENTED: lazy("The applicant agreed that a part of the work is done elsewhere."),
    Event.CONSENT_REFUSED: lazy("The applicant did not agree to have a part of the work done elsewhere."),
    Event.RESULT_ENTERED: lazy("The result was entered; somebody else verifies it."),
    Event.RESULT_REFUSED: lazy("The result was not confirmed when it was verified, and is looked at again."),
    Event.VERIFIED: lazy("The result was verified."),
    Event.ISSUED: lazy("Document {number} was issued."),
    Event.DELIVERED: lazy("Document and instrument or sample were handed over."),
    Event.RESULT_CORRECTED: lazy("Document {number} is being corrected: {reason}"),
    Event.INVALIDATED: lazy("Document {number} was withdrawn and the work is done anew: {reason}"),
    Event.FINISHED: lazy("The work is done."),
    Event.ARCHIVED: lazy("The request was filed."),
    Event.REROUTED: lazy("The request was passed on from {old_station} to {station}, {start}: {reason}"),
    Event.ESCALATED: lazy("The request was handed up from {old_station} to {station}, {start}: {reason}"),
    Event.CANCELLED: lazy("The request was cancelled and the time at the desk given back."),
    Event.RESTORED: lazy("The request was taken up again where it was: {reason}"),
    Event.UNBOOKED: lazy("The station can't keep the time on {old_start}: {reason} Please choose another time."),
    Event.COMPLAINED: lazy("A complaint was made: {reason}"),
    Event.COMPLAINT_CLOSED: lazy("The complaint was answered: {reason}"),
    Event.ITEM_REROUTED: lazy(
        "Passed on from {old_station} to {station}, {start}, where it goes on as request {reference}: {reason}"
    ),
    Event.SPLIT_OFF: lazy(
        "Item {of_items} of request {reference} was passed on from {old_station} to {station}, {start}. "
        "What was written and sent before stays with that request. The reason: {reason}"
    ),
    Event.RATED: lazy("It was rated {level} of 5."),
}
LINKS = frozenset({Event.ITEM_REROUTED, Event.SPLIT_OFF})
"""Told on both sides where single items leave a request and go on as another one."""
SENTENCES_BY_STATION: Mapping[Event, LazyString] = {
    Event.RESCHEDULED: lazy(
        "The station moved the appointment from {old_start} at {old_station} to {start} at {station}."
    ),
    Event.CANCELLED: lazy("The station cancelled the request: {reason}"),
}
"""What the timeline tells when the station did it, not the applicant."""
ONLY_SOME = lazy("Item {items}: {sentence}")
MOVED_BECAUSE = lazy("{sentence} The reason: {reason}")
IT_IS_LATE = lazy("{sentence} It is late because: {late_reason}")


def sentence(event: Event, by: str) -> LazyString:
    """The sentence of a step with its {named} places; `by` is Party.STATION, or empty for the applicant."""
    return (by == Party.STATION and SENTENCES_BY_STATION.get(event)) or SENTENCES[event]
