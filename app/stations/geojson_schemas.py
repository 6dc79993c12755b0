"""What the GeoJSON documents look like, for the documentation: the bodies themselves are made and kept as bytes."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.kit.schemas import Out
from app.stations.schemas import Adcode, Approximate, Code, Latitude, Longitude

Bbox = Annotated[list[float], Field(min_length=4, max_length=4, description="West, south, east, north.")]


class PointOut(Out):
    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=2)]


class StationProperties(Out):
    code: Code
    name_zh: str
    name_en: str
    county_adcode: Adcode
    level: str
    model: str
    key_industry: str | None
    address_zh: str
    coord_class: str
    coord_precision: str
    approximate: Approximate
    provenance: str


class StationFeature(Out):
    type: Literal["Feature"]
    id: str
    geometry: PointOut
    properties: StationProperties


class StationCollection(Out):
    """RFC 7946, WGS-84."""

    type: Literal["FeatureCollection"]
    bbox: Annotated[Bbox, Field(default=None)]
    features: list[StationFeature]


class AreaOut(Out):
    """Rings after the right-hand rule."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class CountyProperties(Out):
    adcode: Adcode
    name_zh: str
    name_en: str
    label_lon: Longitude | None
    label_lat: Latitude | None
    area_km2: float | None
    population_2020: int | None
    station_count: int


class CountyFeature(Out):
    type: Literal["Feature"]
    id: str
    bbox: Annotated[Bbox, Field(default=None)]
    geometry: AreaOut | None
    properties: CountyProperties


class CountyCollection(Out):
    """RFC 7946, WGS-84."""

    type: Literal["FeatureCollection"]
    bbox: Annotated[Bbox, Field(default=None)]
    features: list[CountyFeature]
