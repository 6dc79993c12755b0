"""What a group is told: a line an event, in plain words, and no message longer than the smallest chat takes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext
from app.webhooks.rules.kinds import PING, kind_words

MOST_BYTES = 2000
"""WeCom takes 2,048 bytes of text, the others more."""


@dataclass(frozen=True, slots=True)
class News:
    """An event for people; `station` is its name in their language, or "" where it has none."""

    kind: str
    data: Mapping[str, Any]
    station: str


def message(events: Sequence[News], pages: str, everything: str) -> str:
    """All of them in one message, in the language of the moment; what is too much is counted.

    `pages` is the address of the pages of requests, to which a reference is added; `everything` that of their list.
    """
    lines: list[str] = []
    left = list(events)
    while left:
        line = _line(left[0], pages)
        rest = _rest(len(left), everything)
        if _bytes([*lines, line, rest]) > MOST_BYTES:
            return "\n".join([*lines, rest])
        lines.append(line)
        left.pop(0)
    return "\n".join(lines)


def _line(news: News, pages: str) -> str:
    if news.kind == PING:
        return _("This is a test: from now on this group is told here what happens with requests.")
    reference = news.data.get("reference")
    what = f"{reference} {kind_words(news.kind)}" if reference else kind_words(news.kind)
    said = " · ".join(part for part in (what, news.station) if part)
    return f"{said} {pages}{reference}" if reference else said


def _rest(count: int, everything: str) -> str:
    return ngettext("and {n} more: {link}", "and {n} more: {link}", count).format(n=count, link=everything)


def _bytes(lines: Sequence[str]) -> int:
    return len("\n".join(lines).encode())
