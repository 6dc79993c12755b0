"""What a day to come asks of a station's desks, hour by hour, against what they have. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import combinations
from math import inf
from operator import or_

from app.hall.day.rules import HOUR, Span, overlap


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A desk on that day: the bits of its categories, and when it is open."""

    skills: int
    open: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """Something of one category that takes a desk from `start` to `end`; of people who are expected, `weight` is how
    many of them come on such a day."""

    category: int
    start: datetime
    end: datetime
    booked: bool
    weight: float = 1.0

    def minutes(self, hour: Span) -> float:
        return overlap([(self.start, self.end)], hour) * self.weight


@dataclass(frozen=True, slots=True)
class HourLoad:
    """An hour of that day: minutes at desks that are booked, expected, and there.

    `load` is the share that is wanted of the desks that are for it, of those categories of which most is wanted; they
    are `short` where that is more than there is.
    """

    start: datetime
    booked_min: float
    expected_min: float
    there_min: float
    load: float
    short: int

    @property
    def wanted_min(self) -> float:
        return self.booked_min + self.expected_min

    @property
    def over(self) -> bool:
        return self.load > 1


def laid_out(start: datetime, minutes: float, windows: Sequence[Span]) -> tuple[list[Span], datetime]:
    """Work that begins at a time, in the windows only: what a closing cuts off goes on after the break. And its end;
    what is left at the day's last closing is left out."""
    found = []
    left = timedelta(minutes=minutes)
    for opens, closes in windows:
        begins = max(start, opens)
        if begins < closes and left:
            end = min(begins + left, closes)
            found.append((begins, end))
            left -= end - begins
            start = end
    return found, start


def load_of(desks: Sequence[OpenDesk], work: Sequence[Work], opens: Span) -> list[HourLoad]:
    """The hours from the opening to the closing."""
    hour = opens[0].replace(minute=0, second=0, microsecond=0)
    found = []
    while hour < opens[1]:
        found.append(_hour(desks, work, (hour, hour + HOUR)))
        hour += HOUR
    return found


def _hour(desks: Sequence[OpenDesk], work: Sequence[Work], hour: Span) -> HourLoad:
    there = [(desk.skills, overlap(desk.open, hour)) for desk in desks]
    wanted: dict[int, float] = {}
    for each in work:
        if minutes := each.minutes(hour):
            wanted[each.category] = wanted.get(each.category, 0.0) + minutes
    load, most = _tightest(wanted, there)
    booked = sum(each.minutes(hour) for each in work if each.booked)
    capacity = sum(minutes for _skills, minutes in there)
    return HourLoad(hour[0], booked, sum(wanted.values()) - booked, capacity, load, most if load > 1 else 0)


def _tightest(wanted: dict[int, float], there: Iterable[tuple[int, float]]) -> tuple[float, int]:
    """The categories that together want the largest share of the desks that are for any of them: all can be served if,
    and only if, no share is above 1 (Hall's theorem, in its fractional form)."""
    there = list(there)
    found = 0.0, 0
    for many in range(1, len(wanted) + 1):
        for chosen in combinations(wanted, many):
            bits = reduce(or_, chosen)
            minutes = sum(each for skills, each in there if skills & bits)
            asked = sum(wanted[each] for each in chosen)
            found = max(found, (asked / minutes if minutes else inf, bits))
    return found
