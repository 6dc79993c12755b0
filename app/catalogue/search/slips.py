"""What was meant when letters fit nothing: syllables cut short in the middle, or a slip of the finger."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.catalogue.search.forms import Form, How, Term
from app.catalogue.search.table import Board, note

_ONE_SLIP_FROM, _TWO_SLIPS_FROM, _LONGEST = 4, 8, 40
_FACTOR, _FACTOR_PER_SLIP = 0.85, 0.1
_MOST_MEANT = 12

_SHORTEST_CUT, _LONGEST_CUT, _MOST_CUT = 4, 16, 60
_CUT, _CUT_SHARE = 58.0, 20.0


class Slips:
    """Finds the known word that letters were meant to be; slow beside a table, so a last resort."""

    def __init__(self, known: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = {}
        for text in dict.fromkeys(known):
            self._by_length.setdefault(len(text), []).append(text)

    def meant(self, letters: str) -> list[tuple[str, float]]:
        """Known words within one slip (from 4 letters) or two (from 8), each with a factor for its score.

        A slip is a letter too many, too few, another one, or two neighbours exchanged.
        """
        allowed = (len(letters) >= _ONE_SLIP_FROM) + (len(letters) >= _TWO_SLIPS_FROM)
        if not allowed or len(letters) > _LONGEST:
            return []
        lengths = range(len(letters) - allowed, len(letters) + allowed + 1)
        known = [text for length in lengths for text in self._by_length.get(length, ())]
        found = process.extract(letters, known, scorer=OSA.distance, score_cutoff=allowed, limit=_MOST_MEANT)
        return [(text, _FACTOR - _FACTOR_PER_SLIP * distance) for text, distance, _ in found]


class Cuts:
    """Finds pinyin of which some syllables are whole and others cut short: ylbiao, yalb for ya li biao."""

    def __init__(self, spoken: Sequence[Form], terms: Sequence[Term]) -> None:
        lines = [_spaced(form) for form in spoken]
        self._text = "\n".join([*lines, ""])
        self._begins = array("I", accumulate((len(line) + 1 for line in lines[:-1]), initial=0))
        self._weights = array("d", (form.weight for form in spoken))
        self._term_of = array("I", (form.term for form in spoken))
        self._terms = terms

    def probe(self, letters: str, board: Board) -> None:
        """Put on the board what the letters can stand for: each goes on in its syllable or begins the next one."""
        if not (_SHORTEST_CUT <= len(letters) <= _LONGEST_CUT and letters.isalpha()):
            return
        pattern = re.compile(" " + "(?:[a-z]* )?".join(letters))  # begins literally, which makes the search fast
        for found in islice(pattern.finditer(self._text), _MOST_CUT):
            line = bisect_right(self._begins, found.start()) - 1
            share = len(found[0]) / (self._text.find("\n", found.end()) - self._begins[line])
            term = self._term_of[line]
            for entry in self._terms[term].entries:
                note(board, entry, ((_CUT + _CUT_SHARE * share) * self._weights[line], term, How.INITIALS))


def _spaced(form: Form) -> str:
    ends = (*form.starts[1:], len(form.text))
    return " " + " ".join(form.text[start:end] for start, end in zip(form.starts, ends, strict=True))
