"""Where an item of a request stands, what can be done with it, and in which way it is dealt with. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where an item stands. In this order the one that holds up the others decides for the request, see `roll_up`."""

    RETURNED = "returned"
    CONSENT_ASKED = "consent_asked"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    NO_SHOW = "no_show"
    SCHEDULED = "scheduled"
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"
    CHECKED_IN = "checked_in"
    RECEIVED = "received"
    SUSPENDED = "suspended"
    INVALIDATED = "invalidated"
    SUBCONTRACTED = "subcontracted"
    IN_PROGRESS = "in_progress"
    RESULT_ENTERED = "result_entered"
    VERIFIED = "verified"
    DONE = "done"
    ISSUED = "issued"
    DELIVERED = "delivered"
    ARCHIVED = "archived"
    ITEM_REJECTED = "item_rejected"
    DECLINED = "declined"
    CANCELLED = "cancelled"


FINISHED = frozenset({State.DONE, State.ISSUED, State.DELIVERED, State.ARCHIVED})
"""The work is done, and what comes of it is there."""
ENDED = FINISHED | {State.ITEM_REJECTED, State.DECLINED, State.CANCELLED}
"""Nobody has anything to do any more."""
LIVE = frozenset(State) - ENDED
RESULT_ON_ITS_WAY = frozenset({State.RESULT_ENTERED, State.VERIFIED, State.INVALIDATED})
"""What was found here, or has to be found anew: nobody else can go on with that."""


class Action(StrEnum):
    """What can be done with an item, or with all of a request."""

    SUBMIT = "submit"
    RETURN = "return"
    CORRECT = "correct"
    ACCEPT = "accept"
    DECLINE = "decline"
    RESCHEDULE = "reschedule"
    CHECK_IN = "check_in"
    NO_SHOW = "no_show"
    RECEIVE = "receive"
    REJECT_ITEM = "reject_item"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_SUBCONTRACT = "ask_subcontract"
    CONSENT = "consent"
    REFUSE_CONSENT = "refuse_consent"
    RECORD_RESULT = "record_result"
    REFUSE_RESULT = "refuse_result"
    VERIFY = "verify"
    ISSUE = "issue"
    DELIVER = "deliver"
    FINISH = "finish"
    ARCHIVE = "archive"
    REROUTE = "reroute"
    ESCALATE = "escalate"
    CORRECT_RESULT = "correct_result"
    INVALIDATE = "invalidate"
    CANCEL = "cancel"
    RESTORE = "restore"
    UNBOOK = "unbook"
    COMPLAIN = "complain"
    CLOSE_COMPLAINT = "close_complaint"


class Way(StrEnum):
    """In which way an item is dealt with, which decides what of its life it needs."""

    HANDED_IN = "handed_in"
    COUNTER = "counter"
    ONSITE = "onsite"
    ONLINE = "online"


EVERY_WAY = frozenset(Way)
HANDED_IN_BY = frozenset({"instrument_name", "sample_name"})
"""Questions of a form about a thing that is brought along and stays: an instrument, a sample."""


def way_of(mode: str, inputs: Mapping[str, Any]) -> Way:
    """The way of an item: by its mode and, at a station, by whether a thing is handed in."""
    if mode != "station":
        return Way(mode)
    return Way.HANDED_IN if HANDED_IN_BY & inputs.keys() else Way.COUNTER


def roll_up(states: Iterable[State]) -> State:
    """The state of a request of which items are in `states`: of those going on, the one that holds up the others.

    When all have ended, the first in the order of `State`: something cancelled beside something done is done.
    """
    order = list(State)
    all_states = list(states)
    going_on = [state for state in all_states if state not in ENDED]
    return min(going_on or all_states, key=order.index)
