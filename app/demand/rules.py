"""What is counted of a question to routing, and what is not: no moment, no address, no exact place. Pure."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.kit.geo import Point

CELLS_PER_DEGREE = 100
"""A place is counted in cells of 0.01 degrees of WGS-84, about a kilometre: enough to plan a station, not to find a
door."""


class Outcome(StrEnum):
    """What became of one service of a question.

    `ROUTED`: a station within the reach that was asked for has time. `BEYOND_REACH`: only stations farther away have,
    the parent station among them. `LEFT_OUT`: asked together with others that were offered without it. The rest is
    the farthest check of routing that any station came to, when nobody could be offered.
    """

    ROUTED = "routed"
    BEYOND_REACH = "beyond_reach"
    NOT_CAPABLE = "not_capable"
    NOT_DESIGNATED = "not_designated"
    CAPABILITY_EXPIRED = "capability_expired"
    MODE_NOT_OFFERED = "mode_not_offered"
    INACTIVE = "inactive"
    CLOSED = "closed"
    NO_FREE_TIME = "no_free_time"
    LEFT_OUT = "left_out"


UNMET = tuple(outcome for outcome in Outcome if outcome is not Outcome.ROUTED)


class Asked(NamedTuple):
    """What is told apart of a question for one service; questions that are alike in all of it are one number."""

    day: date
    service_id: int
    mode: str
    x: int
    y: int
    outcome: str


def cell_of(point: Point) -> tuple[int, int]:
    """The cell of a point: its middle in hundredths of a degree, x to the east and y to the north."""
    return round(point.lon * CELLS_PER_DEGREE), round(point.lat * CELLS_PER_DEGREE)
