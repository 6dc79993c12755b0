"""Where somebody has no station in reach that may do it in time, and why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np

from app.catalogue.rules import needs_designation
from app.coverage.reach import Mask, Reached, ways_between
from app.coverage.rules.ways import NOBODY
from app.kit.geo import Floats
from app.routing.nearby import Ints
from app.routing.rules import Check, Checks, judge, verdicts
from app.stations.snapshot import DESIGNATED, MODES, Network, StationFacts

ANY_MODE = sum(MODES.values())


class Cause(StrEnum):
    """What is in the way, of the stations near enough the one that fails last: nobody is near, or they don't do it,
    aren't designated, may not any more, aren't in use; or they may, and have no time soon enough."""

    NO_STATION = "no_station"
    NOT_CAPABLE = "not_capable"
    NOT_DESIGNATED = "not_designated"
    CAPABILITY_EXPIRED = "capability_expired"
    INACTIVE = "inactive"
    NO_FREE_TIME = "no_free_time"


BY_CHECK = {
    0: Cause.NO_STATION,
    Check.NOT_CAPABLE: Cause.NOT_CAPABLE,
    Check.NOT_DESIGNATED: Cause.NOT_DESIGNATED,
    Check.CAPABILITY_EXPIRED: Cause.CAPABILITY_EXPIRED,
    Check.INACTIVE: Cause.INACTIVE,
    Check.PASSED: Cause.NO_FREE_TIME,
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A demand point (its index) that some of the services asked for don't reach: `missing` of them.

    `km` is how far the nearest station is that may do it, None where nobody may; of several services the farthest.
    `days` are the working days until that station has time. `cause` is given for one service only.
    """

    point: int
    missing: int
    km: float | None
    station: StationFacts | None
    days: int | None
    cause: Cause | None


def gaps(reached: Reached, of: Mask | None = None) -> list[Gap]:
    """Worst first: where nobody may do it, then by what is missing, by distance, and by weight. Where nobody is, nobody
    misses anything."""
    open_ones = (reached.soon == 0) & (reached.weights(of) > 0)
    missing = open_ones.sum(axis=0)
    km = np.where(open_ones, reached.km, -np.inf).max(axis=0)
    at = np.flatnonzero(missing)
    order = np.lexsort((at, -reached.points.weight[at], -km[at], -missing[at]))
    causes = cause_of_each(reached) if len(reached.asked.services) == 1 else None
    return [_gap(reached, int(n), int(missing[n]), float(km[n]), causes) for n in at[order]]


def _gap(reached: Reached, point: int, missing: int, km: float, causes: Ints | None) -> Gap:
    if causes is None:
        return Gap(point, missing, km if isfinite(km) else None, None, None, None)
    nearest = int(reached.nearest[0, point])
    station = None if nearest == NOBODY else reached.network.stations[nearest]
    days = None if reached.first_days is None else _finite(reached.first_days[0, point])
    return Gap(point, missing, km if isfinite(km) else None, station, days, BY_CHECK[int(causes[point])])


def _finite(days: float) -> int | None:
    return int(days) if isfinite(days) else None


def cause_of_each(reached: Reached) -> Ints:
    """For each point [n] the highest check that a station within reach passes up to; 0 where none is that near."""
    checks = checks_of(reached)
    pairs = ways_between(reached.points, reached.network).within(
        reached.asked.within_km, np.ones(len(checks), np.bool_)
    )
    found = np.zeros(len(reached.points), np.int64)
    np.maximum.at(found, pairs.point, checks[pairs.station])
    return found


def checks_of(reached: Reached) -> Checks:
    """What each station [s] fails for the one service, in whatever mode, on the day."""
    network, asked = reached.network, reached.asked
    [service] = asked.services
    strict = needs_designation(network.services[service], asked.use)
    day = asked.on.toordinal()
    found = judge(
        network.offers[service],
        network.valid_from[service],
        network.valid_until[service],
        (day, day),
        verdicts(ANY_MODE, DESIGNATED if strict else 0),
    )
    return np.minimum(found, np.where(network.active, Check.PASSED, Check.INACTIVE)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Expiring:
    """A capability that soon ends: who could still do it then, and the share of the demand within reach with and
    without it."""

    service: int
    station: StationFacts
    until: int
    left: int
    left_in_county: int
    share_now: float | None
    share_then: float | None


def expiring(reached: Reached, days: int) -> Iterator[Expiring]:
    """Capabilities that end within so many days of the day asked for, the first to end first. `until` are ordinals."""
    network, asked = reached.network, reached.asked
    day = asked.on.toordinal()
    until = network.valid_until[np.array(asked.services)]
    ending = reached.choices & (until >= day) & (until < day + days)
    rows, stations = np.nonzero(ending)
    order = np.lexsort((stations, rows, until[rows, stations]))
    rows, stations = rows[order], stations[order]
    then = reached.choices[rows]
    then[np.arange(len(rows)), stations] = False
    now_shares = _shares(reached, reached.choices)
    then_shares = _shares(reached, then)
    for n, (row, index) in enumerate(zip(rows.tolist(), stations.tolist(), strict=True)):
        station = network.stations[index]
        yield Expiring(
            asked.services[row],
            station,
            int(until[row, index]),
            int(then[n].sum()),
            int((then[n] & in_county(network, station.county_adcode)).sum()),
            now_shares[row],
            then_shares[n],
        )


def in_county(network: Network, adcode: str) -> Mask:
    return np.array([station.county_adcode == adcode for station in network.stations], np.bool_)


def _shares(reached: Reached, choices: Mask) -> list[float | None]:
    """The share of the demand within reach for each choice of stations [c, s]."""
    weight: Floats = reached.points.weight
    total = float(weight.sum())
    counts = ways_between(reached.points, reached.network).count_within(reached.asked.within_km, choices)
    return [float(weight[row > 0].sum()) / total if total > 0 else None for row in counts]
