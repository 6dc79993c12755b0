"""Weighted quantiles, and how unequally something is spread. Pure.

`values` [n] may hold infinity (out of reach), `weights` [n] are not negative. What has no weight doesn't count; without
any weight there is no figure, and the answer is None.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.kit.geo import Floats

Groups = npt.NDArray[np.int64]
CURVE_POINTS = 101
FEW_ENOUGH, BINS = 20_000, 4096
"""So many values are sorted; of more, only those near the one that is looked for."""


def share(covered: npt.NDArray[np.bool_], weights: Floats) -> float | None:
    """What part of the weight is covered, 0 to 1."""
    total = float(weights.sum())
    return float(weights[covered].sum()) / total if total > 0 else None


class Spread(NamedTuple):
    """How something is spread over the demand; None where nobody has it."""

    p50: float | None
    p90: float | None
    max: float | None
    mean: float | None


def spread(values: Floats, weights: Floats) -> Spread:
    """Quantiles as `quantile` has them, and the largest and the mean of the finite values."""
    values, weights = _only(weights > 0, values, weights)
    total = float(weights.sum())
    values, weights = _only(np.isfinite(values), values, weights)
    p50, p90 = _quantiles(values, weights, total, (0.5, 0.9))
    if not len(values):
        return Spread(p50, p90, None, None)
    return Spread(p50, p90, float(values.max()), float(values @ weights) / float(weights.sum()))


def quantile(values: Floats, weights: Floats, part: float) -> float | None:
    """The least value up to which that part (0 to 1) of the weight lies; infinity where it lies beyond every value.

    No value is invented between two: half of the people have it at most so far.
    """
    total = float(weights.sum())
    [found] = _quantiles(*_only(np.isfinite(values) & (weights > 0), values, weights), total, (part,))
    return found


def _only(these: npt.NDArray[np.bool_], values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    return (values, weights) if these.all() else (values[these], weights[these])


def _quantiles(values: Floats, weights: Floats, total: float, parts: Sequence[float]) -> list[float | None]:
    """Of finite values with a weight; `total` is that of all others too."""
    if total <= 0:
        return [None for _part in parts]
    # A sum of many weights misses its last digits: what is within them of the part has reached it.
    return [*_places(values, weights, [part * total * (1 - 1e-12) for part in parts])]


def _places(values: Floats, weights: Floats, wanted: Sequence[float]) -> Iterator[float]:
    """For each weight wanted, the least of the finite values up to which so much lies; infinity beyond all of them.

    Of many values those are sorted that fall into the same of BINS equal parts of their range as the one looked for.
    """
    least, most = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    if len(values) <= FEW_ENOUGH or least == most:
        yield from _of_few(values, weights, wanted)
        return
    which = np.minimum((values - least) * (BINS / (most - least)), BINS - 1).astype(np.int64)
    upto = np.cumsum(np.bincount(which, weights, BINS))
    for each in wanted:
        at = int(np.searchsorted(upto, each))
        if at == BINS:
            yield math.inf
            continue
        inside = which == at
        before = float(upto[at - 1]) if at else 0.0
        yield from _places(values[inside], weights[inside], [min(each - before, float(weights[inside].sum()))])


def _of_few(values: Floats, weights: Floats, wanted: Sequence[float]) -> Iterator[float]:
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    for each in wanted:
        at = int(np.searchsorted(upto, each))
        yield float(values[order[at]]) if at < len(order) else math.inf


def mean(values: Floats, weights: Floats) -> float | None:
    """The weighted mean of the finite values; None when none is."""
    counted = np.isfinite(values) & (weights > 0)
    total = float(weights[counted].sum())
    return float(values[counted] @ weights[counted]) / total if total > 0 else None


def largest(values: Floats, weights: Floats) -> float | None:
    """The largest finite value that anybody has."""
    counted = values[np.isfinite(values) & (weights > 0)]
    return float(counted.max()) if len(counted) else None


@dataclass(frozen=True, slots=True)
class Curve:
    """The Lorenz curve: the part of the people who have least, and the part of the good that they have, 0 to 1."""

    people: tuple[float, ...]
    good: tuple[float, ...]


def _cumulated(values: Floats, weights: Floats) -> tuple[Floats, Floats] | None:
    """The whole Lorenz curve, [n + 1] each; None where nobody has anything."""
    counted = weights > 0
    values, weights = values[counted], weights[counted]
    good = values * weights
    if not len(values) or float(good.sum()) <= 0:
        return None
    order = np.argsort(values, kind="stable")
    people = np.concatenate(([0.0], np.cumsum(weights[order])))
    had = np.concatenate(([0.0], np.cumsum(good[order])))
    return people / people[-1], had / had[-1]


def lorenz(values: Floats, weights: Floats, points: int = CURVE_POINTS) -> Curve | None:
    """The curve at `points` equal steps of the people."""
    curve = _cumulated(values, weights)
    if curve is None:
        return None
    people, had = curve
    steps = np.linspace(0.0, 1.0, points)
    return Curve(tuple(steps.tolist()), tuple(np.interp(steps, people, had).tolist()))


def gini(values: Floats, weights: Floats) -> float | None:
    """0 when all have alike, near 1 when one has all: twice the area between the Lorenz curve and the diagonal.

    Not corrected for a small number of places.
    """
    curve = _cumulated(values, weights)
    if curve is None:
        return None
    people, had = curve
    return max(0.0, 1.0 - float(np.diff(people) @ (had[1:] + had[:-1])))


@dataclass(frozen=True, slots=True)
class Theil:
    """Theil's T, and what of it lies between and within groups; they add up to the whole."""

    whole: float
    between: float
    within: float


def theil(values: Floats, weights: Floats, groups: Groups) -> Theil | None:
    """Of values by people in groups [n], numbered from 0 (Theil 1967; decomposed after Shorrocks 1980)."""
    counted = weights > 0
    values, weights, groups = values[counted], weights[counted], groups[counted]
    people, good = float(weights.sum()), float(values @ weights)
    if people <= 0 or good <= 0:
        return None
    whole = _theil_terms(values * weights / good, weights / people)
    sums = np.bincount(groups, values * weights), np.bincount(groups, weights)
    between = _theil_terms(sums[0] / good, sums[1] / people)
    return Theil(whole, between, whole - between)


def _theil_terms(good: Floats, people: Floats) -> float:
    """Σ y ln(y / p) over shares of the good and of the people; who has nothing adds nothing."""
    has = good > 0
    return float(np.sum(good[has] * np.log(good[has] / people[has])))


def rounded(value: float | None, digits: int) -> float | None:
    """For an answer: None also for what is out of reach."""
    return None if value is None or not math.isfinite(value) else round(value, digits)
