"""The search engine of a catalogue: immutable, in memory, rebuilt when the catalogue changes."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.catalogue.search.fold import LIMIT, fold, stem, words
from app.catalogue.search.forms import Entry, How
from app.catalogue.search.matcher import Matcher
from app.catalogue.search.query import parse
from app.catalogue.search.spans import Span, spans
from app.catalogue.search.synonyms import TOPICS
from app.catalogue.search.table import Board, Match

_REMEMBERED = 1_024
_MOST_NEAR = 3
_UNSURE = {How.SOUND, How.SLIP, How.PARTIAL}


class Hit(NamedTuple):
    """An answer: the entry's code, how well it fits (about 0 to 100) and by what it was found."""

    code: str
    score: float
    matched: How


class Suggestion(NamedTuple):
    """An answer while typing: the entry, the one of its names that fits, and which parts of that name to mark."""

    entry: Entry
    term: str
    spans: tuple[Span, ...]
    matched: How


class Nearest(NamedTuple):
    """What may have been meant: names to search for instead, and codes of categories to look into; best first."""

    terms: tuple[str, ...]
    categories: tuple[str, ...]


class SearchIndex:
    """Answers `search`, `suggest` and `did_you_mean` over the entries that it was built from.

    No query raises or takes long: the first 64 characters count. Answers to the latest queries are remembered, which
    can't make them stale, as an index never changes.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = tuple(sorted(entries, key=lambda entry: entry.code))
        self._categories = tuple(dict.fromkeys(entry.category for entry in entries))
        self._matcher = Matcher(self._entries)
        self._hits = lru_cache(maxsize=_REMEMBERED)(self._search)
        self._suggestions = lru_cache(maxsize=_REMEMBERED)(self._suggest)

    def search(self, q: str, limit: int, categories: Collection[str] | None = None) -> list[Hit]:
        """The best entries first, at most `limit`, of the categories if given; by score, then by code."""
        return list(self._hits(q[:LIMIT], limit, None if categories is None else frozenset(categories)))

    def suggest(self, q: str, limit: int) -> list[Suggestion]:
        """The best entries while `q` is still being typed, at most `limit`, each with the name that it was found by."""
        return list(self._suggestions(q[:LIMIT], limit))

    def did_you_mean(self, q: str) -> Nearest:
        """What to offer when `search` finds nothing or is not sure; both are empty for noise and for what is clear.

        The terms are at most 3 names of services: what the letters or sounds of a slip stand for, else what shares
        anything with the query. The categories are those that its words belong to, then those of the terms' services.
        """
        query = parse(q)
        board = self._matcher.match(query)
        if board and max(board.values())[2] not in _UNSURE:
            return Nearest((), ())
        ranked = _ranked(board or self._matcher.near(query))[:_MOST_NEAR]
        terms = dict.fromkeys(self._matcher.terms[term].text for _, (_, term, _) in ranked)
        near = dict.fromkeys(self._entries[place].category for place, _ in ranked)
        topical = [category for category in self._topical(q) if category in self._categories]
        return Nearest(tuple(terms), tuple(dict.fromkeys([*topical, *near])))

    def _search(self, q: str, limit: int, categories: frozenset[str] | None) -> tuple[Hit, ...]:
        board = self._matcher.match(parse(q))
        if categories is not None:
            board = {place: match for place, match in board.items() if self._entries[place].category in categories}
        ranked = _ranked(board)[:limit]
        return tuple(Hit(self._entries[place].code, round(score, 1), how) for place, (score, _, how) in ranked)

    def _suggest(self, q: str, limit: int) -> tuple[Suggestion, ...]:
        query = parse(q)
        found: list[Suggestion] = []
        for place, (_, number, how) in _ranked(self._matcher.match(query))[:limit]:
            term = self._matcher.terms[number].text
            found.append(Suggestion(self._entries[place], term, spans(term, query), how))
        return tuple(found)

    @staticmethod
    def _topical(q: str) -> list[str]:
        """The categories that words of the query belong to, those with more letters of it first."""
        parts = words(fold(q[:LIMIT]))
        said = {stem(part) for part in parts}
        weights = {
            category: sum(
                len(topic)
                for topic in topics
                if topic in said or (not topic.isascii() and any(topic in p for p in parts))
            )
            for category, topics in TOPICS.items()
        }
        return sorted((category for category, weight in weights.items() if weight), key=lambda c: -weights[c])


def _ranked(board: Board) -> list[tuple[int, Match]]:
    """The board as a list, best first; entries, which are in the order of their codes, decide between equal scores."""
    return sorted(board.items(), key=lambda item: (-round(item[1][0], 1), item[0]))
