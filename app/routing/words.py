"""Every reason in words, for pages and for the API's explanations; the codes themselves never change.

Sentences are shown after a station's name, so they say what is true of it and nothing else.
"""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.routing.ranking import Reason
from app.routing.rules import Check, Policy

WHY: Mapping[Reason, LazyString] = {
    Reason.NEAREST_DESIGNATED: lazy("The nearest station designated for this mandatory verification."),
    Reason.NEAREST_CAPABLE: lazy("The nearest station that does this and has time."),
    Reason.SOONEST: lazy("The earliest free time of all stations within reach."),
    Reason.BEST_BALANCE: lazy("The best balance of distance, waiting time and how busy the station is."),
    Reason.PARENT_STATION: lazy(
        "No station within reach may do this, so the station above the one nearest to you takes it on."
    ),
    Reason.DESIGNATED: lazy("Designated for this mandatory verification."),
    Reason.CAPABLE: lazy("Does this and has time."),
    Reason.DESIGNATED_NOT_NEEDED: lazy(
        "Verification is not mandatory for the use you gave, so the station need not be a designated one."
    ),
    Reason.ALL_SERVICES_IN_ONE_VISIT: lazy("Does everything you asked for in one visit."),
    Reason.SOME_SERVICES_ONLY: lazy("Does only part of what you asked for; the rest needs another station."),
    Reason.EARLIER_THAN_NEARER: lazy("Farther than another station, but with an earlier time."),
    Reason.BEYOND_REACH: lazy("Farther away than usual: too few stations nearby may do this."),
    Reason.APPROXIMATE_LOCATION: lazy("Its position on the map is approximate, and so is the distance."),
}

FAILED: Mapping[Check, LazyString] = {
    Check.NOT_CAPABLE: lazy("Does not offer this service."),
    Check.NOT_DESIGNATED: lazy("Not designated for mandatory verification of this instrument."),
    Check.CAPABILITY_EXPIRED: lazy("Its authorisation for this is not in force on these days."),
    Check.MODE_NOT_OFFERED: lazy("Does not offer this service in the way you chose."),
    Check.INACTIVE: lazy("Not in operation at present."),
    Check.CLOSED: lazy("Not open for this on these days."),
    Check.NO_FREE_TIME: lazy("Fully booked on these days."),
}

NOBODY: Mapping[Check, LazyString] = {
    Check.NOT_CAPABLE: lazy("No station of the network offers this yet."),
    Check.NOT_DESIGNATED: lazy(
        "No station of the network is designated for the mandatory verification of this instrument."
    ),
    Check.CAPABILITY_EXPIRED: lazy("No station is authorised for this on these days. Please try other days."),
    Check.MODE_NOT_OFFERED: lazy("No station offers this in the way you chose. Please choose another way."),
    Check.INACTIVE: lazy("The stations that offer this are not in operation at present."),
    Check.CLOSED: lazy("The stations that offer this are closed on these days. Please try other days."),
    Check.NO_FREE_TIME: lazy("The stations that offer this are fully booked on these days. Please try later days."),
}

POLICIES: Mapping[Policy, LazyString] = {
    Policy.NEAREST: lazy("Nearest first"),
    Policy.SOONEST: lazy("Soonest first"),
    Policy.BALANCED: lazy("Balanced"),
}


def why(reason: Reason) -> str:
    return str(WHY[reason])


def passed_over(check: Check) -> str:
    return str(FAILED[check])


def nobody(check: Check) -> str:
    return str(NOBODY[check])
