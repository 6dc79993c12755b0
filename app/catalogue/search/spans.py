"""Which characters of a name a query matched, so that a page can mark them."""

import re
from collections.abc import Iterator, Sequence

from app.catalogue.search.fold import fold
from app.catalogue.search.query import Query
from app.catalogue.search.sounds import spoken, variants

Span = tuple[int, int]
"""The first character of a marked part and the one after its last, counted in the name as written."""


def spans(text: str, query: Query) -> tuple[Span, ...]:
    """The parts of `text` that the query names, in order, not overlapping; by spelling, pinyin or initials."""
    folded, owners = _squeezed(text)
    whole = _marked(folded, [query.full], owners) or _marked(folded, [query.core], owners)
    return whole or _spoken(folded, query, owners) or _marked(folded, query.pieces, owners)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text folded without blanks, and for each character of that the place in `text` that it came from."""
    units = [(place, part) for place, character in enumerate(text) for part in fold(character)]
    return "".join(part for _, part in units), [place for place, _ in units]


def _marked(folded: str, needles: Sequence[str], owners: Sequence[int]) -> tuple[Span, ...]:
    found = (_pattern(needle).search(folded) for needle in needles if needle)
    marked: list[Span] = []
    for at, end in sorted(match.span() for match in found if match):
        first, last = owners[at], owners[end - 1] + 1
        if marked and first <= marked[-1][1]:
            marked[-1] = (marked[-1][0], max(last, marked[-1][1]))
        else:
            marked.append((first, last))
    return tuple(marked)


def _pattern(needle: str) -> re.Pattern[str]:
    """The needle with any letter doubled, as stems have them single."""
    return re.compile("".join(f"{part}+" if part.isascii() else re.escape(part) for part in needle))


def _spoken(folded: str, query: Query, owners: Sequence[int]) -> tuple[Span, ...]:
    needles = (query.sound, query.sound_core, query.initials_core) if query.sound else ("".join(spoken(query.core)),)
    for needle in filter(None, needles):
        for syllables in _spellings(folded):
            if span := _at_syllable(syllables, needle):
                return ((owners[span[0]], owners[span[1] - 1] + 1),)
    return ()


def _spellings(folded: str) -> Iterator[Sequence[str]]:
    readings = variants(folded)
    yield from readings
    for reading in readings:
        yield [syllable[0] for syllable in reading]


def _at_syllable(syllables: Sequence[str], needle: str) -> Span | None:
    """From which syllable to before which the needle reaches, when it begins with a syllable."""
    for start in range(len(syllables)):
        rest = "".join(syllables[start:])
        if rest.startswith(needle):
            end, left = start, len(needle)
            while left > 0:
                left -= len(syllables[end])
                end += 1
            return start, end
    return None
