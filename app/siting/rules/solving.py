"""The best choice of k candidates, and how much better any other can be. Pure, and the same on every run.

First greedily and by exchanging, then a bound by Lagrangian relaxation, which leaves few candidates open; these go to
HiGHS: up to 200 candidates until the best is proven, of more candidates where that is not much work. What comes out is
never worse than what greedy had found.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.kit.geo import Floats
from app.siting.rules.bounding import Bounded, bounded
from app.siting.rules.choosing import added, exchange, greedy, settled
from app.siting.rules.gains import NEAR_NOTHING, Gains, Tell
from app.siting.rules.proving import proven
from app.siting.rules.states import Method

FEW = 200
MOST_PROVEN, MOST_TRIED = 60_000, 15_000
"""Up to FEW candidates the best choice is proven, if no more gains are open than that; of more it is tried."""
NODES_TRIED = 500
MOST_LOOKED_AT = 500_000
"""With more gains than that, the least ones of each row are left aside once there is a first choice."""
REACH = 1.15
ENOUGH = 0.0002
"""A gap that is not made smaller with more candidates than FEW."""
AT_GREEDY, AT_EXCHANGE, AT_BOUND, AT_PROOF = 0.0, 0.2, 0.35, 0.8


@dataclass(frozen=True, slots=True)
class Solution:
    """The chosen candidates by what each adds, most first; what they give in all, and what no choice can exceed."""

    chosen: tuple[int, ...]
    added: tuple[float, ...]
    value: float
    bound: float
    gap: float
    method: Method


def solve(gains: Gains, most: int, tell: Tell, whole: float | None = None) -> Solution:
    """At most so many of the candidates; fewer where none more gives anything. Of equals those that stand first.

    The gap is by how much of itself the value could be greater at most. Where the gains are savings of a `whole`, it is
    by how much of itself what is left could be smaller.
    """
    chosen = greedy(gains, most, _part(tell, AT_GREEDY, AT_EXCHANGE))
    floor = _floor(gains, chosen)
    few = gains.candidates <= FEW

    def enough(value: float, bound: float) -> bool:
        return not few and _gap(value, bound, whole) < ENOUGH

    looked_at = gains.above(floor) if floor.any() else gains
    if len(chosen) == most:
        chosen = _better(gains, chosen, exchange(looked_at, chosen, _part(tell, AT_EXCHANGE, AT_BOUND)))
        found = bounded(looked_at, floor, chosen, most, _part(tell, AT_BOUND, AT_PROOF), enough=enough)
    else:  # whatever gives anything is chosen
        found = Bounded(chosen, gains.value(chosen), gains.value(chosen), np.zeros(0, np.int64))
    tell(AT_PROOF)
    chosen = _better(gains, chosen, found.chosen)
    if not enough(found.value, found.bound):
        chosen, bound = _proof(gains, chosen, found, most)
    else:
        bound = found.bound
    chosen = settled(gains, chosen, most, _part(tell, AT_PROOF, 1.0))
    value = gains.value(chosen)
    done = bound - value <= NEAR_NOTHING * max(bound, 1.0)
    method = Method.EXACT if done else Method.HEURISTIC
    bound = value if done else bound
    return Solution(tuple(chosen), tuple(added(gains, chosen)), value, bound, _gap(value, bound, whole), method)


def _gap(value: float, bound: float, whole: float | None) -> float:
    """0 to 1."""
    of = bound if whole is None else whole - value
    return min(max((bound - value) / of, 0.0), 1.0) if of > 0 and bound > value else 0.0


def _proof(gains: Gains, chosen: list[int], found: Bounded, most: int) -> tuple[list[int], float]:
    """The choice and the bound after HiGHS has looked at what is open, where it can."""
    left = gains.some(found.open)
    few = gains.candidates <= FEW
    if found.closed or len(left.gain) > (MOST_PROVEN if few else MOST_TRIED):
        return chosen, found.bound
    answer = proven(left, most, found.value, None if few else NODES_TRIED)
    if answer is None:
        return chosen, found.bound
    chosen = _better(gains, chosen, [int(found.open[each]) for each in answer.chosen])
    return chosen, min(found.bound, max(answer.bound, gains.value(chosen)))


def _better(gains: Gains, one: list[int], other: list[int]) -> list[int]:
    return other if gains.value(other) > gains.value(one) * (1 + NEAR_NOTHING) else one


def _floor(gains: Gains, chosen: list[int]) -> Floats:
    """Gains up to which may be left aside, [rows]: far below a row's second best, where there are very many."""
    most = np.zeros(gains.rows)
    if len(gains.gain) <= MOST_LOOKED_AT:
        return most
    np.maximum.at(most, gains.row, gains.gain)
    second = gains.best(chosen).second
    return np.where(second < most, np.maximum(most - REACH * (most - second), 0.0), 0.0)


def _part(tell: Tell, begin: float, end: float) -> Callable[[float], None]:
    """Tells of a part of the work as of the whole."""
    return lambda done: tell(begin + done * (end - begin))
