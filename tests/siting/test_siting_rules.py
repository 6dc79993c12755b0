"""The choice is the best one, by trying all; its bound is true; and odd questions get sensible answers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.siting.rules import solving
from app.siting.rules.choosing import greedy
from app.siting.rules.figures import compared
from app.siting.rules.questions import MOST_GAINS, Need, Objective, Places, Question, TooLargeError, instance_of
from app.siting.rules.solving import solve
from app.siting.rules.states import Method
from tests.siting.cases import answer, best, question, unheard, worth

COVER, DISTANCE = Objective.MAX_COVER, Objective.MIN_DISTANCE


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(Objective), st.integers(1, 4), st.integers(0, 4), st.integers(1, 9))
def test_no_choice_is_better_than_the_one_that_is_made(
    seed: int, objective: Objective, most: int, stations: int, candidates: int
) -> None:
    asked = question(seed, objective, sizes=(25, stations, candidates), most=most)
    found = answer(asked)
    assert worth(asked, found.chosen) == pytest.approx(best(asked), rel=1e-9, abs=1e-6)
    assert found.method is Method.EXACT
    assert found.gap == 0
    assert len(set(found.chosen)) == len(found.chosen) <= most


@pytest.mark.parametrize("objective", Objective)
def test_several_services_each_count_where_a_station_gains_them(objective: Objective) -> None:
    """Candidates that can give one service only, and one service that nobody has yet."""
    for seed in range(12):
        random = np.random.default_rng(seed)
        needs = [Need(n + 1, random.random(4) < 0.5, random.random(9) < 0.7) for n in range(2)]
        needs.append(Need(1, np.zeros(4, np.bool_), np.ones(9, np.bool_)))
        asked = question(seed, objective, needs=needs)
        assert worth(asked, answer(asked).chosen) == pytest.approx(best(asked), rel=1e-9), seed


@pytest.mark.parametrize(("objective", "stations"), [(COVER, 20), (DISTANCE, 20)])
def test_a_large_question_has_a_true_bound_and_a_small_gap(
    monkeypatch: pytest.MonkeyPatch, objective: Objective, stations: int
) -> None:
    """More candidates than are proven outright: the bound must hold for the best, which HiGHS gives when made to."""
    monkeypatch.setattr(solving, "MOST_TRIED", 0)
    asked = question(3, objective, sizes=(500, stations, 230), most=12)
    found = answer(asked)
    gains, whole = instance_of(asked, unheard)
    assert found.gap < 0.03
    assert found.value >= gains.value(greedy(gains, 12, unheard))
    assert found.bound >= found.value
    proof = solving.proven(gains, 12, found.value, None)
    assert proof is not None
    assert gains.value(proof.chosen) <= found.bound * (1 + 1e-9)
    assert found.value >= gains.value(proof.chosen) * (1 - found.gap)
    if whole is not None:
        assert worth(asked, found.chosen) == pytest.approx(found.value - whole)


def test_what_is_left_aside_in_very_large_questions_keeps_the_bound_true(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(5, DISTANCE, sizes=(300, 0, 120), most=8)
    exact = answer(asked)
    monkeypatch.setattr(solving, "MOST_LOOKED_AT", 1_000)
    monkeypatch.setattr(solving, "FEW", 0)
    monkeypatch.setattr(solving, "MOST_TRIED", 0)
    quick = answer(asked)
    assert exact.method is Method.EXACT
    assert quick.value <= exact.value <= quick.bound
    assert quick.gap < 0.1


def test_the_same_question_gets_the_same_answer_and_the_first_of_equals() -> None:
    asked = question(1, COVER, sizes=(40, 2, 20))
    assert answer(asked) == answer(asked)
    spot = Places(np.full(3, 118.4), np.full(3, 31.3))
    same = question(1, COVER, sizes=(3, 0, 3), most=1)
    same = Question(**{**vars_of(same), "points": spot, "candidates": spot, "weight": np.ones(3)})
    assert answer(same).chosen == (0,)


def vars_of(asked: Question) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Question.__dataclass_fields__}


@pytest.mark.parametrize("objective", Objective)
def test_more_are_asked_for_than_there_are_or_than_help(objective: Objective) -> None:
    asked = question(2, objective, sizes=(30, 3, 4), most=50)
    found = answer(asked)
    assert 0 < len(found.chosen) <= 4
    assert (found.method, found.gap) == (Method.EXACT, 0.0)
    assert worth(asked, found.chosen) == pytest.approx(worth(asked, range(4)))


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("sizes", [(0, 3, 4), (30, 3, 0), (0, 0, 0)])
def test_where_nothing_can_be_done_nothing_is_chosen(objective: Objective, sizes: tuple[int, int, int]) -> None:
    asked = question(2, objective, sizes=sizes)
    found = answer(asked)
    assert (found.chosen, found.value, found.gap) == ((), 0.0, 0.0)
    figures = compared(asked, found.chosen)
    assert figures.before == figures.after


def test_demand_without_weight_and_demand_that_is_served_ask_for_nothing() -> None:
    idle = question(2, COVER)
    idle = Question(**{**vars_of(idle), "weight": np.zeros(len(idle.weight))})
    assert answer(idle).chosen == ()
    assert compared(idle, ()).after.share_within is None
    assert answer(question(2, COVER, within_km=500.0)).chosen == ()


def test_places_that_no_candidate_reaches_stay_as_they_are() -> None:
    asked = question(4, COVER, within_km=0.001)
    assert answer(asked).chosen == ()


def test_the_figures_say_what_each_of_the_chosen_adds() -> None:
    asked = question(6, COVER, sizes=(80, 4, 12))
    found = answer(asked)
    figures = compared(asked, found.chosen)
    assert figures.before.weight == figures.after.weight == asked.weight.sum()
    assert figures.after.weight_within - figures.before.weight_within == pytest.approx(found.value)
    assert figures.steps[-1].share_within == figures.after.share_within
    assert figures.steps[-1].mean_km == figures.after.distance_km.mean
    shares = [step.share_within or 0.0 for step in figures.steps]
    assert shares == sorted(shares)
    rises = np.diff([figures.before.share_within or 0.0, *shares])
    assert list(rises) == sorted(rises, reverse=True)
    assert sum(county.after.weight_within for county in figures.counties) == pytest.approx(figures.after.weight_within)


def test_work_can_be_ended_between_steps() -> None:
    heard: list[float] = []

    def enough(done: float) -> None:
        heard.append(done)
        if len(heard) > 3:
            raise InterruptedError

    gains, whole = instance_of(question(3, DISTANCE, sizes=(200, 5, 100), most=9), unheard)
    with pytest.raises(InterruptedError):
        solve(gains, 9, enough, whole)
    assert heard == sorted(heard)


def test_a_question_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_GAINS >= 2_000 * 10_000
    monkeypatch.setattr("app.siting.rules.questions.MOST_GAINS", 10)
    for objective in Objective:
        with pytest.raises(TooLargeError):
            instance_of(question(3, objective, sizes=(30, 0, 9)), unheard)
