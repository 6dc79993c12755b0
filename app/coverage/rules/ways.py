"""How far demand points are from stations, for any choice of stations. Pure arithmetic on arrays.

Distances are kilometres as in `routing.nearby`: decimetres exact, ordered as the geodesic orders. A network of a city
keeps all distances; one of a country asks a tree of the chosen stations.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from app.kit.geo import Floats
from app.routing.nearby import DM_PER_KM, Ints, chord_of, dm_of, in_space

Mask = npt.NDArray[np.bool_]
MOST_CELLS = 8_000_000
"""Up to so many distances are kept, 4 bytes each: 100,000 points and 79 stations."""
CHUNK = 20_000
NOBODY = -1
INDEX_BITS = 24


class Nearest(NamedTuple):
    """For each demand point [n]: the nearest of the chosen stations (NOBODY without any) and how far it is in km."""

    station: Ints
    km: Floats


class Pairs(NamedTuple):
    """Points and stations not farther apart than asked, [m] each, with their distance in km."""

    point: Ints
    station: Ints
    km: Floats


class Ways:
    """Between demand points [n] and stations [s], all in degrees of WGS-84."""

    def __init__(self, points: tuple[Floats, Floats], stations: tuple[Floats, Floats]) -> None:
        self._points = in_space(*points)
        self._stations = in_space(*stations)
        self.small = len(self._points) * len(self._stations) <= MOST_CELLS

    @cached_property
    def _dm(self) -> Ints:
        across = self._points[:, np.newaxis, :] - self._stations[np.newaxis, :, :]
        return dm_of(np.sqrt(np.einsum("nsi,nsi->ns", across, across)))

    @cached_property
    def km(self) -> Floats:
        """All distances [n, s]; only where `small`."""
        return self._dm / DM_PER_KM

    @cached_property
    def _keys(self) -> Ints:
        """Distance and station in one number, station by station [s, n]: the least is the nearest, then the first."""
        return np.ascontiguousarray((self._dm << INDEX_BITS).T) | np.arange(len(self._stations))[:, np.newaxis]

    def nearest(self, chosen: Mask) -> Nearest:
        """To the nearest of the chosen stations [s]."""
        if not chosen.any():
            count = len(self._points)
            return Nearest(np.full(count, NOBODY, np.int64), np.full(count, np.inf))
        if not self.small:
            return self._by_tree(np.flatnonzero(chosen))
        keys = self._keys[chosen].min(axis=0)
        return Nearest(keys & ((1 << INDEX_BITS) - 1), (keys >> INDEX_BITS) / DM_PER_KM)

    def _by_tree(self, indices: Ints) -> Nearest:
        tree = cKDTree(self._stations[indices])
        chords, found = tree.query(self._points, workers=-1)
        return Nearest(indices[found], dm_of(chords) / DM_PER_KM)

    def count_within(self, km: float, choices: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """How many stations of each choice [c, s] are within so many km of each point: [c, n]."""
        if self.small:
            near = (self.km <= km).astype(np.float32)
            counts: npt.NDArray[np.int32] = (choices.astype(np.float32) @ near.T).astype(np.int32)
            return counts
        rows = [self._count_by_tree(km, np.flatnonzero(choice)) for choice in choices]
        return np.array(rows, np.int32).reshape(len(choices), len(self._points))

    def _count_by_tree(self, km: float, indices: Ints) -> npt.NDArray[np.int32]:
        if not len(indices):
            return np.zeros(len(self._points), np.int32)
        tree = cKDTree(self._stations[indices])
        found = tree.query_ball_point(self._points, chord_of(km), workers=-1, return_length=True)
        counts: npt.NDArray[np.int32] = np.asarray(found, np.int32)
        return counts

    def within(self, km: float, chosen: Mask) -> Pairs:
        """Every point and chosen station [s] at most so many km apart."""
        if self.small:
            point, station = np.nonzero((self.km <= km) & chosen)
            return Pairs(point, station, self.km[point, station])
        indices = np.flatnonzero(chosen)
        tree, most = cKDTree(self._stations[indices]), chord_of(km)
        parts = [self._pairs(tree, start, most) for start in range(0, len(self._points), CHUNK)]
        point, station, far = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Pairs(point, indices[station], far)

    def _pairs(self, tree: cKDTree, start: int, most: float) -> tuple[Ints, Ints, Floats]:
        part = cKDTree(self._points[start : start + CHUNK])
        found = part.sparse_distance_matrix(tree, most, output_type="ndarray")
        return found["i"] + start, found["j"].astype(np.int64), dm_of(found["v"]) / DM_PER_KM
