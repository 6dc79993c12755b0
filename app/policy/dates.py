"""The working calendar as it is announced: a day's kind and names, a year pasted as lines. Pure.

A line is a date, a kind and the names of the day, with tabs or commas between: 2027-01-01, holiday, 元旦, New Year's
Day. A make-up day is a weekend day that is worked, so it must lie on a weekend; a holiday may lie on any day.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.kit.i18n import LazyString, lazy
from app.policy.rules import Kind, Level, Place, Setting
from app.stations.rules import FRIDAY, Calendar

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_LINES, MOST_NAME = 120, 60
KINDS: Mapping[str, str] = {
    "holiday": "holiday", "放假": "holiday", "休": "holiday", "节假日": "holiday", "法定节假日": "holiday",
    "makeup": "makeup", "make-up": "makeup", "上班": "makeup", "班": "makeup", "调休": "makeup", "调休上班日": "makeup",
}  # fmt: skip
SEPARATOR = re.compile(r"[\t,，;；]")
FAULTS: Mapping[str, LazyString] = {
    "date": lazy("Line {line}: begin with a date that exists, such as 2027-01-01."),
    "year": lazy("Line {line}: {day} is not in {year}."),
    "kind": lazy("Line {line}: after the date say “holiday” or “makeup”."),
    "weekday": lazy("Line {line}: {day} is not a Saturday or Sunday, so it can't be a make-up working day."),
    "twice": lazy("Line {line}: {day} is there twice."),
    "name": lazy("Line {line}: a name may have at most 60 characters."),
    "many": lazy("Give at most 120 lines."),
    "none": lazy("Give at least one public holiday."),
}


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that isn't what its weekday says: "holiday" with its names, or "makeup", which has none in any notice."""

    day: date
    kind: str
    name_zh: str = ""
    name_en: str = ""

    @property
    def value(self) -> Mapping[str, Any]:
        """As the history keeps it."""
        return {"kind": self.kind, "name_zh": self.name_zh or None, "name_en": self.name_en or None}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line; `sentence()` says it in the language of the moment."""

    code: str
    line: int
    day: str = ""
    year: int = 0

    def sentence(self) -> str:
        return FAULTS[self.code].format(line=self.line, day=self.day, year=self.year)


def special(day: date, kind: str, name_zh: str, name_en: str) -> SpecialDay:
    """A day as it was typed; a make-up day has no name, as the file of a network has no place for one."""
    return SpecialDay(day, kind, name_zh, name_en) if kind == "holiday" else SpecialDay(day, kind)


def day_setting(day: date) -> Setting:
    return Setting(Place(Level.NETWORK), Kind.CALENDAR, day.isoformat())


def year_setting(year: int) -> Setting:
    return Setting(Place(Level.NETWORK), Kind.CALENDAR, str(year))


def special_day(day: date, value: Mapping[str, Any]) -> SpecialDay:
    """A day from what the history kept of it."""
    return SpecialDay(day, value["kind"], value.get("name_zh") or "", value.get("name_en") or "")


def may_be_makeup(day: date) -> bool:
    return day.isoweekday() > FRIDAY


def read_year(text: str, year: int) -> tuple[list[SpecialDay], list[Fault]]:
    """The days of a pasted year, or all that is wrong with its lines."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES:
        return [], [Fault("many", 0)]
    days: dict[date, SpecialDay] = {}
    faults: list[Fault] = []
    for number, line in lines:
        found = _line(line, number, year)
        if isinstance(found, SpecialDay) and found.day in days:
            found = Fault("twice", number, found.day.isoformat())
        if isinstance(found, Fault):
            faults.append(found)
        else:
            days[found.day] = found
    if not faults and not any(each.kind == "holiday" for each in days.values()):
        faults.append(Fault("none", 0))
    return list(days.values()), faults


def _line(line: str, number: int, year: int) -> SpecialDay | Fault:
    day_text, kind_text, name_zh, name_en = [*(part.strip() for part in SEPARATOR.split(line, 3)), "", "", ""][:4]
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        return Fault("date", number)
    kind = KINDS.get(kind_text.lower(), "")
    found = special(day, kind, name_zh, name_en)
    checks = (
        ("year", day.year == year),
        ("kind", bool(kind)),
        ("weekday", kind != "makeup" or may_be_makeup(day)),
        ("name", max(len(name_zh), len(name_en)) <= MOST_NAME),
    )
    wrong = next((code for code, right in checks if not right), "")
    return Fault(wrong, number, day.isoformat(), year) if wrong else found


def workdays(calendar: Calendar, year: int) -> int:
    """How many working days a year has."""
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    return sum(calendar.kind(first + timedelta(days=n)).worked for n in range(days))
