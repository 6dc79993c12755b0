"""The choice agrees with spopt's models, solved by CBC. Imported by the test alone: it takes seconds."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.coverage.rules.ways import Ways
from app.siting.rules.questions import Objective, Question
from tests.siting.cases import answer, question, worth

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def theirs() -> SimpleNamespace:
    locate, pulp = pytest.importorskip("spopt.locate"), pytest.importorskip("pulp")
    solver = pulp.PULP_CBC_CMD(msg=False, gapRel=0.0, gapAbs=0.0)
    return SimpleNamespace(cover=locate.MCLP, median=locate.PMedian, solver=solver)


def test_covering_agrees_with_spopt(theirs: Any) -> None:
    for seed in range(6):
        asked = question(seed, Objective.MAX_COVER, sizes=(90, 6, 40), most=5, within_km=6.0)
        km, count, fixed = with_stations(asked)
        model = theirs.cover.from_cost_matrix(km, asked.weight, 6.0, count, predefined_facilities_arr=fixed)
        assert worth(asked, answer(asked).chosen) == pytest.approx(model.solve(theirs.solver).problem.objective.value())


def test_the_weighted_distance_agrees_with_spopt(theirs: Any) -> None:
    for seed in range(6):
        asked = question(seed, Objective.MIN_DISTANCE, sizes=(50, 6, 25), most=4)
        km, count, fixed = with_stations(asked)
        model = theirs.median.from_cost_matrix(km, asked.weight, count, predefined_facilities_arr=fixed)
        assert -worth(asked, answer(asked).chosen) == pytest.approx(
            model.solve(theirs.solver).problem.objective.value()
        )


def with_stations(asked: Question) -> tuple[np.ndarray, int, np.ndarray]:
    """Distances to candidates and, behind them, to stations; how many there are to be; which of all are fixed."""
    km = np.concatenate([asked.ways.km, Ways(asked.points, asked.stations).km], axis=1)
    fixed = np.array([0] * len(asked.candidates.lon) + [1] * len(asked.stations.lon))
    return km, int(fixed.sum()) + asked.most, fixed
