"""In which county points lie, for many points at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.kit.geo import Floats, Ring, rings_of
from app.stations.atlas import Atlas

Mask = npt.NDArray[np.bool_]
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Area:
    """The edges [n] of one division's boundary, each from its southern to its northern end, level ones left out."""

    south: Floats
    north: Floats
    south_lon: Floats
    north_lon: Floats


def counties_of(atlas: Atlas, lons: Floats, lats: Floats) -> npt.NDArray[np.int64]:
    """The place among the atlas's divisions of the one that each point [n] lies in; NOWHERE for none. WGS-84 degrees.

    As `app.kit.geo.contains` has it, point by point; of two that overlap the first.
    """
    found = np.full(len(lons), NOWHERE, np.int64)
    by_lat = np.argsort(lats, kind="stable")
    lon, lat = lons[by_lat], lats[by_lat]
    for place, area in enumerate(_areas(atlas)):
        if area is not None:
            inside = by_lat[_inside(area, lon, lat)]
            found[inside[found[inside] == NOWHERE]] = place
    return found


def county_codes(atlas: Atlas, lons: Floats, lats: Floats) -> list[str | None]:
    """The same as codes, None beyond all boundaries."""
    codes: Sequence[str | None] = [*(division.adcode for division in atlas.divisions), None]
    return [codes[place] for place in counties_of(atlas, lons, lats).tolist()]


@lru_cache(maxsize=1)
def _areas(atlas: Atlas) -> tuple[Area | None, ...]:
    """Of this very version (atlases are equal only to themselves); the last one's are kept."""
    return tuple(_area(rings_of(division.geometry)) if division.geometry else None for division in atlas.divisions)


def _area(rings: Sequence[Ring]) -> Area:
    ends = [(*ring[place - 1], *ring[place]) for ring in rings for place in range(len(ring))]
    edges = np.array([edge if edge[1] < edge[3] else (*edge[2:], *edge[:2]) for edge in ends if edge[1] != edge[3]])
    return Area(edges[:, 1], edges[:, 3], edges[:, 0], edges[:, 2])


def _inside(area: Area, lon: Floats, lat: Floats) -> Mask:
    """Of points in the order of their latitudes: an edge is put only to those between its ends."""
    inside = np.zeros(len(lon), np.bool_)
    firsts, ends = np.searchsorted(lat, area.south).tolist(), np.searchsorted(lat, area.north).tolist()
    for n, (first, end) in enumerate(zip(firsts, ends, strict=True)):
        if first < end:
            part = lat[first:end]
            crossing = area.south_lon[n] + (area.north_lon[n] - area.south_lon[n]) * (part - area.south[n]) / (
                area.north[n] - area.south[n]
            )
            inside[first:end] ^= lon[first:end] < crossing
    return inside
