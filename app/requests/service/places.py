"""Whether a request may go to the place that is held for it. Pure."""

from datetime import date

from app.catalogue.rules import Use
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.requests.intake import CANNOT, may_do, use_of
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.routing.rules import Check
from app.stations.snapshot import Network, StationFacts

NO_PLACE_HERE = lazy("This step takes no time at a desk. Leave the hold out, or move the appointment by its own call.")
SAME_STATION = lazy("This time is at the same station. To pass the request on, hold a time at another one.")
NOT_THE_PARENT = lazy("A request is handed up to the station's parent station. Hold a time there.")


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
