"""What the JSON doors of coverage take and send. Names are those of the contract; what is more has been added."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.coverage.asking import FileFormat, ReachAsked
from app.coverage.figures import FEW, Figures, Report
from app.coverage.gaps import Cause
from app.coverage.matrix import Columns, Rows
from app.coverage.points import Basis
from app.coverage.reach import Mask
from app.coverage.rules.measures import Spread, rounded
from app.kit.schemas import Out, Strict

KM_DIGITS, SHARE_DIGITS, WEIGHT_DIGITS = 4, 6, 3
Share = Annotated[float | None, Field(ge=0, le=1, description="0 to 1; null where nobody is counted.")]
Km = Annotated[float | None, Field(ge=0, description="Kilometres; null where nobody may do it.")]
Days = Annotated[float | None, Field(ge=0, description="Working days; null where nobody has time.")]
Few = Annotated[bool, Field(description=f"Counted over fewer than {FEW} places: read it with care.")]


class AsFile(Strict):
    format: FileFormat = None


class SummaryAsked(ReachAsked, AsFile):
    """What to count."""


class MatrixAsked(ReachAsked, AsFile):
    """What to count, and how to lay it out."""

    rows: Rows = "county"
    columns: Columns = "category"


class GapsAsked(ReachAsked, AsFile):
    """Which demand points to look at."""

    limit: Annotated[int | None, Field(ge=1, le=1000, description="100 unless given; a file has all.")] = None


class ExpiringAsked(ReachAsked, AsFile):
    """Which capabilities end soon."""

    days: Annotated[int, Field(ge=1, le=730, description="Days from `on` within which they end.")] = 90


class DistanceOut(Out):
    """To the nearest station that may do it, weighed by demand."""

    p50: Km
    p90: Km
    max: Km
    mean: Km


class WaitOut(Out):
    """Working days until that nearest station has a free time; the day itself is 0."""

    p50: Days
    p90: Days


class TheilOut(Out):
    whole: float
    between: float
    within: float


class LorenzOut(Out):
    people: list[float]
    good: list[float]


class AskedOut(Out):
    """What these figures count, and over what."""

    services: list[str]
    county: str | None
    within_km: float
    within_days: int | None
    on: date
    basis: Basis
    demand_as_of: datetime
    demand_without_place: Annotated[int, Field(description="Cases known without a place, so not counted.")]


class FiguresOut(Out):
    """`accessibility` is desk hours a week for 1,000 units of demand by two-step floating catchments of `within_km`
    (Luo and Wang 2003), `gini` how unequally it is spread."""

    stations: int
    capable_stations: int
    designated_stations: int
    services_asked: int
    services_offered: int
    demand_points: int
    demand_weight: float
    share_within: Share
    distance_km: DistanceOut
    days_to_first_slot: WaitOut | None
    backup_share: Share
    gini: float | None
    accessibility: float | None
    accessibility_enhanced: float | None
    few: Few


class SummaryOut(FiguresOut):
    theil: TheilOut | None
    lorenz: LorenzOut | None
    asked: AskedOut


class CountyFiguresOut(FiguresOut):
    county: str
    name_zh: str
    name_en: str


class CountiesOut(Out):
    items: list[CountyFiguresOut]
    asked: AskedOut


class RowOut(Out):
    code: str
    name_zh: str
    name_en: str
    stations: int


class ColumnOut(Out):
    code: str
    name_zh: str
    name_en: str
    services: int


class CellOut(Out):
    """`capable` stations may do some service of the column, `designated` of them are so for one; of its services
    `services_one` are done by one station at least, `services_two` by two. Ways are those of counties only."""

    row: str
    column: str
    stations: int
    capable: int
    designated: int
    services_one: int
    services_two: int
    share_within: Annotated[Share, Field(description="Of the county's demand, for some service of the column.")]
    km_mean: Annotated[Km, Field(description="To the nearest such station, on average.")]


class MatrixOut(Out):
    rows: list[RowOut]
    columns: list[ColumnOut]
    cells: Annotated[list[list[CellOut]], Field(description="A list a row, in the order of `columns`.")]


class GapOut(Out):
    """`missing` of the services asked for have no station in reach; the rest is about the farthest of them."""

    code: str
    name_zh: str
    name_en: str
    county: str | None
    lon: float
    lat: float
    approximate: bool
    weight: float
    missing: int
    nearest_km: Km
    nearest_station: str | None
    days_to_first_slot: int | None
    cause: Annotated[Cause | None, Field(description="What is in the way; for one service only.")]


class GapsOut(Out):
    items: list[GapOut]
    total: int
    weight: Annotated[float, Field(description="Of all of them together.")]
    asked: AskedOut


class ExpiringOut(Out):
    service_code: str
    service_name_zh: str
    service_name_en: str
    station_code: str
    station_name_zh: str
    station_name_en: str
    county: str
    valid_until: date
    stations_left: int
    stations_left_in_county: int
    share_within: Share
    share_without: Share


class ExpiringListOut(Out):
    items: list[ExpiringOut]
    asked: AskedOut


class FlowOut(Out):
    """`county` is null where the demand lies in none that is known, `served_in` where nobody may do it."""

    county: str | None
    served_in: str | None
    weight: float
    share: Share


class FlowsOut(Out):
    items: list[FlowOut]
    across: Annotated[float | None, Field(description="The share that is nearest to a station of another county.")]
    asked: AskedOut


def spread(found: Spread) -> DistanceOut:
    return DistanceOut(
        p50=rounded(found.p50, KM_DIGITS),
        p90=rounded(found.p90, KM_DIGITS),
        max=rounded(found.max, KM_DIGITS),
        mean=rounded(found.mean, KM_DIGITS),
    )


def figures_body(found: Figures) -> dict[str, object]:
    wait = found.wait
    return {
        "stations": found.stations,
        "capable_stations": found.capable,
        "designated_stations": found.designated,
        "services_asked": found.services_asked,
        "services_offered": found.services_offered,
        "demand_points": found.demand_points,
        "demand_weight": round(found.demand_weight, WEIGHT_DIGITS),
        "share_within": rounded(found.share_within, SHARE_DIGITS),
        "distance_km": spread(found.distance),
        "days_to_first_slot": wait and WaitOut(p50=rounded(wait.p50, 1), p90=rounded(wait.p90, 1)),
        "backup_share": rounded(found.backup_share, SHARE_DIGITS),
        "gini": rounded(found.gini, SHARE_DIGITS),
        "accessibility": rounded(found.accessibility, SHARE_DIGITS),
        "accessibility_enhanced": rounded(found.accessibility_enhanced, SHARE_DIGITS),
        "few": found.few,
    }


def inequality(report: Report, of: Mask | None) -> dict[str, object]:
    """Theil's measure with its parts, and the Lorenz curve."""
    parts, curve = report.access.theil(of), report.access.curve(of)
    return {
        "theil": parts and TheilOut(whole=parts.whole, between=parts.between, within=parts.within),
        "lorenz": curve and LorenzOut(people=list(curve.people), good=list(curve.good)),
    }
