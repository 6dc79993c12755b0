"""What the doors of slots take and send. Times are RFC 3339 with the network's offset."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import Field, StringConstraints

from app.kit.clock import LOCAL
from app.kit.geo import Crs, Point, PointError, locate
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import Out, Strict, WrittenDate, WrittenTime
from app.kit.ticks import TICK_MIN, tick_time
from app.kit.validation import SENTENCES
from app.slots.errors import SiteNotAsked, SiteUnusable
from app.slots.plans import Ability
from app.slots.rules import DayFree, Reason, State
from app.slots.travel import ONSITE

Code = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Mode = Literal["station", "onsite", "online"]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
MOST_SERVICES = 10
MISSING = SENTENCES["missing"]
MOST_DAYS = 62


class SiteIn(Strict):
    """Where a visit on site is, in degrees."""

    lon: Degrees
    lat: Degrees
    crs: Crs = Crs.WGS84

    def point(self, mode: str, *, prefix: str = "site.") -> Point:
        """In WGS-84. Raises SiteNotAsked in another mode, SiteUnusable for a point that can't be."""
        if mode != ONSITE:
            raise SiteNotAsked
        try:
            return locate(self.lon, self.lat, self.crs)
        except PointError as error:
            raise SiteUnusable(error, prefix=prefix) from error


class AvailabilityParams(Strict):
    """Which services in one visit, and on which days. `lon` and `lat` belong together."""

    service: list[Code] = Field(
        min_length=1, max_length=MOST_SERVICES, description="Repeat it for several in one visit: their times add up."
    )
    mode: Mode = "station"
    from_: WrittenDate | None = Field(default=None, alias="from", description="The first day; today when left out.")
    days: int = Field(default=7, ge=1, le=MOST_DAYS)
    lon: Degrees | None = Field(default=None, description="On site: where staff shall come, in degrees.")
    lat: Degrees | None = None
    crs: Crs = Crs.WGS84

    def point(self) -> Point | None:
        """Raises Invalid for half a point, SiteNotAsked, SiteUnusable."""
        if self.lon is None and self.lat is None:
            return None
        if self.lon is None or self.lat is None:
            half = "lon" if self.lon is None else "lat"
            raise Invalid(errors=[FieldError(half, "missing", MISSING.msgid)])
        return SiteIn(lon=self.lon, lat=self.lat, crs=self.crs).point(self.mode, prefix="")


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
    travel_min: int = Field(description="On site: kept free for the way there, and as long for the way back; else 0.")
    days: list[DayOut]


@lru_cache(2048)
def availability_json(ability: Ability, days: tuple[DayFree, ...]) -> bytes:
    """An AvailabilityOut, written. It is remembered by all that it says, so it can't be out of date."""
    need = ability.need
    head = {
        "station_code": ability.station.code,
        "service_codes": need.codes,
        "mode": need.mode,
        "duration_min": need.duration_min,
        "travel_min": ability.travel * TICK_MIN,
    }
    return orjson.dumps(head)[:-1] + b',"days":[' + b",".join(map(_day_json, days)) + b"]}"


@lru_cache(8192)
def _day_json(day: DayFree) -> bytes:
    starts = [tick_time(tick, LOCAL) for tick in day.starts]
    return orjson.dumps({"date": day.date, "state": day.state, "reason": day.reason, "starts": starts})


class HoldIn(Strict):
    """A visit at a station that begins at `start`, a time with its offset, on the grid of the free times.

    On site it is `site` to which staff travel before, and from which after; without it a usual way is kept free.
    """

    service_codes: list[Code] = Field(min_length=1, max_length=MOST_SERVICES)
    station_code: Code
    mode: Mode = "station"
    start: WrittenTime
    site: SiteIn | None = None


class HoldOut(Out):
    """The place is kept until `expires_at`. The token proves that it is yours; it is not shown again.

    `start` and `end` are the visit's; on site `travel_min` are kept free before it, and as many after it.
    """

    hold_id: UUID
    hold_token: str
    station_code: str
    service_codes: list[str]
    mode: Mode
    start: datetime
    end: datetime
    expires_at: datetime
    travel_min: int
