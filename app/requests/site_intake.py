"""Whether the site that came with a request can be visited at the time that is held. Pure: facts in, faults out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.catalogue.rules import FormField, InputType
from app.kit.clock import local_date
from app.kit.geo import PointError, locate
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError, Invalid
from app.kit.ticks import TICK_MIN
from app.requests.sites import FIRST, LAST, PART, GivenSite, Site, needed_travel
from app.routing.origins import origin_of_town
from app.slots.errors import SiteNotAsked
from app.slots.travel import ONSITE
from app.stations.atlas import Atlas
from app.stations.snapshot import StationFacts

ADDRESS_FIELD = "site_address"
WHERE_STAFF_COME = FormField(ADDRESS_FIELD, "上门地址", "Address of the visit", InputType.TEXT, required=True)
ADDRESS_MISSING = lazy("Please say where staff shall come: street, number, building.")
HALF_A_POINT = lazy("A point has both lon and lat. Please give both, or neither.")
WRONG_ORDER = lazy("The last day lies before the first one. Please check both.")
NOT_THEN: Mapping[str, LazyString] = {
    FIRST: lazy("The time that is held lies before the first day on which somebody is there. Please hold a later one."),
    LAST: lazy("The time that is held lies after the last day on which somebody is there. Please hold an earlier one."),
    PART: lazy("The time that is held is not in the part of the day in which somebody is there. Hold another one."),
}
TOO_FAR = lazy(
    "The way to this site takes about {needed_min} minutes, and {held_min} are kept free. "
    "Please hold a time with this site."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of its site: by itself, by a form's answer, and whether it says where it was sent from."""

    given: GivenSite | None
    form_address: str
    origin_known: bool


def not_asked() -> FieldError:
    """The fault of a site that came with a request that isn't done on site."""
    return SiteNotAsked().errors[0]


def address_among(items: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """The first address of a site that a form was answered with."""
    answers = (inputs.get(ADDRESS_FIELD) for _code, inputs in items)
    return next((answer.strip() for answer in answers if isinstance(answer, str) and answer.strip()), "")


def questions_of(fields: Sequence[FormField], mode: str) -> Sequence[FormField]:
    """What can be at fault: the form's questions, and of a visit on site always where staff come."""
    return (*fields, WHERE_STAFF_COME) if mode == ONSITE and not asks(fields, ADDRESS_FIELD) else fields


def asks(fields: Sequence[FormField], key: str) -> bool:
    return any(field.key == key for field in fields)


def with_address(fields: Sequence[FormField], answers: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    """A form that asks where staff shall come needs no answer when the request has one."""
    open_ = asks(fields, ADDRESS_FIELD) and not answers.get(ADDRESS_FIELD)
    return {**answers, ADDRESS_FIELD: address} if open_ else answers


def judged_site(asked: Asked, start: datetime, atlas: Atlas) -> tuple[Site, list[FieldError]]:
    """The site for a visit that begins at `start`, and every fault of it.

    Days that were left out are the visit's. An address may be missing only from programs that know nothing of sites:
    then staff come to where the request was sent from.
    """
    given = asked.given or GivenSite()
    faults: list[FieldError] = []
    address = given.address or asked.form_address
    if not address and (asked.given is not None or not asked.origin_known):
        faults.append(FieldError("site.address", "required", ADDRESS_MISSING.msgid))
    day = local_date(start)
    first = given.first_day or min(day, given.last_day or day)
    site = Site(
        address=address,
        first_day=first,
        last_day=given.last_day or max(day, first),
        part_of_day=given.part_of_day,
        contact_name=given.contact_name,
        contact_phone=given.contact_phone,
    )
    site = _placed(site, given, atlas, faults)
    return site, [*faults, *_window(site, start)]


def _placed(site: Site, given: GivenSite, atlas: Atlas, faults: list[FieldError]) -> Site:
    """The same with its point: the one that was given, else the middle of its town."""
    if given.lon is not None and given.lat is not None:
        try:
            point = locate(given.lon, given.lat, given.crs)
        except PointError as error:
            faults += [FieldError(f"site.{name}", error.code, str(error)) for name in ("lon", "lat")]
            return site
        there = replace(site, lon=point.lon, lat=point.lat)
        return replace(there, given_lon=given.lon, given_lat=given.lat, crs=given.crs.value)
    if given.lon is not None or given.lat is not None:
        half = "lon" if given.lon is None else "lat"
        faults.append(FieldError(f"site.{half}", "required", HALF_A_POINT.msgid))
    if given.town is None:
        return site
    try:
        middle = origin_of_town(atlas, given.town)
    except Invalid as problem:
        faults += [replace(error, field=f"site.{error.field}") for error in problem.errors]
        return site
    return replace(site, town=middle.town, lon=middle.lon, lat=middle.lat)


def _window(site: Site, start: datetime) -> list[FieldError]:
    if site.last_day < site.first_day:
        return [FieldError(f"site.{LAST}", "wrong_order", WRONG_ORDER.msgid)]
    field = site.refuses(start)
    return [FieldError(f"site.{field}", "outside_window", NOT_THEN[field].msgid)] if field else []


def too_far(site: Site, station: StationFacts, held: int) -> list[FieldError]:
    """The fault of a time that was held, with `held` ticks for the way, for a nearer site."""
    needed = needed_travel(site, station)
    if needed <= held:
        return []
    minutes = {"needed_min": needed * TICK_MIN, "held_min": held * TICK_MIN}
    return [FieldError("site", "travel_too_short", TOO_FAR.msgid, minutes)]
