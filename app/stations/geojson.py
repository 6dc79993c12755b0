"""GeoJSON as RFC 7946 has it: right-handed rings, bounding boxes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import orjson

from app.kit.conditional import Document
from app.kit.tables import GEOJSON

MEDIA_TYPE = GEOJSON
Position = Sequence[float]
Ring = list[Position]
Box = tuple[float, float, float, float]
Feature = dict[str, Any]


def signed_area(ring: Sequence[Position]) -> float:
    """Twice the area of a ring in square degrees: positive when it runs counter-clockwise."""
    x0, y0 = ring[0][0], ring[0][1]  # areas far from the origin lose digits
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairs)


def right_handed(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """A Polygon or MultiPolygon whose outer rings run counter-clockwise and whose holes clockwise (RFC 7946, 3.1.6).

    Raises ValueError for another geometry.
    """
    match geometry.get("type"):
        case "Polygon":
            return {"type": "Polygon", "coordinates": _polygon(geometry["coordinates"])}
        case "MultiPolygon":
            return {"type": "MultiPolygon", "coordinates": [_polygon(rings) for rings in geometry["coordinates"]]}
        case other:
            raise ValueError(f"expected a Polygon or a MultiPolygon, not {other!r}")


def _polygon(rings: Iterable[Ring]) -> list[Ring]:
    return [_turned(ring, counter_clockwise=n == 0) for n, ring in enumerate(rings)]


def _turned(ring: Ring, *, counter_clockwise: bool) -> Ring:
    return ring if (signed_area(ring) > 0) is counter_clockwise else ring[::-1]


def box_of(geometry: Mapping[str, Any]) -> Box:
    """West, south, east, north of a geometry's positions."""
    positions = list(_positions(geometry["coordinates"]))
    lons, lats = [at[0] for at in positions], [at[1] for at in positions]
    return min(lons), min(lats), max(lons), max(lats)


def _positions(coordinates: Any) -> Iterable[Position]:  # noqa: ANN401 - nested as deep as the geometry says
    if isinstance(coordinates[0], int | float):
        yield coordinates
        return
    for part in coordinates:
        yield from _positions(part)


def point_feature(key: str, lon: float, lat: float, properties: Mapping[str, Any]) -> Feature:
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": key, "geometry": point, "properties": properties}


def area_feature(key: str, geometry: Mapping[str, Any] | None, properties: Mapping[str, Any]) -> Feature:
    """A feature with a box; without a known boundary its geometry is null and it has none (RFC 7946, 3.2)."""
    feature: Feature = {"type": "Feature", "id": key, "geometry": None, "properties": properties}
    if geometry is None:
        return feature
    turned = right_handed(geometry)
    return feature | {"bbox": box_of(turned), "geometry": turned}


def document(features: Sequence[Feature]) -> Document:
    """A FeatureCollection as bytes; its box spans those of the features, and it has none when nothing has a place."""
    collection: dict[str, Any] = {"type": "FeatureCollection"}
    boxes = [box for box in map(_box_of_feature, features) if box is not None]
    if boxes:
        collection["bbox"] = reduce(_span, boxes)
    return Document(orjson.dumps(collection | {"features": features}))


def _box_of_feature(feature: Feature) -> Box | None:
    geometry = feature["geometry"]
    if geometry is None:
        return None
    if geometry["type"] == "Point":
        lon, lat = geometry["coordinates"]
        return lon, lat, lon, lat
    box: Box = feature["bbox"]
    return box


def _span(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
