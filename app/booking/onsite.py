"""A visit at the applicant's site in the wizard: what its page asks, and what the next ones make of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from app.booking.drafts import DraftData, SiteDraft
from app.booking.places import routing_origin
from app.kit.geo import Crs, Point, geodesic_km
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError, Invalid
from app.kit.schemas import WrittenDate
from app.kit.text import Line, Phone
from app.kit.ticks import DAY_TICKS, TICK_MIN
from app.kit.validation import field_errors
from app.requests.models import ADDRESS_LENGTH, NAME_LENGTH
from app.requests.site_intake import ADDRESS_MISSING, WRONG_ORDER
from app.requests.sites import GivenSite, Part, Way
from app.slots.rules import DayFree, State
from app.slots.travel import ONSITE, travel_to
from app.stations.atlas import Atlas
from app.stations.snapshot import StationFacts

NAMES = ("address", "first_day", "last_day", "part_of_day", "contact_name", "contact_phone")
SENTENCES: Mapping[tuple[str, str], LazyString] = {
    ("address", "text_blank"): ADDRESS_MISSING,
}
OVER = lazy("This day is over. Please give today or a later day.")
TOO_EARLY = lazy("Bookings open {days} days ahead. Please give an earlier first day.")


class SiteForm(BaseModel):
    """The page as it is filled in; the limits are those of a request."""

    address: Annotated[str, Line(ADDRESS_LENGTH)]
    first_day: WrittenDate
    last_day: WrittenDate
    part_of_day: Part = Part.ANY
    contact_name: Annotated[str, Line(NAME_LENGTH, blank=True)] = ""
    contact_phone: Phone | None = Field(default=None)


def judged(typed: Mapping[str, str], today: date, horizon_days: int) -> SiteDraft:
    """The page in clean values. Raises Invalid with every field at fault."""
    given = {name: value for name, value in typed.items() if value.strip() or name == "address"}
    try:
        form = SiteForm.model_validate(given)
    except ValidationError as error:
        raise Invalid(errors=[_in_words(fault) for fault in field_errors(error.errors())]) from error
    faults = []
    if form.last_day < today:
        faults.append(FieldError("last_day", "past_date", OVER.msgid))
    elif form.last_day < form.first_day:
        faults.append(FieldError("last_day", "wrong_order", WRONG_ORDER.msgid))
    elif form.first_day > today + timedelta(days=horizon_days):
        faults.append(FieldError("first_day", "beyond_horizon", TOO_EARLY.msgid, {"days": horizon_days}))
    if faults:
        raise Invalid(errors=faults)
    return SiteDraft(**form.model_dump(exclude={"contact_phone"}), contact_phone=form.contact_phone or "")


def _in_words(fault: FieldError) -> FieldError:
    sentence = SENTENCES.get((fault.field, fault.code))
    return FieldError(fault.field, fault.code, sentence.msgid, fault.data) if sentence else fault


def open_to(data: DraftData) -> bool:
    """Whether it is known where staff shall come, and when; of a visit that isn't on site nothing need be known."""
    return data.mode != ONSITE or (data.site is not None and data.origin is not None)


@dataclass(frozen=True, slots=True)
class Trip:
    """From a station to the site at `point`: how far it is, and how long one way takes."""

    point: Point
    way: Way
    travel: timedelta


def trip(data: DraftData, atlas: Atlas, station: StationFacts) -> Trip | None:
    """The way from a station to the site; None when nobody travels."""
    if data.mode != ONSITE or data.origin is None:
        return None
    point = routing_origin(data.origin, atlas).point
    way = Way(geodesic_km(Point(station.lon, station.lat), point), data.origin.town is None)
    return Trip(point, way, timedelta(minutes=travel_to(station, point) * TICK_MIN))


def window(data: DraftData, today: date, days: int) -> tuple[date, int]:
    """Of the `days` that can be booked from today on, those on which somebody is there: the first, and how many."""
    site = data.site
    if data.mode != ONSITE or site is None:
        return today, days
    first = min(max(site.first_day, today), today + timedelta(days=days - 1))
    last = min(site.last_day, today + timedelta(days=days - 1))
    return first, max((last - first).days + 1, 1)


def in_part(found: Sequence[DayFree], data: DraftData) -> Sequence[DayFree]:
    """The days with those times only that lie in the part of the day in which somebody is there."""
    part = data.site.part_of_day if data.mode == ONSITE and data.site else Part.ANY
    if part is Part.ANY:
        return found
    noon = DAY_TICKS // 2
    morning = (1 << noon) - 1
    return [_only(day, day.places & morning if part is Part.MORNING else day.places >> noon << noon) for day in found]


def _only(day: DayFree, places: int) -> DayFree:
    return day._replace(places=places, state=State.FULL if day.places and not places else day.state)


def given_site(data: DraftData) -> GivenSite | None:
    """The same that a program would send; None when it isn't done on site."""
    site, origin = data.site, data.origin
    if data.mode != ONSITE or site is None:
        return None
    given = GivenSite(**site.model_dump())
    if origin is None or origin.town:
        return replace(given, town=origin.town if origin else None)
    return replace(given, lon=origin.lon, lat=origin.lat, crs=Crs(origin.crs))


def site_address(data: DraftData) -> str:
    """What answers a form's question about the address, "" when it isn't done on site."""
    return data.site.address if data.mode == ONSITE and data.site else ""
