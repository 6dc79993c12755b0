"""How Han characters are read, from a small table of our own.

`pypinyin` with its phrases would take 57 MB of every worker, `rjieba` another 33; this takes about one.
"""

from itertools import islice, product

from app.catalogue.search.fold import data_lines

_MOST_VARIANTS = 8


def _table() -> dict[str, tuple[str, ...]]:
    first: dict[str, str] = {}
    further: dict[str, list[str]] = {}
    for line in data_lines("pinyin.txt"):
        syllable, _, characters = line.partition(" ")
        main, _, second = characters.partition("+")
        first.update(dict.fromkeys(main, syllable))
        for character in second:
            further.setdefault(character, []).append(syllable)
    return {character: (syllable, *further.get(character, ())) for character, syllable in first.items()}


_READINGS = _table()


def readings(character: str) -> tuple[str, ...]:
    """The syllables of a character, commonest first, without tones and with v for ü; () when there is none."""
    return _READINGS.get(character, ())


def spoken(word: str) -> list[str]:
    """The commonest syllable of each character; a character without one stands for itself."""
    return [_READINGS[character][0] if character in _READINGS else character for character in word]


def variants(word: str) -> list[tuple[str, ...]]:
    """The ways to read a word, at most 8, commonest first: 校准 is ("jiao", "zhun") and ("xiao", "zhun")."""
    each = (_READINGS.get(character, (character,)) for character in word)
    return list(islice(product(*each), _MOST_VARIANTS))
