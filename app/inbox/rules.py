"""What the list of staff may be asked for: built-in views, filters, and the address that says them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.kit.ids import ReferenceFormatError, parse_reference
from app.requests.rules import ENDED, REFERENCE_PREFIX, Action, State
from app.routing.rules import Mode
from app.stations.rules import Calendar

SOON = 2
"""Working days."""
LONGEST_SPAN = 92
"""Days of appointments at once."""
NAME_LENGTH = 40
MOST_OWN, MOST_OF_STATION = 30, 20
MOST_AT_ONCE = 100
WAITS_FOR_APPLICANT = frozenset({State.RETURNED, State.CONSENT_ASKED, State.ACCEPTED, State.NO_SHOW})
STANDS_STILL = frozenset({State.RETURNED, State.CONSENT_ASKED, State.SUSPENDED})
BULK = (
    Action.ACCEPT,
    Action.DECLINE,
    Action.CHECK_IN,
    Action.NO_SHOW,
    Action.START,
    Action.SUSPEND,
    Action.RESUME,
    Action.FINISH,
    Action.DELIVER,
    Action.ARCHIVE,
)
"""Steps that many requests can take together: they need nothing, or one reason for all."""


class View(StrEnum):
    """A list that is there for everybody, with how many stand in it."""

    DUE = "due"
    LATE = "late"
    TODAY = "today"
    WAITING = "waiting"
    UNREAD = "unread"
    COMPLAINTS = "complaints"
    ALL = "all"


class Due(StrEnum):
    """When something is due."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    STILL = "still"
    NONE = "none"


class Source(StrEnum):
    """Where rows come from, so that each list is read by an index that fits it and in the order that it is for."""

    REFERENCE = "reference"
    UNREAD = "unread"
    DAYS = "days"
    HISTORY = "history"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Filters:
    """A view and what narrows it; what is empty is not asked for. `first` and `last` are days of the appointment."""

    view: View = View.DUE
    states: frozenset[State] = field(default_factory=frozenset)
    station: str = ""
    county: str = ""
    category: str = ""
    service: str = ""
    mode: Mode | None = None
    due: Due | None = None
    unread: bool = False
    complaint: bool = False
    first: date | None = None
    last: date | None = None
    text: str = ""

    @property
    def narrowed(self) -> bool:
        return self != Filters(self.view)

    @property
    def source(self) -> Source:
        if reference_in(self.text):
            return Source.REFERENCE
        if self.unread or self.view is View.UNREAD:
            return Source.UNREAD
        whole = self.view is View.ALL
        if self.view is View.TODAY or (whole and (self.first or self.last)):
            return Source.DAYS
        return Source.HISTORY if whole or self.states & ENDED else Source.LIVE

    def query(self) -> list[tuple[str, str]]:
        """The filters as they stand in an address, always in the same order."""
        pairs = [("view", self.view.value)]
        pairs += [("state", state.value) for state in State if state in self.states]
        single = {
            "station": self.station,
            "county": self.county,
            "category": self.category,
            "service": self.service,
            "mode": self.mode or "",
            "due": self.due or "",
            "unread": "1" if self.unread else "",
            "complaint": "1" if self.complaint else "",
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "q": self.text,
        }
        return pairs + [(name, str(value)) for name, value in single.items() if value]


def reference_in(text: str) -> str:
    """The reference that the text is, in its one spelling; nothing if it is none."""
    try:
        return parse_reference(text, REFERENCE_PREFIX)
    except ReferenceFormatError:
        return ""


def states_of(names: Iterable[str]) -> frozenset[State]:
    """The states that are meant; what is none is left out."""
    return frozenset(State(name) for name in names if name in set(State))


def span(filters: Filters, today: date) -> tuple[date, date]:
    """First and last day of the appointments that are asked for, at most LONGEST_SPAN days."""
    if filters.view is View.TODAY:
        return today, today
    first = filters.first or filters.last or today
    last = filters.last or (first if filters.first is None else first + timedelta(days=LONGEST_SPAN - 1))
    return first, min(last, first + timedelta(days=LONGEST_SPAN - 1))


def soon(calendar: Calendar, today: date) -> date:
    """The last of the next SOON working days."""
    return calendar.add_workdays(today, SOON)[0]


def turned(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """Both in their order, whichever was typed first."""
    return (last, first) if first and last and first > last else (first, last)
