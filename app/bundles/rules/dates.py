"""When the steps of a bundle can begin: from the deadlines of those before them, in working days. Pure.

No number is made up: where no rule says how long the work takes, what comes after it begins "once it is done".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.bundles.rules.standing import Booking, Planned, Standing, StepState, effective
from app.kit.clock import local_date
from app.stations.rules import Calendar


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is proposed; `provisional`: public holidays on the way aren't announced yet."""

    date: date
    provisional: bool = False


def proposed(
    steps: Sequence[Planned],
    found: Mapping[str, Standing],
    work: Mapping[str, int | None],
    today: date,
    calendar: Calendar,
) -> dict[str, Day | None]:
    """For each open step the first day on which everything before it should be done; None where that can't be said.

    `work` is how many working days the work of a step may take, None where no rule says so.
    """
    before = effective(steps, {key for key, each in found.items() if each.state is StepState.LEFT_OUT})
    starts: dict[str, Day | None] = {}
    ends: dict[str, Day | None] = {}
    for step in steps:
        start = _latest([ends[key] for key in before[step.key]], Day(today))
        standing = found[step.key]
        if standing.state in (StepState.WAITS, StepState.BOOKABLE):
            starts[step.key] = start
        ends[step.key] = _end(standing, start, work.get(step.key), Day(today), calendar)
    return starts


def _latest(days: Sequence[Day | None], today: Day) -> Day | None:
    known = [day for day in days if day is not None]
    if len(known) < len(days):
        return None
    latest = max((day.date for day in known), default=today.date)
    return Day(max(latest, today.date), any(day.provisional for day in known))


def _end(standing: Standing, start: Day | None, work: int | None, today: Day, calendar: Calendar) -> Day | None:
    """The day after which what comes next can begin."""
    if standing.state in (StepState.DONE, StepState.LEFT_OUT):
        return today
    if standing.state is StepState.BOOKED and standing.move is not None:
        return _latest([_end_of(each, work, today, calendar) for each in standing.move.bookings], today)
    return None if start is None or work is None else _after(start, work, calendar)


def _end_of(booking: Booking, work: int | None, today: Day, calendar: Calendar) -> Day | None:
    """By its own deadline once the work has begun, else from the day of the visit."""
    if booking.working and booking.due_at is not None:
        return _after(Day(local_date(booking.due_at)), 0, calendar)
    if work is None or not booking.has_time:
        return None
    return _after(Day(max(local_date(booking.start), today.date)), work, calendar)


def _after(day: Day, work: int, calendar: Calendar) -> Day:
    """The working day after the last of `work` working days."""
    found, provisional = calendar.add_workdays(day.date, work + 1)
    return Day(found, provisional or day.provisional)
