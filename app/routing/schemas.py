"""What `GET /routes` takes and sends."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from app.catalogue.rules import Use
from app.kit.geo import Crs
from app.kit.schemas import Out, Strict
from app.routing.ranking import Reason
from app.routing.rules import Mode, Policy

MOST_DAYS = 31
MOST_SERVICES = 10
ServiceCode = Annotated[str, Field(max_length=64, examples=["MET-GEO-001"])]


class RouteParams(Strict):
    """Where from, and on site where to: `lon` and `lat` (with `crs`), or `town`."""

    service: list[ServiceCode] = Field(
        min_length=1, max_length=MOST_SERVICES, description="A service code; repeat it for several in one visit."
    )
    lon: float | None = Field(default=None, allow_inf_nan=False, description="Degrees, -180 to 180.", examples=[118.38])
    lat: float | None = Field(default=None, allow_inf_nan=False, description="Degrees, -90 to 90.", examples=[31.33])
    crs: Crs | None = Field(default=None, description="The coordinate system of lon and lat; `wgs84` when left out.")
    town: str | None = Field(
        default=None,
        pattern=r"^[0-9]{6}([0-9]{3})?$",
        description="Instead of lon and lat: the code of a town or of a division, also one that has been renamed.",
    )
    mode: Mode | None = Field(
        default=None, description="`station` when left out, or the first way in which all the services are offered."
    )
    use: Use | None = Field(
        default=None, description="What the instrument is used for. Left out, it counts as mandatory."
    )
    policy: Policy = Policy.NEAREST
    from_: date | None = Field(default=None, alias="from", description="The first day; today when left out.")
    days: int = Field(default=14, ge=1, le=MOST_DAYS)
    limit: int = Field(default=5, ge=1, le=50)
    within_km: float | None = Field(
        default=None,
        gt=0,
        le=5000,
        allow_inf_nan=False,
        description="How far is near enough; the network's reach if not.",
    )


class GivenOut(Out):
    """The place as it was given: a point, or a town."""

    lon: float | None
    lat: float | None
    crs: Crs | None
    town: str | None


class OriginOut(Out):
    """The place in WGS-84."""

    lon: float
    lat: float
    crs: Literal["wgs84"]
    given: GivenOut


class RouteStationOut(Out):
    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    coord_class: str


class CandidateOut(Out):
    rank: int = Field(ge=1)
    station: RouteStationOut
    distance_km: float = Field(ge=0)
    travel_min: int = Field(ge=0, description="On site: kept free for the way there, and as long for the way back.")
    earliest_start: datetime
    covers: list[str] = Field(description="Which of the services can be done there in one visit.")
    reasons: list[Reason]


class PassedOverOut(Out):
    station_code: str
    distance_km: float = Field(ge=0)
    reason: Literal[
        "not_designated",
        "not_capable",
        "capability_expired",
        "mode_not_offered",
        "closed",
        "no_free_time",
        "inactive",
    ]


class ExplanationOut(Out):
    """Why there is no candidate at all."""

    code: str
    text: str


class RoutesOut(Out):
    """Stations by rank, and the nearer ones that were passed over."""

    origin: OriginOut
    services: list[str]
    mode: Mode
    use: Use | None
    policy: Policy
    from_: date = Field(alias="from")
    until: date
    designation_needed: bool
    reach_km: float
    candidates: list[CandidateOut]
    passed_over: list[PassedOverOut]
    passed_over_total: int
    escalated: bool
    explanation: ExplanationOut | None
