"""One request, many instruments: how many it may have, which are the same one, and how they are shown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.kit.text import to_halfwidth
from app.requests.given import Answer

MOST_ITEMS = 200
MOST_SERVICES = 10
SERIAL = "serial_no"
IDENTITY = (SERIAL, "manufacturer", "model_spec")
WITHOUT_NUMBER = frozenset({"", "none", "no", "n/a", "-", "--", "—", "/", "无", "没有"})
"""What people write where an instrument has no serial number."""


S = TypeVar("S")


def identity(service_code: str, inputs: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What tells an instrument from others; None when it has no serial number, so nobody can tell."""
    number, *maker = (_folded(inputs.get(key)) for key in IDENTITY)
    return None if number in WITHOUT_NUMBER else (service_code, number, *maker)


def _folded(value: object) -> str:
    """The same for full and half width, capitals and spaces, which people write as it comes."""
    return "".join(to_halfwidth(value).split()).casefold() if isinstance(value, str) else ""


def repeated(items: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[int, int]:
    """Each item (from 0) that is the same as an earlier one, with that one.

    Instruments by serial number, manufacturer and model; of what has no serial number in its form, equal answers.
    """
    found: dict[int, int] = {}
    seen: dict[object, int] = {}
    for n, (code, inputs) in enumerate(items):
        key = identity(code, inputs) if SERIAL in inputs else (code, repr(sorted(inputs.items())))
        if key is None:
            continue
        first = seen.setdefault(key, n)
        if first != n:
            found[n] = first
    return found


def counted(services: Iterable[S]) -> list[tuple[S, int]]:
    """Each service once, in order, with how often it is asked for. Services may be anything that has a code."""
    counts: dict[Any, tuple[S, int]] = {}
    for service in services:
        key = getattr(service, "code", service)
        first, count = counts.get(key, (service, 0))
        counts[key] = first, count + 1
    return list(counts.values())


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one service: what all have in common, and by `n` (from 1) what differs.

    `columns` are the labels of what differs, `rows` the numbers of the items with their words, "" where not given.
    """

    service: Any
    count: int
    common: tuple[Answer, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[int, tuple[str, ...]], ...] = ()


def grouped(items: Iterable[tuple[int, Any, Sequence[Answer]]]) -> list[Group]:
    """Items (number, service, answers in words), each service's together, in the order of the first of each."""
    by_code: dict[str, list[tuple[int, Any, Sequence[Answer]]]] = {}
    for item in items:
        by_code.setdefault(item[1].code, []).append(item)
    return [_group(same) for same in by_code.values()]


def _group(items: Sequence[tuple[int, Any, Sequence[Answer]]]) -> Group:
    _n, service, first = items[0]
    if len(items) == 1:
        return Group(service, 1, tuple(first))
    said = [{answer.key: answer.words for answer in answers} for _n, _service, answers in items]
    labels = {answer.key: answer for _n, _service, answers in items for answer in answers}
    same = {key for key in labels if len({words.get(key) for words in said}) == 1}
    differ = [key for key in labels if key not in same]
    rows = tuple(
        (item[0], tuple(words.get(key, "") for key in differ)) for item, words in zip(items, said, strict=True)
    )
    common = tuple(answer for key, answer in labels.items() if key in same)
    return Group(service, len(items), common, tuple(labels[key].label for key in differ), rows)
