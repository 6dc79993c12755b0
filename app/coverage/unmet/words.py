"""What became of a question, in words."""

from collections.abc import Mapping

from app.demand.rules import Outcome
from app.kit.i18n import LazyString, lazy

OUTCOMES: Mapping[Outcome, LazyString] = {
    Outcome.ROUTED: lazy("Routed"),
    Outcome.BEYOND_REACH: lazy("Only farther away"),
    Outcome.NOT_CAPABLE: lazy("Nobody does it"),
    Outcome.NOT_DESIGNATED: lazy("Nobody is designated"),
    Outcome.CAPABILITY_EXPIRED: lazy("No authorisation in force"),
    Outcome.MODE_NOT_OFFERED: lazy("Not done in this way"),
    Outcome.INACTIVE: lazy("Station not in operation"),
    Outcome.CLOSED: lazy("Closed on these days"),
    Outcome.NO_FREE_TIME: lazy("Fully booked"),
    Outcome.LEFT_OUT: lazy("Not together with the others"),
}
