"""The counties as a map on paper, shaded by the share within reach; their numbers are those of the bars beside it."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from typing import Any

from app.coverage.schemas import CountyFiguresOut
from app.kit.i18n import gettext as _
from app.stations.atlas import DivisionFacts
from app.web.papers import Shape, Shapes

MOST_POINTS = 5_000
Ring = list[tuple[float, float]]


def county_map(divisions: Mapping[str, DivisionFacts], rows: Sequence[CountyFiguresOut]) -> list[Shapes]:
    """None where a county has no boundary, or they are too fine for a small map."""
    known = [(divisions[row.county], row.share_within) for row in rows if row.county in divisions]
    outer = [list(rings_of(division.geometry)) for division, _share in known]
    points = [point for rings in outer for ring in rings for point in ring]
    if not all(outer) or not 0 < len(points) <= MOST_POINTS:
        return []
    frame = Frame(points)
    shapes = [
        Shape(
            str(n),
            share,
            [[frame.at(*point) for point in ring] for ring in rings],
            frame.at(*(_label(division) or rings[0][0])),
        )
        for n, ((division, share), rings) in enumerate(zip(known, outer, strict=True), start=1)
    ]
    alt = _("Map: the counties by number, the darker the larger their share within reach. The table has the figures.")
    return [Shapes(_("Map of the shares"), alt, shapes, frame.height)]


def rings_of(geometry: Mapping[str, Any] | None) -> Iterable[Ring]:
    """The outer rings of a polygon, or of several."""
    if geometry is None:
        return []
    parts = geometry["coordinates"]
    polygons = parts if geometry["type"] == "MultiPolygon" else [parts]
    return [[(float(lon), float(lat)) for lon, lat, *_height in polygon[0]] for polygon in polygons]


def _label(division: DivisionFacts) -> tuple[float, float] | None:
    if division.label_lon is None or division.label_lat is None:
        return None
    return float(division.label_lon), float(division.label_lat)


class Frame:
    """Degrees as parts of a map's width, with a degree of longitude as short as it is in the middle of the map."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        lons, lats = zip(*points, strict=True)
        self._west, self._north = min(lons), max(lats)
        self._narrow = cos(radians((min(lats) + max(lats)) / 2))
        self._width = (max(lons) - self._west) * self._narrow or 1.0
        self.height = round((self._north - min(lats)) / self._width, 4) or 1.0

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        across, down = (lon - self._west) * self._narrow, self._north - lat
        return round(across / self._width, 4), round(down / self._width, 4)
