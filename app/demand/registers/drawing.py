"""Where a register's rows lie, as a drawing that needs no script and prints: outlines of counties, dots. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.demand.registers.queries import Cell
from app.demand.rules import CELLS_PER_DEGREE
from app.kit.geo import Ring, rings_of
from app.stations.atlas import Atlas

WIDTH = 640.0
MARGIN = 8.0
MOST_CORNERS, MOST_OUTLINES = 4000, 200
LEAST_RADIUS, GREATEST_RADIUS = 2.0, 14.0


@dataclass(frozen=True, slots=True)
class Dot:
    """The rows of one cell; the area of a dot is as their number."""

    x: float
    y: float
    radius: float
    rows: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """`outlines` are paths of an SVG of these measures; `left_out` rows lie beyond its edges."""

    width: float
    height: float
    outlines: tuple[str, ...]
    dots: tuple[Dot, ...]
    left_out: int


def drawing(atlas: Atlas, counties: Sequence[str | None], cells: Sequence[Cell]) -> Drawing | None:
    """Of the counties (codes) in which rows lie; None when there is no outline to lay them on."""
    codes = set(counties)
    shown = [each for each in atlas.divisions if each.adcode in codes and each.geometry][:MOST_OUTLINES]
    rings = [(each, rings_of(each.geometry or {})) for each in shown]
    corners = [corner for _each, all_of in rings for ring in all_of for corner in ring]
    if not corners:
        return None
    plan = _Plan(corners)
    step = max(1, math.ceil(len(corners) / MOST_CORNERS))
    outlines = tuple(_path(plan, all_of, step) for _each, all_of in rings)
    inside = [cell for cell in cells if plan.holds(*_middle(cell))]
    return Drawing(
        WIDTH,
        plan.height,
        outlines,
        _dots(plan, inside),
        sum(cell.rows for cell in cells) - sum(cell.rows for cell in inside),
    )


class _Plan:
    """Degrees to places in the drawing, as long as wide in the middle of it."""

    def __init__(self, corners: Sequence[tuple[float, float]]) -> None:
        lons, lats = zip(*corners, strict=True)
        self.west: float = min(lons)
        self.east: float = max(lons)
        self.south: float = min(lats)
        self.north: float = max(lats)
        squeeze = math.cos(math.radians((self.south + self.north) / 2))
        self._wide = (WIDTH - 2 * MARGIN) / max((self.east - self.west) * squeeze, 1e-6) * squeeze
        self._high = self._wide / squeeze
        self.height = round((self.north - self.south) * self._high + 2 * MARGIN, 1)

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            round((lon - self.west) * self._wide + MARGIN, 1),
            round((self.north - lat) * self._high + MARGIN, 1),
        )


def _path(plan: _Plan, rings: Sequence[Ring], step: int) -> str:
    lines = [" ".join("{},{}".format(*plan.at(*corner)) for corner in ring[::step]) for ring in rings]
    return " ".join(f"M {line} Z" for line in lines)


def _middle(cell: Cell) -> tuple[float, float]:
    return cell.x / CELLS_PER_DEGREE, cell.y / CELLS_PER_DEGREE


def _dots(plan: _Plan, cells: Sequence[Cell]) -> tuple[Dot, ...]:
    """The largest first, so that small ones lie on top."""
    most = max((cell.rows for cell in cells), default=1)
    scale = GREATEST_RADIUS / math.sqrt(most)
    return tuple(
        Dot(*plan.at(*_middle(cell)), round(max(LEAST_RADIUS, math.sqrt(cell.rows) * scale), 1), cell.rows)
        for cell in sorted(cells, key=lambda cell: -cell.rows)
    )
