"""What a query says: its words without the filling, and which kind of work it names.

Weak words say what should be done (检定, 校准, 检测, 认证, calibration): a thing is found by its name, so they are
taken off names and queries alike and weigh little. Fillers (我要, 怎么, 多少钱) are taken off too and weigh nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from app.catalogue.search.fold import LIMIT, data_lines, fold, stem, words
from app.catalogue.search.sounds import spoken, variants

_WEAK_AT_END = "(?:检|校|测|认|证)$"  # half of a word of work, as it stands while somebody types; 证 is any certificate
_LETTERS_OF_WORK = re.compile("(?:jd|jz|xz|jy|xy|jc|nj|sj|bd|cs|rz|fd)$")
_SHORTEST_INITIALS = 2


def _listed(kind: str) -> list[list[str]]:
    """The lines of that kind in `data/words.txt`, each as its words."""
    lines = (line.partition(": ") for line in data_lines("words.txt"))
    return [rest.split() for key, _, rest in lines if key == kind]


def _any_of(alternatives: Iterable[str]) -> str:
    return "|".join(sorted((word for word in alternatives if not word.isascii()), key=len, reverse=True))


def _in_pinyin(chinese: Iterable[str]) -> str:
    texts = {"".join(reading) for word in chinese if not word.isascii() and len(word) > 1 for reading in variants(word)}
    return "|".join(sorted(texts, key=len, reverse=True))


_WORK = {stem(word): 1 << group for group, listed in enumerate(_listed("work")) for word in listed}
_WEAK = [*_WORK, *chain.from_iterable(_listed("weak"))]
_FILLERS = list(chain.from_iterable(_listed("fillers")))
_WEAK_ENGLISH = {stem(word) for word in _WEAK if word.isascii()}
_FILLERS_ENGLISH = {word for word in _FILLERS if word.isascii()}
_WORK_CHINESE = re.compile(_any_of(_WORK))
_FILLERS_CHINESE = re.compile(_any_of(_FILLERS))
_SOFT = re.compile(f"{_any_of([*_WEAK, *_FILLERS])}|{_WEAK_AT_END}")
_SOFT_SPOKEN = _in_pinyin([*_WEAK, *_FILLERS])
_SPOKEN_ENDS = re.compile(f"^(?:{_SOFT_SPOKEN})+|(?:{_SOFT_SPOKEN})+$")


def work_of(parts: Iterable[str]) -> int:
    """The groups of work that the words name, as bits: verification and calibration, testing, certification."""
    groups = 0
    for part in parts:
        if part.isascii():
            groups |= _WORK.get(stem(part), 0)
        else:
            for word in _WORK_CHINESE.findall(part):
                groups |= _WORK[word]
    return groups


def strong(parts: Iterable[str]) -> list[str]:
    """The parts that name a thing: no weak words, no fillers; English stemmed; Chinese split where they stood."""
    kept: list[str] = []
    for part in parts:
        if not part.isascii():
            kept += filter(None, _SOFT.split(part))
        elif (base := stem(part)) not in _WEAK_ENGLISH and part not in _FILLERS_ENGLISH:
            kept.append(base)
    return kept


def without_fillers(parts: Iterable[str]) -> list[str]:
    """The parts with fillers gone and weak words kept: Chinese character by character, English stemmed."""
    kept: list[str] = []
    for part in parts:
        if not part.isascii():
            kept += _FILLERS_CHINESE.sub("", part)
        elif part not in _FILLERS_ENGLISH:
            kept.append(stem(part))
    return kept


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read once. All texts are folded; `whole`, `full` and `core` have no blanks.

    `whole` is everything, `full` lacks fillers, `core` lacks weak words too (empty when nothing else was said).
    `parts` are the characters and words of `full`. `pieces` are the separate words that name things, or the weak ones
    when there are no others. `work` is as `work_of` says; `letters` tells that all is ASCII. `sound` is the query as
    pinyin when letters were typed, and `sound_core` the same less weak words at its ends; else both are empty.
    """

    whole: str
    full: str
    core: str
    parts: tuple[str, ...]
    pieces: tuple[str, ...]
    work: int
    letters: bool
    sound: str
    sound_core: str

    @property
    def initials_core(self) -> str:
        """A query of letters only without the first letters of a word of work at its end: ylbjd gives ylb."""
        shorter = _LETTERS_OF_WORK.sub("", self.sound)
        return shorter if len(shorter) >= _SHORTEST_INITIALS else self.sound


def parse(text: str) -> Query:
    """The first 64 characters of what was typed, read. Never raises."""
    parts = words(fold(text[:LIMIT])[:LIMIT])
    named = strong(parts)
    said = tuple(without_fillers(parts))
    sound, sound_core = _sounds(parts)
    return Query(
        whole="".join(map(stem, parts)),
        full="".join(said),
        parts=said,
        core="".join(named),
        pieces=_pieces(named or [stem(part) for part in parts]),
        work=work_of(parts),
        letters="".join(parts).isascii(),
        sound=sound,
        sound_core=sound_core,
    )


def _pieces(named: list[str]) -> tuple[str, ...]:
    """Each once, without single letters and digits unless there is nothing else."""
    longer = [part for part in named if len(part) > 1 or not part.isascii()]
    return tuple(dict.fromkeys(longer or named))


def _sounds(parts: list[str]) -> tuple[str, str]:
    if not any(part.isascii() and not part.isdigit() for part in parts):
        return "", ""
    sound = "".join(part if part.isascii() else "".join(spoken(part)) for part in parts)
    return sound, _SPOKEN_ENDS.sub("", sound) or sound
