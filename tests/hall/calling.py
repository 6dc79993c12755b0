"""Who is called next: a copy of the rule, until app.hall.rules.calling is there. Pure.

Everybody has a place in time, `rank_at`: of a walk-in it is when they came, of an appointment its own time, and who has
priority counts as having come earlier. From `first_from` on somebody goes before all whose `first_from` has not come:
an appointment from shortly before its time, who has priority after a short wait, and everybody after a long one. So
appointments are kept, and nobody starves: however many come on time, whoever has waited AGEING is overtaken only by
those whose place in time is earlier, of whom there are few.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Priority(StrEnum):
    """Why somebody goes before those who came at the same time."""

    NONE = "none"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    URGENT = "urgent"


EARLY = timedelta(minutes=5)
"""So long before its time an appointment may be called before others."""
GRACE = timedelta(minutes=15)
"""Whoever comes later than this to an appointment waits as one who has none."""
AGEING = timedelta(minutes=40)
AGEING_PRIORITY = timedelta(minutes=10)
AHEAD = timedelta(minutes=20)
"""So much earlier counts who has priority."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue, as it is stored with a ticket."""

    first_from: datetime
    rank_at: datetime


def place_of(came_at: datetime, priority: Priority = Priority.NONE, booked_at: datetime | None = None) -> Place:
    """The place of somebody who came at a time, and has an appointment at `booked_at` or none."""
    if booked_at is not None and came_at <= booked_at + GRACE:
        place = Place(booked_at - EARLY, booked_at)
        return place if priority is Priority.NONE else Place(min(place.first_from, came_at), min(booked_at, came_at))
    if priority is Priority.NONE:
        return Place(came_at + AGEING, came_at)
    return Place(came_at + AGEING_PRIORITY, came_at - AHEAD)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket in the queue: `wants` has the bits of the categories of its open services, `desk_id` is the only desk
    that calls it, if it was passed on to one."""

    number: int
    place: Place
    wants: int
    desk_id: int | None = None


def order(each: Waiting, now: datetime) -> tuple[bool, datetime, int]:
    """By which the queue is sorted at a moment; numbers differ, so two are never alike."""
    return now < each.place.first_from, each.place.rank_at, each.number


def fits(each: Waiting, desk_id: int, skills: int) -> bool:
    """Whether a desk of these skills may call it: for something of what is open, the rest is done elsewhere."""
    return bool(each.wants & skills) and each.desk_id in (None, desk_id)


def next_of(waiting: Iterable[Waiting], desk_id: int, skills: int, now: datetime) -> Waiting | None:
    """Whom the desk calls next; None when nobody waits for it."""
    return min(
        (each for each in waiting if fits(each, desk_id, skills)), key=lambda each: order(each, now), default=None
    )
