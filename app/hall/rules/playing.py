"""The queue played through in many runs at once: what chance draws, and one call after the other. Pure.

Runs are columns. Sets of people are bit masks of [words, ...], the lowest bit first in rank, so that whom the rule
takes is the lowest bit of a set, and a call costs the same for ten and for a hundred who wait.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from app.hall.rules.durations import Duration

ROWS = 1024
WORD, ONE = 64, np.uint64(1)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]


@lru_cache(maxsize=4)
def normal(seed: int, runs: int) -> Floats:
    """[ROWS, runs] standard normal draws, each row stratified: one out of each of so many equally likely slices."""
    rng = np.random.default_rng(seed)
    slices = rng.permuted(np.tile(np.arange(runs), (ROWS, 1)), axis=1)
    drawn: Floats = ndtri((slices + rng.random((ROWS, runs))) / runs)
    return drawn


def left_of(duration: Duration, so_far_min: float, draws: Floats) -> Floats:
    """Minutes that a serving still takes, given that it has lasted so long: the inverse of the truncated distribution.

    With Z standard normal and z0 = (ln so_far - mu) / sigma: P(Z > z) = P(Z > z0) U, in logarithms, as a serving that
    somebody forgot to finish lies far out.
    """
    z = draws
    if so_far_min > 0:
        survived = log_ndtr(-(np.log(so_far_min) - duration.mu) / duration.sigma)
        z = -ndtri_exp(survived + np.log(ndtr(-draws)))
    left: Floats = np.maximum(np.exp(duration.mu + duration.sigma * z) - so_far_min, 0.0)
    return left


def words(chosen: npt.ArrayLike) -> Bits:
    """Sets of people, [..., people] of what is true or not, as masks [words, ...]; one word at least."""
    each = np.atleast_1d(np.asarray(chosen, bool))
    room = np.zeros((*each.shape[:-1], max(-(-each.shape[-1] // WORD), 1) * WORD), bool)
    room[..., : each.shape[-1]] = each
    return np.moveaxis(np.packbits(room, axis=-1, bitorder="little").view("<u8"), -1, 0).astype(np.uint64)


def places(people: int) -> int:
    """How many places tables have for so many people: whole words, and a last one that means nobody."""
    return max(-(-people // WORD), 1) * WORD + 1


class Queue(NamedTuple):
    """Who waits and who will come, by rank.

    `asked` [words] are to be called before a run may end; `there` [words] are in the queue from the beginning, or from
    when they `come` [people]; from when on somebody goes before all others says `first` [people]. `fits` is [desks,
    people]. `left` [words, desks, places] joins the queue when a desk has called one.
    """

    asked: Bits
    there: Bits
    fits: npt.NDArray[np.bool_]
    come: Floats
    first: Floats
    left: Bits | None


class _Calls(NamedTuple):
    """Whom a desk may call after so many `moments`: `may` and, of those, `first`, both [words, desks * (moments + 1)].
    `arrives` is the next moment at which one comes whom a desk may call, infinite if none, [desks * (moments + 1)].
    """

    moments: Floats
    may: Bits
    first: Bits
    arrives: Floats

    @classmethod
    def of(cls, queue: Queue) -> "_Calls":
        # What has come already has come at 0: fewer moments.
        moments = np.unique(np.concatenate((queue.come, queue.first)).clip(0))
        until = np.append(moments, np.inf)[:, None]
        come = queue.fits[:, None, :] & (queue.come < until)
        first = come & (queue.first < until)
        later = np.where(queue.fits[:, None, :] & ~come, queue.come, np.inf).min(axis=2)
        wide = len(queue.fits) * len(until)
        return cls(moments, words(come).reshape(-1, wide), words(first).reshape(-1, wide), later.ravel())

    def moment(self, desk: Ints, now: Floats) -> Ints:
        """[runs] the places in the tables for desks at their times."""
        return desk * (len(self.moments) + 1) + self.moments.searchsorted(now, side="right")

    def next(self, there: Bits, moment: Ints) -> Bits:
        """[words, runs] of whom a desk may call, only those who go first if there are any."""
        may, first = there & self.may.take(moment, axis=1), there & self.first.take(moment, axis=1)
        some = first[0] if len(first) == 1 else np.bitwise_or.reduce(first, axis=0)
        return np.where(some != 0, first, may)


class Drawn(NamedTuple):
    """Minutes. `busy` [ways, places, runs] is how long one keeps a desk, `way` [desks] which of them is a desk's;
    `free` [desks, runs] when a desk is free first, `slow` [desks, runs] by what it takes longer than others. `pauses`
    [2, desks]: no desk calls from the first to before the second.
    """

    busy: Floats
    way: Ints
    free: Floats
    slow: Floats
    pauses: Floats


def play(queue: Queue, drawn: Drawn) -> Floats:
    """[places, runs] the moments of their calls, until all who are asked for have been called; 0 of the others."""
    _, room, runs = drawn.busy.shape
    run, calls = np.arange(runs), _Calls.of(queue)
    busy, starts = drawn.busy.ravel(), np.zeros(room * runs)
    free, ways = back(drawn.pauses[:, :, None], drawn.free), drawn.way * busy.size // len(drawn.busy)
    pauses = np.isfinite(drawn.pauses).any()
    there = np.repeat(queue.there[:, None], runs, axis=1)
    steps, least = 0, int(np.bitwise_count(queue.asked).sum())
    while steps < least or (there & queue.asked[:, None]).any():
        steps += 1
        desk = free.argmin(axis=0)
        at = desk * runs + run
        now = free.take(at)
        moment = calls.moment(desk, now)
        who = take(calls.next(there, moment), there)
        if queue.left is not None:
            there |= queue.left[:, desk, who]
        place = who * runs + run
        starts[place] = now
        then = now + busy.take(ways.take(desk) + place) * drawn.slow.take(at)
        idle = who == room - 1
        if idle.any():
            then = np.where(idle, calls.arrives.take(moment), then)
        free.ravel()[at] = back(drawn.pauses.take(desk, axis=1), then) if pauses else then
    return starts.reshape(room, runs)


def back(pauses: Floats, then: Floats) -> Floats:
    """Moments, those in a pause put off to its end."""
    return np.where((pauses[0] <= then) & (then < pauses[1]), pauses[1], then)


def take(sets: Bits, there: Bits) -> Ints:
    """[runs] the lowest of each set, taken out of `there`; the place for nobody of an empty set."""
    place = _lowest(sets[0], there[0])
    for n in range(1, len(sets)):
        empty = place == n * WORD
        place += _lowest(sets[n] * empty, there[n]) * empty
    return place


def _lowest(sets: Bits, there: Bits) -> Ints:
    """[runs] the lowest place in each word, taken out of `there`; the length of a word for an empty one."""
    bit = sets & np.negative(sets)
    there ^= bit
    place: Ints = np.bitwise_count(bit - ONE).astype(np.int64)
    return place


def draws(rows: Iterable[int], seed: int, runs: int) -> Floats:
    """[rows, runs] of the table, whose rows repeat."""
    return normal(seed, runs)[np.fromiter(rows, np.int64) % ROWS]
