"""The JSON files: what they may hold. What stands beside the known names is refused, or kept to be exported again."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.kit.text import Line, Paragraph
from app.stations.transfer.cells import EAST, MODES, NORTH, CellError, Parse, code

MONTHS, LONGEST_MIN, TICK_MIN = 600, 480, 5
LEAST_RING = 4


def _checked(parse: Parse) -> AfterValidator:
    """A cell's parser for a JSON string."""

    def check(text: str) -> str:
        try:
            return parse(text) or ""
        except CellError as error:
            raise PydanticCustomError("code", "code", error.data) from error

    return AfterValidator(check)


def _refuse(fault: str, **data: object) -> PydanticCustomError:
    return PydanticCustomError(fault, fault, data or None)


def _duration(minutes: int) -> int:
    if not TICK_MIN <= minutes <= LONGEST_MIN or minutes % TICK_MIN:
        raise _refuse("duration")
    return minutes


def _one_digit(area: float) -> float:
    if round(area, 1) != area:
        raise _refuse("number", digits=1)
    return area


def _iso_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise _refuse("date") from error


def _geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry.get("type") == "Polygon" else coordinates
    try:
        rings = [ring for polygon in polygons for ring in polygon] if isinstance(polygons, list) else []
        right = set(geometry) == {"type", "coordinates"} and rings and all(map(_is_ring, rings))
    except (TypeError, ValueError):
        right = False
    if not right or geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise _refuse("coordinates")
    return geometry


def _is_ring(ring: list[tuple[float, float]]) -> bool:
    inside = all(EAST[0] <= lon <= EAST[1] and NORTH[0] <= lat <= NORTH[1] for lon, lat in ring)
    return inside and len(ring) >= LEAST_RING and ring[0] == ring[-1]


Code = Annotated[str, _checked(code())]
Adcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Name = Annotated[str, Line(200)]
Remark = Annotated[str, Paragraph(1000)]
Day = Annotated[str, AfterValidator(_iso_day)]
Degrees = Annotated[float, Field(ge=-180, le=180)]


class Part(BaseModel):
    """A part of a file; types are not bent: "30" is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SubcategoryPart(Part):
    code: Code
    name_zh: Name
    name_en: Name


class CategoryPart(SubcategoryPart):
    subcategories: list[SubcategoryPart] | None = None


class FieldPart(Part):
    """One question of a service's form."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
    label_zh: Name
    label_en: Name
    type: Literal["text", "textarea", "integer", "number", "enum", "multi_enum", "boolean", "date", "file", "region"]
    required: bool
    options: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+.-]{1,48}$")]] | None = None
    min: int | None = None


class ServicePart(Part):
    """A service. `notes` of any kind (note, mandatory_note, ...) are kept as they are."""

    code: Code
    category: Code
    name_zh: Name
    name_en: Name
    keywords_zh: list[Name]
    mode: Annotated[list[Literal["station", "onsite", "online"]], Field(min_length=1, max_length=len(MODES))]
    duration_min: Annotated[int, AfterValidator(_duration)]
    deliverable_zh: Annotated[str, Line(500)]
    deliverable_en: Annotated[str, Line(500)]
    inputs: list[FieldPart]
    validity_months: Annotated[int, Field(ge=1, le=MONTHS)] | None
    mandatory: bool
    reference: Annotated[str, Line(500)] | None
    subcategory: Code | None
    confidence: Literal["verified", "high", "medium"]
    mandatory_condition: Remark | None = None
    mandatory_note: Remark | None = None
    validity_note: Remark | None = None
    note: Remark | None = None
    source: Remark | None
    designation_required: bool
    active: bool = True


class CatalogueFile(Part):
    meta: dict[str, Any]
    categories: Annotated[list[CategoryPart], Field(max_length=30)]
    items: list[ServicePart]


class CountyProperties(Part):
    adcode: Adcode
    name_zh: Name
    name_en: Name
    area_km2: Annotated[float, Field(ge=0, lt=10_000_000), AfterValidator(_one_digit)] | None = None
    label_lon: Degrees | None = None
    label_lat: Degrees | None = None


class CountyFeature(Part):
    type: Literal["Feature"]
    id: Adcode
    properties: CountyProperties
    geometry: Annotated[dict[str, Any], AfterValidator(_geometry)] | None


class CountiesFile(Part):
    """RFC 7946; what it says of itself (name, source, bbox) is kept."""

    model_config = ConfigDict(extra="allow", strict=True)

    type: Literal["FeatureCollection"]
    features: list[CountyFeature]


class HolidayPart(Part):
    date: Day
    name_en: Name | None = None
    name_zh: Name | None = None


class YearPart(Part):
    """A year's notice. What else it says (a count of mismatches) is kept."""

    model_config = ConfigDict(extra="allow", strict=True)

    holidays: list[HolidayPart]
    makeup_workdays: list[Day]
    workday_count: Annotated[int, Field(ge=0, le=366)] | None = None


class WorkdaysFile(Part):
    model_config = ConfigDict(extra="allow", strict=True)

    years: dict[str, YearPart]
