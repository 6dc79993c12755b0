"""Weekly hours that change for a time, or for good. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.stations.rules import HoursRule

DAY = timedelta(days=1)
Windows = Sequence[tuple[int, int]]


def replaced(
    hours: Iterable[HoursRule], week: Sequence[Windows], first: date, last: date | None
) -> tuple[HoursRule, ...]:
    """The hours of a station when from `first` to `last`, both included, or for good, another week is kept.

    `week` has the windows of Monday to Sunday in ticks. What held before and after those days holds on there.
    """
    kept = [part for rule in hours for part in _outside(rule, first, last)]
    new = [
        HoursRule(weekday, opens, closes, first, last)
        for weekday, windows in enumerate(week, start=1)
        for opens, closes in windows
    ]
    return (*kept, *new)


def _outside(rule: HoursRule, first: date, last: date | None) -> Iterable[HoursRule]:
    """What is left of a rule before and after the days that are taken out of it."""
    before, after = first - DAY, last + DAY if last else None
    if rule.valid_from is None or rule.valid_from <= before:
        until = before if rule.valid_until is None else min(rule.valid_until, before)
        yield replace(rule, valid_until=until)
    if after and (rule.valid_until is None or rule.valid_until >= after):
        since = after if rule.valid_from is None else max(rule.valid_from, after)
        yield replace(rule, valid_from=since)
