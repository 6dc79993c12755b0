"""Requests of an organisation as rows of a table and of a file: nothing of them names a person."""

from dataclasses import dataclass
from datetime import datetime

from app.enterprise.words import NEXT
from app.kit.i18n import tr
from app.requests.many import counted
from app.requests.owned import Listed
from app.requests.rules import State
from app.requests.words import NEEDS_A_TIME, state_words
from app.stations.snapshot import Network, ServiceFacts, StationFacts

WAITS_FOR_YOU = frozenset({State.RETURNED, State.CONSENT_ASKED, State.ACCEPTED, State.NO_SHOW})
COLUMNS = (
    "reference",
    "status",
    "services",
    "service_names",
    "station",
    "station_name",
    "start",
    "end",
    "appointment",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A request with its services and its station; `words` and `tone` say its state, `following` what happens next."""

    listed: Listed
    services: tuple[ServiceFacts, ...]
    counts: tuple[int, ...]
    station: StationFacts
    words: str
    tone: str
    following: str
    unread: int = 0

    @property
    def reference(self) -> str:
        return self.listed.reference

    @property
    def start(self) -> datetime:
        return self.listed.start

    @property
    def waits(self) -> bool:
        """Whether the enterprise has to do something."""
        return self.listed.status in WAITS_FOR_YOU

    @property
    def due_at(self) -> datetime | None:
        return self.listed.due_at

    @property
    def due_provisional(self) -> bool:
        return self.listed.due_provisional

    @property
    def end(self) -> datetime:
        return self.listed.end

    def cells(self) -> dict[str, object]:
        """The row by column of a file, its names in the language of the moment."""
        return {
            "reference": self.listed.reference,
            "status": self.listed.status,
            "services": [service.code for service in self.services],
            "service_names": [tr(service, "name") for service in self.services],
            "station": self.station.code,
            "station_name": tr(self.station, "name"),
            "start": self.listed.start,
            "end": self.listed.end,
            "appointment": self.listed.appointment,
            "created_at": self.listed.created_at,
        }


def row_of(network: Network, listed: Listed, unread: int = 0) -> Row:
    asked = counted(listed.asked_for())
    services = tuple(network.services[network.service_index[code]] for code, _count in asked)
    station = network.stations[network.station_index[listed.station_code]]
    counts = tuple(count for _code, count in asked)
    following = str(
        NEXT[State.ACCEPTED if not listed.active and listed.status in NEEDS_A_TIME else State(listed.status)]
    )
    return Row(listed, services, counts, station, *state_words(listed.status, booked=listed.active), following, unread)
