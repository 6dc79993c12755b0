"""A letter with example values, made by the code that makes the real ones: for whoever writes a text of their own."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from app.catalogue.rules import FormField
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.clock import LOCAL, local_date
from app.kit.i18n import gettext as _
from app.notify.letters import Letter
from app.policy.letters import LetterKind
from app.requests.letters.facts import Facts, News
from app.requests.letters.wording import letter
from app.requests.queries import CANCELLED, CONFIRMED, Appointment, Item
from app.requests.rules import State, Way
from app.stations.snapshot import Network, StationFacts

REFERENCE = "ZT-7K3M-9QXD-J"
NINE, AHEAD = time(9), 5  # working days
ENDED = frozenset({LetterKind.CANCELLED, LetterKind.DECLINED})
BY_STATION = frozenset({LetterKind.MOVED, LetterKind.CANCELLED})


def sample(
    kind: LetterKind, own: str, *, station: StationFacts, network: Network, catalogue: Catalogue, now: datetime
) -> Letter:
    """The letter of this kind with `own` as its paragraph, about a visit to the station, in the current language."""
    service = _service(catalogue)
    inputs = {field.key: _answer(field) for field in service.fields[:3]}
    start = datetime.combine(network.calendar.add_workdays(local_date(now), AHEAD)[0], NINE, LOCAL)
    status = CANCELLED if kind in ENDED else CONFIRMED
    visit = Appointment(station, start, start + timedelta(minutes=service.duration_min), status)
    other = next((each for each in network.stations if each.active and each.id != station.id), station)
    before = other if kind is LetterKind.PASSED_ON else station
    old = Appointment(before, start - timedelta(days=1), start, CONFIRMED)
    facts = Facts(REFERENCE, "station", visit, [(service, inputs)])
    news = News(
        kind,
        kind in BY_STATION,
        "" if kind is LetterKind.RETURNED else _("(here stands why)"),
        faults=[(_item(service, network, inputs), service)] if kind is LetterKind.RETURNED else (),
        old=old,
    )
    return letter(facts, news, own)


def _service(catalogue: Catalogue) -> ServiceInfo:
    """One for which an instrument is handed in, if there is any."""
    offered = list(catalogue.offered)
    return next((each for each in offered if any(field.key == "instrument_name" for field in each.fields)), offered[0])


def _answer(field: FormField) -> str:
    return _("(example)") if field.key != "serial_no" else "20260001"


def _item(service: ServiceInfo, network: Network, inputs: Mapping[str, Any]) -> Item:
    """Returned for its first two fields."""
    facts = network.services[network.service_index[service.code]]
    faults = [{"field": f"items.1.inputs.{field.key}", "wanted": _("(here stands what is wanted)")} for field in
              service.fields[:2]]  # fmt: skip
    return Item(1, facts, State.RETURNED, inputs, Way.HANDED_IN, faults=tuple(faults))
