"""Choosing quickly and well: greedy, then exchanging one for another as long as that gives more. Pure.

Greedy gives at least 63 % of the most (Nemhauser, Wolsey and Fisher 1978), lazily (Minoux 1978), usually far more.
Among equals the candidate that stands first is taken.
"""

import heapq
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from app.kit.geo import Floats
from app.siting.rules.gains import NEAR_NOTHING, Best, Gains, Ints, Tell

AT_ONCE = 8


def greedy(gains: Gains, most: int, tell: Tell, begin: Sequence[int] = ()) -> list[int]:
    """Up to so many candidates, each giving most after those before it; fewer when none would give any more."""
    chosen = list(begin)
    best = gains.best(chosen).first
    # What a candidate gives can only shrink, so what it gave before is a bound: only the foremost are looked at again.
    sums = gains.sums(_beyond(gains, best)) * (1 + NEAR_NOTHING)
    waiting = [(-gain, each, -1) for each, gain in enumerate(sums.tolist())]
    heapq.heapify(waiting)
    while waiting and len(chosen) < most:
        bound, each, asked = heapq.heappop(waiting)
        if bound >= 0:
            break
        if asked < len(chosen):
            fresh = float(np.maximum(gains.gain[gains.of(each)] - best[gains.row[gains.of(each)]], 0.0).sum())
            heapq.heappush(waiting, (-fresh, each, len(chosen)))
            continue
        row = gains.row[gains.of(each)]
        best[row] = np.maximum(best[row], gains.gain[gains.of(each)])
        chosen.append(each)
        tell(len(chosen) / most)
    return chosen


def _beyond(gains: Gains, best: Floats) -> Floats:
    return np.maximum(gains.gain - best[gains.row], 0.0)


def exchange(gains: Gains, chosen: Sequence[int], tell: Tell) -> list[int]:
    """Put one in for another as long as that gives more, the most giving exchange first (Teitz and Bart 1968)."""
    found, value = list(chosen), gains.value(chosen)
    owners = gains.owners()
    while found:
        tell(0.0)
        before = value
        profits = _profits(gains, owners, gains.best(found), len(found))
        profits[found] = -np.inf
        goes = profits.argmax(axis=1)
        profit = profits[np.arange(len(goes)), goes]
        # What two exchanges give isn't the sum of what each gives alone, so each after the first is tried.
        for comes in np.argsort(-profit, kind="stable")[:AT_ONCE].tolist():
            tried = [comes if place == goes[comes] else each for place, each in enumerate(found)]
            if profit[comes] > 0 and (now := gains.value(tried)) > value * (1 + NEAR_NOTHING):
                found, value = tried, now
        if value == before:
            return found
    return found


def _profits(gains: Gains, owners: Ints, best: Best, count: int) -> Floats:
    """What it gives to put each candidate in for each of the chosen: [candidates, chosen]."""
    held = best.by >= 0
    losses = np.bincount(best.by[held], (best.first - best.second)[held], minlength=count)
    above = np.flatnonzero(gains.gain > best.second[gains.row])
    row, gain = gains.row[above], gains.gain[above]
    # Where the one that goes was the best, the row falls to the one that comes, not to its second best.
    caught = np.minimum(gain, best.first[row]) - best.second[row]
    beyond = np.maximum(gain - best.first[row], 0.0)
    keeps = caught > 0
    places = owners[above[keeps]] * count + best.by[row[keeps]]
    profits = np.bincount(places, caught[keeps], minlength=gains.candidates * count).reshape(gains.candidates, count)
    return np.asarray(
        profits + np.bincount(owners[above], beyond, minlength=gains.candidates)[:, np.newaxis] - losses, np.float64
    )


def settled(gains: Gains, chosen: Sequence[int], most: int, tell: Tell) -> list[int]:
    """The same without those that give nothing beside the others, filled up, and in the order of what each adds."""
    found = sorted(chosen)
    for each in reversed(found.copy()):
        without = [other for other in found if other != each]
        if gains.value(without) >= gains.value(found) * (1 - NEAR_NOTHING / 1000):
            found = without
    ordered = greedy_among(gains, found, tell)
    return greedy(gains, most, tell, ordered)


def greedy_among(gains: Gains, chosen: Sequence[int], tell: Tell) -> list[int]:
    """These candidates, each giving most after those before it."""
    own = np.array(sorted(chosen), np.int64)
    return [int(own[each]) for each in greedy(gains.some(own), len(own), tell)]


def added(gains: Gains, chosen: Sequence[int]) -> list[float]:
    """What each of the chosen gives beyond those before it."""
    values = [gains.value(chosen[: n + 1]) for n in range(len(chosen))]
    return [now - before for before, now in pairwise([0.0, *values])]
