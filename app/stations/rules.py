"""The working calendar of mainland China and a station's open windows. Pure: no clock, no SQL.

Days are `datetime.date`; times of a day are ticks of five minutes since local midnight.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

MONDAY, FRIDAY = 1, 5


class Kind(StrEnum):
    """What a day is by the State Council's yearly notice; a make-up day is a weekend day that is worked."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"


@dataclass(frozen=True, slots=True)
class DayKind:
    """`provisional` when the year's notice is not known: then only the weekday speaks, and that may change."""

    kind: Kind
    provisional: bool
    name_zh: str | None = None
    name_en: str | None = None

    @property
    def worked(self) -> bool:
        return self.kind in (Kind.WORKDAY, Kind.MAKEUP)


@dataclass(frozen=True)
class Calendar:
    """Days that are not what their weekday says, and the years for which these are known."""

    special: Mapping[date, DayKind] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def kind(self, day: date) -> DayKind:
        found = self.special.get(day)
        if found is not None:
            return found
        kind = Kind.WORKDAY if day.isoweekday() <= FRIDAY else Kind.WEEKEND
        return DayKind(kind, provisional=day.year not in self.announced)

    def add_workdays(self, day: date, count: int) -> tuple[date, bool]:
        """The `count`-th working day after `day`, and whether any day on the way is provisional.

        The day itself doesn't count: what begins on Monday and has two working days is due on Wednesday.
        """
        provisional = False
        while count > 0:
            day += timedelta(days=1)
            kind = self.kind(day)
            provisional = provisional or kind.provisional
            count -= kind.worked
        return day, provisional


@dataclass(frozen=True, slots=True)
class HoursRule:
    """A weekly window [opens, closes) in ticks of the local day; in force between the dates, both inclusive."""

    iso_weekday: int
    opens: int
    closes: int
    valid_from: date | None = None
    valid_until: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


ClosedReason = Literal["holiday", "weekend", "no_hours"]


@dataclass(frozen=True, slots=True)
class DayWindows:
    """Open windows [opens, closes) of a day in ticks, in order; without any, the reason."""

    windows: tuple[tuple[int, int], ...]
    reason: ClosedReason | None
    kind: DayKind


def day_windows(hours: Iterable[HoursRule], calendar: Calendar, day: date) -> DayWindows:
    """When a station is open on a day, closures aside.

    On a public holiday it is closed. On a make-up day it keeps its Monday's hours, else those of the next weekday
    that has any: the notice says that a weekend day is worked, not which day's timetable it follows.
    """
    kind = calendar.kind(day)
    if kind.kind is Kind.HOLIDAY:
        return DayWindows((), "holiday", kind)
    rules = [rule for rule in hours if rule.in_force(day)]
    weekdays = range(MONDAY, FRIDAY + 1) if kind.kind is Kind.MAKEUP else (day.isoweekday(),)
    for weekday in weekdays:
        windows = tuple(sorted((rule.opens, rule.closes) for rule in rules if rule.iso_weekday == weekday))
        if windows:
            return DayWindows(windows, None, kind)
    return DayWindows((), "weekend" if kind.kind is Kind.WEEKEND else "no_hours", kind)
