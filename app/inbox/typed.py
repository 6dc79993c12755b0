"""The filters of the list as they were typed into its form or its address, understood field by field."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from app.catalogue.snapshot import Catalogue
from app.inbox.rules import Due, Filters, View, states_of, turned
from app.kit.i18n import gettext as _
from app.routing.rules import Mode
from app.stations.directory import Directory

Short = Annotated[str, Field(max_length=40)]
MOST_STATES = 40


class Typed(BaseModel):
    """What the address says. Days are those of the appointment."""

    view: Short = ""
    state: Annotated[list[Short], Field(max_length=MOST_STATES)] = []
    station: Short = ""
    county: Short = ""
    category: Short = ""
    service: Short = ""
    mode: Short = ""
    due: Short = ""
    unread: Short = ""
    complaint: Short = ""
    first: Annotated[Short, Field(alias="from")] = ""
    last: Annotated[Short, Field(alias="to")] = ""
    q: Annotated[str, Field(max_length=120)] = ""
    saved: Short = ""
    open: Annotated[str, Field(max_length=60)] = ""
    cursor: Annotated[str, Field(max_length=400)] = ""
    passed: Short = ""

    @property
    def asks(self) -> bool:
        """Whether the address says what to show."""
        return any((self.view, self.state, self.saved, self.q, *self._single()))

    def _single(self) -> Iterable[str]:
        names = ("station", "county", "category", "service", "mode", "due", "unread", "complaint", "first", "last")
        return (getattr(self, name) for name in names)


def understood(typed: Typed, directory: Directory, catalogue: Catalogue) -> tuple[Filters, dict[str, str]]:
    """The filters, without those that can't be read, for each of which there is a sentence by the name of its field."""
    station, service = typed.station.strip().upper(), typed.service.strip().upper()
    first, last = _day(typed.first), _day(typed.last)
    counties = {division.adcode for division in directory.atlas.divisions}
    known = {
        "station": (not station or station in directory.network.station_index, _no_station(station)),
        "service": (not service or service in catalogue.by_code, _no_service(service)),
        "county": (not typed.county or typed.county in counties, _("Choose a county of this network.")),
        "from": (not typed.first.strip() or first is not None, _("Give a day that exists, such as 2026-12-01.")),
        "to": (not typed.last.strip() or last is not None, _("Give a day that exists, such as 2026-12-01.")),
    }
    first, last = turned(first, last)
    filters = Filters(
        view=View(typed.view) if typed.view in set(View) else View.DUE,
        states=states_of(typed.state),
        station=station if known["station"][0] else "",
        county=typed.county if known["county"][0] else "",
        category=typed.category if typed.category in catalogue.category_by_code else "",
        service=service if known["service"][0] else "",
        mode=Mode(typed.mode) if typed.mode in set(Mode) else None,
        due=Due(typed.due) if typed.due in set(Due) else None,
        unread=bool(typed.unread),
        complaint=bool(typed.complaint),
        first=first,
        last=last,
        text=typed.q.replace("\0", "").strip(),
    )
    return filters, {name: sentence for name, (right, sentence) in known.items() if not right}


def of_query(query: Iterable[Iterable[str]]) -> Typed:
    """What a kept address says."""
    found: dict[str, list[str]] = {}
    for name, value in query:
        found.setdefault(name, []).append(value)
    values: Mapping[str, object] = {name: all_ if name == "state" else all_[0] for name, all_ in found.items()}
    return Typed.model_validate(values)


def _no_station(code: str) -> str:
    return _("There is no station with the code {code}.").format(code=code)


def _no_service(code: str) -> str:
    return _("There is no service with the code {code}.").format(code=code)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
