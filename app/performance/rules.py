"""What the figures are, what each of them counts, and when a day is unusual for its station. Pure.

A share has no value where there is nothing that it could be a share of, and is marked where it is of few cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

FEW = 5
"""A share or a quantile over fewer cases than this is shown, and marked."""
MOST_DAYS = 1100
"""Three years: as far as one question may reach."""


class By(StrEnum):
    """What figures are put together for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    COUNTY = "county"
    STATION = "station"
    SERVICE = "service"


TIMES = frozenset({By.DAY, By.WEEK, By.MONTH})


@dataclass(frozen=True, slots=True)
class Minutes:
    """Half of so many cases took at most `p50` whole minutes, nine of ten at most `p90`; None of no case."""

    count: int = 0
    p50: int | None = None
    p90: int | None = None

    @property
    def few(self) -> bool:
        return 0 < self.count < FEW


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    @property
    def value(self) -> float | None:
        """From 0 to 1; what belongs to cases of other days makes it no more than all."""
        return min(self.part / self.whole, 1.0) if self.whole else None

    @property
    def few(self) -> bool:
        return 0 < self.whole < FEW


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days, at some stations. `capacity_min` is None where it isn't asked for (by service)."""

    requests: int = 0
    appointments: int = 0
    walk_ins: int = 0
    served: int = 0
    no_shows: int = 0
    judged: int = 0
    late: int = 0
    returns: int = 0
    reroutes: int = 0
    busy_s: int = 0
    ratings: int = 0
    rating_sum: int = 0
    wait_min: Minutes = field(default_factory=Minutes)
    service_min: Minutes = field(default_factory=Minutes)
    answer_min: Minutes = field(default_factory=Minutes)
    capacity_min: int | None = None

    @property
    def no_show_rate(self) -> Share:
        return Share(self.no_shows, self.appointments)

    @property
    def on_time_rate(self) -> Share:
        return Share(self.judged - self.late, self.judged)

    @property
    def utilisation(self) -> float | None:
        """Busy minutes at desks over bookable ones, above 1 where desks worked longer than they could be booked."""
        return self.busy_s / 60 / self.capacity_min if self.capacity_min else None

    @property
    def rating(self) -> float | None:
        """The mean level, from 5 (very satisfied) to 1."""
        return self.rating_sum / self.ratings if self.ratings else None

    @property
    def nothing(self) -> bool:
        """Whether nothing at all happened."""
        return not any((self.requests, self.appointments, self.walk_ins, self.served, self.judged, self.returns,
                        self.no_shows, self.reroutes, self.ratings))  # fmt: skip


SUMS = (
    "requests", "appointments", "walk_ins", "served", "no_shows", "judged", "late", "returns", "reroutes", "busy_s",
    "ratings", "rating_sum",
)  # fmt: skip
"""The numbers of `Figures` that can be added up, in the order of the columns."""
QUANTILES = "wait_min", "service_min", "answer_min"


def spelled(by: By, key: str) -> date | str | int:
    """The key of a group as what it is: its first day, a county's code, a station's or a service's id."""
    if by in TIMES:
        return date.fromisoformat(key)
    return key if by is By.COUNTY else int(key)


def first_of(by: By, day: date) -> date:
    """The first day of the group of time in which a day is; an ISO week begins on Monday."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day


class Measure(StrEnum):
    """In what a day can be unusual."""

    REQUESTS = "requests"
    SERVED = "served"
    NO_SHOWS = "no_shows"
    WAIT = "wait_min"


WEEKS = 8
LEAST_WEEKS = 5
# Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): beyond 3.5 robust deviations.
FAR = 3.5
NORMAL = 1.4826  # what makes the median deviation of a normal distribution its standard deviation
LEAST_DEVIATION: Mapping[Measure, float] = {
    Measure.REQUESTS: 1.5,
    Measure.SERVED: 1.5,
    Measure.NO_SHOWS: 1.0,
    Measure.WAIT: 3.0,
}
"""Less than this is never worth telling, however even the past was."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """A value far from what the same weekday had: the median of `weeks` of them, and by how many deviations."""

    measure: Measure
    value: float
    usual: float
    deviations: float
    weeks: int

    @property
    def more(self) -> bool:
        return self.value > self.usual


def unusual(measure: Measure, value: float | None, past: Sequence[float]) -> Unusual | None:
    """Whether a value is far from past ones, by their median and the median distance from it; None with too few.

    Counts spread by chance like the root of what is usual, so no less than that counts as one deviation.
    """
    if value is None or len(past) < LEAST_WEEKS:
        return None
    usual = median(past)
    chance = 0.0 if measure is Measure.WAIT else usual**0.5
    deviation = max(NORMAL * median(abs(each - usual) for each in past), chance, LEAST_DEVIATION[measure])
    far = (value - usual) / deviation
    cases = max(value, usual)
    return Unusual(measure, value, usual, far, len(past)) if abs(far) > FAR and cases >= FEW else None
