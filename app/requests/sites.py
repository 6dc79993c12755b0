"""Where a visit on site is, and when somebody is there: what was given, what is kept, what follows for the way. Pure.

It is kept as JSON with its request, for a visit on site only. The point that was given counts as exact; the middle of
a town, and the place that the request was sent from, only estimate the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from app.kit.clock import LOCAL, local_date
from app.kit.geo import Crs, Point, geodesic_km
from app.requests.models import Request
from app.slots.travel import ONSITE, travel_to
from app.stations.snapshot import StationFacts

NOON = 12
FIRST, LAST, PART = "first_day", "last_day", "part_of_day"


class Part(StrEnum):
    """The part of a day in which somebody is there; a visit belongs to the one in which it begins."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    def has(self, start: datetime) -> bool:
        """Whether a visit may begin then, an aware time."""
        return self is Part.ANY or (self is Part.MORNING) is (start.astimezone(LOCAL).hour < NOON)


@dataclass(frozen=True, slots=True)
class GivenSite:
    """A site as it was given; what is empty or None was left out. `lon` and `lat` are degrees of the system `crs`."""

    address: str = ""
    town: str | None = None
    lon: float | None = None
    lat: float | None = None
    crs: Crs = Crs.WGS84
    contact_name: str = ""
    contact_phone: str = ""
    first_day: date | None = None
    last_day: date | None = None
    part_of_day: Part = Part.ANY


@dataclass(frozen=True, slots=True)
class Site:
    """A site as it is kept. `lon` and `lat` are WGS-84, of a `town` its middle; `given_*` as given, in `crs`.

    Somebody is there from `first_day` to `last_day`, both included, in that part of the day. The contact is empty
    when it is the request's own.
    """

    address: str
    first_day: date
    last_day: date
    part_of_day: Part = Part.ANY
    town: str | None = None
    lon: float | None = None
    lat: float | None = None
    given_lon: float | None = None
    given_lat: float | None = None
    crs: str | None = None
    contact_name: str = ""
    contact_phone: str = ""

    @property
    def point(self) -> Point | None:
        return None if self.lon is None or self.lat is None else Point(self.lon, self.lat)

    def refuses(self, start: datetime) -> str:
        """Which of its fields a visit that begins then doesn't fit; empty when it fits."""
        day = local_date(start)
        if day < self.first_day:
            return FIRST
        if day > self.last_day:
            return LAST
        return "" if self.part_of_day.has(start) else PART

    def widened(self, start: datetime) -> Self:
        """The same with days, and a part of the day, that a visit then fits."""
        day, part = local_date(start), self.part_of_day
        return replace(
            self,
            first_day=min(self.first_day, day),
            last_day=max(self.last_day, day),
            part_of_day=part if part.has(start) else Part.ANY,
        )

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in values.items()
            if value not in (None, "")
        } | {"address": self.address}


def site_of(request: Request) -> Site | None:
    """Where the visit is, as it is kept; None for one that isn't on site, or was booked before sites were asked."""
    return read(request.site) if request.site else None


def read(stored: Mapping[str, Any]) -> Site:
    days = {name: date.fromisoformat(stored[name]) for name in (FIRST, LAST)}
    return Site(**{**stored, **days, PART: Part(stored.get(PART, Part.ANY))})


class Way(NamedTuple):
    """From a station to a site: straight kilometres, and whether they are measured to a point that was given."""

    km: float
    exact: bool


def point_of(request: Request) -> Point | None:
    """Where staff travel to, as far as it is known: the site, else the place that the request was sent from."""
    site = site_of(request)
    if site is not None and site.point is not None:
        return site.point
    if request.mode != ONSITE or request.lon is None or request.lat is None:
        return None
    return Point(request.lon, request.lat)


def way_to(request: Request, station: StationFacts) -> Way | None:
    """None for a visit that isn't on site, or when nobody has said where."""
    point, site = point_of(request), site_of(request)
    if request.mode != ONSITE or point is None:
        return None
    exact = site is not None and site.point is not None and site.town is None
    return Way(geodesic_km(Point(station.lon, station.lat), point), exact)


def needed_travel(site: Site | None, station: StationFacts) -> int:
    """So many ticks must be kept free for the way at least: 0 where the site itself was never said on a map."""
    return travel_to(station, site.point) if site is not None and site.point is not None else 0
