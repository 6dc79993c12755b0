"""What a plan asks in numbers: demand, what serves it already, and candidates. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.coverage.rules.ways import Ways
from app.kit.geo import Floats
from app.routing.nearby import DM_PER_KM, dm_of, in_space
from app.siting.rules.gains import Gains, Ints, Mask, Tell

CHUNK = 2_000_000
MOST_COMPARED = 400_000_000
MOST_GAINS = 25_000_000
"""Of so many gains at most a plan is made, 12 bytes each, twice while they are sorted."""


class Objective(StrEnum):
    """Most demand within a distance; or the shortest way to the nearest, on the weighted mean."""

    MAX_COVER = "max_cover"
    MIN_DISTANCE = "min_distance"


class TooLargeError(Exception):
    """More candidates near more places than can be compared."""


class Need(NamedTuple):
    """Some services that are alike: how many, which stations [s] serve them, and which candidates [m] would."""

    services: int
    served: Mask
    given: Mask


class Places(NamedTuple):
    """Points in degrees of WGS-84."""

    lon: Floats
    lat: Floats


@dataclass(frozen=True, eq=False)
class Question:
    """At most `most` of the candidates [m], by code, so that demand [n] of a weight each is served best beside the
    stations [s]. `county` [n] is the place of each point's county in `counties`."""

    objective: Objective
    most: int
    within_km: float
    points: Places
    weight: Floats
    county: Ints
    counties: tuple[str, ...]
    stations: Places
    candidates: Places
    needs: tuple[Need, ...]

    @property
    def services(self) -> int:
        return sum(need.services for need in self.needs)

    @cached_property
    def now(self) -> Floats:
        """How far it is for each need [k] from each point [n] to the nearest station that serves it, km."""
        ways = Ways(self.points, self.stations)
        return np.array([ways.nearest(need.served).km for need in self.needs])

    @cached_property
    def ways(self) -> Ways:
        """To the candidates."""
        return Ways(self.points, self.candidates)

    @cached_property
    def weights(self) -> Floats:
        """The demand for each need at each point [k, n]."""
        return np.array([need.services * self.weight for need in self.needs])


class Instance(NamedTuple):
    """A question as gains; for the objective of distances also the whole distance from which they save."""

    gains: Gains
    whole: float | None


def instance_of(question: Question, tell: Tell) -> Instance:
    """Raises TooLargeError."""
    if question.objective is Objective.MAX_COVER:
        return Instance(_covering(question), None)
    return _saving(question, tell)


def _covering(question: Question) -> Gains:
    """A need at a place that nothing serves near enough is worth its weight to each candidate near enough."""
    given = np.array([need.given for need in question.needs])
    anybody = np.array([given.any(axis=0)])
    if int(question.ways.count_within(question.within_km, anybody).sum()) > MOST_GAINS:
        raise TooLargeError
    pairs = question.ways.within(question.within_km, anybody[0])
    found = _Found(question)
    open_ones = (question.now > question.within_km) & (question.weights > 0)
    for n, weights in enumerate(question.weights):
        counts = open_ones[n][pairs.point] & given[n][pairs.station]
        point, candidate = pairs.point[counts], pairs.station[counts]
        found.add(n, point, candidate, weights[point])
    found.sort()
    return found.gains()


def _saving(question: Question, tell: Tell) -> Instance:
    """A need at a place is worth the way that it saves to each candidate nearer than what serves it.

    Where nothing serves it yet, the way is taken to be longer than to any candidate: to have one comes first.
    """
    if len(question.weight) * len(question.candidates.lon) > MOST_COMPARED:
        raise TooLargeError
    here, there = in_space(*question.points), in_space(*question.candidates)
    now = np.where(np.isfinite(question.now), question.now, _beyond(question))
    found = _Found(question)
    width = max(1, CHUNK // max(len(here), 1))
    for start in range(0, len(there), width):
        tell(start / len(there))
        across = there[start : start + width, np.newaxis, :] - here[np.newaxis, :, :]
        km = dm_of(np.sqrt(np.einsum("mni,mni->mn", across, across))) / DM_PER_KM
        for n, need in enumerate(question.needs):
            saved = (now[n] - km) * question.weights[n] * need.given[start : start + width, np.newaxis]
            candidate, point = np.nonzero(saved > 0)
            found.add(n, point, candidate + start, saved[candidate, point])
        found.sort()
    gains = found.gains()
    helped = np.zeros(gains.rows, np.bool_)
    helped[gains.row] = True
    served = np.isfinite(question.now).ravel()
    return Instance(gains, float((now * question.weights).ravel()[served | helped].sum()))


def _beyond(question: Question) -> float:
    """At least as far as any point is from any candidate, km."""
    if not len(question.candidates.lon):
        return 0.0
    first = Places(question.candidates.lon[:1], question.candidates.lat[:1])
    ways = (Ways(each, first).nearest(np.ones(1, np.bool_)).km for each in (question.points, question.candidates))
    return sum(float(km.max(initial=0.0)) for km in ways) + 1.0


class _Found:
    """Gains as they are found, some candidates after others."""

    def __init__(self, question: Question) -> None:
        self._points, self._question = len(question.weight), question
        self._open: list[tuple[Ints, Ints, Floats]] = []
        self._rows: list[Ints] = []
        self._gains: list[Floats] = []
        self._counts = np.zeros(len(question.candidates.lon), np.int64)
        self._total = 0

    def add(self, need: int, point: Ints, candidate: Ints, gain: Floats) -> None:
        """Raises TooLargeError."""
        self._total += len(gain)
        if self._total > MOST_GAINS:
            raise TooLargeError
        self._open.append((point + need * self._points, candidate, gain))

    def sort(self) -> None:
        """What was added since belongs to candidates after all those before."""
        several, (row, candidate, gain) = len(self._open) > 1, self._open[0]
        if several:
            row, candidate, gain = (np.concatenate(column) for column in zip(*self._open, strict=True))
        self._open = []
        self._counts += np.bincount(candidate, minlength=len(self._counts))
        if several or (candidate[1:] < candidate[:-1]).any():
            order = np.lexsort((row, candidate))
            row, gain = row[order], gain[order]
        self._rows.append(row.astype(np.int32))
        self._gains.append(gain)

    def gains(self) -> Gains:
        starts = np.concatenate(([0], np.cumsum(self._counts)))
        rows = len(self._question.needs) * self._points
        nothing: tuple[list[Ints], list[Floats]] = [np.zeros(0, np.int32)], [np.zeros(0)]
        return Gains(rows, starts, np.concatenate(self._rows or nothing[0]), np.concatenate(self._gains or nothing[1]))
