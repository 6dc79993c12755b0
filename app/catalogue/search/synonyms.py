"""The other names of things: which further words a service answers to, and which family a word belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.catalogue.search.fold import data_lines, fold


@dataclass(frozen=True, slots=True)
class Group:
    """A target (a keyword of a service, or words of its Chinese name; folded) and its other names as written."""

    target: str
    others: tuple[str, ...]


def _lines() -> Iterable[tuple[str, str]]:
    for line in data_lines("synonyms.txt"):
        target, _, others = line.partition(": ")
        yield target, others


GROUPS = tuple(
    Group(fold(target), tuple(others.split(", "))) for target, others in _lines() if not target.startswith("@")
)
"""The curated groups of `data/synonyms.txt`."""

TOPICS = {target[1:]: frozenset(map(fold, words.split())) for target, words in _lines() if target.startswith("@")}
"""Words that lead to a category, by the category's code."""


def others(name_zh: str, keywords_zh: Iterable[str]) -> list[str]:
    """The further names of a service, in the order of the file, without those that it has anyway."""
    name = fold(name_zh)
    keywords = {fold(keyword) for keyword in keywords_zh}
    found = (other for group in GROUPS if group.target in keywords or group.target in name for other in group.others)
    return [other for other in dict.fromkeys(found) if fold(other) not in keywords]
