"""How long people will wait: the queue as it stands played through some hundred times at once. Pure; all in minutes.

A run draws how long each serving takes, then lets the desk that is free first call by the rule of the hall, again and
again, until all who wait have been called; it never leaves a desk idle for whom it could serve. A wait ends with the
call. What is drawn: servings (lognormal, see durations), what is left of those under way (given that they have lasted
so long already), the pause between two people, how quick each desk is, who comes of those expected.

**Those still to come** count, as the rule may call them before who waits now: booked appointments, and people without
an appointment who will be given priority or rank before a booked one (`unbooked` spreads a rate over the next hours).

**Common random numbers** (Glasserman and Yao, Management Science 38, 1992): a ticket and a desk keep their draws by
their number, so a forecast doesn't jitter when nothing has changed and hardly when the next is called. Each row of
draws is stratified over the runs (McKay, Beckman and Conover, Technometrics 21, 1979), which steadies the quantiles.
"""

from collections.abc import Iterable, Sequence
from math import hypot
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from app.hall.rules.durations import Duration
from app.hall.rules.playing import WORD, Bits, Drawn, Floats, Queue, draws, left_of, places, play, words

RUNS = 200
# From the end of a serving until the next person sits at the desk.
PAUSE = Duration(-0.1, 0.5)
DESK_SIGMA = 0.15  # desks differ in speed by about so much, as a standard deviation of ln(minutes)
COUNTED_FROM_MIN = 1.0
# Rows of the table of draws: four a ticket, from elsewhere for those who have no number yet, and three a desk.
ROWS_A_TICKET, ROWS_A_DESK, ROWS_COMING, ROWS_DESKS = 4, 3, 400, 800


class Wait(NamedTuple):
    """Minutes from now until the call: as likely to be shorter as longer, and not longer nine times in ten."""

    p50_min: float
    p90_min: float


class Part(NamedTuple):
    """A service of a visit: the bit of its category, and how long it takes."""

    category: int
    duration: Duration


class Serving(NamedTuple):
    """What is under way at a desk: the service begun `so_far_min` ago, and those of the same visit `further` on."""

    duration: Duration
    so_far_min: float = 0.0
    further: tuple[Duration, ...] = ()


class OpenDesk(NamedTuple):
    """A desk with somebody signed in. `skills` has a bit for each category.

    `back_in_min` says when it is back from a break. A pause known beforehand begins in `leaves_in_min` (or when the
    serving of then is done) and ends in `returns_in_min`.
    """

    id: int
    skills: int
    serving: Serving | None = None
    back_in_min: float = 0.0
    leaves_in_min: float | None = None
    returns_in_min: float = 0.0


class Ahead(NamedTuple):
    """A ticket that waits, with what is left of its visit; for one desk only if `for_desk` has the id of it.

    `rank_min` and `first_in_min` are the rule's moments, in minutes from now, below 0 when they lie in the past.
    """

    number: int
    parts: tuple[Part, ...]
    rank_min: float
    first_in_min: float
    for_desk: int | None = None


class Coming(NamedTuple):
    """Somebody who will check in or take a ticket in `in_min`, with the probability `shows`."""

    in_min: float
    parts: tuple[Part, ...]
    rank_min: float
    first_in_min: float
    shows: float = 1.0


class Mix(NamedTuple):
    """One sort of visit among people without an appointment, and its share."""

    share: float
    parts: tuple[Part, ...]


def unbooked(
    per_hour: float, minutes: float, mix: Sequence[Mix], *, rank_min: float, first_in_min: float, step_min: float = 5.0
) -> list[Coming]:
    """People expected at a rate in the next minutes, as comings with small probabilities; the moments of the rule
    count from their arrival. The more `per_hour`, the shorter the steps, so that no probability is above one half.
    """
    step = min(step_min, 30 / per_hour) if per_hour > 0 else minutes + 1
    shares = np.cumsum([one.share for one in mix])
    found = []
    for n in range(int(minutes / step)):
        at = (n + 0.5) * step
        # The golden ratio's multiples visit the sorts in their shares without clumps.
        one = mix[int(np.searchsorted(shares, (n + 0.5) * 0.618034 % 1 * shares[-1], side="right"))]
        found.append(Coming(at, one.parts, at + rank_min, at + first_in_min, per_hour * step / 60))
    return found


def share_under(waits: Iterable[tuple[Wait, float]], *, p90: bool = True) -> float | None:
    """Of forecasts and what the waits became in minutes, the share that was not longer than the P90 (or the P50).

    Forecasts of no wait worth the name (P90 under a minute) are left out: who is called at once proves nothing. None
    when nothing is left.
    """
    counted = [(wait[p90], became) for wait, became in waits if wait.p90_min >= COUNTED_FROM_MIN]
    return sum(became <= limit for limit, became in counted) / len(counted) if counted else None


def forecast(
    desks: Sequence[OpenDesk],
    waiting: Sequence[Ahead],
    coming: Sequence[Coming] = (),
    *,
    runs: int = RUNS,
    seed: int = 1,
) -> list[Wait | None]:
    """The waits of all who wait, in the order given; None for a ticket that no open desk may call.

    60 who wait at 8 desks took 4.6 ms, with 32 still to come 7.1 ms, 6 at 2 desks 1 to 1.7 ms (one of two busy cores).
    """
    lines = _lines(desks, waiting, coming)
    answer: list[Wait | None] = [None] * len(waiting)
    if any(line.asked is not None for line in lines):
        starts = play(_queue(desks, lines), _drawn(desks, lines, seed, runs))
        # One sort is much quicker than the quantiles of numpy.
        quantiles = np.sort(starts[: len(lines)], axis=1)[:, [runs // 2, runs * 9 // 10]].tolist()
        for line, found in zip(lines, quantiles, strict=True):
            if line.asked is not None:
                answer[line.asked] = Wait(*found)
    return answer


class _Line(NamedTuple):
    """Somebody in the queue, or what a desk without all the skills leaves of a visit (`rest`). `fits` are the desks
    that may call, as bits by their place; `row` the first of the rows of draws.
    """

    rank_min: float
    number: float
    whose: int
    row: int
    parts: tuple[Part, ...]
    fits: int
    first_in_min: float
    in_min: float = -np.inf
    shows: float = 1.0
    asked: int | None = None
    rest: bool = False

    def without(self, desk: OpenDesk) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if not part.category & desk.skills)


def _lines(desks: Sequence[OpenDesk], waiting: Sequence[Ahead], coming: Sequence[Coming]) -> list[_Line]:
    """All who may be called, by rank, and the rests of visits."""
    lines = []
    for n, t in enumerate(waiting):
        row, fits = t.number * ROWS_A_TICKET, _fitting(desks, t.parts, t.for_desk)
        lines.append(_Line(t.rank_min, t.number, n, row, t.parts, fits, t.first_in_min, asked=n))
    for n, c in enumerate(coming, len(waiting)):
        row, fits = ROWS_COMING + (n - len(waiting)) * ROWS_A_TICKET, _fitting(desks, c.parts)
        lines.append(_Line(c.rank_min, np.inf, n, row, c.parts, fits, c.first_in_min, c.in_min, c.shows))
    lines = [line for line in lines if line.fits]
    known = set()
    for line in lines:  # grows while it is read: a rest may leave a rest
        for rest in _rests(desks, line):
            if (rest.whose, rest.parts) not in known:
                known.add((rest.whose, rest.parts))
                lines.append(rest)
    return sorted(lines, key=lambda line: line[:3])


def _fitting(desks: Sequence[OpenDesk], parts: Sequence[Part], for_desk: int | None = None) -> int:
    """The desks that may call somebody for something of what is wanted."""
    wants = 0
    for part in parts:
        wants |= part.category
    return sum(1 << n for n, desk in enumerate(desks) if desk.skills & wants and for_desk in (None, desk.id))


def _rests(desks: Sequence[OpenDesk], line: _Line) -> Iterable[_Line]:
    """What the desks that may call somebody leave for others, as far as others may."""
    if len(line.parts) == 1:
        return
    for n, desk in enumerate(desks):
        left = line.without(desk) if line.fits >> n & 1 else ()
        if left and (fits := _fitting(desks, left)):
            yield line._replace(parts=left, fits=fits, in_min=-np.inf, asked=None, rest=True)


def _queue(desks: Sequence[OpenDesk], lines: Sequence[_Line]) -> Queue:
    return Queue(
        asked=words([line.asked is not None for line in lines]),
        there=words([not line.rest for line in lines]),
        fits=np.array([[bool(line.fits >> n & 1) for line in lines] for n in range(len(desks))]),
        come=np.array([line.in_min for line in lines]),
        first=np.array([line.first_in_min for line in lines]),
        left=_left(desks, lines),
    )


def _left(desks: Sequence[OpenDesk], lines: Sequence[_Line]) -> Bits | None:
    """[words, desks, places] the rests that join the queue when a desk has called a line; None if never any.

    They join at once, while the visit is still at the first desk: the work is right, its moment a little early.
    """
    rests = {(line.whose, line.parts): n for n, line in enumerate(lines) if line.rest}
    if not rests:
        return None
    found = np.zeros((places(len(lines)) // WORD, len(desks), places(len(lines))), np.uint64)
    for n, line in enumerate(lines):
        for d, desk in enumerate(desks):
            rest = rests.get((line.whose, line.without(desk)))
            if rest is not None and line.fits >> d & 1:
                found[rest // WORD, d, n] = 1 << rest % WORD
    return found


def _drawn(desks: Sequence[OpenDesk], lines: Sequence[_Line], seed: int, runs: int) -> Drawn:
    first = [ROWS_DESKS + desk.id * ROWS_A_DESK for desk in desks]
    # Without rests each desk that may call a line does all of it, and one way is enough.
    ways = sorted({desk.skills for desk in desks}) if any(line.rest for line in lines) else [-1]
    return Drawn(
        busy=_busy(lines, ways, seed, runs),
        way=np.array([ways.index(desk.skills) if len(ways) > 1 else 0 for desk in desks]),
        free=np.stack(
            [_free(desk, draws(range(row, row + 3), seed, runs)) for desk, row in zip(desks, first, strict=True)]
        ),
        slow=np.exp(DESK_SIGMA * draws(first, seed, runs)),
        pauses=np.array([_pause(desk) for desk in desks]).T,
    )


def _busy(lines: Sequence[_Line], ways: Sequence[int], seed: int, runs: int) -> Floats:
    """[ways, places, runs] minutes that somebody keeps a desk of these skills, none of whoever does not come."""
    parts = [(line.row + k, part) for line in lines for k, part in enumerate(line.parts)]
    normal = draws((row for row, _ in parts), seed, runs)
    mu, sigma, doubt = np.array([part.duration for _, part in parts]).T[:, :, None]
    # Servings of one service have one mean, by which one knows them: they share the draw of what it is.
    wrong = draws((round(part.duration.mu * 10_000) for _, part in parts), seed, runs)
    minutes = np.exp(mu + sigma * normal + doubt * wrong)
    begins = np.cumsum([0] + [len(line.parts) for line in lines[:-1]])
    pause = np.exp(PAUSE.mu + PAUSE.sigma * draws((line.row + 2 for line in lines), seed, runs))
    chance = draws((line.row + 3 for line in lines), seed, runs)
    shows = chance <= ndtri([line.shows for line in lines])[:, None]
    busy = np.zeros((len(ways), places(len(lines)), runs))
    for n, skills in enumerate(ways):
        does = np.array([bool(part.category & skills) for _, part in parts])
        busy[n, : len(lines)] = (np.add.reduceat(minutes * does[:, None], begins, axis=0) + pause) * shows
    return busy


def _free(desk: OpenDesk, normal: Floats) -> Floats:
    """[runs] minutes until a desk is free first."""
    if desk.serving is None:
        return np.full(normal.shape[1], max(desk.back_in_min, 0.0))
    now, so_far, further = desk.serving
    wide = Duration(now.mu, hypot(now.spread, DESK_SIGMA))
    until = left_of(wide, so_far, normal[1]) + np.exp(PAUSE.mu + PAUSE.sigma * normal[2])
    for one in further:
        until += np.exp(one.mu + one.spread * normal[2])
    free: Floats = np.maximum(until, desk.back_in_min)
    return free


def _pause(desk: OpenDesk) -> tuple[float, float]:
    return (np.inf, np.inf) if desk.leaves_in_min is None else (desk.leaves_in_min, desk.returns_in_min)
