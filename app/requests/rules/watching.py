"""Which deadlines staff hear of on a working day: what is due on it and on the next one, and what was missed. Pure.

What is due is due at the end of its day. So what was missed on a day is told on the working day after it; should
nobody have looked then, on one of the next few.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from app.kit.clock import LOCAL, local_date
from app.policy.rules import Clock
from app.requests.rules.deadlines import read
from app.stations.rules import Calendar

MORNING = time(8, 30)
LOOK_BACK = 3
"""Working days on which a missed deadline can still be told."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One working day's look: what was missed from `since` on, what is due `today` and on the day `following`."""

    since: date
    today: date
    following: date

    @property
    def first(self) -> datetime:
        return datetime.combine(self.since, time(), LOCAL)

    @property
    def end(self) -> datetime:
        """The end of the day that follows."""
        return datetime.combine(self.following + timedelta(days=1), time(), LOCAL)


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs, as it was found: of an item, or of a complaint (`n` 0), whose due date isn't stored."""

    station_id: int
    reference: str
    n: int
    service_id: int | None
    clock: Mapping[str, Any]
    due_at: datetime | None


@dataclass(slots=True)
class Due:
    """What of a request is due on a day by one clock; `numbers` are those of its items."""

    reference: str
    clock: Clock
    day: date
    numbers: list[int] = field(default_factory=list)
    services: list[int] = field(default_factory=list)


@dataclass(slots=True)
class AtStation:
    """What a station hears of; `missed` by the day on which it was due."""

    today: list[Due] = field(default_factory=list)
    following: list[Due] = field(default_factory=list)
    missed: dict[date, list[Due]] = field(default_factory=dict)

    def on(self, day: date, watch: Watch) -> list[Due]:
        """The list to which what is due on a day belongs."""
        if day < watch.today:
            return self.missed.setdefault(day, [])
        return self.today if day == watch.today else self.following


def watch_of(moment: datetime, calendar: Calendar) -> Watch | None:
    """The look for this moment; None on days off, and before the morning of working days."""
    today = local_date(moment)
    if not calendar.kind(today).worked or moment.astimezone(LOCAL).time() < MORNING:
        return None
    since, left = today, LOOK_BACK
    while left:
        since -= timedelta(days=1)
        left -= calendar.kind(since).worked
    return Watch(since, today, calendar.add_workdays(today, 1)[0])


def due_at_stations(rows: Iterable[Running], watch: Watch, calendar: Calendar) -> Mapping[int, AtStation]:
    """By station, what it hears of: one line a request, clock and day, the earliest first."""
    found: dict[int, AtStation] = {}
    lines: dict[tuple[int, str, Clock, date], Due] = {}
    for row in rows:
        day = _due(row, calendar)
        if day is None or not watch.since <= day <= watch.following:
            continue
        clock = Clock(row.clock["clock"])
        key = row.station_id, row.reference, clock, day
        if key not in lines:
            lines[key] = Due(row.reference, clock, day)
            found.setdefault(row.station_id, AtStation()).on(day, watch).append(lines[key])
        if row.n:
            lines[key].numbers.append(row.n)
        if row.service_id is not None and row.service_id not in lines[key].services:
            lines[key].services.append(row.service_id)
    for each in found.values():
        for dues in (each.today, each.following, *each.missed.values()):
            dues.sort(key=_order)
    return found


def _due(row: Running, calendar: Calendar) -> date | None:
    if row.due_at is not None:
        return local_date(row.due_at)
    deadline = read(row.clock)
    due = deadline.due(calendar) if deadline else None
    return local_date(due[0]) if due else None


def _order(due: Due) -> tuple[date, str, str]:
    return due.day, due.reference, due.clock
