"""By when a station has to have done something: working days, with a clock that can stand still. Pure.

A working day counts when the clock runs at its beginning. So the day on which something starts doesn't count (what
comes on Monday with two days is due on Wednesday), the day on which the applicant is asked does, and the day of the
answer doesn't. What is due is due at the end of its day, network time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from app.kit.clock import LOCAL, local_date
from app.policy.rules import Allowance, Clock
from app.stations.rules import Calendar

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The clock of an item: `days` allowed by the rule `source`, of which `counted` were over when it last stood still.

    It runs since `runs_from`, or stands still (None). `fixed` is the day that was missed before it was stopped: to
    stop a clock that has run out wins nothing.
    """

    clock: Clock
    days: int
    source: str
    started: datetime
    runs_from: datetime | None
    counted: int = 0
    fixed: date | None = None

    def due(self, calendar: Calendar) -> tuple[datetime, bool] | None:
        """When it is due, and whether public holidays on the way are still unknown; None while it stands still."""
        if self.runs_from is None:
            return None
        if self.fixed is not None:
            return datetime.combine(self.fixed, END_OF_DAY, LOCAL), False
        day, provisional = calendar.add_workdays(local_date(self.runs_from), max(self.days - self.counted, 0))
        return datetime.combine(day, END_OF_DAY, LOCAL), provisional

    def pause(self, at: datetime, calendar: Calendar) -> "Deadline":
        """The same, standing still from now on."""
        if self.runs_from is None:
            return self
        due = self.due(calendar)
        fixed = local_date(due[0]) if due and due[0] < at else self.fixed
        ran = workdays_between(calendar, local_date(self.runs_from), local_date(at))
        return replace(self, runs_from=None, counted=self.counted + ran, fixed=fixed)

    def resume(self, at: datetime) -> "Deadline":
        """The same, running again."""
        return self if self.runs_from is not None else replace(self, runs_from=at)

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "clock": self.clock.value,
            "days": self.days,
            "source": self.source,
            "started": self.started.isoformat(),
            "runs_from": self.runs_from and self.runs_from.isoformat(),
            "counted": self.counted,
            "fixed": self.fixed and self.fixed.isoformat(),
        }


def begin(clock: Clock, allowance: Allowance | None, at: datetime) -> Deadline | None:
    """A clock that starts now; None where no rule gives a time for it."""
    if allowance is None:
        return None
    return Deadline(clock, allowance.days, allowance.source, started=at, runs_from=at)


def read(stored: Mapping[str, Any] | None) -> Deadline | None:
    """What `Deadline.stored` wrote."""
    if not stored:
        return None
    runs_from, fixed = stored["runs_from"], stored["fixed"]
    return Deadline(
        Clock(stored["clock"]),
        stored["days"],
        stored["source"],
        datetime.fromisoformat(stored["started"]),
        datetime.fromisoformat(runs_from) if runs_from else None,
        stored["counted"],
        date.fromisoformat(fixed) if fixed else None,
    )


def workdays_between(calendar: Calendar, first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`."""
    days = range(first.toordinal() + 1, last.toordinal() + 1)
    return sum(calendar.kind(date.fromordinal(day)).worked for day in days)
