"""Cut the fonts of documents out of the published ones: smaller files, the same shapes.

Regular keeps every character that the published font has: all of GB 18030-2022's first level (the unified ideographs
4E00–9FEF and extension A) and what the general table of 2013 has beyond. Bold stands in titles and heads, and has GB
2312 and Latin; what it lacks is set in Regular. Layout for vertical lines and hinting are left out.
"""

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FEATURES = ["ccmp", "kern", "locl", "mark"]
NEVER_PRINTED = ["vhea", "vmtx", "STAT", "BASE", "gasp"]
LATIN = chain(range(0x20, 0x250), range(0x2000, 0x2070), range(0xFF00, 0xFFF0))


def regular(published: Path, target: Path) -> None:
    """The font, and beside it the list of characters that it has."""
    characters = sorted(TTFont(published).getBestCmap())
    _cut(published, target, characters)
    text = json.dumps(list(spans(characters)), separators=(",", ":"))
    target.with_name("characters.json").write_text(text + "\n", encoding="utf-8")


def bold(published: Path, target: Path) -> None:
    _cut(published, target, gb2312() | set(LATIN))


def gb2312() -> set[int]:
    """The characters of GB 2312: 87 rows of 94 places, of which some are empty."""
    places = (bytes((row, place)) for row in range(0xA1, 0xF8) for place in range(0xA1, 0xFF))
    return {ord(character) for each in places if (character := each.decode("gb2312", errors="ignore"))}


def spans(characters: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Sorted numbers as first and last of each run."""
    first = last = -1
    for each in characters:
        if each != last + 1:
            if first >= 0:
                yield first, last
            first = each
        last = each
    yield first, last


def _cut(published: Path, target: Path, characters: Iterable[int]) -> None:
    options = subset.Options(
        layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=["*"], recalc_timestamp=False
    )
    options.drop_tables += NEVER_PRINTED
    font = subset.load_font(str(published), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    subset.save_font(font, str(target), options)
