"""Forms that change a station's time: what is typed, what of it is wrong, and the change that it makes. Pure.

The check page asks the same again by its address, so what is shown can be reloaded, and nothing is kept in between.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from app.closing.rules.changes import Closing, NewWeek, Retiring
from app.closing.words import REASONS, Reason
from app.kit.clock import LOCAL, local_date
from app.kit.i18n import LazyString, lazy, use_locale
from app.kit.i18n import gettext as _
from app.kit.schemas import WrittenDate
from app.kit.text import Line
from app.kit.ticks import TICK_MIN, Window
from app.stations.snapshot import DeskFacts, StationFacts

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OWN_LENGTH = 100
LONGEST = timedelta(days=366)
FARTHEST = timedelta(days=3660)
DAY = timedelta(days=1)
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
END_OF_DAY = re.compile(r"24[:.]00")
BETWEEN = re.compile(r"\s*(?:-|to|至|到|~|～)\s*")
DASHES = str.maketrans({"–": "-", "—": "-", "－": "-", "：": ":", "，": ",", "、": ",", "；": ",", ";": ","})


def _clock(value: object) -> object:
    """A time of day as people write it: 8:30, 08.30, full width too; empty is none."""
    if not isinstance(value, str):
        return value
    found = CLOCK.fullmatch(value.translate(DASHES).strip())
    return time(int(found[1]), int(found[2])) if found else value


ClockTime = Annotated[time, BeforeValidator(_clock)]
Own = Annotated[str, Line(OWN_LENGTH, blank=True)]
TIME = lazy("Write the time as 08:30.")
SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("first", "missing"): lazy("Choose a day."),
    ("reason", "missing"): lazy("Choose a reason."),
    ("reason", "enum"): lazy("Choose a reason."),
    **{(name, kind): TIME for name in ("since", "until") for kind in ("time_parsing", "time_type", "time_delta_type")},
}


class ReasonForm(BaseModel):
    """Why, by one of the reasons or in own words."""

    reason: Reason
    reason_zh: Own = ""
    reason_en: Own = ""

    def words(self) -> tuple[str, str]:
        """In Chinese and in English; own words that were given in one language stand for both."""
        if self.reason is not Reason.OTHER:
            return _in("zh-CN", REASONS[self.reason]), _in("en", REASONS[self.reason])
        return self.reason_zh or self.reason_en, self.reason_en or self.reason_zh

    def faults(self) -> dict[str, str]:
        own = self.reason_zh or self.reason_en
        return {} if self.reason is not Reason.OTHER or own else {"reason_zh": _("Say why, in Chinese or English.")}


def _in(language: str, sentence: LazyString) -> str:
    with use_locale(language):
        return str(sentence)


class CloseForm(ReasonForm):
    """Closing the station or a desk: whole days, or from a time of the first day to a time of the last one."""

    desk: Annotated[str, Line(16, blank=True)] = ""
    first: WrittenDate
    since: ClockTime | None = None
    last: WrittenDate | None = None
    until: ClockTime | None = None


class RetireForm(ReasonForm):
    """Taking a desk out of use."""


class WeekForm(ReasonForm):
    """Other weekly hours; a weekday's as `08:30-11:30, 14:00-17:00`, empty when it is closed."""

    first: WrittenDate
    last: WrittenDate | None = None
    mon: Own = ""
    tue: Own = ""
    wed: Own = ""
    thu: Own = ""
    fri: Own = ""
    sat: Own = ""
    sun: Own = ""


@dataclass(frozen=True, slots=True)
class At:
    """Where and when something is asked."""

    station: StationFacts
    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now)

    def desk(self, code: str) -> DeskFacts | None:
        return next((desk for desk in self.station.desks if desk.code == code and desk.active), None)


def closing(form: CloseForm, at: At) -> tuple[Closing | None, dict[str, str]]:
    """The closure that is asked for, or a sentence for each field that is wrong."""
    desk, faults = at.desk(form.desk), form.faults()
    if form.desk and desk is None:
        faults["desk"] = _("The station has no desk with this code in use.")
    last = form.last or form.first
    if abs(last - form.first) > LONGEST:
        return None, faults | {"last": _("A closure lasts a year at most.")}
    starts = datetime.combine(form.first, form.since or time(), LOCAL)
    until = (last, form.until) if form.until else (last + DAY, time())
    ends = datetime.combine(*until, LOCAL)
    if ends <= starts:
        faults["until" if last == form.first else "last"] = _("The end has to come after the beginning.")
    elif ends <= at.now:
        faults["last" if form.last else "first"] = _("That is over already. Choose a day that is still to come.")
    if faults:
        return None, faults
    return Closing(starts, ends, desk.id if desk else None, *form.words()), {}


def retiring(form: RetireForm, desk: DeskFacts) -> tuple[Retiring | None, dict[str, str]]:
    faults = form.faults()
    return (None, faults) if faults else (Retiring(desk.id, *form.words()), {})


def new_week(form: WeekForm, at: At) -> tuple[NewWeek | None, dict[str, str]]:
    """The hours that are asked for, or a sentence for each field that is wrong."""
    faults, week = form.faults(), []
    if form.first < at.today:
        faults["first"] = _("New hours begin today at the earliest.")
    if form.last and form.last < form.first:
        faults["last"] = _("The end has to come after the beginning.")
    if max(form.first, form.last or form.first) - at.today > FARTHEST:
        faults["last" if form.last else "first"] = _("Choose a day within the next ten years.")
    for name in WEEKDAYS:
        windows, fault = windows_of(getattr(form, name))
        week.append(windows)
        faults |= {name: fault} if fault else {}
    if faults:
        return None, faults
    return NewWeek(tuple(week), form.first, form.last, *form.words()), {}


def windows_of(text: str) -> tuple[tuple[Window, ...], str]:
    """Windows as they are typed, in ticks and in order; or what is wrong."""
    windows: list[Window] = []
    for part in filter(None, (part.strip() for part in text.translate(DASHES).split(","))):
        found = [_place(each) for each in BETWEEN.split(part)]
        if len(found) != 2 or None in found:  # noqa: PLR2004 - from and to
            return (), _("Write the hours as 08:30-11:30, 14:00-17:00. Leave it empty when it is closed.")
        opens, closes = (place or 0 for place in found)
        if opens >= closes:
            return (), _("The station has to close after it opens.")
        if opens % 1 or closes % 1:
            return (), _("Hours are on steps of five minutes.")
        windows.append((int(opens), int(closes)))
    windows.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(windows)):
        return (), _("These hours overlap.")
    return tuple(windows), ""


def _place(text: str) -> float | None:
    """A time of day in ticks since midnight; not whole when it is off the five minutes."""
    if END_OF_DAY.fullmatch(text):
        return 24 * 60 / TICK_MIN
    found = CLOCK.fullmatch(text)
    return (int(found[1]) * 60 + int(found[2])) / TICK_MIN if found else None
