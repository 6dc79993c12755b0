"""Time in ticks of five minutes, and days as integers with a bit for each tick.

A tick's number counts from the Unix epoch, 1970-01-01T00:00Z. A mask is a non-negative int: bit i stands for the
tick i places after an origin that the caller keeps, mostly the start of a local day. Windows are half-open pairs
(start, end) of such places. All operations on masks are a few operations on integers, whatever they hold.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

TICK_MIN = 5
DAY_TICKS = 24 * 60 // TICK_MIN
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Window = tuple[int, int]
_TICK = timedelta(minutes=TICK_MIN)


def ticks_for(minutes: int) -> int:
    """Whole ticks that so many minutes need, rounded up."""
    return -(-minutes // TICK_MIN)


def floor_tick(at: datetime) -> int:
    """The tick that an aware time is in. Raises ValueError for a naive one."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no zone")
    return (at - EPOCH) // _TICK


def ceil_tick(at: datetime) -> int:
    """The first tick that starts at an aware time or after it. Raises ValueError for a naive one."""
    tick = floor_tick(at)
    return tick + (EPOCH + tick * _TICK != at)


def exact_tick(at: datetime) -> int:
    """The tick that starts at an aware time. Raises ValueError for a naive time, or one off the five minutes."""
    tick = floor_tick(at)
    if EPOCH + tick * _TICK != at:
        raise ValueError(f"{at.isoformat()} is not on a step of {TICK_MIN} minutes")
    return tick


def tick_time(tick: int, zone: tzinfo = UTC) -> datetime:
    """When a tick starts, as an aware time in a zone."""
    return (EPOCH + tick * _TICK).astimezone(zone)


def day_bounds(day: date, zone: tzinfo) -> Window:
    """First tick of a local day, and first of the next: 288 apart, or less or more where clocks are changed."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def wall_tick(day: date, place: int, zone: tzinfo) -> int:
    """The tick when a local clock shows `place` ticks after midnight (0 to 288, which is the next midnight).

    Of a time that the clock shows twice the first counts; one that it skips is read on the clock of before, as
    zoneinfo does.
    """
    if place == DAY_TICKS:
        return _midnight(day + timedelta(days=1), zone)
    hour, minute = divmod(place * TICK_MIN, 60)
    return floor_tick(datetime.combine(day, time(hour, minute, tzinfo=zone)))


def local_place(tick: int, zone: tzinfo) -> tuple[date, int]:
    """The local date of a tick, and how many ticks after midnight the clock shows then."""
    at = tick_time(tick, zone)
    return at.date(), (at.hour * 60 + at.minute) // TICK_MIN


def mask(windows: Iterable[Window]) -> int:
    """The places that any of the windows covers. Raises ValueError for one that starts below 0 or ends before that."""
    covered = 0
    for start, end in windows:
        covered |= _ones(end - start) << start
    return covered


def runs(free: int, length: int) -> int:
    """The places where `length` free ticks in a row begin. Raises ValueError for a length below 1.

    Bit i of `free & free >> 1` says that i and i + 1 are free; doubling the distance takes log2(length) steps.
    """
    if length < 1:
        raise ValueError(f"a run has at least one tick, not {length}")
    known = 1
    while known < length:
        step = min(known, length - known)
        free &= free >> step
        known += step
    return free


def every(places: int, step: int, phase: int = 0) -> int:
    """Of a mask, the places i with i % step == phase % step."""
    teeth = places.bit_length() // step + 1
    return places & (_comb(step, teeth) << phase % step)


def starts(places: int) -> list[int]:
    """The places of a mask in ascending order."""
    found = []
    while places:
        lowest = places & -places
        found.append(lowest.bit_length() - 1)
        places ^= lowest
    return found


def compress(places: int, windows: Sequence[Window]) -> int:
    """A mask on the axis that has only the windows, end to end, so that a run can go across a lunch break.

    Windows ascend and don't overlap, else ValueError. What lies outside them is dropped.
    """
    packed = shift = 0
    for start, width in _spans(windows):
        packed |= (places >> start & _ones(width)) << shift
        shift += width
    return packed


def expand(packed: int, windows: Sequence[Window]) -> int:
    """The mask on the ordinary axis of one that `compress` made with the same windows."""
    places = 0
    for start, width in _spans(windows):
        places |= (packed & _ones(width)) << start
        packed >>= width
    return places


def finish(start: int, length: int, windows: Sequence[Window]) -> int:
    """Where a run of `length` ticks ends (exclusive) that begins at `start` and pauses outside the windows.

    Raises ValueError when it does not begin in a window or the windows are too short.
    """
    end = expand(compress(1 << start, windows) << (length - 1), windows).bit_length()
    if end == 0:
        raise ValueError(f"{length} ticks from {start} do not fit the windows")
    return end


def _ones(width: int) -> int:
    return (1 << width) - 1


@lru_cache(maxsize=1024)
def _comb(step: int, teeth: int) -> int:
    """A mask of so many places, `step` apart, from 0: as a geometric series."""
    return _ones(step * teeth) // _ones(step)


def _spans(windows: Sequence[Window]) -> list[Window]:
    """The windows as (start, width), once it is sure that they ascend."""
    reached = 0
    for start, end in windows:
        if not reached <= start <= end:
            raise ValueError(f"windows must ascend without overlap: {windows}")
        reached = end
    return [(start, end - start) for start, end in windows]


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: tzinfo) -> int:
    return floor_tick(datetime.combine(day, time(0, tzinfo=zone)))
