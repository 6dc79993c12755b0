"""Weighted quantiles and measures of inequality, against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coverage.rules.measures import gini, largest, lorenz, mean, quantile, share, theil

FEW = st.integers(0, 40)
ROWS = st.lists(st.tuples(FEW, FEW), min_size=1, max_size=25)


def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    values, weights = zip(*rows, strict=True)
    return np.array(values, float), np.array(weights, float)


def spelled_out(rows: list[tuple[int, int]]) -> list[int]:
    """Every unit of weight as one value, in order."""
    return sorted(value for value, weight in rows for _ in range(weight))


@given(ROWS, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_quantile_is_that_of_the_values_written_out_as_often_as_they_weigh(rows, part):
    everyone = spelled_out(rows)
    found = quantile(*columns(rows), part)
    if not everyone:
        assert found is None
    else:
        assert found == everyone[max(math.ceil(part * len(everyone) - 1e-9) - 1, 0)]


def test_a_quantile_beyond_every_reachable_value_is_out_of_reach():
    values, weights = np.array([1.0, np.inf]), np.array([4.0, 6.0])
    assert quantile(values, weights, 0.4) == 1.0
    assert quantile(values, weights, 0.5) == math.inf
    assert mean(values, weights) == largest(values, weights) == 1.0


@given(ROWS)
def test_gini_is_half_the_mean_difference_of_all_pairs_over_the_mean(rows):
    everyone = np.array(spelled_out(rows), float)
    found = gini(*columns(rows))
    if not len(everyone) or everyone.sum() == 0:
        assert found is None
    else:
        pairs = np.abs(everyone[:, None] - everyone[None, :]).mean()
        assert found == pytest.approx(pairs / (2 * everyone.mean()), abs=1e-9)


@given(ROWS, st.integers(1, 4))
def test_theil_is_the_mean_of_shares_and_its_parts_add_up(rows, groups):
    values, weights = columns(rows)
    group = np.arange(len(values)) % groups
    everyone = np.repeat(values, weights.astype(int))
    found = theil(values, weights, group)
    if not len(everyone) or everyone.sum() == 0:
        assert found is None
        return
    ratio = everyone[everyone > 0] / everyone.mean()
    assert found.whole == pytest.approx(float((ratio * np.log(ratio)).sum() / len(everyone)), abs=1e-9)
    within = 0.0
    for each in range(groups):
        own = (group == each) & (weights > 0)
        part = float(values[own] @ weights[own]) / float(values @ weights)
        inner = theil(values[own], weights[own], np.zeros(int(own.sum()), int))
        within += part * (inner.whole if inner else 0.0)
    assert found.within == pytest.approx(within, abs=1e-9)
    assert found.between >= -1e-9


@given(ROWS)
def test_a_lorenz_curve_rises_below_the_diagonal_from_nothing_to_all(rows):
    curve = lorenz(*columns(rows))
    if curve is None:
        assert sum(spelled_out(rows)) == 0
        return
    assert (curve.good[0], curve.good[-1]) == (0.0, 1.0)
    assert all(b >= a - 1e-12 for a, b in zip(curve.good, curve.good[1:], strict=False))
    assert all(good <= people + 1e-9 for people, good in zip(curve.people, curve.good, strict=True))


def test_where_all_have_alike_nothing_is_unequal():
    values, weights = np.full(5, 3.0), np.arange(1.0, 6.0)
    assert gini(values, weights) == pytest.approx(0, abs=1e-12)
    assert theil(values, weights, np.zeros(5, int)).whole == pytest.approx(0, abs=1e-12)
    assert share(np.array([True, True, False, False, False]), weights) == pytest.approx(0.2)
    assert share(np.array([True]), np.zeros(1)) is None


@pytest.mark.parametrize("distinct", [3, 500, 10**9])
def test_of_many_values_a_quantile_is_that_of_all_of_them_sorted(distinct: int) -> None:
    random = np.random.default_rng(distinct)
    values = random.integers(0, distinct, 70_000).astype(np.float64)
    values[::7] = np.inf
    weights = random.integers(0, 5, len(values)).astype(np.float64)
    every = np.sort(np.repeat(values, weights.astype(int)))
    for part in (0.01, 0.5, 0.855, 0.9, 1.0):
        assert quantile(values, weights, part) == every[int(np.ceil(part * len(every))) - 1]
