"""The stations around a point that come into question, before anybody asks for free time.

79 stations are looked at all at once. Of 41,352 the nearest hundred nearly always suffice; only when they don't is
every station judged, and distances are then taken of those alone that may do something of what is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.routing.ground import Bits, Ground, matter_of
from app.routing.nearby import Nearest
from app.routing.ranking import Turn, in_turn
from app.routing.rules import Checks, Policy, Question
from app.stations.snapshot import Network

LOOKS = (128, 1536)
"""So many of the nearest stations are looked at, first and if these were too few, before the whole network is."""
MOST_ASKED = 200
"""So many stations at most are asked for free time to answer one question: the nearest that may."""


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


def surveys(ground: Ground, question: Question) -> Iterator[tuple[Survey, Survey]]:
    """The nearest stations, and whom to choose from: of those the part that is sure to come first, if that may be
    enough, from farther and farther away; at last all of the network that may do anything."""
    for most in LOOKS:
        near = nearest_survey(ground, question, most)
        part = near if near.complete else sure_to_come_first(near, question)
        if part is not None:
            yield near, part
        if near.complete:
            return
    yield near, capable_survey(ground, question)


def sure_to_come_first(near: Survey, question: Question) -> Survey | None:
    """The part of the nearest that nobody farther away can come before in the queue; None if it is too small.

    Of one service, for `nearest`, that is all who may do it. Else all in reach, when these are known and one of them
    can do everything; else those in reach that can do everything, as far as they are known.
    """
    nearest = question.policy is Policy.NEAREST
    in_reach, whole = near.near.dm <= question.reach_dm, near.covers == matter_of(question).everything
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


def nearest_survey(ground: Ground, question: Question, most: int) -> Survey:
    """The nearest stations, `most` or fewer, whatever they may do."""
    near = ground.places.nearest(question.origin.point, most)
    return Survey(near, *ground.judged(matter_of(question), near.indices), complete=near.complete, named=True)


def capable_survey(ground: Ground, question: Question) -> Survey:
    """Every station of the network that may do some of what is asked."""
    checks, covers = ground.judged(matter_of(question))
    near = ground.places.by_distance(question.origin.point, np.flatnonzero(covers))
    return Survey(near, checks.take(near.indices), covers.take(near.indices), complete=True, named=False)


def whole_survey(ground: Ground, question: Question) -> Survey:
    """Every station of the network."""
    near = ground.places.by_distance(question.origin.point, np.arange(len(ground.network.stations)))
    checks, covers = ground.judged(matter_of(question))
    return Survey(near, checks.take(near.indices), covers.take(near.indices), complete=True, named=True)


class Queue:
    """Whom to ask for free time, in order. When nobody in reach may do anything, the parent stations come first."""

    def __init__(self, ground: Ground, question: Question, survey: Survey) -> None:
        able = np.flatnonzero(survey.covers)
        if len(question.services) > 1:
            beyond = survey.near.dm.take(able) > question.reach_dm
            able = able.take(in_turn(beyond, np.bitwise_count(survey.covers.take(able)), len(question.services)))
        able = able[:MOST_ASKED]
        self._columns = [column.take(able) for column in (survey.near.indices, survey.near.dm, survey.covers)]
        self._reach = question.reach_dm
        self._parents = [] if self.in_reach else parent_turns(ground, question)

    def __len__(self) -> int:
        return len(self._parents) + len(self._columns[0])

    @cached_property
    def in_reach(self) -> int:
        """How many must be asked to ask all in reach."""
        near = np.flatnonzero(self._columns[1] <= self._reach)
        return int(near[-1]) + 1 if len(near) else 0

    def first(self, count: int) -> list[Turn]:
        """The first so many of it."""
        rows = zip(*(column[: max(count - len(self._parents), 0)].tolist() for column in self._columns), strict=True)
        turns = [Turn(station, dm, covers, dm > self._reach) for station, dm, covers in rows]
        return self._parents[:count] + turns


def parent_turns(ground: Ground, question: Question) -> list[Turn]:
    """The stations above the nearest one in use that may do some of what is asked; none if that one may itself."""
    network, places, point = ground.network, ground.places, question.origin.point
    nearest = places.nearest_of(point, np.flatnonzero(network.active))
    if nearest is None:
        return []
    chain = np.array(_upwards(network, nearest), np.int64)
    _checks, covers = ground.judged(matter_of(question), chain)
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
