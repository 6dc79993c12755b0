"""GeoJSON after RFC 7946."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stations.geojson import area_feature, box_of, document, point_feature, right_handed, signed_area

COUNTER_CLOCKWISE = [[118.0, 31.0], [118.5, 31.0], [118.5, 31.4], [118.0, 31.4], [118.0, 31.0]]
HOLE = [[118.1, 31.1], [118.1, 31.2], [118.2, 31.2], [118.2, 31.1], [118.1, 31.1]]


def test_an_outer_ring_runs_counter_clockwise_and_a_hole_clockwise():
    for outer in (COUNTER_CLOCKWISE, COUNTER_CLOCKWISE[::-1]):
        for hole in (HOLE, HOLE[::-1]):
            turned = right_handed({"type": "Polygon", "coordinates": [outer, hole]})
            assert turned["coordinates"] == [COUNTER_CLOCKWISE, HOLE]


def test_each_part_of_a_multipolygon_is_turned_by_itself():
    given_parts = [[COUNTER_CLOCKWISE[::-1]], [COUNTER_CLOCKWISE, HOLE[::-1]]]
    turned = right_handed({"type": "MultiPolygon", "coordinates": given_parts})
    assert turned["coordinates"] == [[COUNTER_CLOCKWISE], [COUNTER_CLOCKWISE, HOLE]]


@given(shift=st.integers(0, 3), lon=st.floats(-170, 170), lat=st.floats(-80, 80), turned=st.booleans())
def test_a_ring_keeps_its_corners_whichever_way_it_came(shift: int, lon: float, lat: float, turned: bool):
    corners = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.02], [lon, lat + 0.02]]
    corners = corners[shift:] + corners[:shift]
    ring = [*corners, corners[0]][:: -1 if turned else 1]
    [found] = right_handed({"type": "Polygon", "coordinates": [ring]})["coordinates"]
    assert signed_area(found) > 0
    assert found[0] == found[-1]
    assert sorted(found) == sorted(ring)


def test_another_geometry_is_refused():
    with pytest.raises(ValueError, match="LineString"):
        right_handed({"type": "LineString", "coordinates": COUNTER_CLOCKWISE})


def test_the_box_is_west_south_east_north():
    assert box_of({"type": "MultiPolygon", "coordinates": [[COUNTER_CLOCKWISE], [HOLE]]}) == (118.0, 31.0, 118.5, 31.4)


def test_a_collection_has_the_box_of_all_its_features():
    area = area_feature("a", {"type": "Polygon", "coordinates": [COUNTER_CLOCKWISE]}, {})
    found = json.loads(document([area, point_feature("b", 117.5, 32.0, {})]).body)
    assert found["bbox"] == [117.5, 31.0, 118.5, 32.0]
    assert found["features"][0]["bbox"] == [118.0, 31.0, 118.5, 31.4]
    assert "bbox" not in found["features"][1]


def test_a_division_without_a_known_boundary_is_a_feature_without_place():
    found = json.loads(document([area_feature("340299", None, {"name": "x"})]).body)
    assert found == {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "id": "340299", "geometry": None, "properties": {"name": "x"}}],
    }


def test_the_tag_follows_the_content_and_the_compressed_body_is_the_same():
    one, same, other = (document([point_feature(key, 118.0, 31.0, {})]) for key in ("a", "a", "b"))
    assert one.tag == same.tag != other.tag
    assert gzip.decompress(one.compressed) == one.body
