"""What the operator decides: which rule about a deadline wins, what may be set, how a setting is called. Pure.

A rule says how many working days something may take, for the whole network, a county or a station, there for
everything, a category or one service, and with or without the way in which the service is done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NETWORK = "network"
LEAST_DAYS, MOST_DAYS = 1, 250
ANY = "*"


class Clock(StrEnum):
    """What is counted: until the station's first answer, until the work is done, until a complaint is answered."""

    FIRST_ANSWER = "first_answer"
    WORK = "work"
    COMPLAINT = "complaint"


class Kind(StrEnum):
    """What a change was about."""

    DEADLINE = "deadline"
    BOOKING = "booking"
    TEXT = "text"
    CALENDAR = "calendar"


class Level(StrEnum):
    """For whom a setting holds, the widest first."""

    NETWORK = "network"
    COUNTY = "county"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a setting holds: the network, a county (its adcode) or a station (its id, as text)."""

    level: Level
    id: str = ""

    @property
    def scope(self) -> str:
        """As it stands in the history: "network", "county:340202", "station:17"."""
        return f"{self.level}:{self.id}" if self.id else str(self.level)


def place_of(scope: str) -> Place:
    """The place that a scope in the history names. Raises ValueError for a level that there isn't."""
    level, _, place_id = scope.partition(":")
    return Place(Level(level), place_id)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """So many working days by this clock, wherever all that is given fits. At most one of service and category."""

    clock: Clock
    days: int
    service_code: str | None = None
    category: str | None = None
    mode: str | None = None
    county: str | None = None
    station_code: str | None = None

    @property
    def level(self) -> Level:
        if self.station_code is not None:
            return Level.STATION
        return Level.NETWORK if self.county is None else Level.COUNTY

    @property
    def source(self) -> str:
        """A short code of what the rule is about: "network", "county.category", "station.service.mode"."""
        subject = "service" if self.service_code is not None else "category" if self.category is not None else ""
        return ".".join(part for part in (self.level, subject, "mode" if self.mode is not None else "") if part)

    @property
    def weight(self) -> tuple[int, int, int]:
        """Of two rules that fit, the one with the greater weight wins."""
        subject = 2 if self.service_code is not None else 1 if self.category is not None else 0
        return list(Level).index(self.level), subject, int(self.mode is not None)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many working days there are, and which rule said so; `words.source_sentence` turns the code into words."""

    days: int
    source: str


def allowance(
    rules: Iterable[DeadlineRule],
    clock: Clock,
    *,
    service_code: str,
    category: str,
    mode: str,
    county: str,
    station_code: str,
) -> Allowance | None:
    """What the most specific rule says, or None where no rule says anything: no number is made up.

    A station's rule wins over its county's, and that over the network's; within a level one about the service wins
    over one about its category, and that over one about everything; then one that names the mode.
    """
    case = {
        "service_code": service_code,
        "category": category,
        "mode": mode,
        "county": county,
        "station_code": station_code,
    }

    def fits(rule: DeadlineRule) -> bool:
        return rule.clock is clock and all(getattr(rule, name) in (None, value) for name, value in case.items())

    best = max((rule for rule in rules if fits(rule)), key=lambda rule: rule.weight, default=None)
    return Allowance(best.days, best.source) if best else None


@dataclass(frozen=True, slots=True)
class DeadlineKey:
    """What a rule about a deadline is about, its place aside. At most one of service and category."""

    clock: Clock
    service_code: str | None = None
    category: str | None = None
    mode: str | None = None

    @property
    def text(self) -> str:
        """As it stands in the history: "work/*/metrology/*"."""
        return "/".join((self.clock, self.service_code or ANY, self.category or ANY, self.mode or ANY))


def deadline_key(text: str) -> DeadlineKey:
    """The key that a text in the history stands for. Raises ValueError for anything else."""
    clock, *parts = text.split("/")
    service_code, category, mode = (None if part == ANY else part for part in parts)
    return DeadlineKey(Clock(clock), service_code, category, mode)


def deadline_rule(place: Place, station_code: str | None, key: str, days: int) -> DeadlineRule:
    """A rule in the form in which rules are compared."""
    about = deadline_key(key)
    county = place.id if place.level is Level.COUNTY else None
    return DeadlineRule(about.clock, days, about.service_code, about.category, about.mode, county, station_code)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that has a value: for whom it holds, of which kind it is, and its key within the kind."""

    place: Place
    kind: Kind
    key: str

    @property
    def text(self) -> str:
        """As the record names it: "network deadline work/*/metrology/*"."""
        return f"{self.place.scope} {self.kind} {self.key}"


def number_of(value: Mapping[str, Any] | None) -> int | None:
    """The working days of a rule about a deadline, the number of a rule of booking; None where there is none."""
    found = (value or {}).get("days", (value or {}).get("number"))
    return found if isinstance(found, int) else None
