"""The free times for an appointment at one station, a week at a time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.kit.clock import LOCAL
from app.kit.ticks import tick_time
from app.slots.rules import DayFree, State

DAYS = 7
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Tab:
    """A day in the row of days; `free` counts its free starts."""

    date: date
    state: State
    free: int
    href: str


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days around the one that is looked at; `first` is the soonest start of all days that can be booked."""

    tabs: tuple[Tab, ...]
    selected: Tab
    starts: tuple[datetime, ...]
    first: datetime | None
    earlier: str
    later: str
    nearest: tuple[Tab, ...]


def week(days: Sequence[DayFree], asked: date | None, path: str) -> Week:
    """The week of the day asked for, else of the first day with free time. `days` are all that can be booked.

    `path` is the page's address with a query to which `&day=` is added. When the day has no free time, `nearest` are
    the days nearest to it that have.
    """
    tabs = tuple(Tab(day.date, day.state, len(day.starts), f"{path}&day={day.date.isoformat()}") for day in days)
    open_days = [n for n, tab in enumerate(tabs) if tab.state is State.OPEN]
    at = next((n for n, tab in enumerate(tabs) if tab.date == asked), open_days[0] if open_days else 0)
    begin = at - at % DAYS
    nearest = [] if at in open_days else sorted(open_days, key=lambda n: (abs(n - at), n))[:NEAREST]
    return Week(
        tabs=tabs[begin : begin + DAYS],
        selected=tabs[at],
        starts=tuple(tick_time(tick, LOCAL) for tick in days[at].starts),
        first=tick_time(days[open_days[0]].starts[0], LOCAL) if open_days else None,
        earlier=tabs[begin - DAYS].href if begin else "",
        later=tabs[begin + DAYS].href if begin + DAYS < len(tabs) else "",
        nearest=tuple(tabs[n] for n in sorted(nearest)),
    )
