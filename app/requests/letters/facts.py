"""What a letter tells of: the request as it stands, and what has happened to it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.policy.letters import LetterKind
from app.requests.many import counted
from app.requests.queries import CONFIRMED, Appointment, Item, RequestView
from app.requests.rules import LIVE, State

Answers = Sequence[tuple[ServiceInfo, Mapping[str, Any]]]
Faults = Sequence[tuple[Item, ServiceInfo]]


@dataclass(frozen=True, slots=True)
class Facts:
    """A request as it stands: `answers` are those of the items that go on, service by service.

    `site` is the address of a visit on site, as far as it is known.
    """

    reference: str
    mode: str
    visit: Appointment
    answers: Answers
    site: str = ""

    @property
    def booked(self) -> bool:
        return self.visit.status == CONFIRMED

    @property
    def what(self) -> list[tuple[ServiceInfo, int]]:
        """Each service once, with how many items it has."""
        return counted(service for service, _inputs in self.answers)


@dataclass(frozen=True, slots=True)
class News:
    """What has happened. `items` are those that it concerns, none when it concerns all; `old` is the time before.

    `split_from` is the request of which this was a part until now.
    """

    kind: LetterKind
    by_station: bool = False
    reason: str = ""
    items: Sequence[Item] = ()
    faults: Faults = ()
    old: Appointment | None = None
    split_from: str = ""


def facts_of(view: RequestView, catalogue: Catalogue) -> Facts:
    """Of a request that was read."""
    going_on = [item for item in view.items if State(item.status) in LIVE] or view.items
    answers = [(catalogue.by_code[item.service.code], item.inputs) for item in going_on]
    site = view.site.address if view.site else ""
    return Facts(view.request.reference, view.request.mode, view.appointment, answers, site)
