"""When an applicant is reminded of an appointment: at a civil hour of the day before, and two hours before. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.kit.clock import LOCAL, local_date
from app.policy.letters import LetterKind

EVENING = time(17)
SOON = timedelta(hours=2)
APART = timedelta(hours=1)
"""A reminder that would come sooner than this after it was written tells nothing that isn't known."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Not sent before `due`, nor from `expires` on: what says "tomorrow" must come on the day before."""

    kind: LetterKind
    due: datetime
    expires: datetime


def reminders(start: datetime, now: datetime) -> Iterable[Reminder]:
    """What is still to come of the reminders of an appointment that begins at `start`."""
    midnight = datetime.combine(local_date(start), time(), LOCAL)
    evening = datetime.combine(local_date(start) - timedelta(days=1), EVENING, LOCAL)
    both = (
        Reminder(LetterKind.REMINDER, evening, midnight),
        Reminder(LetterKind.REMINDER_SOON, start - SOON, start),
    )
    return [each for each in both if each.due - now >= APART]
