"""Many days and places put together: sums, and the quantiles of all cases. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.performance.rules import QUANTILES, SUMS, Figures, Minutes

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """The sums of rules.SUMS, and for each of rules.QUANTILES the minutes of every case, in no order."""

    sums: Ints
    cases: tuple[Ints, ...]

    @property
    def figures(self) -> Figures:
        named: dict[str, Any] = dict(zip(SUMS, self.sums.tolist(), strict=True))
        return Figures(**named | dict(zip(QUANTILES, map(minutes_of, self.cases), strict=True)))


def together(tallies: Collection[Tally]) -> Tally:
    """All of them as one; of none, nothing."""
    nothing = np.zeros(0, np.int64)
    sums = np.sum([each.sums for each in tallies] or [np.zeros(len(SUMS), np.int64)], axis=0)
    columns = zip(*(each.cases for each in tallies), strict=True) if tallies else [()] * len(QUANTILES)
    return Tally(sums, tuple(np.concatenate([nothing, *column]) for column in columns))


def minutes_of(cases: Ints) -> Minutes:
    """The first number of minutes that half of the cases, or nine of ten, don't exceed."""
    count = len(cases)
    if not count:
        return Minutes()
    p50, p90 = ((count * part + 9) // 10 - 1 for part in (5, 9))
    ordered = np.partition(cases, (p50, p90))
    return Minutes(count, int(ordered[p50]), int(ordered[p90]))
