"""Requests of an organisation as rows of a table and of a file: nothing of them names a person."""

from dataclasses import dataclass
from datetime import datetime

from app.kit.i18n import tr
from app.requests.many import counted
from app.requests.owned import Listed
from app.requests.words import state_words
from app.stations.snapshot import Network, ServiceFacts, StationFacts

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
    """A request with its services and its station; `words` and `tone` say its state."""

    listed: Listed
    services: tuple[ServiceFacts, ...]
    counts: tuple[int, ...]
    station: StationFacts
    words: str
    tone: str

    @property
    def reference(self) -> str:
        return self.listed.reference

    @property
    def start(self) -> datetime:
        return self.listed.start

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


def row_of(network: Network, listed: Listed) -> Row:
    asked = counted(listed.asked_for())
    services = tuple(network.services[network.service_index[code]] for code, _count in asked)
    station = network.stations[network.station_index[listed.station_code]]
    return Row(listed, services, tuple(count for _code, count in asked), station, *state_words(listed.status))
