"""What the network in memory says of its stations: where they are, and who may do what on which days.

Nothing here depends on bookings or on the moment. What was worked out stays as long as its version of the network
does: for all stations at once, so that a question from another place finds it done.
"""

from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from app.catalogue.rules import Use, needs_designation
from app.routing.nearby import Ints, Places
from app.routing.ranking import at_one_desk, places_in
from app.routing.rules import Check, Checks, Mode, Question, judge, verdicts
from app.stations.snapshot import DESIGNATED, MODES, Network, StationFacts

Bits = npt.NDArray[np.int16]
Scalar = TypeVar("Scalar", bound=np.generic)

FEW = 512
MOST_CELLS = 4_000_000
"""So many verdicts are kept, of three bytes each: of 79 stations on every question, of 41,352 on about a hundred."""


class Matter(NamedTuple):
    """What is asked, but for the place and the policy. Equal matters have equal verdicts."""

    services: tuple[int, ...]
    mode: Mode
    relieved: bool
    first: date
    last: date

    @property
    def everything(self) -> int:
        return (1 << len(self.services)) - 1


def matter_of(question: Question) -> Matter:
    return Matter(question.services, question.mode, question.use is Use.OTHER, question.first, question.last)


class Ground:
    """One version of the network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.places = Places(network.lons, network.lats)
        self._ceiling: Checks = np.where(network.active, Check.PASSED, Check.INACTIVE).astype(np.uint8)
        self._few = len(network.stations) <= FEW
        self._all = lru_cache(MOST_CELLS // max(len(network.stations), 1) + 1)(self._judge)
        self._skilled = lru_cache(256)(self._with_skills)

    def judged(self, matter: Matter, indices: Ints | None = None) -> tuple[Checks, Bits]:
        """Of the given stations [m], or all: the lowest check that each fails for any of the services, and a bit for
        each service that it may do."""
        if indices is None:
            return self._all(matter)
        if self._few:
            checks, covers = self._all(matter)
            return checks.take(indices), covers.take(indices)
        return self._judge(matter, indices)

    def _judge(self, matter: Matter, indices: Ints | None = None) -> tuple[Checks, Bits]:
        found = [self._judge_for(service, matter, indices) for service in matter.services]
        covers = sum((checks == Check.PASSED).astype(np.int16) << place for place, checks in enumerate(found))
        if len(found) == 1:
            return found[0], covers
        covers = self._in_one_visit(matter, indices, covers)
        lowest = np.minimum.reduce(found)
        split = (lowest == Check.PASSED) & (covers != matter.everything)
        return np.where(split, np.uint8(Check.CLOSED), lowest), covers

    def _judge_for(self, service: int, matter: Matter, indices: Ints | None) -> Checks:
        """The lowest check that stations [m] fail for one service."""
        network = self.network
        needed = needs_designation(network.services[service], Use.OTHER if matter.relieved else None)
        table = verdicts(MODES[matter.mode], DESIGNATED if needed else 0)
        days = matter.first.toordinal(), matter.last.toordinal()
        since, until = _of(network.valid_from[service], indices), _of(network.valid_until[service], indices)
        found = judge(_of(network.offers[service], indices), since, until, days, table)
        return np.minimum(found, _of(self._ceiling, indices))

    def _in_one_visit(self, matter: Matter, indices: Ints | None, covers: Bits) -> Bits:
        """What of the services that stations cover [m] can be done at one desk."""
        skills = [self.network.services[service].skill for service in matter.services]
        covers = covers.copy()
        for bits in np.unique(covers).tolist():
            together = reduce(or_, (skills[n] for n in places_in(bits)), 0)
            for at in np.flatnonzero((covers == bits) & ~_of(self._skilled(together), indices)).tolist():
                station = self.network.stations[at if indices is None else indices[at]]
                covers[at] = at_one_desk(bits, skills, desks_of(station))
        return covers

    def _with_skills(self, skills: int) -> npt.NDArray[np.bool_]:
        """Which stations have a desk with all these skills."""
        able = (any(has & skills == skills for has in desks_of(station)) for station in self.network.stations)
        return np.fromiter(able, np.bool_, len(self.network.stations))


def desks_of(station: StationFacts) -> list[int]:
    """The skills of each desk that can be booked."""
    return [desk.skills for desk in station.desks if desk.public and desk.active]


def _of(row: npt.NDArray[Scalar], indices: Ints | None) -> npt.NDArray[Scalar]:
    return row if indices is None else row.take(indices)


@lru_cache(maxsize=1)
def ground_of(network: Network) -> Ground:
    """The ground of this very version (networks are equal only to themselves); the last one's is kept."""
    return Ground(network)
