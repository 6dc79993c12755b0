import json
import math
from pathlib import Path

import coordTransform
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from app.kit.geo import (
    MESSAGES,
    Crs,
    Point,
    PointError,
    chord,
    contains,
    from_wgs84,
    gcj02_to_bd09,
    geodesic_km,
    geodesic_km_many,
    in_country,
    least_km,
    locate,
    rings_of,
    to_wgs84,
    unit_vectors,
    wgs84_to_gcj02,
)

COUNTIES = Path(__file__).parents[2] / "app/data/reference/counties.geojson"
ELLIPSOID = Geod(ellps="WGS84")
WUHU = Point(118.4331, 31.3526)
MILLIMETRE = 1e-6
NAN, INFINITE = math.nan, math.inf

lons, lats = st.floats(-180, 180), st.floats(-90, 90)
points = st.builds(Point, lons, lats)
in_china = st.builds(Point, st.floats(73.7, 135), st.floats(3.9, 53.5)).filter(lambda at: in_country(at.lon, at.lat))

# The outermost of the 41,352 township-level places, in every direction, and land's ends beyond them.
OUTERMOST = {
    "塔尔塔吉克民族乡": (73.66129, 39.22658),
    "阿克达拉牧场": (73.87655, 38.70777),
    "康苏镇": (74.11519, 39.71933),
    "马尔洋乡": (75.94082, 36.12884),
    "昆得仑牧场": (80.31819, 44.90588),
    "和平街道": (83.11046, 47.06492),
    "萨尔塔木乡": (87.21903, 48.98035),
    "塔克什肯镇": (90.80581, 46.18869),
    "恩和哈达镇": (121.43445, 53.31946),
    "北极镇": (122.32988, 53.35524),
    "鸥浦乡": (126.05674, 52.78316),
    "抚远镇": (134.29843, 48.36346),
    "前哨农场": (134.73466, 47.71577),
    "近海街道": (131.15711, 43.21063),
    "中沙岛礁": (114.29767, 7.75296),
    "永暑岛": (110.54049, 8.00577),
    "曲松乡": (78.489, 32.22431),
    "香孜乡": (78.97228, 31.43734),
    "黑瞎子岛": (135.09, 48.4),
    "曾母暗沙": (112.28, 3.86),
    "黄岩岛": (117.85, 15.15),
    "钓鱼岛": (123.47, 25.74),
    "兰屿": (121.55, 22.05),
    "勐腊": (101.57, 21.48),
    "亚东": (88.91, 27.48),
    "墨脱": (95.33, 29.33),
    "香港": (114.17, 22.28),
    "澳门": (113.54, 22.19),
    "台北": (121.56, 25.04),
    "拉萨": (91.11, 29.65),
}
ABROAD = {
    "Tokyo": (139.69, 35.69),
    "Seoul": (126.98, 37.57),
    "Ulaanbaatar": (106.92, 47.92),
    "Irkutsk": (104.3, 52.29),
    "Almaty": (76.95, 43.24),
    "Delhi": (77.21, 28.61),
    "Dhaka": (90.41, 23.81),
    "Yangon": (96.2, 16.8),
    "Bangkok": (100.5, 13.75),
    "Hanoi": (105.85, 21.03),
    "Manila": (120.98, 14.6),
    "Singapore": (103.85, 1.29),
    "Naha": (127.68, 26.21),
    "Paris": (2.35, 48.86),
    "New York": (-74.0, 40.71),
    "Sydney": (151.21, -33.87),
    "nowhere": (0.0, 0.0),
}


def apart_km(lon_lat, other):
    """Pyproj's word on how far apart two (lon, lat) are."""
    return ELLIPSOID.inv(*lon_lat, *other)[2] / 1000


@pytest.mark.parametrize("name", OUTERMOST)
def test_the_outermost_places_are_in_the_country(name):
    lon, lat = OUTERMOST[name]
    assert locate(lon, lat) == Point(lon, lat)


@pytest.mark.parametrize("name", OUTERMOST)
def test_the_outermost_places_are_in_the_country_whatever_the_system(name):
    point = Point(*OUTERMOST[name])
    for crs in Crs:
        assert in_country(*from_wgs84(point, crs))


@pytest.mark.parametrize("name", ABROAD)
def test_places_abroad_are_refused(name):
    with pytest.raises(PointError) as refused:
        locate(*ABROAD[name])
    assert refused.value.code == "point_outside_country"


@pytest.mark.parametrize(("lon", "lat"), [(31.3526, 118.4331), (39.9, 116.4), (29.65, 91.11), (39.5, 75.99)])
@pytest.mark.parametrize("crs", Crs)
def test_swapped_numbers_are_told_as_such(lon, lat, crs):
    with pytest.raises(PointError, match="look swapped") as refused:
        locate(lon, lat, crs)
    assert refused.value.code == "point_swapped"


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (NAN, 31, "point_not_finite"),
        (118, NAN, "point_not_finite"),
        (INFINITE, 31, "point_not_finite"),
        (118, -INFINITE, "point_not_finite"),
        (181, 31, "point_out_of_range"),
        (-180.001, 31, "point_out_of_range"),
        (118, 90.001, "point_out_of_range"),
        (1e300, -1e300, "point_out_of_range"),
    ],
)
def test_numbers_that_are_no_point_are_refused(lon, lat, code):
    for crs in Crs:
        with pytest.raises(PointError) as refused:
            to_wgs84(lon, lat, crs)
        assert refused.value.code == code
        assert str(refused.value) == MESSAGES[code]
    assert not in_country(lon, lat)


@given(st.floats(), st.floats(), st.sampled_from(Crs))
def test_any_two_numbers_are_a_point_in_the_country_or_refused(lon, lat, crs):
    try:
        point = locate(lon, lat, crs)
    except PointError:
        return
    assert in_country(point.lon, point.lat)


@given(in_china)
def test_the_shifts_are_those_of_coordtransform(point):
    gcj = wgs84_to_gcj02(point.lon, point.lat)
    assert gcj == pytest.approx(coordTransform.wgs84_to_gcj02(point.lon, point.lat), abs=1e-9)
    assert gcj02_to_bd09(*gcj) == pytest.approx(coordTransform.gcj02_to_bd09(*gcj), abs=1e-9)


@given(in_china)
def test_the_inverse_is_near_the_usual_approximation(point):
    for crs, approximate in ((Crs.GCJ02, coordTransform.gcj02_to_wgs84), (Crs.BD09, coordTransform.bd09_to_wgs84)):
        exact = to_wgs84(point.lon, point.lat, crs)
        assert apart_km((exact.lon, exact.lat), approximate(point.lon, point.lat)) < 0.02


@given(in_china, st.sampled_from(Crs))
def test_there_and_back_is_the_same_point_to_a_millimetre(point, crs):
    shifted = from_wgs84(point, crs)
    assume(in_country(*shifted))
    back = to_wgs84(*shifted, crs)
    assert apart_km((point.lon, point.lat), (back.lon, back.lat)) < MILLIMETRE
    again = from_wgs84(back, crs)
    assert apart_km(shifted, again) < MILLIMETRE


def test_the_three_systems_are_some_hundred_metres_apart_here():
    here = (WUHU.lon, WUHU.lat)
    assert from_wgs84(WUHU, Crs.WGS84) == here
    assert 0.4 < apart_km(here, from_wgs84(WUHU, Crs.GCJ02)) < 0.7
    assert 0.9 < apart_km(here, from_wgs84(WUHU, Crs.BD09)) < 1.3


@pytest.mark.parametrize("crs", Crs)
def test_nothing_is_shifted_abroad(crs):
    assert to_wgs84(2.35, 48.86, crs) == Point(2.35, 48.86)
    assert wgs84_to_gcj02(2.35, 48.86) == (2.35, 48.86)


@given(in_china, in_china)
def test_distances_in_the_country_are_right_to_ten_millionths(a, b):
    assert geodesic_km(a, b) == pytest.approx(apart_km((a.lon, a.lat), (b.lon, b.lat)), rel=1e-5, abs=1e-9)


@given(points, points)
def test_distances_anywhere_are_right_to_a_thousandth(a, b):
    truth = apart_km((a.lon, a.lat), (b.lon, b.lat))
    assert geodesic_km(a, b) == pytest.approx(truth, rel=1e-3 if truth < 19_900 else 5e-3, abs=1e-6)


@given(points, points)
def test_a_distance_is_the_same_in_both_directions_and_zero_to_itself(a, b):
    assert geodesic_km(a, b) == pytest.approx(geodesic_km(b, a), rel=1e-12, abs=1e-12)
    assert geodesic_km(a, a) == 0
    assert geodesic_km(a, b) >= 0


def many_km(origin, others):
    many = geodesic_km_many(origin, np.array([at.lon for at in others]), np.array([at.lat for at in others]))
    assert many.dtype == np.float64
    return many.tolist()


@given(in_china, st.lists(in_china, max_size=8))
def test_many_distances_are_the_single_ones(origin, others):
    assert many_km(origin, others) == pytest.approx([geodesic_km(origin, at) for at in others], rel=1e-9, abs=1e-9)


@given(points, st.lists(points, max_size=8))
def test_many_distances_are_the_single_ones_as_nearly_as_either_is_right_anywhere(origin, others):
    assert many_km(origin, others) == pytest.approx([geodesic_km(origin, at) for at in others], rel=1e-3, abs=1e-9)


def test_no_distance_and_the_greatest_distance_are_finite_numbers():
    assert geodesic_km_many(Point(0, 0), np.array([0.0, 180.0]), np.zeros(2)) == pytest.approx([0, 20_037.5], abs=0.1)
    assert geodesic_km(Point(0, 0), Point(180, 0)) == pytest.approx(20_037.5, abs=0.1)


@given(points, points)
def test_chords_bound_distances(a, b):
    ends = unit_vectors(np.array([a.lon, b.lon]), np.array([a.lat, b.lat]))
    assert np.linalg.norm(ends, axis=1) == pytest.approx([1, 1])
    between = float(np.linalg.norm(ends[0] - ends[1]))
    distance = apart_km((a.lon, a.lat), (b.lon, b.lat))
    assert between <= chord(distance) + 1e-12
    assert least_km(between) <= distance + 1e-8
    assert least_km(between) >= distance * 0.989 - 1e-8


def test_unit_vectors_point_along_the_axes():
    vectors = unit_vectors(np.array([0.0, 90.0, 45.0]), np.array([0.0, 0.0, 90.0]))
    assert vectors.shape == (3, 3)
    assert vectors == pytest.approx(np.eye(3), abs=1e-15)


SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[2, 2], [8, 2], [8, 8], [2, 8], [2, 2]]
ISLAND = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]


@pytest.mark.parametrize(("at", "inside"), [((1, 1), True), ((3, 3), False), ((5, 5), True), ((11, 5), False)])
def test_holes_and_islands_in_them_count(at, inside):
    rings = rings_of({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [ISLAND]]})
    assert contains(rings, Point(*at)) is inside


def test_a_polygon_may_carry_heights():
    rings = rings_of({"type": "Polygon", "coordinates": [[[*corner, 5.0] for corner in SQUARE]]})
    assert contains(rings, Point(5, 5))


@pytest.mark.parametrize("geometry", [{"type": "Point", "coordinates": [1, 2]}, {}, {"type": "LineString"}])
def test_only_areas_have_an_inside(geometry):
    with pytest.raises(ValueError, match="expected a Polygon"):
        rings_of(geometry)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 8)), min_size=1, max_size=4), points)
def test_a_point_on_a_shared_edge_is_in_exactly_one_of_two_neighbours(bends, elsewhere):
    """A square cut in two along a crooked line: the parts cover it without overlap, corners and edges included."""
    cut = sorted({y: x for x, y in bends}.items())
    line = [[x, y] for y, x in cut]
    first_x, last_x = line[0][0], line[-1][0]
    west = rings_of({"type": "Polygon", "coordinates": [[[-1, 0], [first_x, 0], *line, [last_x, 9], [-1, 9], [-1, 0]]]})
    east = rings_of(
        {"type": "Polygon", "coordinates": [[[11, 0], [11, 9], [last_x, 9], *line[::-1], [first_x, 0], [11, 0]]]}
    )
    whole = rings_of({"type": "Polygon", "coordinates": [[[-1, 0], [11, 0], [11, 9], [-1, 9], [-1, 0]]]})
    for at in (*(Point(*corner) for corner in line), Point((line[0][0] + line[-1][0]) / 2, line[0][1]), elsewhere):
        assert contains(west, at) + contains(east, at) == contains(whole, at)


def test_every_countys_label_is_in_that_county_only():
    """On the real boundaries of the reference network, which share their edges."""
    counties = json.loads(COUNTIES.read_text(encoding="utf-8"))["features"]
    for county in counties:
        label = Point(county["properties"]["label_lon"], county["properties"]["label_lat"])
        assert [other for other in counties if contains(rings_of(other["geometry"]), label)] == [county]
