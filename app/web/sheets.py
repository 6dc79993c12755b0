"""How a table fits on paper: which way the page is turned, how wide each column is, and where it is cut. Pure.

Widths are estimated from the characters (a Chinese one is as wide as the type is high, others half as wide), so that a
column of numbers never breaks and one of names breaks only where there is no room. Lengths are points of 1/72 inch.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

TALL, WIDE = 499.0, 753.0
"""What A4 has between its margins, upright and turned."""
SIZES = ((False, 9.0), (True, 8.5), (True, 7.5))
"""Turned or not, and the size of type, from the most readable on."""
PADDING = 8.0
FULL, DIGIT, LATIN, CAPITAL, BETWEEN = 1.0, 0.56, 0.54, 0.66, 0.25
"""Ems of a character; `BETWEEN` is what typst puts between a Chinese one and others."""
KEPT_MOST = 18.0
NAME_LEAST, NAME_MOST, HEAD_LEAST, HEAD_LINES, MOST_HEAD_LINES = 8.0, 30.0, 3.0, 3, 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table's columns on paper: `blocks` of them, each on pages of its own; the first `kept` are in every block."""

    turned: bool
    size: float
    blocks: list[list[int]]
    widths: list[list[float]]


def ems(text: str) -> float:
    """How wide a text is, in heights of its type."""
    wide = [_em(each) == FULL for each in text]
    changes = sum(one != other for one, other in pairwise(wide))
    return sum(_em(each) for each in text) + changes * BETWEEN


@lru_cache(maxsize=20_000)
def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return FULL
    if character.isdigit():
        return DIGIT
    return CAPITAL if character.isupper() else LATIN


def longest_part(text: str) -> float:
    """The widest of its parts between which a line can end: words, but single characters in Chinese."""
    widest = run = 0.0
    for each in text:
        run = 0.0 if each == " " else _em(each) if _em(each) == FULL else run + _em(each)
        widest = max(widest, run)
    return widest


def laid_out(heads: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[bool], kept: int = 1) -> Sheet:
    """Upright if that fits, else turned, else in smaller type; what is wider still is cut into blocks of columns.

    It fits best where nothing breaks, and at all where no number and no word does. `whole` tells of each column whether
    its cells must not break; the first `kept` are repeated in every block.
    """
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(heads)
    least = [_least(*each) for each in zip(heads, columns, whole, strict=True)]
    wished = [_wished(*each) for each in zip(heads, columns, whole, strict=True)]
    for needed, (turned, size) in [*product([wished], SIZES[:-1]), *product([least], SIZES)]:
        room = WIDE if turned else TALL
        if sum(each * size + PADDING for each in needed) <= room:
            return Sheet(turned, size, [list(range(len(heads)))], [_shared(least, wished, room, size)])
    tight = [_least(*each, MOST_HEAD_LINES) for each in zip(heads, columns, whole, strict=True)]
    tight[:kept] = [max(need, min(wish, KEPT_MOST)) for need, wish in zip(least[:kept], wished, strict=False)]
    (turned, size), blocks = min(
        ((each, _cut(tight, kept, WIDE, each[1])) for each in SIZES[1:]), key=lambda found: len(found[1])
    )
    return Sheet(turned, size, blocks, _alike(blocks, tight, kept, size))


def _least(head: str, cells: Sequence[str], whole: bool, lines: int = HEAD_LINES) -> float:
    """Ems below which a column must not be: numbers and words whole, heads in so many lines."""
    of_head = max(longest_part(head), ems(head) / lines, min(ems(head), HEAD_LEAST))
    natural = max(map(ems, cells), default=0.0)
    if whole:
        return max(of_head, natural)
    return max(of_head, min(natural, NAME_LEAST), max(map(longest_part, cells), default=0.0))


def _wished(head: str, cells: Sequence[str], whole: bool) -> float:
    """Ems at which nothing need break, within reason."""
    natural = max(map(ems, cells), default=0.0)
    return max(_least(head, cells, whole), min(natural, NAME_MOST), min(ems(head), NAME_LEAST))


def _shared(least: Sequence[float], wished: Sequence[float], room: float, size: float) -> list[float]:
    """Widths that fill the room: first what is needed, then what is wished for, and the rest to all alike."""
    widths = [each * size + PADDING for each in least]
    more = [(wish - need) * size for wish, need in zip(wished, least, strict=True)]
    left = room - sum(widths)
    part = min(left / sum(more), 1.0) if sum(more) > 0 else 0.0
    widths = [width + each * part for width, each in zip(widths, more, strict=True)]
    rest = max(room - sum(widths), 0.0)
    return [round(width + rest * width / sum(widths), 2) for width in widths]


def _cut(least: Sequence[float], kept: int, room: float, size: float) -> list[list[int]]:
    """Blocks of about as many columns each, every one with the first `kept`."""
    head = sum(each * size + PADDING for each in least[:kept])
    widest = max(each * size + PADDING for each in least[kept:])
    most = max(int((room - head) / widest), 1)
    count = len(least) - kept
    pieces = -(-count // most)
    edges = [kept + round(n * count / pieces) for n in range(pieces + 1)]
    return [[*range(kept), *range(first, last)] for first, last in pairwise(edges)]


def _alike(blocks: Sequence[Sequence[int]], tight: Sequence[float], kept: int, size: float) -> list[list[float]]:
    """The columns that are kept are equally wide in all blocks, and the others of a block share what is left."""
    first = [round(each * size + PADDING, 2) for each in tight[:kept]]
    counts = [len(block) - kept for block in blocks]
    return [[*first, *[(WIDE - sum(first)) / count] * count] for count in counts]
