"""Points on the earth: their three coordinate systems, distances between them, and what lies inside what.

A `Point` is WGS-84 in degrees. Maps in China give GCJ-02 (national maps) or BD-09 (Baidu) instead, 0.5 to 1.2 km
away; these are shifted back. Distances are kilometres along the WGS-84 ellipsoid.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from app.kit.i18n import lazy

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ring = Sequence[tuple[float, float]]
Degrees = TypeVar("Degrees", float, Floats)

_A, _F = 6378.137, 1 / 298.257223563  # WGS-84: semi-major axis in km, flattening
_SQUEEZE = 1 - _F
# The least and the greatest radius of curvature of the ellipsoid, km: along the meridian at the equator, at a pole.
_LEAST_RADIUS, _GREATEST_RADIUS = _A * _SQUEEZE**2, _A / _SQUEEZE
_MOST_LON, _MOST_LAT = 180, 90
_SAME_DEGREES = 1e-11  # a thousandth of a millimetre
ROUNDS = 12

_SENTENCES = {
    "point_not_finite": lazy("Longitude and latitude must be numbers."),
    "point_out_of_range": lazy("Longitude goes from -180 to 180 and latitude from -90 to 90 degrees."),
    "point_swapped": lazy("Longitude and latitude look swapped: longitude comes first."),
    "point_outside_country": lazy("This point is not in China."),
}
MESSAGES = {code: sentence.msgid for code, sentence in _SENTENCES.items()}


class PointError(ValueError):
    """Two numbers that are no usable point. `code` is a key of `MESSAGES`, whose sentence is the text."""

    def __init__(self, code: str) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


class Crs(StrEnum):
    """The coordinate systems that are taken in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Point:
    """WGS-84 degrees. Raises `PointError` unless finite and in range."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lon) and math.isfinite(self.lat)):
            raise PointError("point_not_finite")
        if abs(self.lon) > _MOST_LON or abs(self.lat) > _MOST_LAT:
            raise PointError("point_swapped" if in_country(self.lat, self.lon) else "point_out_of_range")


# Corners (lon, lat) of an area that surely holds all of China's land and islands with some 40 km around them. It is
# not the boundary of anything: it takes in land and sea of every neighbour, and only tells a slip (numbers swapped,
# a sign lost) or a place far abroad.
_AREA: Ring = (
    *((72.8, 40.2), (76.0, 41.6), (79.2, 43.2), (79.0, 45.2), (81.6, 46.2), (82.4, 48.0), (85.0, 48.0)),
    *((84.9, 48.9), (87.2, 50.0), (88.8, 50.0), (91.6, 47.6), (91.6, 46.2), (95.6, 45.2), (97.2, 43.6)),
    *((105.0, 43.2), (109.2, 43.4), (110.6, 44.2), (110.7, 45.6), (114.4, 46.4), (114.8, 48.6), (115.6, 50.6)),
    *((118.4, 50.6), (119.0, 52.2), (119.0, 53.6), (121.0, 54.2), (126.2, 54.2), (128.6, 50.6), (131.2, 49.4)),
    *((135.6, 49.2), (135.8, 48.0), (134.2, 44.6), (132.0, 43.6), (131.6, 41.8), (127.5, 40.5), (124.8, 39.0)),
    *((124.4, 36.5), (125.6, 31.5), (125.6, 25.4), (123.4, 23.0), (121.2, 17.0), (120.0, 11.0), (116.6, 6.4)),
    *((113.2, 2.8), (110.8, 2.8), (107.4, 6.0), (107.4, 20.4), (106.4, 21.2), (102.8, 21.4), (102.2, 20.4)),
    *((100.8, 20.6), (98.6, 21.8), (97.0, 23.2), (96.8, 25.6), (96.6, 26.2), (91.2, 26.0), (88.4, 26.6)),
    *((85.0, 27.5), (81.0, 29.4), (78.2, 30.5), (77.6, 33.0), (77.0, 34.6), (74.9, 36.0), (73.2, 38.0)),
)


def in_country(lon: float, lat: float) -> bool:
    """Whether a point may be in China: False is certain, True is not. NaN is nowhere. Any of the three systems."""
    return _inside((_AREA,), lon, lat)


def locate(lon: float, lat: float, crs: Crs = Crs.WGS84) -> Point:
    """The WGS-84 point of what a person or a client sent. Raises `PointError`, also when it lies far abroad."""
    point = to_wgs84(lon, lat, crs)
    if not in_country(point.lon, point.lat):
        raise PointError("point_swapped" if in_country(lat, lon) else "point_outside_country")
    return point


def to_wgs84(lon: float, lat: float, crs: Crs) -> Point:
    """The WGS-84 point of coordinates in another system, exact to well below a millimetre.

    There and back gives the same point. Abroad the other systems are not shifted. Raises `PointError`.
    """
    point = Point(lon, lat)
    if crs is Crs.WGS84 or not in_country(lon, lat):
        return point
    if crs is Crs.BD09:
        lon, lat = _inverse(gcj02_to_bd09, lon, lat)
    return Point(*_inverse(_shifted, lon, lat))


def from_wgs84(point: Point, crs: Crs) -> tuple[float, float]:
    """Longitude and latitude of a point in another system."""
    lon, lat = point.lon, point.lat
    if crs is not Crs.WGS84:
        lon, lat = wgs84_to_gcj02(lon, lat)
    return gcj02_to_bd09(lon, lat) if crs is Crs.BD09 else (lon, lat)


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 of a WGS-84 point, by the formula that all maps use; abroad the same point."""
    return _shifted(lon, lat) if in_country(lon, lat) else (lon, lat)


def gcj02_to_bd09(lon: Degrees, lat: Degrees, by: ModuleType = math) -> tuple[Degrees, Degrees]:
    """BD-09 of a GCJ-02 point in China, or of points [n] `by` numpy, by the formula that all maps use."""
    turn = math.pi * 3000 / 180
    radius = by.hypot(lon, lat) + 0.00002 * by.sin(lat * turn)
    angle = by.atan2(lat, lon) + 0.000003 * by.cos(lon * turn)
    return radius * by.cos(angle) + 0.0065, radius * by.sin(angle) + 0.006


def _shifted(lon: Degrees, lat: Degrees, by: ModuleType = math) -> tuple[Degrees, Degrees]:
    """The shift of GCJ-02, on the ellipsoid of Krasovsky 1940 as its authors had it."""
    axis, eccentricity2 = 6378245.0, 0.00669342162296594323
    x, y = lon - 105, lat - 35
    wave = 20 * by.sin(6 * math.pi * x) + 20 * by.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * by.sqrt(abs(x))
    north += (wave + _waves(y, 20, 40, 3, by) + _waves(y, 0, 160, 12, by) + _waves(y, 0, 320, 30, by)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * by.sqrt(abs(x))
    east += (wave + _waves(x, 20, 40, 3, by) + _waves(x, 0, 150, 12, by) + _waves(x, 0, 300, 30, by)) * 2 / 3
    radians = by.radians(lat)
    magic = 1 - eccentricity2 * by.sin(radians) ** 2
    metres_north = axis * (1 - eccentricity2) / magic**1.5
    metres_east = axis / by.sqrt(magic) * by.cos(radians)
    return lon + by.degrees(east / metres_east), lat + by.degrees(north / metres_north)


def _waves(at: Degrees, short: float, long: float, length: float, by: ModuleType) -> Degrees:
    waves: Degrees = short * by.sin(math.pi * at) + long * by.sin(math.pi * at / length)
    return waves


def to_wgs84_many(lons: Floats, lats: Floats, crs: Crs) -> tuple[Floats, Floats]:
    """`to_wgs84` of points [n] in China."""
    if crs is Crs.BD09:
        lons, lats = _inverse_many(partial(gcj02_to_bd09, by=np), lons, lats)
    return (lons, lats) if crs is Crs.WGS84 else _inverse_many(partial(_shifted, by=np), lons, lats)


def _inverse_many(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]], lons: Floats, lats: Floats
) -> tuple[Floats, Floats]:
    x, y = lons, lats
    for _ in range(ROUNDS):
        to_lons, to_lats = forward(x, y)
        x, y = x + lons - to_lons, y + lats - to_lats
    return x, y


def in_country_many(lons: Floats, lats: Floats) -> Mask:
    """`in_country` of points [n]."""
    inside = np.zeros(len(lons), np.bool_)
    for (from_lon, from_lat), (to_lon, to_lat) in zip((_AREA[-1], *_AREA), _AREA, strict=False):
        if from_lat != to_lat:
            crossing = from_lon + (to_lon - from_lon) * (lats - from_lat) / (to_lat - from_lat)
            inside ^= ((from_lat > lats) != (to_lat > lats)) & (lons < crossing)
    return inside


def _inverse(forward: Callable[[float, float], tuple[float, float]], lon: float, lat: float) -> tuple[float, float]:
    """The point that `forward` takes to (lon, lat). It moves points so evenly that each round gains two digits."""
    x, y = lon, lat
    for _ in range(ROUNDS):
        to_lon, to_lat = forward(x, y)
        x, y = x + lon - to_lon, y + lat - to_lat
        if abs(lon - to_lon) + abs(lat - to_lat) < _SAME_DEGREES:
            break
    return x, y


def geodesic_km(a: Point, b: Point) -> float:
    """The distance of two points on the WGS-84 ellipsoid, km.

    Lambert's formula for long lines (1942; on reduced latitudes, first order in the flattening). Against pyproj:
    within 0.0002 % up to 10,000 km, within 0.05 % anywhere, nearly opposite points excepted (0.3 %).
    """
    beta_a, beta_b = (math.atan(_SQUEEZE * math.tan(math.radians(point.lat))) for point in (a, b))
    p, q = (beta_a + beta_b) / 2, (beta_b - beta_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    h = min(1.0, math.sin(q) ** 2 + math.cos(beta_a) * math.cos(beta_b) * math.sin(half_lon) ** 2)
    if h in {0.0, 1.0}:
        return _A * math.pi * h
    sigma = 2 * math.asin(math.sqrt(h))
    x = (sigma - math.sin(sigma)) * (math.sin(p) * math.cos(q)) ** 2 / (1 - h)
    y = (sigma + math.sin(sigma)) * (math.cos(p) * math.sin(q)) ** 2 / h
    return _A * (sigma - _F / 2 * (x + y))


def geodesic_km_many(origin: Point, lons: Floats, lats: Floats) -> Floats:
    """`geodesic_km` from one point to many: degrees of shape [n], the same n kilometres."""
    beta_a = math.atan(_SQUEEZE * math.tan(math.radians(origin.lat)))
    beta_b = np.arctan(_SQUEEZE * np.tan(np.radians(lats)))
    sin_p2, sin_q2 = np.sin((beta_a + beta_b) / 2) ** 2, np.sin((beta_b - beta_a) / 2) ** 2
    h = sin_q2 + math.cos(beta_a) * np.cos(beta_b) * np.sin(np.radians(lons - origin.lon) / 2) ** 2
    # The smallest normal number and the last below 1 keep both quotients finite; no distance is then 1e-150 km.
    h = np.clip(h, np.finfo(np.float64).tiny, 1 - np.finfo(np.float64).epsneg)
    sigma = 2 * np.arcsin(np.sqrt(h))
    sine = 2 * np.sqrt(h * (1 - h))
    x = (sigma - sine) * sin_p2 * (1 - sin_q2) / (1 - h)
    y = (sigma + sine) * (1 - sin_p2) * sin_q2 / h
    return np.asarray(_A * (sigma - _F / 2 * (x + y)), dtype=np.float64)


def unit_vectors(lons: Floats, lats: Floats) -> Floats:
    """Points [n] as vectors [n, 3] of length 1, for a KD-tree. Their chords order points nearly as distances do.

    Nearly: by up to 1 %. `chord` and `least_km` bound the one by the other, so that a search stays exact.
    """
    lon, lat = np.radians(lons), np.radians(lats)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def chord(km: float) -> float:
    """A chord between unit vectors that no two points within so many kilometres exceed."""
    return 2 * math.sin(min(km / _LEAST_RADIUS, math.pi) / 2)


def least_km(chord: float) -> float:
    """Kilometres that two points with this chord between their unit vectors are at least apart."""
    return 2 * math.asin(min(chord, 2.0) / 2) * _LEAST_RADIUS


def rings_of(geometry: Mapping[str, Any]) -> tuple[Ring, ...]:
    """All rings, outer and inner, of a GeoJSON Polygon or MultiPolygon. Raises ValueError for another geometry."""
    match geometry.get("type"):
        case "Polygon":
            polygons = [geometry["coordinates"]]
        case "MultiPolygon":
            polygons = geometry["coordinates"]
        case other:
            raise ValueError(f"expected a Polygon or a MultiPolygon, not {other!r}")
    return tuple(tuple((float(at[0]), float(at[1])) for at in ring) for polygon in polygons for ring in polygon)


def contains(rings: Iterable[Ring], point: Point) -> bool:
    """Whether a point is inside, by the even-odd rule over all rings, so that holes and islands in them count right.

    Edges are straight in degrees. Of polygons that share an edge without gap exactly one contains a point on it.
    """
    return _inside(rings, point.lon, point.lat)


def _inside(rings: Iterable[Ring], lon: float, lat: float) -> bool:
    inside = False
    for ring in rings:
        from_lon, from_lat = ring[-1]
        for to_lon, to_lat in ring:
            if (from_lat > lat) != (to_lat > lat) and lon < _crossing(from_lon, from_lat, to_lon, to_lat, lat):
                inside = not inside
            from_lon, from_lat = to_lon, to_lat
    return inside


def _crossing(from_lon: float, from_lat: float, to_lon: float, to_lat: float, lat: float) -> float:
    """The longitude where an edge crosses a parallel; the same to the last bit in both directions of the edge."""
    if from_lat > to_lat:
        from_lon, from_lat, to_lon, to_lat = to_lon, to_lat, from_lon, from_lat
    return from_lon + (to_lon - from_lon) * (lat - from_lat) / (to_lat - from_lat)
