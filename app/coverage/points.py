"""Demand: where those are who need something, each place with a weight. Arrays that everything here is counted over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.kit.geo import Floats
from app.routing.nearby import Ints

Mask = npt.NDArray[np.bool_]
NOWHERE = ""


class Basis(StrEnum):
    """What a weight counts: inhabitants, registered enterprises, past requests, or questions to routing."""

    RESIDENTS = "residents"
    ENTERPRISES = "enterprises"
    REQUESTS = "requests"
    SEARCHES = "searches"


@dataclass(frozen=True, eq=False)
class Points:
    """Places [n] in degrees of WGS-84 with their weights; `county` is the place of each one's county in `counties`.

    `approximate` says that the place, `estimated` that the weight isn't known exactly.
    """

    basis: Basis
    codes: tuple[str, ...]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    lon: Floats
    lat: Floats
    weight: Floats
    county: Ints
    counties: tuple[str, ...]
    approximate: Mask
    estimated: Mask

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def total(self) -> float:
        return float(self.weight.sum())

    def of_county(self, adcode: str) -> Mask:
        """Which of them lie in a county."""
        ours: Mask = self.county == (self.counties.index(adcode) if adcode in self.counties else -1)
        return ours

    def weighing(self, weight: Floats) -> "Points":
        """The same places with other weights."""
        return replace(self, weight=weight)


class Counted(NamedTuple):
    """How often a service was asked for at a place: [m] each; `point` is the place's index."""

    point: Ints
    service_id: Ints
    n: Floats


@dataclass(frozen=True, eq=False)
class Demand:
    """Places and what is asked for at each. Without `counted` every service is needed alike."""

    points: Points
    counted: Counted | None = None
    elsewhere: int = 0
    """Cases that are known without a place, and so not counted."""

    def of(self, service_ids: Sequence[int] | None) -> Points:
        """The places, weighing what was asked for of these services; all of it by None."""
        if self.counted is None or service_ids is None:
            return self.points
        ours = np.isin(self.counted.service_id, service_ids)
        weight = np.bincount(self.counted.point[ours], self.counted.n[ours], minlength=len(self.points))
        return self.points.weighing(weight.astype(np.float64))
