"""The best choice, proven: what a bound has left open, as a mixed integer program for HiGHS. Pure.

A row that can have gains g1 > g2 > … has a variable for each step: that it has at least so much. A step is there only
where one of the candidates that give so much is chosen, or the step above it is (after Cornuejols, Nemhauser and Wolsey
1980). For covering, which has one step a row, that is the program of Church and ReVelle.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from app.kit.geo import Floats
from app.siting.rules.gains import Gains, Ints

SCALE = 1_000.0
"""What the program's objective is about, so that the solver's smallest difference is none for us."""


@dataclass(frozen=True, eq=False)
class Proven:
    """The solver's choice and its bound. It has stopped early where the bound is above what the choice gives."""

    chosen: list[int]
    bound: float


def proven(gains: Gains, most: int, value: float, nodes: int | None) -> Proven | None:
    """The best choice of at most so many. None where the solver found nothing before it had looked at all `nodes`.

    `value` is what a choice is known to give. The count of nodes ends the search at the same place on every machine.
    """
    steps = _steps(gains)
    if not len(steps.rise):
        return Proven([], 0.0)
    count, scale = gains.candidates, SCALE / value if value > 0 else 1.0
    costs = np.concatenate((np.zeros(count), -steps.rise * scale))
    at_most = LinearConstraint(coo_array(([1.0] * count, ([0] * count, range(count))), shape=(1, len(costs))), ub=most)
    options = {"mip_rel_gap": 0.0} | ({"node_limit": nodes} if nodes else {})
    found = milp(
        costs,
        integrality=np.concatenate((np.ones(count), np.zeros(len(steps.rise)))),
        bounds=Bounds(0, 1),
        constraints=[at_most, LinearConstraint(steps.rules, ub=0.0)],
        options=options,
    )
    if found.x is None:
        return None
    return Proven(np.flatnonzero(found.x[:count] > 0.5).tolist(), -float(found.mip_dual_bound) / scale)  # noqa: PLR2004


@dataclass(frozen=True, eq=False)
class _Steps:
    """By how much a row's gain rises with each step [s], and the rules that a step needs a reason: [s, m + s]."""

    rise: Floats
    rules: coo_array


def _steps(gains: Gains) -> _Steps:
    owner: Ints = gains.owners()
    order = np.lexsort((owner, -gains.gain, gains.row))
    row, gain, owner = gains.row[order], gains.gain[order], owner[order]
    # Two gains of a row are one step where they are the same.
    begins = (
        np.concatenate(([True], (row[1:] != row[:-1]) | (gain[1:] != gain[:-1]))) if len(row) else np.zeros(0, bool)
    )
    step = np.cumsum(begins) - 1
    level, of = gain[begins], row[begins]
    follows = of[1:] == of[:-1]
    rise = level.copy()
    rise[:-1] -= np.where(follows, level[1:], 0.0)
    count, steps = gains.candidates, len(level)
    own, after = np.arange(steps), np.flatnonzero(follows) + 1
    rows = np.concatenate((own, after, step))
    columns = np.concatenate((count + own, count + after - 1, owner))
    signs = np.concatenate((np.ones(steps), -np.ones(len(after)), -np.ones(len(owner))))
    return _Steps(rise, coo_array((signs, (rows, columns)), shape=(steps, count + steps)))
