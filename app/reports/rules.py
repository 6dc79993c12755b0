"""How often a report comes, and which days it tells about. Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

DAY = timedelta(days=1)
MONDAY = 1
REPORTS = "/office/reports"
"""Where one's own are listed."""


class Every(StrEnum):
    """Every day, on Mondays, or on the first of the month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Days(NamedTuple):
    """From the first to the last."""

    first: date
    last: date


def following(every: Every, day: date) -> date:
    """The next day, the first Monday, or first of a month, after a day."""
    if every is Every.DAY:
        return day + DAY
    if every is Every.WEEK:
        return day + timedelta(days=7 - (day.isoweekday() - MONDAY))
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def days_before(every: Every, day: date) -> Days:
    """What is over and wasn't told yet: the day before, the week (from Monday on) or the month before that of a day."""
    if every is Every.DAY:
        return Days(day - DAY, day - DAY)
    if every is Every.WEEK:
        monday = day - timedelta(days=day.isoweekday() - MONDAY)
        return Days(monday - timedelta(days=7), monday - DAY)
    last = day.replace(day=1) - DAY
    return Days(last.replace(day=1), last)
