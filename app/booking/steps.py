"""The five pages of the wizard in their order: which is still open, which comes next, what is chosen so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.booking.drafts import Draft, DraftData, Held
from app.booking.onsite import open_to
from app.catalogue.labels import mode_label
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.formats import time_range
from app.kit.i18n import LazyString, lazy, pgettext, tr
from app.stations.snapshot import Network


class Step(StrEnum):
    """A page; its value is the last part of its address."""

    WHAT = "what"
    WHERE = "where"
    WHEN = "when"
    DETAILS = "details"
    CHECK = "check"

    @property
    def number(self) -> int:
        return STEPS.index(self) + 1

    @property
    def label(self) -> str:
        return str(LABELS[self])


STEPS = tuple(Step)
LABELS: Mapping[Step, LazyString] = {
    Step.WHAT: lazy("What you need"),
    Step.WHERE: lazy("Choose a station"),
    Step.WHEN: lazy("Choose a time"),
    Step.DETAILS: lazy("Your details"),
    Step.CHECK: lazy("Check and send"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A line of the booking so far. `value` is empty while it is still to be chosen, `href` where it can be changed."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What booking/_summary.html shows. `held` is there while a time is kept, or has been until a moment ago."""

    stops: tuple[Stop, ...]
    held: Held | None
    again: str
    now: datetime


def path(draft_id: UUID, step: Step | str) -> str:
    """Where a page of a draft is."""
    return f"/book/{draft_id}/{step}"


def chosen(data: DraftData, catalogue: Catalogue) -> list[ServiceInfo]:
    """The services of the draft that are still offered."""
    return _offered(data.services, catalogue)


def put_aside(data: DraftData, catalogue: Catalogue) -> list[ServiceInfo]:
    """The services that need a booking of their own, because the station chosen does only the others."""
    return _offered(data.later, catalogue)


def _offered(codes: Iterable[str], catalogue: Catalogue) -> list[ServiceInfo]:
    found = (catalogue.by_code.get(code) for code in codes)
    return [service for service in found if service is not None and service.active]


def shared_modes(services: list[ServiceInfo]) -> list[str]:
    """The ways in which all the services are done, in the order of the first one."""
    first, *others = services
    return [mode for mode in first.modes if all(mode in other.modes for other in others)]


def asks_use(services: list[ServiceInfo]) -> bool:
    """Whether it depends on the use who may do it."""
    return any(service.designation_required for service in services)


def kept(held: Held | None, now: datetime) -> bool:
    """Whether a time is kept at this moment; a hold ends at `expires_at` exactly."""
    return held is not None and held.expires_at > now


def first_open_step(data: DraftData, catalogue: Catalogue, now: datetime) -> Step:
    """The first page that isn't done; CHECK when all others are. It is also where a finished page leads on to."""
    services = chosen(data, catalogue)
    if not services or len(services) < len(data.services) or data.mode not in shared_modes(services):
        return Step.WHAT
    if asks_use(services) and not data.use:
        return Step.WHAT
    if not data.station or not open_to(data):
        return Step.WHERE
    if not kept(data.held, now):
        return Step.WHEN
    filled_in = data.consented and all(code in data.answers for code in data.services)
    return Step.CHECK if filled_in else Step.DETAILS


def summary(draft: Draft, network: Network, catalogue: Catalogue, now: datetime) -> Summary:
    """The booking so far, for people."""
    data = draft.data
    last = first_open_step(data, catalogue, now).number

    def stop(step: Step, label: str, value: str) -> Stop:
        return Stop(label, value, path(draft.id, step) if value and step.number <= last else "")

    comma = pgettext("between names", ", ")
    names = comma.join(tr(service, "name") for service in chosen(data, catalogue))
    return Summary(
        (
            stop(Step.WHAT, pgettext("booking so far", "Service"), names),
            stop(Step.WHERE, pgettext("booking so far", "Station"), _station(data, network)),
            stop(Step.WHEN, pgettext("booking so far", "Time"), _time(data, now)),
        ),
        data.held,
        path(draft.id, Step.WHEN),
        now,
    )


def _station(data: DraftData, network: Network) -> str:
    index = network.station_index.get(data.station or "")
    if index is None:
        return ""
    name = tr(network.stations[index], "name")
    return name if data.mode in (None, "station") else f"{name} · {mode_label(data.mode)}"


def _time(data: DraftData, now: datetime) -> str:
    held = data.held
    if held is None or not kept(held, now):
        return ""
    return time_range(held.start, held.end)
