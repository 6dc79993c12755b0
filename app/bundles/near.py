"""Which station near a place may do each step of a package: what the network in memory says, without free times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.routing.ground import Matter, ground_of
from app.routing.nearby import DM_PER_KM
from app.routing.rules import Check, Mode, Origin
from app.stations.snapshot import MODES, Network, StationFacts


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest station that may do something, and how far it is."""

    station: StationFacts
    km: float


def nearest_for(network: Network, service_code: str, origin: Origin, today: date) -> Nearest | None:
    """At a station where it is done there, else wherever it is done. None where nobody may do it.

    What an instrument is used for isn't known yet, so where it matters only designated stations count.
    """
    index = network.service_index[service_code]
    ground, ways = ground_of(network), network.services[index].modes
    mode = next((mode for mode in Mode if ways & MODES[mode]), Mode.STATION)
    checks, _covers = ground.judged(Matter((index,), mode, relieved=False, first=today, last=today))
    able = np.flatnonzero(checks == Check.PASSED)
    found = ground.places.nearest_of(origin.point, able)
    if found is None:
        return None
    [dm] = ground.places.dm(origin.point, np.array([found]))
    return Nearest(network.stations[found], float(dm) / DM_PER_KM)


def together(near: Mapping[str, Nearest | None]) -> list[tuple[StationFacts, list[str]]]:
    """The stations that are nearest for several steps, those for most of them first."""
    by_code: dict[str, tuple[StationFacts, list[str]]] = {}
    for key, each in near.items():
        if each is not None:
            by_code.setdefault(each.station.code, (each.station, []))[1].append(key)
    return sorted((each for each in by_code.values() if len(each[1]) > 1), key=lambda each: -len(each[1]))
