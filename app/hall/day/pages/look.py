"""How the day goes: now, by hour and by category; any day before by its date."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.hall.day.calibration import DAYS, GOOD, held_by_day, together
from app.hall.day.pages.frame import DAY, said, show
from app.hall.day.queries import Day, day_of
from app.hall.opening import opening_of
from app.hall.pages.frame import READ, AtBoard, Here
from app.hall.queries import seats_of
from app.hall.words import HALT_REASONS
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door

router = Door(route_class=RetryingRoute)
ONE = timedelta(days=1)


@router.get(DAY, dependencies=[READ])
async def look(
    here: AtBoard,
    day: Annotated[str, Query(max_length=10)] = "",
    done: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Raises StationUnknown, also where the caller may not look."""
    today = local_date(here.at.now)
    asked = asked_day(day, today)
    found = await day_of(here.at.database, here.at.network, here.station, asked, here.at.now)
    context = {
        "found": found,
        "today": asked == today,
        "last_day": today,
        "before": asked - ONE,
        "after": asked + ONE if asked < today else None,
        "most": max([1, *(max(hour.arrivals, hour.served, hour.most_waiting) for hour in found.hours)]),
        "categories": categories_of(here, found),
        "done": said(done),
        **(await now_of(here) if asked == today else {}),
        **(await held_of(here) if here.may_manage else {}),
    }
    return show(here, "day.html", context)


def asked_day(text: str, today: date) -> date:
    """The day that stands in the address; today where there is none, or one that isn't past."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


def categories_of(here: Here, found: Day) -> list[tuple[str, str, Any]]:
    """Each category that anybody came for: its code, its letter, its figures."""
    codes = {chr(ord("A") + bit.bit_length() - 1): code for code, bit in here.at.network.category_bit.items()}
    return [(codes.get(letter, letter), letter, figures) for letter, figures in found.by_letter.items()]


async def now_of(here: Here) -> Mapping[str, Any]:
    """Who sits there now, and whether tickets are given out and called."""
    seats = (await seats_of(here.at.database, here.station, here.at.now)).values()
    opening = await opening_of(here.at.database, here.station, here.at.now)
    return {
        "opening": opening,
        "reason": str(HALT_REASONS[opening.reason]) if opening.reason else "",
        "staffed": len(seats),
        "on_break": sum(seat.break_since is not None for seat in seats),
        "desks": sum(desk.active for desk in here.station.desks),
    }


async def held_of(here: Here) -> Mapping[str, Any]:
    """Whether forecasts of the past days have held."""
    found = await held_by_day(here.at.database, here.station, local_date(here.at.now))
    return {"held": together(found.values()), "held_by_day": found, "good": GOOD, "held_days": DAYS}
