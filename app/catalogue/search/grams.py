"""Which entries share pairs of neighbouring characters with a piece of Chinese, rare pairs counting more."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

from app.catalogue.search.forms import Form, How, Term
from app.catalogue.search.table import Board, note

_PAIRS = 46.0
_CHARACTERS = 34.0
_LEAST_SHARE = 0.3
_LEAST_CHARACTERS, _MOST_CHARACTERS = 3, 5


def _grams(text: str) -> list[str]:
    """The pairs and the single characters of the Chinese in a text."""
    pairs = (first + second for first, second in pairwise(text) if not (first + second).isascii())
    return [*pairs, *(character for character in text if not character.isascii())]


class Grams:
    """For each pair and each character, the entries that have it, each with one term that shows it."""

    def __init__(self, forms: Sequence[Form], terms: Sequence[Term], entries: int) -> None:
        self._found: dict[str, dict[int, int]] = {}
        for form in forms:
            if terms[form.term].how is not How.CATEGORY:
                self._add(_grams(form.text), form.term, terms[form.term].entries)
        self._unknown = log(1 + entries) / 2
        self._rarity = {gram: log(1 + entries / len(found)) for gram, found in self._found.items()}

    def _add(self, grams: Iterable[str], term: int, entries: Sequence[int]) -> None:
        for gram in grams:
            found = self._found.setdefault(gram, {})
            for entry in entries:
                found.setdefault(entry, term)

    def probe(self, piece: str, board: Board, least: float = _LEAST_SHARE) -> None:
        """Put on the board the entries that share `least` of the piece's pairs, else all its characters."""
        pairs = dict.fromkeys(gram for gram in _grams(piece) if len(gram) > 1)
        whole = sum(self._rarity.get(pair, self._unknown) for pair in pairs)
        shares: dict[int, float] = {}
        terms: dict[int, int] = {}
        for pair in pairs:
            rarity = self._rarity.get(pair, 0.0)
            for entry, term in self._found.get(pair, {}).items():
                shares[entry] = shares.get(entry, 0.0) + rarity
                terms.setdefault(entry, term)
        for entry, share in shares.items():
            if share >= least * whole:
                note(board, entry, (_PAIRS * share / whole, terms[entry], How.PARTIAL))
        if not board and _LEAST_CHARACTERS <= len(piece) <= _MOST_CHARACTERS:
            self._probe_characters(piece, board)

    def _probe_characters(self, piece: str, board: Board) -> None:
        found = [self._found.get(character, {}) for character in set(piece)]
        for entry in set.intersection(*map(set, found)) if len(found) > 1 else ():
            note(board, entry, (_CHARACTERS, found[0][entry], How.PARTIAL))
