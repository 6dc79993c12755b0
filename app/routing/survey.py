"""What the network in memory says of the stations around a point, before anybody asks for free time.

79 stations are looked at all at once. Of 41,352 the nearest few hundred nearly always suffice; only when they don't
is every station judged, and distances are then taken of those alone that may do something of what is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from app.routing.nearby import Ints, Nearest, Places
from app.routing.ranking import Turn, at_one_desk, in_turn, places_in
from app.routing.rules import Check, Checks, Policy, Question, judge, needs_designation, verdicts
from app.stations.snapshot import DESIGNATED, MODES, Network, StationFacts

LOOKS = (128, 1536)
"""So many of the nearest stations are looked at, first and if these were too few, before the whole network is."""
MOST_ASKED = 200
"""So many stations at most are asked for free time to answer one question: the nearest that may."""

Bits = npt.NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


class Ground:
    """What is worked out once for a version of the network: where its stations are, and which of them are in use."""

    def __init__(self, network: Network) -> None:
        self.places = Places(network.lons, network.lats)
        self.ceiling: Checks = np.where(network.active, Check.PASSED, Check.INACTIVE).astype(np.uint8)
        self._skilled: dict[int, npt.NDArray[np.bool_]] = {}
        self._stations = network.stations

    def skilled(self, skills: int) -> npt.NDArray[np.bool_]:
        """Which stations [n] have a desk with all these skills. There are as many answers as sets of categories."""
        if skills not in self._skilled:
            able = (any(has & skills == skills for has in desks_of(station)) for station in self._stations)
            self._skilled[skills] = np.fromiter(able, np.bool_, len(self._stations))
        return self._skilled[skills]


_grounds: WeakKeyDictionary[Network, Ground] = WeakKeyDictionary()


def ground_of(network: Network) -> Ground:
    """The ground of this very version; it is forgotten together with the network."""
    ground = _grounds.get(network)
    if ground is None:
        ground = _grounds[network] = Ground(network)
    return ground


def desks_of(station: StationFacts) -> list[int]:
    """The skills of each desk that can be booked."""
    return [desk.skills for desk in station.desks if desk.public and desk.active]


@dataclass(frozen=True, slots=True)
class Survey:
    """Stations [m] by distance, then code, the lowest `checks` that each fails, and a bit for each service it `covers`.

    `complete` says that nobody who may do anything is missing, `named` that those who may not are there too.
    """

    near: Nearest
    checks: Checks
    covers: Bits
    complete: bool
    named: bool

    def goes_to(self, dm: float) -> bool:
        """Whether all stations up to a distance are in it."""
        return self.named and (self.complete or (len(self.near.dm) > 0 and bool(self.near.dm[-1] > dm)))


def surveys(network: Network, question: Question) -> Iterator[tuple[Survey, Survey]]:
    """The nearest stations, and whom to choose from: of those the part that is sure to come first, if that may be
    enough, from farther and farther away; at last all of the network that may do anything."""
    for most in LOOKS:
        near = nearest_survey(network, question, most)
        part = near if near.complete else sure_to_come_first(near, question)
        if part is not None:
            yield near, part
        if near.complete:
            return
    yield near, capable_survey(network, question)


def sure_to_come_first(near: Survey, question: Question) -> Survey | None:
    """The part of the nearest that nobody farther away can come before in the queue; None if it is too small.

    Of one service, for `nearest`, that is all who may do it. Else all in reach, when these are known and one of them
    can do everything; else those in reach that can do everything, as far as they are known.
    """
    nearest = question.policy is Policy.NEAREST
    in_reach, whole = near.near.dm <= question.reach_dm, near.covers == _everything(question)
    wanted = question.limit
    if nearest and len(question.services) == 1:
        kept = whole
    elif near.goes_to(question.reach_dm) and bool((whole & in_reach).any()):
        kept = in_reach & (near.covers != 0)
    else:
        kept = whole & in_reach
        wanted = wanted if nearest else MOST_ASKED
    if int(np.count_nonzero(kept)) < wanted:
        return None
    part = Nearest(near.near.indices[kept], near.near.dm[kept], complete=False)
    return Survey(part, near.checks[kept], near.covers[kept], complete=False, named=False)


def nearest_survey(network: Network, question: Question, most: int) -> Survey:
    """The nearest stations, `most` or fewer, whatever they may do."""
    near = ground_of(network).places.nearest(question.origin.point, most)
    checks, covers = _judged(network, question, near.indices)
    return Survey(near, checks, covers, complete=near.complete, named=True)


def capable_survey(network: Network, question: Question) -> Survey:
    """Every station of the network that may do some of what is asked."""
    checks, covers = _judged(network, question, None)
    near = ground_of(network).places.by_distance(question.origin.point, np.flatnonzero(covers))
    return Survey(near, checks.take(near.indices), covers.take(near.indices), complete=True, named=False)


def whole_survey(network: Network, question: Question) -> Survey:
    """Every station of the network."""
    near = ground_of(network).places.by_distance(question.origin.point, np.arange(len(network.stations)))
    checks, covers = _judged(network, question, near.indices)
    return Survey(near, checks, covers, complete=True, named=True)


def _judged(network: Network, question: Question, indices: Ints | None) -> tuple[Checks, Bits]:
    """The lowest check [m] that each station fails for any of the services, and the services that it covers."""
    found = [_judged_for(network, question, service, indices) for service in question.services]
    passed = [(checks == Check.PASSED).astype(np.int64) for checks in found]
    if len(found) == 1:
        return found[0], passed[0]
    covers = _in_one_visit(network, question, indices, sum(bits << place for place, bits in enumerate(passed)))
    lowest = np.minimum.reduce(found)
    return np.where((lowest == Check.PASSED) & (covers != _everything(question)), Check.CLOSED, lowest), covers


def _judged_for(network: Network, question: Question, service: int, indices: Ints | None) -> Checks:
    """The lowest check [m] that each station fails for one service."""
    needed = needs_designation(network.services[service].designation_required, question.use)
    table = verdicts(MODES[question.mode], DESIGNATED if needed else 0)
    days = question.first.toordinal(), question.last.toordinal()
    since, until = _of(network.valid_from[service], indices), _of(network.valid_until[service], indices)
    found = judge(_of(network.offers[service], indices), since, until, days, table)
    return np.minimum(found, _of(ground_of(network).ceiling, indices))


def _in_one_visit(network: Network, question: Question, indices: Ints | None, covers: Bits) -> Bits:
    """What of the services that stations cover [m] can be done at one desk."""
    skills = [network.services[service].skill for service in question.services]
    ground, covers = ground_of(network), covers.copy()
    for bits in np.unique(covers).tolist():
        together = reduce(or_, (skills[n] for n in places_in(bits)), 0)
        for at in np.flatnonzero((covers == bits) & ~_of(ground.skilled(together), indices)).tolist():
            station = network.stations[at if indices is None else indices[at]]
            covers[at] = at_one_desk(bits, skills, desks_of(station))
    return covers


def _everything(question: Question) -> int:
    return (1 << len(question.services)) - 1


def _of(row: npt.NDArray[Scalar], indices: Ints | None) -> npt.NDArray[Scalar]:
    return row if indices is None else row.take(indices)


def queue(network: Network, question: Question, survey: Survey) -> list[Turn]:
    """Whom to ask for free time, in order. When nobody in reach may do anything, the parent stations come first."""
    able = np.flatnonzero(survey.covers)
    beyond = survey.near.dm.take(able) > question.reach_dm
    counts = np.bitwise_count(survey.covers.take(able))
    order = in_turn(beyond, counts, len(question.services))[:MOST_ASKED]
    at = able.take(order)
    columns = (survey.near.indices.take(at), survey.near.dm.take(at), survey.covers.take(at), beyond.take(order))
    turns = list(map(Turn, *(column.tolist() for column in columns)))
    if len(beyond) and not beyond.all():
        return turns
    return parent_turns(network, question) + turns


def parent_turns(network: Network, question: Question) -> list[Turn]:
    """The stations above the nearest one in use that may do some of what is asked; none if that one may itself."""
    places, point = ground_of(network).places, question.origin.point
    nearest = places.nearest_of(point, np.flatnonzero(network.active))
    if nearest is None:
        return []
    chain = np.array(_upwards(network, nearest), np.int64)
    _checks, covers = _judged(network, question, chain)
    if covers[0]:
        return []
    rows = zip(chain.tolist(), places.dm(point, chain).tolist(), covers.tolist(), strict=True)
    return [
        Turn(index, dm, bits, dm > question.reach_dm, above) for above, (index, dm, bits) in enumerate(rows) if bits
    ]


def _upwards(network: Network, start: int) -> list[int]:
    """A station and all above it, each once, whatever the data says."""
    chain: list[int] = []
    link: int | None = start
    while link is not None and link not in chain:
        chain.append(link)
        link = network.stations[link].parent
    return chain
