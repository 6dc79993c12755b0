"""What is known of a station, a desk, a closure, a service: small frozen objects that a Network is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from app.catalogue.deliverables import ResultKind
from app.kit.ticks import TICK_MIN
from app.stations.rules import HoursRule

STATION, ONSITE, ONLINE, DESIGNATED = 1, 2, 4, 8
MODES: Mapping[str, int] = {"station": STATION, "onsite": ONSITE, "online": ONLINE}
ALWAYS = 2**31 - 1

StationIndex = NewType("StationIndex", int)
ServiceIndex = NewType("ServiceIndex", int)


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """`skills` has a bit for each category served; an internal desk (`public` false) is never offered online."""

    id: int
    code: str
    name_zh: str
    name_en: str
    skills: int
    public: bool
    active: bool


@dataclass(frozen=True, slots=True)
class ClosureFacts:
    """From `starts` to before `ends`, aware; of one desk, or of the whole station when `desk_id` is None."""

    starts: datetime
    ends: datetime
    desk_id: int | None
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class StationFacts:
    """A station with its desks, hours and coming closures. `parent` is an index too."""

    index: StationIndex
    id: int
    code: str
    name_zh: str
    name_en: str
    county_adcode: str
    division_code: str
    town_code: str
    lon: float
    lat: float
    coord_class: str
    coord_precision: str
    address_zh: str
    model: str
    level: str
    key_industry: str | None
    provenance: str
    active: bool
    parent: StationIndex | None
    desks: tuple[DeskFacts, ...]
    hours: tuple[HoursRule, ...]
    closures: tuple[ClosureFacts, ...]
    hours_version: int = 1


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What routing and slots need of a service. `skill` is the bit of its category, `modes` has the bits of MODES.

    `result` is what comes of it: a document with a result, or None.
    """

    index: ServiceIndex
    id: int
    code: str
    category: str
    name_zh: str
    name_en: str
    duration_min: int
    modes: int
    mandatory: bool
    designation_required: bool
    active: bool
    skill: int
    result: ResultKind | None = None

    @property
    def ticks(self) -> int:
        return self.duration_min // TICK_MIN
