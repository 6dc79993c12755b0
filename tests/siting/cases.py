"""Questions made at random, and what is right about them by trying everything."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from app.siting.rules.questions import Need, Objective, Places, Question, instance_of
from app.siting.rules.solving import Solution, solve

WUHU = 118.4, 31.3
DEGREES = 0.6


def question(
    seed: int,
    objective: Objective,
    *,
    sizes: tuple[int, int, int] = (30, 4, 9),
    most: int = 3,
    within_km: float = 8.0,
    needs: Sequence[Need] | None = None,
) -> Question:
    """Of demand points, stations and candidates (`sizes`) somewhere around Wuhu."""
    random = np.random.default_rng(seed)
    demand, stations, candidates = sizes
    return Question(
        objective=objective,
        most=most,
        within_km=within_km,
        points=places(random, demand),
        weight=random.integers(0, 50, demand).astype(np.float64),
        county=random.integers(0, 3, demand),
        counties=("340202", "340207", "outside"),
        stations=places(random, stations),
        candidates=places(random, candidates),
        needs=tuple(needs or [Need(1, np.ones(stations, np.bool_), np.ones(candidates, np.bool_))]),
    )


def places(random: np.random.Generator, count: int) -> Places:
    return Places(*(middle + random.uniform(0, DEGREES, count) for middle in WUHU))


def distances(asked: Question) -> np.ndarray:
    """From each point to each candidate [n, m], km."""
    return asked.ways.km


def after(asked: Question, chosen: Iterable[int]) -> np.ndarray:
    """Distances [k, n] with these candidates, by plain loops."""
    km = asked.now.copy()
    for each in chosen:
        for need, row in zip(asked.needs, km, strict=True):
            if need.given[each]:
                np.minimum(row, distances(asked)[:, each], out=row)
    return km


def worth(asked: Question, chosen: Iterable[int]) -> float:
    """The objective: what is covered, or the negative way."""
    km = after(asked, chosen)
    if asked.objective is Objective.MAX_COVER:
        return float(asked.weights[km <= asked.within_km].sum())
    return -float((km * asked.weights).sum())


def best(asked: Question) -> float:
    """The most that any choice is worth."""
    count = len(asked.candidates.lon)
    choices = (choice for k in range(1, min(asked.most, count) + 1) for choice in combinations(range(count), k))
    return max(worth(asked, choice) for choice in choices)


def unheard(_done: float) -> None:
    """For whom the progress is nothing."""


def answer(asked: Question) -> Solution:
    gains, whole = instance_of(asked, unheard)
    return solve(gains, asked.most, unheard, whole)
