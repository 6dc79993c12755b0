"""What candidates would give to what is in need: one problem for both objectives. Pure.

A row is a service that is needed at a place. A candidate gives it a gain: its whole weight, where it comes to be
covered; or its weight times the kilometres saved, where the way is to become shorter. Several chosen candidates give a
row the greatest of their gains. What is sought are at most k candidates that give most in all (Church and ReVelle 1974
for covering; Hakimi 1964 for the median, here as the maximum of what is saved, after Cornuejols, Fisher and Nemhauser
1977).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.kit.geo import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
Tell = Callable[[float], None]
"""Called between steps with the part that is done, 0 to 1. What it raises ends the work."""
NEAR_NOTHING = 1e-9
"""A difference of so small a part is one of rounding."""


class Best(NamedTuple):
    """For each row the greatest and the second greatest gain of some chosen candidates, and which of them gives the
    greatest: its place among the chosen, -1 where none gives any."""

    first: Floats
    second: Floats
    by: Ints


@dataclass(frozen=True, eq=False)
class Gains:
    """Gains above 0 of candidates [m] to rows, candidate by candidate: those of the i-th stand at starts[i] up to
    starts[i + 1] in `row` and `gain`, each row once."""

    rows: int
    starts: Ints
    row: Rows
    gain: Floats

    @property
    def candidates(self) -> int:
        return len(self.starts) - 1

    def of(self, candidate: int) -> slice:
        """Where its gains stand."""
        return slice(int(self.starts[candidate]), int(self.starts[candidate + 1]))

    def sums(self, values: Floats) -> Floats:
        """The sum for each candidate [m] of values that stand as the gains do."""
        sums, has = np.zeros(self.candidates), self.starts[:-1] < self.starts[1:]
        if has.any():
            sums[has] = np.add.reduceat(values, self.starts[:-1][has])
        return sums

    def owners(self) -> Ints:
        """Whose each gain is."""
        return np.repeat(np.arange(self.candidates), np.diff(self.starts))

    def best(self, chosen: Sequence[int]) -> Best:
        first, second = np.zeros(self.rows), np.zeros(self.rows)
        by = np.full(self.rows, -1, np.int64)
        for place, candidate in enumerate(chosen):
            part = self.of(candidate)
            row, gain = self.row[part], self.gain[part]
            before = first[row]
            better = gain > before
            second[row] = np.where(better, before, np.maximum(second[row], gain))
            first[row] = np.maximum(before, gain)
            by[row[better]] = place
        return Best(first, second, by)

    def value(self, chosen: Sequence[int]) -> float:
        """What the chosen give in all."""
        return float(self.best(chosen).first.sum())

    def some(self, kept: Ints) -> "Gains":
        """Of these candidates only, in this order; rows keep their numbers."""
        counts = np.diff(self.starts)[kept]
        starts = np.concatenate(([0], np.cumsum(counts)))
        shift = np.repeat(self.starts[:-1][kept] - starts[:-1], counts)
        at = np.arange(int(starts[-1])) + shift
        return Gains(self.rows, starts, self.row[at], self.gain[at])

    def above(self, floor: Floats) -> "Gains":
        """Only gains that exceed the floor of their row."""
        kept = self.gain > floor[self.row]
        starts = np.concatenate(([0], np.cumsum(kept)))[self.starts]
        return Gains(self.rows, starts, self.row[kept], self.gain[kept])


def gains_of(rows: int, candidates: int, found: tuple[Ints, Ints, Floats]) -> Gains:
    """From triples of row, candidate and gain in any order; those that are not above 0 are left out."""
    row, candidate, gain = found
    counts = gain > 0
    row, candidate, gain = row[counts], candidate[counts], gain[counts]
    order = np.lexsort((row, candidate))
    starts = np.searchsorted(candidate[order], np.arange(candidates + 1))
    return Gains(rows, starts.astype(np.int64), row[order].astype(np.int32), gain[order])
