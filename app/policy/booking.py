"""The rules of booking: what may be set for the network, a county or a station, and which value counts. Pure.

Each rule counts by itself: a station's value before its county's, that before the network's, and where nobody has set
one, what the installation says in its environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.policy.rules import NETWORK, Kind, Level, Place, Setting

MINUTES_OF = MappingProxyType({"min": 1, "hour": 60, "day": 24 * 60})


class Rule(StrEnum):
    """What is set: minutes between starts, minutes of notice, days that can be booked, minutes that a hold is kept."""

    STEP = "step_min"
    LEAD = "lead_min"
    HORIZON = "horizon_days"
    HOLD = "hold_min"


@dataclass(frozen=True, slots=True)
class Range:
    """What a rule may be: one of `choices`, or without them a whole number from `least` to `most`.

    `units` are those in which it may be given where there are several; it is kept in the first one.
    """

    least: int
    most: int
    choices: tuple[int, ...] = ()
    units: tuple[str, ...] = ()

    def allows(self, number: int) -> bool:
        return number in self.choices if self.choices else self.least <= number <= self.most

    def kept(self, number: int, unit: str) -> int:
        """A number in a unit, as it is kept; a rule that knows no units takes it as it is."""
        return number * MINUTES_OF[unit] if unit in self.units else number


RANGES: Mapping[Rule, Range] = {
    Rule.STEP: Range(5, 60, choices=(5, 10, 15, 20, 30, 60)),
    Rule.LEAD: Range(0, 14 * MINUTES_OF["day"], units=("min", "hour", "day")),
    Rule.HORIZON: Range(1, 365),
    Rule.HOLD: Range(2, 30),
}


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule's value, and the place for which it was set."""

    number: int
    place: Place


def largest_unit(minutes: int) -> tuple[int, str]:
    """Minutes in the largest unit of which they are several: 90 "min", 2 "hour", 3 "day"."""
    for unit in ("day", "hour"):
        if minutes >= 2 * MINUTES_OF[unit] and minutes % MINUTES_OF[unit] == 0:
            return minutes // MINUTES_OF[unit], unit
    return minutes, "min"


def booking_setting(place: Place, rule: Rule) -> Setting:
    return Setting(place, Kind.BOOKING, rule)


@dataclass(frozen=True, slots=True)
class BookingRules:
    """All values that are set, by scope and rule."""

    by_scope: Mapping[str, Mapping[Rule, int]]

    def at(self, county: str, station_id: int) -> Mapping[Rule, InForce]:
        """What is set for a station, by the nearest who has set it; a rule that nobody has set is missing."""
        places = Place(Level.NETWORK), Place(Level.COUNTY, county), Place(Level.STATION, str(station_id))
        return {
            rule: InForce(number, place)
            for place in places
            for rule, number in self.by_scope.get(place.scope, {}).items()
        }

    def most(self, rule: Rule, default: int) -> int:
        """The highest value that counts for anybody; `default` where the network has set none."""
        wide = self.by_scope.get(NETWORK, {}).get(rule, default)
        return max([wide, *(values.get(rule, 0) for values in self.by_scope.values())])


NONE_SET = BookingRules(MappingProxyType({}))
