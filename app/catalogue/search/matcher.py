"""From a query to scored entries: first the query as one, then, when that is not convincing, piece by piece."""

from collections.abc import Sequence
from math import log

from app.catalogue.search.fold import fold, stem, words
from app.catalogue.search.forms import (
    Entry,
    Form,
    How,
    Term,
    code_forms,
    initial_forms,
    spoken_forms,
    terms,
    text_forms,
    work_in,
)
from app.catalogue.search.grams import Grams
from app.catalogue.search.query import Query
from app.catalogue.search.slips import Cuts, Slips
from app.catalogue.search.sounds import spoken
from app.catalogue.search.table import Board, Table, best_of, note

CONVINCING = 60.0
"""From this score on, the whole query names something, and no piece of it needs a look of its own."""

# Factors of the ways to find something, beside the plain text that was typed. `CORE` is what stays without weak words.
_CORE, _SOUND, _SHORTENED = 0.9, 0.86, 0.8
_PINYIN, _PINYIN_CORE = 0.95, 0.87
_INITIALS, _INITIALS_CORE = 0.8, 0.74
_FEW_LETTERS, _CODE_OF_LETTERS = 0.85, 0.5
_ALL_PIECES, _SOME_PIECES, _UNKNOWN_PIECE = 0.88, 0.8, 0.6
_SAME_WORK = 1.5
_POOR = 50.0
_LEAST, _LEAST_OF_BEST = 22.0, 0.45

_PAIR = 2
_MOST_PIECES = 8
_SHORTEST_INITIALS, _LONGEST_INITIALS = 2, 16
_SHORTEST_STEM, _SHORTEST_MARK = 5, 3  # of an English word without its ending, of a mark without its edition
_SHORTEST_INSIDE, _SHORTEST_NEAR = 6, 4  # letters of pinyin inside others, first letters that come near
_ENDINGS = ("ing", "ed", "er", "or", "e")


class Matcher:
    """The tables of a catalogue, built once; answers without changing."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.terms = terms(entries)
        named = [(number, term) for number, term in enumerate(self.terms) if term.how is not How.CODE]
        texts = [form for number, term in named for form in text_forms(number, term)]
        said = [form for number, term in named for form in spoken_forms(number, term)]
        self._size = len(entries)
        self._work = [work_in(entry) for entry in entries]
        self._texts = Table(texts, self.terms)
        self._spoken = Table(said, self.terms)
        self._initials = Table(initial_forms(said), self.terms)
        self._codes = Table(_codes(self.terms), self.terms)
        self._grams = Grams(texts, self.terms, len(entries))
        self._cuts = Cuts(said, self.terms)
        self._slips = Slips([*(form.text for form in said), *_english(named)])

    def match(self, query: Query) -> Board:
        """The entries that answer a query, each with its best match; nothing for noise."""
        board: Board = {}
        if query.whole:
            self._probe_whole(query, board)
            if best_of(board) < CONVINCING and query.letters:
                self._probe_guesses(query.sound_core, board)
            if best_of(board) < CONVINCING:
                self._probe_pieces(query, board)
        return self._kept(query, board)

    def near(self, query: Query) -> Board:
        """What shares anything at all with a query that nothing answers: two characters, or the first letters."""
        board: Board = {}
        self._grams.probe(query.core or query.full, board, least=0)
        letters = query.sound if query.letters else ""
        for end in range(len(letters) - 1, _SHORTEST_NEAR - 1, -1):
            if not board:
                self._texts.probe(letters[:end], board, _SHORTENED, How.PARTIAL)
                self._spoken.probe(letters[:end], board, _SHORTENED, How.PARTIAL)
        return board

    def _probe_whole(self, query: Query, board: Board) -> None:
        for text in filter(None, dict.fromkeys((query.whole, query.full))):
            self._texts.probe(text, board)
        if query.core and query.core != query.full:
            self._texts.probe(query.core, board, _CORE)
        if query.letters:
            self._probe_code(query.whole, board)
        if query.sound:
            self._probe_sound(query, board)

    def _probe_code(self, text: str, board: Board) -> None:
        self._codes.probe(text, board, _CODE_OF_LETTERS if text.isalpha() else 1)

    def _probe_sound(self, query: Query, board: Board) -> None:
        self._spoken.probe(query.sound, board, _pinyin_factor(query.sound), How.PINYIN)
        if query.sound_core != query.sound:
            self._texts.probe(query.sound_core, board, _CORE)
            self._spoken.probe(query.sound_core, board, _PINYIN_CORE, How.PINYIN)
        self._probe_initials(query.sound, board, _INITIALS)
        for shorter in (query.sound_core, query.initials_core):
            self._probe_initials(shorter, board, _INITIALS_CORE)

    def _probe_initials(self, letters: str, board: Board, factor: float) -> None:
        if _SHORTEST_INITIALS <= len(letters) <= _LONGEST_INITIALS:
            rare = len(letters) > _PAIR  # two first letters fit too much
            self._initials.probe(letters, board, factor if rare else factor * _FEW_LETTERS, How.INITIALS)

    def _probe_guesses(self, letters: str, board: Board) -> None:
        if not (letters.isascii() and letters.isalpha()):
            return
        self._cuts.probe(letters, board)
        for text, factor in self._slips.meant(letters):
            self._texts.probe(text, board, factor, How.SLIP)
            self._spoken.probe(text, board, factor, How.SLIP)

    def _probe_pieces(self, query: Query, board: Board) -> None:
        pieces = query.pieces[:_MOST_PIECES]
        self._texts.probe_parts(query.parts, board)
        self._spoken.probe_parts(
            query.sound if query.letters else "", board, _PINYIN, How.PINYIN, shortest=_SHORTEST_INSIDE
        )
        boards = [self._probe_piece(piece) for piece in pieces]
        if len(boards) > 1 and not set(boards[0]).intersection(*boards[1:]):
            for piece, found in zip(pieces, boards, strict=True):
                self._probe_guesses(piece, found)
        for entry, match in (boards[0] if len(boards) == 1 else self._combined(boards)).items():
            note(board, entry, match)

    def _probe_piece(self, piece: str) -> Board:
        board: Board = {}
        self._texts.probe(piece, board)
        if piece.isascii():
            self._probe_letters(piece, board)
        elif best_of(board) < CONVINCING:
            self._probe_chinese(piece, board)
        return board

    def _probe_letters(self, piece: str, board: Board) -> None:
        self._spoken.probe(piece, board, _pinyin_factor(piece), How.PINYIN)
        self._probe_initials(piece, board, _INITIALS)
        for shorter in _shortened(piece) if best_of(board) < _POOR else ():
            self._texts.probe(shorter, board, _SHORTENED, How.PARTIAL)

    def _probe_chinese(self, piece: str, board: Board) -> None:
        self._texts.probe_parts(piece, board)
        self._grams.probe(piece, board)
        if best_of(board) >= CONVINCING or len(piece) < _PAIR:
            return
        syllables = spoken(piece)
        if len(piece) > _PAIR:
            self._spoken.probe("".join(syllables), board, _SOUND, How.SOUND)
        self._spoken.probe_exactly("".join(syllables), board, _SOUND, How.SOUND)
        heard: Board = {}
        self._spoken.probe_parts(syllables, heard, _SOUND, How.SOUND)
        for entry, match in heard.items():
            if not set(piece).isdisjoint(self.terms[match[1]].text):  # else chance: 技术 inside 高新技术企业 is 计数
                note(board, entry, match)

    def _combined(self, boards: Sequence[Board]) -> Board:
        """One board of several pieces: the mean of the scores, where a piece counts the more the fewer it fits."""
        unknown = _UNKNOWN_PIECE * log(1 + self._size)
        weights = [log(1 + self._size / len(board)) if board else unknown for board in boards]
        combined: Board = {}
        for entry in set().union(*boards):
            matches = [
                (board[entry][0] * weight, board[entry])
                for board, weight in zip(boards, weights, strict=True)
                if entry in board
            ]
            _, (_, term, how) = max(matches)
            complete = len(matches) == len(boards)
            mean = sum(score for score, _ in matches) / sum(weights)
            share = _ALL_PIECES if complete else _SOME_PIECES
            combined[entry] = (mean * share, term, how if complete else How.PARTIAL)
        return combined

    def _kept(self, query: Query, board: Board) -> Board:
        least = max(_LEAST, _LEAST_OF_BEST * best_of(board))
        return {
            entry: (score + _SAME_WORK if query.work & self._work[entry] else score, term, how)
            for entry, (score, term, how) in board.items()
            if score >= least
        }


def _pinyin_factor(letters: str) -> float:
    return _PINYIN if len(letters) > _PAIR else _PINYIN * _FEW_LETTERS


def _shortened(piece: str) -> set[str]:
    """An English word without an ending (charging, charger), a mark without its edition (rohs2)."""
    words_ = {word for ending in _ENDINGS if len(word := piece.removesuffix(ending)) >= _SHORTEST_STEM}
    mark = piece.rstrip("0123456789")
    return words_ | ({stem(mark)} if len(mark) >= _SHORTEST_MARK else set())


def _codes(terms_: Sequence[Term]) -> list[Form]:
    numbered = ((number, term) for number, term in enumerate(terms_) if term.how is How.CODE)
    return [form for number, term in numbered for form in code_forms(number, term)]


def _english(named: Sequence[tuple[int, Term]]) -> set[str]:
    """The English words of the names, as stems."""
    return {stem(word) for _, term in named for word in words(fold(term.text)) if word.isascii() and word.isalpha()}
