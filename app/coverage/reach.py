"""Who reaches what: demand points, the stations that may serve them, and what follows from both for some services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from app.catalogue.rules import Use
from app.coverage.points import Points
from app.coverage.rules.measures import Spread, share, spread
from app.coverage.rules.ways import NOBODY, Ways
from app.coverage.supply import MOST_ASKED, NEVER, Choices, Waits, capable
from app.kit.geo import Floats
from app.routing.nearby import Ints
from app.slots.queries import Availability
from app.stations.snapshot import Network

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]
WAYS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: services (indices), how far is near enough and how soon is soon enough (None: at any time), on
    which day, and whether the use is known to make nothing mandatory."""

    services: tuple[int, ...]
    within_km: float
    within_days: int | None
    on: date
    use: Use | None = None


@dataclass(frozen=True, eq=False)
class Reached:
    """For each service [k] and point [n]: its nearest station that may do it and how far that is (km), how many such
    stations are near enough, and how many of these are soon enough too. `days` [k, s] are working days until each
    station has time, NEVER where it has none; None where nobody was asked.
    """

    asked: Asked
    network: Network
    points: Points
    choices: Choices
    nearest: Ints
    km: Floats
    near: Counts
    soon: Counts
    days: Ints | None

    def weights(self, of: Mask | None = None) -> Floats:
        """The demand for each service and point [k, n]; of some points only."""
        weight = self.points.weight if of is None else np.where(of, self.points.weight, 0.0)
        return np.broadcast_to(weight, self.km.shape)

    def share_within(self, of: Mask | None = None) -> float | None:
        """What part of the demand has a station near enough and soon enough."""
        return share(self.soon > 0, self.weights(of))

    def backup_share(self, of: Mask | None = None) -> float | None:
        """What part of it has at least two that are near enough, so that one may fail."""
        return share(self.near > 1, self.weights(of))

    def distance(self, of: Mask | None = None) -> Spread:
        """To the nearest station that may do it, in km."""
        return spread(self.km.ravel(), self.weights(of).ravel())

    @cached_property
    def first_days(self) -> Floats | None:
        """Working days until that nearest station has time [k, n]; infinity where it has none, or there is none."""
        if self.days is None:
            return None
        found = np.take_along_axis(self.days, np.maximum(self.nearest, 0), axis=1).astype(np.float64)
        return np.where((self.nearest == NOBODY) | (found == NEVER), np.inf, found)

    def wait(self, of: Mask | None = None) -> Spread | None:
        """Working days until the nearest station has time."""
        if self.first_days is None:
            return None
        return spread(self.first_days.ravel(), self.weights(of).ravel())

    @property
    def able(self) -> Mask:
        """The stations that may do any of the services [s]."""
        return np.asarray(self.choices.any(axis=0))

    def served_from(self, station_county: npt.NDArray[np.int64], counties: int) -> Floats:
        """Demand by its own county and by that of its nearest station: [counties, counties]. Where nobody may do it,
        it flows nowhere."""
        flows = np.zeros((counties, counties))
        for nearest in self.nearest:
            has = nearest != NOBODY
            to = station_county[nearest[has]]
            known = to >= 0
            np.add.at(flows, (self.points.county[has][known], to[known]), self.points.weight[has][known])
        return flows


async def reach(network: Network, points: Points, asked: Asked, availability: Availability, now: datetime) -> Reached:
    """How the points are served on the day that is asked for, with free time as it is now."""
    choices = capable(network, asked.services, asked.on, asked.use)
    days = await _days(network, asked, choices, availability, now)
    return reached(network, points, asked, choices, days)


def reached(network: Network, points: Points, asked: Asked, choices: Choices, days: Ints | None) -> Reached:
    """The same, with other stations that may do it [k, s] or other free time [k, s] than there is: what would be."""
    ways = ways_between(points, network)
    nearest, km = _nearest_of_all(ways, choices)
    near = ways.count_within(asked.within_km, choices)
    soon = near
    if days is not None and asked.within_days is not None:
        soon = ways.count_within(asked.within_km, choices & (days <= asked.within_days))
    return Reached(asked, network, points, choices, nearest, km, near, soon, days)


def _nearest_of_all(ways: Ways, choices: Choices) -> tuple[Ints, Floats]:
    """Services that the same stations do are looked at once."""
    kinds, which = np.unique(np.packbits(choices, axis=1), axis=0, return_inverse=True)
    first = [int(np.flatnonzero(which == kind)[0]) for kind in range(len(kinds))]
    found = [ways.nearest(choices[row]) for row in first]
    nearest, km = (np.array(column) for column in zip(*found, strict=True))
    return nearest[which], km[which]


async def _days(
    network: Network, asked: Asked, choices: Choices, availability: Availability, now: datetime
) -> Ints | None:
    """When stations have time; not asked of more than MOST_ASKED."""
    if int(choices.any(axis=0).sum()) > MOST_ASKED:
        return None
    return await Waits(network, availability, asked.on, now).days(asked.services, choices)


@lru_cache(WAYS_KEPT)
def _ways(points: Points, network: Network) -> Ways:
    return Ways((points.lon, points.lat), (network.lons, network.lats))


def ways_between(points: Points, network: Network) -> Ways:
    """The distances of these points in this version of the network; those asked for lately are kept."""
    return _ways(points, network)


def active_in(network: Network, categories: Sequence[str] = ()) -> tuple[int, ...]:
    """The services in use (indices), of some categories."""
    return tuple(
        service.index
        for service in network.services
        if service.active and (not categories or service.category in categories)
    )
