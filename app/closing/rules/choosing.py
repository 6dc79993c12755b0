"""Which other time is the best one for somebody whose time is lost. Pure.

A day later weighs as much as another station, as ten kilometres more to go, and as ten hours' difference on the clock.
So who can't be served on Tuesday at ten is rather offered the neighbour at ten than the own station a week later, and
rather the own station on Wednesday at ten than a neighbour ten kilometres away. Nobody is asked to come earlier than
planned: what they bring may not be ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.kit.ticks import DAY_TICKS, TICK_MIN, starts
from app.stations.snapshot import StationIndex

ANOTHER_STATION = 1.0
KM_A_DAY = 10.0
HOURS_A_DAY = 10.0
WHOLE_DAY = (1 << DAY_TICKS) - 1


class Offer(StrEnum):
    """What somebody is offered whose time is lost."""

    DESK = "desk"
    """The same time at another desk: for them nothing changes."""
    TIME = "time"
    STATION = "station"
    ASK = "ask"
    """None was found, or they shall choose themselves: they keep their request and lose its time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A free start at a station's desk, as a place (ticks since the midnight that all places count from), and what it
    costs, in days."""

    cost: float
    place: int
    station: StationIndex
    desk_id: int


def later(old: int, new: int) -> float:
    """What another start costs, in days: days later, and the difference on the clock. Both are places."""
    days = new // DAY_TICKS - old // DAY_TICKS
    on_the_clock = abs(new % DAY_TICKS - old % DAY_TICKS) * TICK_MIN / 60
    return days + on_the_clock / HOURS_A_DAY


def cheapest(old: int, free: int, may: Callable[[int], bool] = lambda _place: True) -> tuple[float, int] | None:
    """Of the free places of a mask the one that costs least, the earlier of two; None without any from the old one on.

    `may` says of a place whether it can be at all. Days are looked at one by one, until none could be better.
    """
    best: tuple[float, int] | None = None
    free = free >> old << old
    for day in range(old // DAY_TICKS, free.bit_length() // DAY_TICKS + 1):
        if best is not None and day - old // DAY_TICKS > best[0]:
            break
        midnight = day * DAY_TICKS
        places = (midnight + place for place in starts(free >> midnight & WHOLE_DAY))
        of_day = min(((later(old, place), place) for place in places if may(place)), default=None)
        best = min(filter(None, (best, of_day)), default=None)
    return best


def elsewhere(extra_km: float) -> float:
    """What another station costs, `extra_km` farther from where somebody comes."""
    return ANOTHER_STATION + max(extra_km, 0.0) / KM_A_DAY
