"""What the doors of slots take and send. Times are RFC 3339 with the network's offset."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import Field, StringConstraints

from app.kit.clock import LOCAL
from app.kit.schemas import Out, Strict, WrittenDate, WrittenTime
from app.kit.ticks import tick_time
from app.slots.rules import DayFree, Reason, State

Code = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Mode = Literal["station", "onsite", "online"]
MOST_SERVICES = 10
MOST_DAYS = 62


class AvailabilityParams(Strict):
    """Which services in one visit, and on which days."""

    service: list[Code] = Field(
        min_length=1, max_length=MOST_SERVICES, description="Repeat it for several in one visit: their times add up."
    )
    mode: Mode = "station"
    from_: WrittenDate | None = Field(default=None, alias="from", description="The first day; today when left out.")
    days: int = Field(default=7, ge=1, le=MOST_DAYS)


class DayOut(Out):
    """A day: `full` has hours in which the visit would fit, all of them taken. `reason` says why it is closed."""

    date: date
    state: State
    reason: Reason | None
    starts: list[datetime]


class AvailabilityOut(Out):
    station_code: str
    service_codes: list[str]
    mode: Mode
    duration_min: int
    days: list[DayOut]


@lru_cache(2048)
def availability_json(
    station_code: str, service_codes: tuple[str, ...], mode: str, duration_min: int, days: tuple[DayFree, ...]
) -> bytes:
    """An AvailabilityOut, written. It is remembered by all that it says, so it can't be out of date."""
    head = {"station_code": station_code, "service_codes": service_codes, "mode": mode, "duration_min": duration_min}
    return orjson.dumps(head)[:-1] + b',"days":[' + b",".join(map(_day_json, days)) + b"]}"


@lru_cache(8192)
def _day_json(day: DayFree) -> bytes:
    starts = [tick_time(tick, LOCAL) for tick in day.starts]
    return orjson.dumps({"date": day.date, "state": day.state, "reason": day.reason, "starts": starts})


class HoldIn(Strict):
    """A visit at a station that begins at `start`, a time with its offset, on the grid of the free times."""

    service_codes: list[Code] = Field(min_length=1, max_length=MOST_SERVICES)
    station_code: Code
    mode: Mode = "station"
    start: WrittenTime


class HoldOut(Out):
    """The place is kept until `expires_at`. The token proves that it is yours; it is not shown again."""

    hold_id: UUID
    hold_token: str
    station_code: str
    service_codes: list[str]
    mode: Mode
    start: datetime
    end: datetime
    expires_at: datetime
