"""How long a service takes: what the catalogue plans, and what servings teach."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hall.rules.durations import LONGEST_MIN, PRIOR_VARIATION, SHORTEST_MIN, Past, learnt, past, planned

minutes = st.lists(st.floats(0.5, 480), max_size=40)


@pytest.mark.parametrize("mean", [5.0, 30.0, 180.0])
def test_a_planned_duration_has_the_mean_and_the_spread_asked_for(mean: float) -> None:
    drawn = np.random.default_rng(1).lognormal(planned(mean).mu, planned(mean).sigma, size=200_000)
    assert planned(mean).mean_min == pytest.approx(mean)
    assert drawn.mean() == pytest.approx(mean, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(PRIOR_VARIATION, rel=0.02)


def test_a_duration_of_no_minutes_is_refused() -> None:
    with pytest.raises(ValueError, match="math domain error"):
        planned(0.0)


def test_without_servings_the_catalogue_is_believed_and_a_little_doubted() -> None:
    found = learnt(20, Past())
    assert found.median_min == pytest.approx(planned(20).median_min)
    assert found.sigma == pytest.approx(planned(20).sigma)
    assert 0.15 < found.doubt < 0.2
    assert found.spread < 1.1 * found.sigma


def test_many_servings_outweigh_the_catalogue() -> None:
    seen = past(np.random.default_rng(1).lognormal(log(12), 0.3, size=2_000))
    found = learnt(30, seen)
    assert found.median_min == pytest.approx(12, rel=0.03)
    assert found.sigma == pytest.approx(0.3, rel=0.05)
    assert found.doubt < 0.01


def test_eight_servings_weigh_as_much_as_the_catalogue() -> None:
    prior = planned(30)
    found = learnt(30, Past(8, prior.mu - 1, 0))
    assert found.mu == pytest.approx(prior.mu - 0.5)


def test_a_key_pressed_by_mistake_or_forgotten_counts_as_the_shortest_or_longest() -> None:
    assert past([0, 0.1]) == past([SHORTEST_MIN] * 2)
    assert past([5_000]) == past([LONGEST_MIN])


@given(minutes, minutes)
def test_servings_can_be_counted_in_parts(some: list[float], more: list[float]) -> None:
    both, whole = past(some).and_also(past(more)), np.log([*some, *more])
    assert both.n == len(whole)
    if both.n:
        assert both.mean == pytest.approx(whole.mean(), abs=1e-9)
        assert both.m2 == pytest.approx(whole.var() * both.n, abs=1e-9)


@given(minutes.filter(bool), st.sampled_from([5, 30, 180]))
def test_what_is_learnt_lies_between_the_catalogue_and_what_was_seen(seen: list[float], plan: int) -> None:
    found, prior, mean = learnt(plan, past(seen)), planned(plan), exp(past(seen).mean)
    low, high = sorted((prior.median_min, mean))
    assert low - 1e-9 <= found.median_min <= high + 1e-9
    assert found.sigma > 0
