"""The chain of custody as one table: what can be done with a thing where it is, and what must be said with it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.requests.rules import ENDED, State
from app.stations.rules import Calendar


class Standing(StrEnum):
    """Where a thing is: labelled and not handed in yet, at a station, with another institution, back with its owner."""

    LABELLED = "labelled"
    HERE = "here"
    AWAY = "away"
    RETURNED = "returned"


class Action(StrEnum):
    """What is done with a thing; each is a link of the chain."""

    RECEIVE = "receive"
    MOVE = "move"
    NOTE = "note"
    SEND_ON = "send_on"
    TAKE_IN = "take_in"
    RETURN = "return"


class Condition(StrEnum):
    SOUND = "sound"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Step:
    """`needs` are the fields that must be given."""

    action: Action
    sources: frozenset[Standing]
    target: Standing
    needs: tuple[str, ...] = ()


_S, _A = Standing, Action
TABLE: tuple[Step, ...] = (
    # What was given back may be brought again, when the work isn't over after all.
    Step(_A.RECEIVE, frozenset({_S.LABELLED, _S.RETURNED}), _S.HERE, ("condition",)),
    Step(_A.TAKE_IN, frozenset({_S.AWAY}), _S.HERE, ("condition",)),
    Step(_A.RETURN, frozenset({_S.HERE, _S.AWAY}), _S.RETURNED, ("taker", "condition")),
    Step(_A.SEND_ON, frozenset({_S.HERE}), _S.AWAY, ("taker",)),
    Step(_A.MOVE, frozenset({_S.HERE}), _S.HERE, ("place",)),
    Step(_A.NOTE, frozenset({_S.HERE}), _S.HERE),
)
BY_ACTION = {step.action: step for step in TABLE}
FETCH_WITHIN = 10
"""Working days in which what is ready is usually fetched: then it is on the list of what is overdue. Our proposal."""
MOST_PARTS = 200
"""Labels for one item: a form may say that it is about so many pieces."""
READY = ENDED
"""When nothing is done with the thing any more, so that it can be fetched."""
COMES = frozenset({State.SUBMITTED, State.SCHEDULED, State.CHECKED_IN})
"""States in which what is handed in has not been taken in yet; taking it in is a step of the request."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What is said with a link of the chain. `seen` is the last link that whoever acts has seen, if they say so.

    `giver` and `taker` are the other side's; `late_reason` is for a request that is taken in later than was due.
    """

    condition: Condition | None = None
    words: str = ""
    place: str = ""
    giver: str = ""
    taker: str = ""
    due_back: date | None = None
    seen: int | None = None
    late_reason: str = ""


def missing(step: Step, given: Handover, *, photos: int, over: bool) -> list[str]:
    """The fields that are needed and empty; `over` says that the request is done with the thing."""
    empty = [name for name in step.needs if not getattr(given, name)]
    says_nothing = step.action is Action.NOTE and not (given.words or photos)
    unexplained = given.condition is Condition.MARKED and not given.words
    too_early = step.action is Action.RETURN and not over and not given.words
    return [*empty, *(["words"] if says_nothing or unexplained or too_early else [])]


def steps_from(standing: Standing) -> Iterable[Step]:
    """What can be done where the thing is."""
    return (step for step in TABLE if standing in step.sources)


def taken_in(state: State) -> bool:
    """Whether the request is past the point at which its thing is taken in, and the thing still of use there."""
    return state not in ENDED and state not in COMES | {State.RETURNED, State.ACCEPTED, State.NO_SHOW}


def overdue_before(today: date, calendar: Calendar) -> date:
    """What was ready before this day should have been fetched by now."""
    day, left = today, FETCH_WITHIN
    while left:
        day -= timedelta(days=1)
        left -= calendar.kind(day).worked
    return day
