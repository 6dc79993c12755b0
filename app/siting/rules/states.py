"""What a plan can be about, and where it can be on its way. Pure."""

from enum import StrEnum

NAME_LENGTH = 80


class Kind(StrEnum):
    """What is new: stations that do all the services; the services at stations that don't do them; or a desk with free
    time at stations that may do them and have none soon enough."""

    STATIONS = "stations"
    CAPABILITIES = "capabilities"
    DESKS = "desks"


class Source(StrEnum):
    """Where it could be: towns without a station that may do it, the demand points, or the stations that there are."""

    TOWNS = "towns"
    DEMAND = "demand"
    STATIONS = "stations"


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        return self in {Status.QUEUED, Status.RUNNING}


class Failure(StrEnum):
    """Why there is no answer."""

    TOO_LARGE = "too_large"
    GAVE_UP = "gave_up"
    NETWORK_CHANGED = "network_changed"


EXIT_TOO_LARGE = 3
"""With this code the process that answers ends where the question is too large."""


class Method(StrEnum):
    """How it was found: the best one proven, or a good one with a bound."""

    EXACT = "exact"
    HEURISTIC = "greedy_exchange"
