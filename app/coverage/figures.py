"""The figures of coverage: of the whole network or a county, county by county, point by point."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from app.coverage.reach import Mask, Reached, ways_between
from app.coverage.rules.floating import accessibility
from app.coverage.rules.measures import Curve, Spread, Theil, gini, lorenz, mean, theil
from app.coverage.supply import designated, desk_hours
from app.kit.geo import Floats
from app.stations.atlas import DivisionFacts

PER = 1000
"""Accessibility is told for so many units of demand: desk hours a week for 1,000 people."""
FEW = 5
"""A share over fewer places than this is marked."""


@dataclass(frozen=True, eq=False)
class Access:
    """How much of a week's desk hours there is for each demand point [n], for PER units of demand, by both ways."""

    plain: Floats
    enhanced: Floats
    weight: Floats
    county: npt.NDArray[np.int64]

    def mean(self, of: Mask | None = None) -> float | None:
        return mean(self.plain, self._weights(of))

    def enhanced_mean(self, of: Mask | None = None) -> float | None:
        return mean(self.enhanced, self._weights(of))

    def gini(self, of: Mask | None = None) -> float | None:
        return gini(self.plain, self._weights(of))

    def theil(self, of: Mask | None = None) -> Theil | None:
        """With its parts between and within counties."""
        return theil(self.plain, self._weights(of), self.county)

    def curve(self, of: Mask | None = None) -> Curve | None:
        return lorenz(self.plain, self._weights(of))

    def _weights(self, of: Mask | None) -> Floats:
        return self.weight if of is None else np.where(of, self.weight, 0.0)


def access_of(reached: Reached) -> Access:
    """By the stations that may do any of the services, and their desks for these categories."""
    network, points, asked = reached.network, reached.points, reached.asked
    skills = reduce(or_, (network.services[index].skill for index in asked.services), 0)
    supply = np.where(reached.able, desk_hours(network, skills, asked.on), 0.0)
    pairs = ways_between(points, network).within(asked.within_km, reached.able)
    plain, enhanced = (
        accessibility(pairs, supply, points.weight, within_km=asked.within_km, enhanced=each) * PER
        for each in (False, True)
    )
    return Access(plain, enhanced, points.weight, points.county)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all demand, or that of a county. `stations` are those in use there; `capable` of them may do some of it.

    Distances in km, waits in working days; `few` says that these are shares over few places.
    """

    stations: int
    capable: int
    designated: int
    services_asked: int
    services_offered: int
    demand_points: int
    demand_weight: float
    share_within: float | None
    backup_share: float | None
    distance: Spread
    wait: Spread | None
    accessibility: float | None
    accessibility_enhanced: float | None
    gini: float | None

    @property
    def few(self) -> bool:
        return self.demand_points < FEW


class Report:
    """Everything that is told of one question; parts that are dear are made when they are asked for."""

    def __init__(self, reached: Reached) -> None:
        self.reached = reached

    @cached_property
    def access(self) -> Access:
        return access_of(self.reached)

    @cached_property
    def _designated(self) -> Mask:
        asked = self.reached.asked
        return np.asarray(designated(self.reached.network, asked.services, asked.on).any(axis=0))

    @cached_property
    def _county_of_station(self) -> npt.NDArray[np.str_]:
        return np.array([station.county_adcode for station in self.reached.network.stations], dtype=np.str_)

    def figures(self, county: str | None = None) -> Figures:
        """Of a county (its adcode), or of everything."""
        reached, network = self.reached, self.reached.network
        of = None if county is None else reached.points.of_county(county)
        here = np.ones(len(network.stations), np.bool_) if county is None else self._county_of_station == county
        counted = reached.points.weight > 0 if of is None else (reached.points.weight > 0) & of
        return Figures(
            stations=int((network.active & here).sum()),
            capable=int((reached.able & here).sum()),
            designated=int((self._designated & here).sum()),
            services_asked=len(reached.asked.services),
            services_offered=int((reached.choices & here).any(axis=1).sum()),
            demand_points=int(counted.sum()),
            demand_weight=float(reached.points.weight[counted].sum()),
            share_within=reached.share_within(of),
            backup_share=reached.backup_share(of),
            distance=reached.distance(of),
            wait=reached.wait(of),
            accessibility=self.access.mean(of),
            accessibility_enhanced=self.access.enhanced_mean(of),
            gini=self.access.gini(of),
        )

    def by_county(self, divisions: tuple[DivisionFacts, ...]) -> Iterator[tuple[DivisionFacts, Figures]]:
        """County by county, in the operator's order."""
        for division in divisions:
            yield division, self.figures(division.adcode)
