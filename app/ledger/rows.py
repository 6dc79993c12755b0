"""Instruments as pages and files show them: what is kept, in the words of the moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.clock import LOCAL
from app.kit.i18n import pgettext
from app.kit.ticks import tick_time
from app.ledger.queries import Listed
from app.ledger.words import due_tag, reason_of, value_words
from app.requests.words import state_words
from app.stations.directory import Directory
from app.stations.snapshot import StationFacts


@dataclass(frozen=True, slots=True)
class Appointment:
    """What is booked for an instrument: `start` is None while there is no time for it."""

    reference: str
    words: str
    tone: str
    station: StationFacts
    start: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """An instrument with its service; `nearness` and `tone` say how near its date is, `reason` why that date."""

    own: Listed
    service: ServiceInfo | None
    nearness: str
    tone: str
    reason: str
    booked: Appointment | None
    about: str


@dataclass(frozen=True, slots=True)
class World:
    """What the rows are read against."""

    directory: Directory
    catalogue: Catalogue
    today: date

    def row(self, own: Listed) -> Row:
        service = self.catalogue.by_id.get(own.service_id or 0)
        nearness, tone = due_tag(own.due_on, self.today)
        reason = reason_of(own.due_from, own.interval_months, service.validity_months if service else None)
        parts = own.model_spec, own.serial_no, own.manufacturer, own.install_location
        about = pgettext("between facts", " · ").join(part for part in parts if part)
        return Row(own, service, nearness, tone, reason, self._booked(own), about)

    def _booked(self, own: Listed) -> Appointment | None:
        link = own.booked
        if link is None:
            return None
        start = None if link.starts is None else tick_time(link.starts, LOCAL)
        words, tone = state_words(link.status, booked=start is not None)
        return Appointment(link.reference, words, tone, self.directory.network.station_by_id[link.station_id], start)

    def words(self, key: str, value: object) -> str:
        """A value for people."""
        return value_words(key, value, self.directory.atlas, self.catalogue)

    def json(self, own: Listed) -> dict[str, Any]:
        """An instrument as the API sends it."""
        service, row = self.catalogue.by_id.get(own.service_id or 0), self.row(own)
        kept: Mapping[str, Any] = {name: getattr(own, name) for name in PLAIN}
        booked = row.booked and {
            "reference": row.booked.reference,
            "station_code": row.booked.station.code,
            "start": row.booked.start,
        }
        return {
            **kept,
            "service_code": service.code if service else None,
            "retired_at": own.retired_at and own.retired_at.astimezone(LOCAL),
            "booked": booked,
        }


PLAIN = (
    "id", "instrument_name", "model_spec", "measuring_range", "accuracy_class", "serial_no", "manufacturer",
    "install_location", "use_region_code", "quantity", "use_purpose", "delivery", "interval_months", "ecqs_record_no",
    "last_cert_no", "last_cert_date", "valid_until", "due_on", "due_from", "failed_on", "version",
)  # fmt: skip
