"""Rebooking: instruments to as few visits as there can be, each with the station, its first free time, the answers.

An instrument goes by the service that fits it, in the way that it is usually verified. What can't be booked says why.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.catalogue.rules import Use
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.clock import LOCAL, local_date
from app.kit.i18n import LazyString, lazy
from app.kit.ticks import tick_time
from app.ledger.queries import Listed
from app.ledger.rules.visits import Batch, Wish, batches, fewest, shared_out
from app.requests.many import MOST_ITEMS, MOST_SERVICES
from app.routing.origins import origin_of_town
from app.routing.queries import route
from app.routing.rules import Mode, Origin, Question
from app.slots.queries import Availability
from app.stations.directory import Directory
from app.stations.snapshot import StationFacts

DAYS = 30
MOST_STATIONS = 50
WITHOUT_NUMBER = "无"
ANSWERS = (
    "instrument_name", "model_spec", "serial_no", "manufacturer", "measuring_range", "accuracy_class", "quantity",
    "last_cert_no", "last_cert_date", "use_purpose", "install_location", "use_region_code", "ecqs_record_no",
)  # fmt: skip


class Why(StrEnum):
    """Why an instrument is in no visit."""

    RETIRED = "retired"
    BOOKED = "booked"
    NO_SERVICE = "no_service"
    NO_STATION = "no_station"


WHY: Mapping[Why, LazyString] = {
    Why.RETIRED: lazy("It is out of use."),
    Why.BOOKED: lazy("It is booked already."),
    Why.NO_SERVICE: lazy("No service is known for it. Please choose one."),
    Why.NO_STATION: lazy("No station that may do it has time within {days} days. Please ask a station."),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """What is done at one station at once. `start` is its first free time; `km` from the place that was asked from."""

    station: StationFacts
    start: datetime
    km: float
    mode: str
    use: str | None
    wishes: tuple[Wish[Listed], ...]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many instruments of each service."""
        return Counter(wish.service for wish in self.wishes).most_common()


@dataclass(frozen=True, slots=True)
class Planned:
    visits: tuple[Visit, ...]
    left: tuple[tuple[Listed, Why], ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where stations are looked for, and their free time."""

    directory: Directory
    catalogue: Catalogue
    availability: Availability
    now: datetime

    async def planned(self, instruments: Sequence[Listed], origin: Origin) -> Planned:
        """All of them, in the order of the visits."""
        left: list[tuple[Listed, Why]] = []
        wishes: list[Wish[Listed]] = []
        for each in instruments:
            found = _wish(each, self.catalogue)
            if isinstance(found, Why):
                left.append((each, found))
            else:
                wishes.append(found)
        visits: list[Visit] = []
        for batch in batches(wishes, MOST_SERVICES, MOST_ITEMS):
            some, rest = await self._visits(batch, origin)
            visits += some
            left += [(wish.instrument, Why.NO_STATION) for wish in rest]
        return Planned(tuple(visits), tuple(left))

    async def _visits(self, batch: Batch[Listed], origin: Origin) -> tuple[list[Visit], list[Wish[Listed]]]:
        """The visits of a batch, and what of it nobody does."""
        network, codes = self.directory.network, batch.services
        question = Question(
            services=tuple(network.service_index[code] for code in codes),
            origin=origin,
            mode=Mode(batch.mode),
            first=local_date(self.now),
            days=DAYS,
            use=Use(batch.use) if batch.use else None,
            limit=MOST_STATIONS,
        )
        candidates = (await route(network, self.availability, question, self.now)).candidates
        covers = [frozenset(each.covers) for each in candidates]
        everything = frozenset(range(len(codes)))
        shares = shared_out(covers, fewest(covers, everything), everything)
        visits = []
        for place, services in shares.items():
            mine, candidate = {codes[n] for n in services}, candidates[place]
            visits.append(
                Visit(
                    network.stations[candidate.station],
                    tick_time(candidate.start, LOCAL),
                    candidate.km,
                    batch.mode,
                    batch.use,
                    tuple(wish for wish in batch.wishes if wish.service in mine),
                )
            )
        done = {wish.service for visit in visits for wish in visit.wishes}
        return visits, [wish for wish in batch.wishes if wish.service not in done]

    def origin(self, instruments: Iterable[Listed], town: str = "") -> Origin:
        """The place that is asked for, else the division in which most of them are, else the network's first.

        Raises Invalid for a town or division that isn't there.
        """
        divisions = Counter(each.use_region_code for each in instruments if each.use_region_code)
        usual = divisions.most_common(1)[0][0] if divisions else self.directory.atlas.divisions[0].adcode
        return origin_of_town(self.directory.atlas, town or usual)


def _wish(each: Listed, catalogue: Catalogue) -> Wish[Listed] | Why:
    service = catalogue.by_id.get(each.service_id or 0)
    if each.retired_at is not None:
        return Why.RETIRED
    if each.booked is not None:
        return Why.BOOKED
    if service is None or not service.active:
        return Why.NO_SERVICE
    mode = each.delivery if each.delivery in service.modes else service.modes[0]
    return Wish(each, service.code, str(mode), (each.use_purpose or "") if service.designation_required else None)


def answers(each: Listed, service: ServiceInfo, mode: str) -> dict[str, Any]:
    """What the ledger answers of the service's form; what it doesn't know is for people to answer."""
    asked = {field.key for field in service.fields if field.asked(mode)}
    known = {key: getattr(each, key) for key in ANSWERS if key in asked}
    if "serial_no" in asked and not each.serial_no:
        known["serial_no"] = WITHOUT_NUMBER
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in known.items()
        if value is not None
    }
