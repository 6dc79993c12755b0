"""A request's life: its states, what may be done in each, what is written about it, and when it must be answered.

Pure: no SQL, no clock. Further states and steps are further rows of `STEPS`; nothing else knows them one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from app.kit.clock import LOCAL, local_date
from app.kit.i18n import LazyString, lazy
from app.stations.rules import Calendar

FIRST_ANSWER_WORKDAYS = 2
SHORTEST_REASON = 5
REFERENCE_PREFIX = "ZT"


class State(StrEnum):
    """Where an item stands, in the order of its life; a request stands where its items do, see `roll_up`."""

    SUBMITTED = "submitted"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What can be done with a request."""

    SUBMIT = "submit"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"


class Event(StrEnum):
    """What the timeline tells; the sentence of each is in `SENTENCES`."""

    SUBMITTED = "submitted"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: in which states an action is possible, to which state it leads, what it tells."""

    action: Action
    sources: frozenset[State | None]
    target: State | None
    event: Event

    def leads_from(self, state: State) -> State:
        """The state after the step; without a target it stays."""
        return self.target or state


STEPS: Mapping[Action, Step] = {
    step.action: step
    for step in (
        Step(Action.SUBMIT, frozenset({None}), State.SUBMITTED, Event.SUBMITTED),
        Step(Action.RESCHEDULE, frozenset({State.SUBMITTED}), None, Event.RESCHEDULED),
        Step(Action.CANCEL, frozenset({State.SUBMITTED}), State.CANCELLED, Event.CANCELLED),
    )
}
ENDED = frozenset({State.CANCELLED})
AWAITING_FIRST_ANSWER = frozenset({State.SUBMITTED})

SENTENCES: Mapping[Event, LazyString] = {
    Event.SUBMITTED: lazy("The request was sent. {start} at {station} is booked."),
    Event.RESCHEDULED: lazy("The appointment was moved from {old_start} at {old_station} to {start} at {station}."),
    Event.CANCELLED: lazy("The request was cancelled and the time at the desk given back."),
}

BY_STATION = "station"
SENTENCES_BY_STATION: Mapping[Event, LazyString] = {
    Event.RESCHEDULED: lazy(
        "The station moved the appointment from {old_start} at {old_station} to {start} at {station}."
    ),
    Event.CANCELLED: lazy("The station cancelled the request: {reason}"),
}
"""What the timeline tells when the station did it, not the applicant."""


def sentence(event: Event, by: str) -> LazyString:
    """The sentence of a step with its {named} places; `by` is BY_STATION, or empty for the applicant."""
    return (by == BY_STATION and SENTENCES_BY_STATION.get(event)) or SENTENCES[event]


def possible(action: Action, state: State) -> bool:
    """Whether the action can be done in this state."""
    return state in STEPS[action].sources


def roll_up(states: Iterable[State]) -> State:
    """The state of a request of which items are in `states`: that of the least advanced item not ended.

    When all have ended, the least advanced of them: something cancelled beside something done is not done.
    """
    order = list(State)
    all_states = list(states)
    going_on = [state for state in all_states if state not in ENDED]
    return min(going_on or all_states, key=order.index)


def first_answer_due(calendar: Calendar, sent: datetime) -> tuple[datetime, bool]:
    """When the station must have answered at the latest, and whether that is provisional.

    The end of the second working day after the day of sending (the network's rule for a first answer); provisional
    while the public holidays on the way are not announced.
    """
    day, provisional = calendar.add_workdays(local_date(sent), FIRST_ANSWER_WORKDAYS)
    return datetime.combine(day, time(23, 59, 59), LOCAL), provisional
