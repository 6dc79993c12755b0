"""Distances between demand and stations, and floating catchments, against other people's programs."""

import access
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from app.coverage.rules.floating import SLOW_DECAY, accessibility
from app.coverage.rules.ways import NOBODY, Ways

RANDOM = np.random.default_rng(7)
POINTS = RANDOM.uniform(117.6, 118.7, 150), RANDOM.uniform(30.6, 31.6, 150)
STATIONS = RANDOM.uniform(117.6, 118.7, 40), RANDOM.uniform(30.6, 31.6, 40)
WITHIN_KM = 20.0


def brute_force() -> np.ndarray:
    """Geodesic distances in km [points, stations]."""
    grid = [np.repeat(column, len(STATIONS[0])) for column in POINTS]
    to = [np.tile(column, len(POINTS[0])) for column in STATIONS]
    _there, _back, metres = Geod(ellps="WGS84").inv(*grid, *to)
    return np.asarray(metres).reshape(len(POINTS[0]), -1) / 1000


KM = brute_force()


def ways(*, small: bool) -> Ways:
    found = Ways(POINTS, STATIONS)
    found.small = small
    return found


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_the_nearest_of_the_chosen_is_that_of_the_geodesic(small, share):
    chosen = RANDOM.random(40) < share
    chosen[3] = True
    found = ways(small=small).nearest(chosen)
    expected = np.where(chosen, KM, np.inf)
    assert found.km == pytest.approx(expected.min(axis=1), rel=1e-5, abs=1e-4)
    assert (found.station == expected.argmin(axis=1)).all()


@pytest.mark.parametrize("small", [True, False])
def test_of_nobody_nobody_is_nearest(small):
    found = ways(small=small).nearest(np.zeros(40, bool))
    assert (found.station == NOBODY).all()
    assert np.isinf(found.km).all()
    assert not ways(small=small).count_within(1e4, np.zeros((2, 40), bool)).any()


@pytest.mark.parametrize("small", [True, False])
def test_stations_within_reach_are_counted_and_named(small):
    choices = RANDOM.random((3, 40)) < 0.4
    expected = np.array([((KM <= WITHIN_KM) & choice).sum(axis=1) for choice in choices])
    assert (ways(small=small).count_within(WITHIN_KM, choices) == expected).all()
    pairs = ways(small=small).within(WITHIN_KM, choices[0])
    named = set(zip(pairs.point.tolist(), pairs.station.tolist(), strict=True))
    assert named == set(zip(*map(np.ndarray.tolist, np.nonzero((KM <= WITHIN_KM) & choices[0])), strict=True))
    assert pairs.km == pytest.approx(KM[pairs.point, pairs.station], rel=1e-5, abs=1e-4)


def test_both_ways_say_the_same_to_the_last_digit():
    chosen = RANDOM.random(40) < 0.5
    dense, tree = ways(small=True).nearest(chosen), ways(small=False).nearest(chosen)
    assert (dense.km == tree.km).all()
    assert (dense.station == tree.station).all()


@pytest.mark.parametrize("enhanced", [False, True])
def test_floating_catchments_agree_with_the_library_access(enhanced):
    demand, supply = RANDOM.integers(1, 500, 150).astype(float), RANDOM.integers(0, 40, 40).astype(float)
    pairs = ways(small=True).within(WITHIN_KM, np.ones(40, bool))
    found = accessibility(pairs, supply, demand, within_km=WITHIN_KM, enhanced=enhanced)
    frame = pd.DataFrame({"origin": pairs.point, "dest": pairs.station, "km": pairs.km})
    people = pd.DataFrame({"demand": demand}, index=pd.RangeIndex(150, name="geoid"))
    offer = pd.DataFrame({"supply": supply}, index=pd.RangeIndex(40, name="geoid"))
    steps = zip((WITHIN_KM / 3, WITHIN_KM * 2 / 3, WITHIN_KM), SLOW_DECAY, strict=True)
    decay = access.weights.step_fn(dict(steps)) if enhanced else None
    theirs = access.fca.two_stage_fca(
        people, offer, frame, WITHIN_KM, cost_dest="dest", cost_name="km", weight_fn=decay
    )
    assert found == pytest.approx(theirs.reindex(range(150)).fillna(0).to_numpy(), rel=1e-9, abs=1e-12)
