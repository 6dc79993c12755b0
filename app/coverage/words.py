"""The words for what demand is weighed by, and for what is in the way; where its pages lead."""

from collections.abc import Mapping

from app.coverage.gaps import Cause
from app.coverage.points import Basis
from app.kit.i18n import LazyString, lazy
from app.reports.rules import REPORTS
from app.web.forms import address

COVERAGE = "/office/coverage"
"""Where its pages lie."""
PLANNING = "/office/plans/new"
"""The form of a plan, in a room above; it is filled in from its address."""
BASES: Mapping[Basis, tuple[LazyString, LazyString]] = {
    Basis.RESIDENTS: (
        lazy("Inhabitants"),
        lazy(
            "Every town or street with its part of its county's inhabitants: the census of 2020 or a later count, "
            "shared out alike; where there is no figure, an estimate."
        ),
    ),
    Basis.ENTERPRISES: (lazy("Enterprises"), lazy("Enterprises of the registers that were imported.")),
    Basis.REQUESTS: (
        lazy("Past requests"),
        lazy("Where those were who asked for something in the last twelve months, by square kilometre."),
    ),
    Basis.SEARCHES: (
        lazy("Searches"),
        lazy("Where those were who looked for a station in the last twelve months, by square kilometre."),
    ),
}
"""What each is called, and what it counts."""

CAUSES: Mapping[Cause, LazyString] = {
    Cause.NO_STATION: lazy("No station is that near"),
    Cause.NOT_CAPABLE: lazy("The stations near by don't do it"),
    Cause.NOT_DESIGNATED: lazy("Stations near by do it but aren't designated"),
    Cause.CAPABILITY_EXPIRED: lazy("A capability near by isn't in force on that day"),
    Cause.INACTIVE: lazy("The station near by that may do it isn't in use"),
    Cause.NO_FREE_TIME: lazy("Stations near by may do it and have no time soon enough"),
}


def ways(question: Mapping[str, str]) -> dict[str, str]:
    """The pages of coverage by the ends of their addresses; to those that ask the same the question goes along."""
    asking = {name: address(f"{COVERAGE}{name}", question) for name in ("", "/table", "/gaps", "/ending")}
    return asking | {"/unmet": f"{COVERAGE}/unmet", "/reports": REPORTS}
