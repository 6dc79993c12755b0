"""One alphabet's forms in a suffix table, and how well a beginning fits each of them."""

from array import array
from collections.abc import Sequence

from app.catalogue.search.forms import Form, How, Term
from app.catalogue.search.suffixes import Suffixes

Match = tuple[float, int, How]
"""How well an entry fits (0 to 100), by which term (its place), and in what way."""

Board = dict[int, Match]
"""The best match of each entry, by the entry's place."""

# The tiers, before the weight of the term: all of it; its beginning; its end, where the head of a Chinese or English
# noun stands; anywhere else. The share of the form that was typed adds up to the second figure.
_EXACT = 100.0
_BEGINNING, _BEGINNING_SHARE = 64.0, 22.0
_HEAD, _HEAD_SHARE = 62.0, 20.0
_INSIDE, _INSIDE_SHARE = 50.0, 20.0
_CONTAINED, _CONTAINED_SHARE = 44.0, 38.0

_MOST_PLACES = 1_500
_LONGEST_PART = 24


def best_of(board: Board) -> float:
    """The highest score on a board, 0 for an empty one."""
    return max(board.values())[0] if board else 0.0


def note(board: Board, entry: int, match: Match) -> None:
    """Keep the match if it is the entry's best so far."""
    if entry not in board or match[0] > board[entry][0]:
        board[entry] = match


class Table:
    """Forms of terms, to be searched by how they, or one of their tails, begin."""

    def __init__(self, forms: Sequence[Form], terms: Sequence[Term]) -> None:
        self._suffixes = Suffixes((form.text, form.starts) for form in forms)
        self._terms = terms
        # Numbers in arrays instead of an object a form: a third of the memory for thousands of services.
        self._lengths = array("H", (len(form.text) for form in forms))
        self._weights = array("d", (form.weight for form in forms))
        self._term_of = array("I", (form.term for form in forms))
        self._whole = frozenset(hash(form.text) for form in forms)

    def probe(self, beginning: str, board: Board, factor: float = 1.0, how: How | None = None) -> None:
        """Put on the board what begins so, scores times `factor`; `how` replaces the term's own way."""
        typed = len(beginning)
        leads, owners, lengths = self._suffixes.leads, self._suffixes.owners, self._lengths
        for place in self._suffixes.find(beginning)[:_MOST_PLACES]:
            owner = owners[place]
            lead, length = leads[place], lengths[owner]
            share = typed / length
            if lead:
                tier = _HEAD + _HEAD_SHARE * share if lead + typed == length else _INSIDE + _INSIDE_SHARE * share
            else:
                tier = _EXACT if typed == length else _BEGINNING + _BEGINNING_SHARE * share
            self._note(owner, tier * factor, board, how)

    def probe_exactly(self, text: str, board: Board, factor: float = 1.0, how: How | None = None) -> None:
        """Put on the board the terms that have just this form, with a score of 100 times `factor`."""
        if hash(text) not in self._whole:
            return
        leads, owners, lengths = self._suffixes.leads, self._suffixes.owners, self._lengths
        for place in self._suffixes.find(text):
            owner = owners[place]
            if not leads[place] and lengths[owner] == len(text):
                self._note(owner, _EXACT * factor, board, how)

    def probe_parts(
        self, parts: Sequence[str], board: Board, factor: float = 1.0, how: How | None = None, *, shortest: int = 2
    ) -> None:
        """Put on the board the terms that the text made of `parts` holds wholly, `shortest` parts long or longer."""
        whole = sum(map(len, parts))
        for start in range(len(parts) - shortest + 1):
            for end in range(start + shortest, min(len(parts), start + _LONGEST_PART) + 1):
                text = "".join(parts[start:end])
                share = (_CONTAINED + _CONTAINED_SHARE * len(text) / whole) / _EXACT
                self.probe_exactly(text, board, share * factor, how)

    def _note(self, form: int, tier: float, board: Board, how: How | None) -> None:
        number = self._term_of[form]
        term = self._terms[number]
        score = tier * self._weights[form]
        for entry in term.entries:
            if entry not in board or score > board[entry][0]:
                board[entry] = (score, number, how or term.how)
