"""The days that can be booked, a week at a time, and why a day has no time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kit.clock import LOCAL
from app.kit.i18n import LazyString, lazy
from app.kit.ticks import tick_time
from app.slots.rules import DayFree, Reason, State

WEEK = 7

CLOSED: Mapping[Reason, LazyString] = {
    Reason.PAST: lazy("The last visit of this day has already begun."),
    Reason.TOO_SOON: lazy("It is too late to book for this day; the station needs some time to prepare."),
    Reason.BEYOND_HORIZON: lazy("This day can't be booked yet."),
    Reason.INACTIVE: lazy("The station does not take bookings at present."),
    Reason.HOLIDAY: lazy("The station is closed: it is a public holiday."),
    Reason.WEEKEND: lazy("The station is closed at the weekend."),
    Reason.NO_HOURS: lazy("The station is not open on this day."),
    Reason.TOO_LONG: lazy("The station is not open long enough on this day for the whole visit."),
    Reason.CAPABILITY_EXPIRED: lazy("The station's authorisation for this is not in force on this day."),
    Reason.NO_DESK: lazy("No desk of the station can do all of this in one visit."),
    Reason.CLOSURE: lazy("The station has announced that it is closed on this day."),
}
FULL = lazy("Every time of this day is taken.")


@dataclass(frozen=True, slots=True)
class Tab:
    """A day in the row of days; `free` counts its free starts."""

    date: date
    state: State
    free: int
    href: str


@dataclass(frozen=True, slots=True)
class Diary:
    """All days that can be booked, and the one that is looked at. Never empty."""

    days: Sequence[DayFree]
    selected: DayFree
    address: str

    @property
    def starts(self) -> list[datetime]:
        return [tick_time(tick, LOCAL) for tick in self.selected.starts]

    @property
    def first(self) -> datetime | None:
        """The soonest start of all."""
        found = next((day for day in self.days if day.state is State.OPEN), None)
        return tick_time(found.starts[0], LOCAL) if found else None

    @property
    def why(self) -> str:
        """Why there is no time on the day that is looked at; empty when there is."""
        day = self.selected
        if day.state is State.OPEN:
            return ""
        return str(FULL if day.state is State.FULL or day.reason is None else CLOSED[day.reason])

    @property
    def tabs(self) -> list[Tab]:
        start = self._place // WEEK * WEEK
        return [
            Tab(day.date, day.state, day.places.bit_count(), self._href(day)) for day in self.days[start : start + WEEK]
        ]

    @property
    def earlier(self) -> str:
        """Where the week before is; empty at the beginning."""
        return self._week(self._place // WEEK * WEEK - WEEK)

    @property
    def later(self) -> str:
        return self._week(self._place // WEEK * WEEK + WEEK)

    @property
    def nearest(self) -> list[Tab]:
        """The next days with time before and after the one that is looked at."""
        before = [day for day in self.days[: self._place] if day.state is State.OPEN][-1:]
        after = [day for day in self.days[self._place + 1 :] if day.state is State.OPEN][:1]
        return [Tab(day.date, day.state, day.places.bit_count(), self._href(day)) for day in (*before, *after)]

    @property
    def _place(self) -> int:
        return (self.selected.date - self.days[0].date).days

    def _week(self, start: int) -> str:
        if not 0 <= start < len(self.days):
            return ""
        week = self.days[start : start + WEEK]
        return self._href(next((day for day in week if day.state is State.OPEN), week[0]))

    def _href(self, day: DayFree) -> str:
        return f"{self.address}?day={day.date.isoformat()}#days"


def diary(days: Sequence[DayFree], wanted: date | None, address: str) -> Diary:
    """The day that is wanted, if it is among them; else the first one with time, else the first one."""
    known = {day.date: day for day in days}
    first = next((day for day in days if day.state is State.OPEN), days[0])
    return Diary(days, known.get(wanted, first) if wanted else first, address)


def day_of(text: str, first: date, days: int) -> date | None:
    """A day out of an address, if it can be booked; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if first <= found < first + timedelta(days=days) else None
