"""Who is near: exact against pyproj, ties by index, nobody cut off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.geo import Point
from app.routing.nearby import Places
from tests.routing.nets import GEOD

lons, lats = st.floats(73, 135), st.floats(4, 53)
points = st.tuples(lons, lats)
# A few places only, so that many are just as far.
crowded = st.tuples(st.sampled_from([118.0, 118.1, 118.2]), st.sampled_from([31.0, 31.1]))


def places(of: list[tuple[float, float]]) -> Places:
    return Places(np.array([lon for lon, _ in of]), np.array([lat for _, lat in of]))


@given(origin=points, of=st.lists(points, min_size=1, max_size=20))
@settings(max_examples=200, deadline=None)
def test_distances_are_those_along_the_ellipsoid(origin: tuple[float, float], of: list[tuple[float, float]]):
    found = places(of).dm(Point(*origin)) / 10
    true = [GEOD.inv(*origin, *point)[2] for point in of]
    # Half a decimetre of rounding, and what one radius for the whole earth costs far away.
    assert found == pytest.approx(true, rel=5e-4, abs=0.06)


@given(lon=st.floats(117.5, 118.7), lat=st.floats(30.6, 31.5), of=st.lists(points, min_size=1, max_size=9))
@settings(max_examples=100, deadline=None)
def test_near_distances_are_true_to_centimetres(lon: float, lat: float, of: list[tuple[float, float]]):
    near = [(lon + (x - 104) / 50, lat + (y - 28) / 50) for x, y in of]
    true = [GEOD.inv(lon, lat, *point)[2] for point in near]
    assert places(near).dm(Point(lon, lat)) / 10 == pytest.approx(true, abs=0.07)


@given(origin=crowded, of=st.lists(crowded, min_size=1, max_size=30), most=st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_the_nearest_are_a_beginning_of_the_whole_order(
    origin: tuple[float, float], of: list[tuple[float, float]], most: int
):
    here, all_of_them = Point(*origin), places(of)
    order = sorted((int(dm), index) for index, dm in enumerate(all_of_them.dm(here)))
    near = all_of_them.nearest(here, most)
    found = list(zip(near.dm.tolist(), near.indices.tolist(), strict=True))
    assert found == order[: len(found)]
    assert near.complete == (len(found) == len(of))
    # Who is left out is farther than all who are in.
    assert near.complete or not found or order[len(found)][0] > found[-1][0]


@given(origin=crowded, of=st.lists(crowded, min_size=1, max_size=30), data=st.data())
@settings(max_examples=100, deadline=None)
def test_some_given_stations_come_in_the_same_order(
    origin: tuple[float, float], of: list[tuple[float, float]], data: st.DataObject
):
    here, all_of_them = Point(*origin), places(of)
    some = np.array(sorted(data.draw(st.sets(st.integers(0, len(of) - 1)))), np.int64)
    order = sorted((int(dm), int(index)) for index, dm in zip(some, all_of_them.dm(here, some), strict=True))
    near = all_of_them.by_distance(here, some)
    assert list(zip(near.dm.tolist(), near.indices.tolist(), strict=True)) == order
    assert all_of_them.nearest_of(here, some) == (order[0][1] if order else None)


def test_no_stations_are_near_to_nobody():
    near = places([]).nearest(Point(118, 31), 5)
    assert (near.indices.tolist(), near.complete) == ([], True)
