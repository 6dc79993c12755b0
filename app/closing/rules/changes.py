"""What a station can change of its time, each as what it makes of the station; and what of its time is lost then. Pure.

Somebody who is booked is concerned when a part of their time was open at their desk before the change, and isn't after
it. That is one rule for a closure, a desk out of use and new hours alike.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from app.closing.rules.hours import Windows, replaced
from app.kit.clock import LOCAL
from app.kit.ticks import mask
from app.slots.plans import closures
from app.slots.rules import span
from app.stations.rules import Calendar
from app.stations.snapshot import ClosureFacts, StationFacts


@dataclass(frozen=True, slots=True)
class Closing:
    """The station, or one of its desks, takes nobody from `starts` to before `ends`."""

    starts: datetime
    ends: datetime
    desk_id: int | None
    reason_zh: str
    reason_en: str

    def applied(self, station: StationFacts) -> StationFacts:
        new = ClosureFacts(self.starts, self.ends, self.desk_id, self.reason_zh, self.reason_en)
        return replace(station, closures=(*station.closures, new))


@dataclass(frozen=True, slots=True)
class Retiring:
    """A desk is out of use, until it is taken into use again."""

    desk_id: int
    reason_zh: str
    reason_en: str

    def applied(self, station: StationFacts) -> StationFacts:
        desks = (replace(desk, active=desk.active and desk.id != self.desk_id) for desk in station.desks)
        return replace(station, desks=tuple(desks))


@dataclass(frozen=True, slots=True)
class NewWeek:
    """Other weekly hours from `first` to `last`, both included; None: for good. `week` from Monday on, in ticks."""

    week: tuple[Windows, ...]
    first: date
    last: date | None
    reason_zh: str
    reason_en: str

    def applied(self, station: StationFacts) -> StationFacts:
        return replace(station, hours=replaced(station.hours, self.week, self.first, self.last))


StationChange = Closing | Retiring | NewWeek


@dataclass(frozen=True, slots=True)
class Lost:
    """By desk, the places of `days` days from `origin` (a tick of the epoch) on that are open no longer."""

    origin: int
    places: dict[int, int]

    def touches(self, desk_id: int, starts: int, ticks: int) -> bool:
        """Whether a time at a desk, in ticks of the epoch, loses a part of itself."""
        at = starts - self.origin
        time = (1 << ticks) - 1
        return bool(self.places.get(desk_id, 0) & (time << at if at >= 0 else time >> -at))


def lost(before: StationFacts, after: StationFacts, calendar: Calendar, first: date, days: int) -> Lost:
    """What a station's desks lose on `days` days from `first` on."""
    was, becomes = (span(each.hours, calendar, first, days, LOCAL) for each in (before, after))
    opened, kept = (mask([window for day in each.windows for window in day]) for each in (was, becomes))
    places: dict[int, int] = {}
    for old, new in zip(before.desks, after.desks, strict=True):
        open_before = opened & ~closures(before, old.id, was) if old.active else 0
        open_after = kept & ~closures(after, new.id, becomes) if new.active else 0
        places[old.id] = open_before & ~open_after
    return Lost(was.origin, places)
