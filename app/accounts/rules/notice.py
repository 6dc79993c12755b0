"""The privacy notice as text: how a file of it is written, filled in and taken apart for a page. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of the notice; the version is the date from which it is in force. The texts are still to fill."""

    version: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the network, as the law wants it named (PIPL, Article 17). What is empty is not shown."""

    name_zh: str = ""
    name_en: str = ""
    contact: str = ""

    def filled(self, notice: Notice) -> Notice:
        """The notice with its places filled in."""
        zh = fill(notice.text_zh, {"operator": self.name_zh, "contact": self.contact})
        en = fill(notice.text_en, {"operator": self.name_en or self.name_zh, "contact": self.contact})
        return Notice(notice.version, zh, en)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a notice: `title`, `heading` or `paragraph` with one line each, or the lines of a `list`."""

    kind: Literal["title", "heading", "paragraph", "list"]
    lines: tuple[str, ...]


def in_force(notices: Iterable[Notice], day: date) -> Notice:
    """The newest version that has begun by `day`; before the first one has, the first."""
    ordered = sorted(notices, key=lambda notice: notice.version)
    begun = [notice for notice in ordered if notice.version <= day.isoformat()]
    return begun[-1] if begun else ordered[0]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its {places} filled; a line with a place that has no value is left out."""
    lines = (line for line in text.splitlines() if all(values.get(name) for name in _PLACE.findall(line)))
    return "\n".join(_PLACE.sub(lambda place: values[place[1]], line) for line in lines)


def blocks(text: str) -> list[Block]:
    """The text taken apart: `# ` begins the title, `## ` a heading, `- ` an item; other lines are paragraphs."""
    marked = [_marked(line) for line in text.splitlines() if line.strip()]
    found: list[Block] = []
    for kind, group in groupby(marked, key=lambda pair: pair[0]):
        lines = tuple(line for _kind, line in group)
        found += [Block(kind, lines)] if kind == "list" else [Block(kind, (line,)) for line in lines]
    return found


def _marked(line: str) -> tuple[Literal["title", "heading", "paragraph", "list"], str]:
    if line.startswith("# "):
        return "title", line[2:]
    if line.startswith("## "):
        return "heading", line[3:]
    if line.startswith("- "):
        return "list", line[2:]
    return "paragraph", line
