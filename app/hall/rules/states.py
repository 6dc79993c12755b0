"""Where a ticket stands, what can be done with it, and why somebody may go first. Pure."""

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands: in exactly one of these at any moment."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    """Out of the queue for a while: somebody fills in a form, or fetches something from the car."""
    DONE = "done"
    NO_SHOW = "no_show"
    LEFT = "left"
    MOVED = "moved"
    """Goes on as another ticket at another station."""


AT_DESK = frozenset({State.CALLED, State.SERVING})
"""A desk has at most one of these."""
OVER = frozenset({State.DONE, State.NO_SHOW, State.LEFT, State.MOVED})


class Action(StrEnum):
    """What can be done with a ticket."""

    ISSUE = "issue"
    CALL = "call"
    ANNOUNCE = "announce"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no_show"
    PARK = "park"
    RESUME = "resume"
    REQUEUE = "requeue"
    COME_BACK = "come_back"
    TRANSFER = "transfer"
    MOVE = "move"
    SPLIT = "split"
    PRIORITISE = "prioritise"
    LEAVE = "leave"
    UNDO = "undo"


class Kind(StrEnum):
    """How somebody has come."""

    APPOINTMENT = "appointment"
    WALK_IN = "walk_in"


class Priority(StrEnum):
    """Why somebody goes before those who came at the same time."""

    NONE = "none"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    URGENT = "urgent"


class HaltReason(StrEnum):
    """Why a hall is stopped at once."""

    FIRE = "fire"
    MEDICAL = "medical"
    SECURITY = "security"
    FAILURE = "failure"
    """Of power, network or devices."""
    WEATHER = "weather"
    OTHER = "other"


MOST_CALLS = 3
"""Whoever doesn't come when called so often is a no-show."""
