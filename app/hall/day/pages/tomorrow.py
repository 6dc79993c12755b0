"""What the next day on which the hall is open will ask of its desks."""

from typing import Any

from fastapi.responses import HTMLResponse

from app.hall.day.ahead import ahead_of
from app.hall.day.load import HourLoad
from app.hall.day.pages.frame import DAY, show
from app.hall.pages.frame import READ, AtBoard, Here
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door

router = Door(route_class=RetryingRoute)


@router.get(f"{DAY}/tomorrow", dependencies=[READ])
async def tomorrow(here: AtBoard) -> HTMLResponse:
    """Raises StationUnknown, also where the caller may not look."""
    ahead = await ahead_of(here.at.database, here.at.network, here.station, local_date(here.at.now))
    hours = ahead.hours if ahead else []
    context: dict[str, Any] = {
        "ahead": ahead,
        "most": max([60.0, *(max(hour.wanted_min, hour.there_min) for hour in hours)]),
        "over": sum(hour.over for hour in hours),
        "short_of": lambda hour: short_of(here, hour),
    }
    return show(here, "tomorrow.html", context)


def short_of(here: Here, hour: HourLoad) -> list[str]:
    """The codes of the categories for which there are too few desks in that hour."""
    return [code for code, bit in here.at.network.category_bit.items() if bit & hour.short]
