"""How long a plan takes: 20 new sites among 2,000 candidates for 10,000 demand points, in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import orjson

from app.siting.packing import packed
from app.siting.rules.questions import Need, Objective, Places, Question

DEMAND, CANDIDATES, SITES = 10_000, 2_000, 20
SECONDS, GAP = 10.0, 0.02
QUESTIONS = (
    (Objective.MAX_COVER, 0),
    (Objective.MAX_COVER, 79),
    (Objective.MIN_DISTANCE, 79),
    (Objective.MIN_DISTANCE, 0),
)
"""Each with how many stations there are already."""
Measured = tuple[str, float, float, float, str]


def planned() -> Iterator[Measured]:
    """Each question's name, how often it stays within the nearer of both limits (1 is the floor), and a note."""
    for objective, stations in QUESTIONS:
        body, begun = packed(question(objective, stations)), time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-m", "app.siting.answering"], input=body, stdout=subprocess.PIPE, check=True
        )
        seconds = time.perf_counter() - begun
        answer = orjson.loads(said.stdout.splitlines()[-1])
        gap = answer["optimality_gap"]
        ratio = min(SECONDS / seconds, GAP / max(gap, 1e-6))
        note = f"{seconds:.1f} s of {SECONDS:.0f}, gap {gap:.2%} of {GAP:.0%}, {answer['method']}"
        line = f"plan {objective} beside {stations}"
        print(f"{line:<34}{ratio:>8.3f}{1:>8.2f}{2:>8.2f}  {note}", flush=True)
        yield line, ratio, 1, 2, note


def question(objective: Objective, stations: int) -> Question:
    """Demand in towns of unequal size and scattered between them, over some 190 km; always the same."""
    random = np.random.default_rng(1)
    towns = random.uniform(0, 2, (60, 2))

    def places(count: int) -> Places:
        near = towns[random.integers(60, size=count)] + random.normal(0, 0.08, (count, 2))
        at = np.where(random.random((count, 1)) < 0.3, random.uniform(0, 2, (count, 2)), near)
        return Places(117 + at[:, 0], 30 + at[:, 1])

    return Question(
        objective=objective,
        most=SITES,
        within_km=15.0,
        points=places(DEMAND),
        weight=random.lognormal(0, 1, DEMAND),
        county=np.zeros(DEMAND, np.int64),
        counties=("everywhere",),
        stations=places(stations),
        candidates=places(CANDIDATES),
        needs=(Need(1, np.ones(stations, np.bool_), np.ones(CANDIDATES, np.bool_)),),
    )
