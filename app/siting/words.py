"""The words for what a plan is about, how far it is, and why there is no answer."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.siting.rules.questions import Objective
from app.siting.rules.states import Failure, Kind, Source, Status

KINDS: Mapping[Kind, tuple[LazyString, LazyString]] = {
    Kind.STATIONS: (lazy("New stations"), lazy("Each does all the services that you name.")),
    Kind.CAPABILITIES: (lazy("Capabilities"), lazy("Stations that there are get the services that they don't do yet.")),
    Kind.DESKS: (
        lazy("Desks"),
        lazy("A desk with free time for stations that may do it and have none within the working days below."),
    ),
}
OBJECTIVES: Mapping[Objective, LazyString] = {
    Objective.MAX_COVER: lazy("Most demand within the distance"),
    Objective.MIN_DISTANCE: lazy("The shortest way on average"),
}
SOURCES: Mapping[Source, LazyString] = {
    Source.TOWNS: lazy("Towns without a station that may do it"),
    Source.DEMAND: lazy("Wherever demand is"),
    Source.STATIONS: lazy("The stations that there are"),
}
STATUSES: Mapping[Status, tuple[LazyString, str]] = {
    Status.QUEUED: (lazy("Waiting"), "info"),
    Status.RUNNING: (lazy("Being worked at"), "info"),
    Status.DONE: (lazy("Has an answer"), "good"),
    Status.FAILED: (lazy("No answer"), "wrong"),
    Status.CANCELLED: (lazy("Stopped"), "plain"),
}
"""Each with its tone."""
FAILURES: Mapping[Failure, LazyString] = {
    Failure.TOO_LARGE: lazy(
        "There are too many places for so much demand. Ask for a county, a shorter distance, or a list of places."
    ),
    Failure.GAVE_UP: lazy("The calculation broke off several times. Please tell whoever runs the portal."),
    Failure.NETWORK_CHANGED: lazy("A service or the data that you asked for is there no more. Please ask anew."),
}
