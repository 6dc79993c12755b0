"""Whether a request may go to the place that is held for it, and what becomes of its site then. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.catalogue.rules import Use
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.kit.ticks import TICK_MIN
from app.requests.intake import CANNOT, may_do, use_of
from app.requests.queries import RequestView
from app.requests.rules import Action, Party
from app.requests.site_intake import address_among
from app.requests.sites import needed_travel
from app.routing.rules import Check
from app.slots.places import Booked
from app.stations.snapshot import Network, StationFacts

NO_PLACE_HERE = lazy("This step takes no time at a desk. Leave the hold out, or move the appointment by its own call.")
SAME_STATION = lazy("This time is at the same station. To pass the request on, hold a time at another one.")
NOT_THE_PARENT = lazy("A request is handed up to the station's parent station. Hold a time there.")


NOBODY_THERE = lazy(
    "By what the applicant has said nobody is there then. Please say why it is moved there all the same."
)
TOO_FAR = lazy(
    "The way to the site takes about {needed_min} minutes, and {held_min} are kept free. Hold a time with the site."
)


def goes_there(found: RequestView, action: Action, there: StationFacts) -> None:
    """A request that is passed on goes to another station, one that is handed up to the parent. Raises Invalid."""
    own = found.appointment.station
    if action is Action.REROUTE and there.id == own.id:
        raise Invalid(errors=[FieldError("hold_id", "same_station", SAME_STATION.msgid)])
    if action is Action.ESCALATE and there.index != own.parent:
        raise Invalid(errors=[FieldError("hold_id", "not_the_parent", NOT_THE_PARENT.msgid)])


def may_do_all(network: Network, station: StationFacts, found: RequestView, day: date) -> None:
    """Whether the station may do everything that is asked for on that day. Raises Invalid, naming `hold_id`."""
    request = found.request
    whole = Use(request.use) if request.use else None
    for item in found.items:
        use = use_of(whole, item.inputs)
        check = may_do(network, station, item.service, mode=request.mode, day=day, use=use)
        if check is not Check.PASSED:
            raise Invalid(errors=[FieldError("hold_id", check.reason, CANNOT[check].msgid)])


def reaches_site(found: RequestView, station: StationFacts, new: Booked) -> None:
    """The way to the site must be kept free as well. Raises Invalid, naming `hold_id`."""
    needed = needed_travel(found.site, station)
    if needed > new.travel:
        minutes = {"needed_min": needed * TICK_MIN, "held_min": new.travel * TICK_MIN}
        raise Invalid(errors=[FieldError("hold_id", "travel_too_short", TOO_FAR.msgid, minutes)])


def site_then(found: RequestView, start: datetime, by: Party, reason: str) -> dict[str, Any]:
    """What changes of a request whose visit moves: who asks for another day will be there.

    Raises Invalid, naming `reason`, when the station moves it to where nobody is there and doesn't say why.
    """
    site = found.site
    if site is None or not site.refuses(start):
        return {}
    if by is Party.APPLICANT:
        return {"site": site.widened(start).stored()}
    if not reason:
        raise Invalid(errors=[FieldError("reason", "required", NOBODY_THERE.msgid)])
    return {}


def site_corrected(found: RequestView, answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What changes of a request when a form's answer about its site does. The point given for it stays."""
    address = address_among(("", inputs) for inputs in answers)
    if found.site is None or not address:
        return {}
    return {"site": replace(found.site, address=address).stored()}
