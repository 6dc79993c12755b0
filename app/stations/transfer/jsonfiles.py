"""JSON files as they come: parsed, checked, and every fault with the line on which its value stands."""

import json
import re
from collections.abc import Iterator
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from app.stations.transfer.documents import Part
from app.stations.transfer.faults import Fault, Faults

P = TypeVar("P", bound=Part)
Route = tuple[str | int, ...]
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder(strict=False)


class Document(Generic[P]):
    """A JSON file that was read: `raw` as it stands, `parts` as its model when nothing is wrong with it."""

    def __init__(self, file: str, text: str, raw: dict[str, Any], parts: P) -> None:
        self.file = file
        self.raw = raw
        self.parts = parts
        self._text = text

    def fault(self, route: Route, value: object, code: str, **data: object) -> Fault:
        return Fault(self.file, locate(self._text, route), _column(route), _scalar(value), code, data)


def read_document(folder: Path, file: str, model: type[P], faults: Faults) -> Document[P] | None:
    """The file as its model; None, and `faults`, when anything is wrong with it."""
    text = _text(folder / file, faults)
    if text is None:
        return None
    try:
        raw = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
        return Document(file, text, raw, model.model_validate(raw))
    except json.JSONDecodeError as error:
        faults.add(Fault(file, error.lineno, str(error.colno), "", "json"))
    except _TwiceError as error:
        line = next(_twice(text, _skip(text, 0)), 1)
        faults.add(Fault(file, line, error.name, error.name, "json_twice", {"name": error.name}))
    except ValidationError as error:
        for found in error.errors():
            route, code, data = found["loc"], found["type"], found.get("ctx") or {}
            value = "" if code == "missing" else _scalar(found["input"])
            faults.add(Fault(file, locate(text, route), _column(route), value, code, data))
    except (ValueError, RecursionError):
        faults.add(Fault(file, 1, "", "", "json"))
    return None


def _text(path: Path, faults: Faults) -> str | None:
    raw = b""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        faults.add(Fault(path.name, 1, "", "", "file_missing"))
    except OSError as error:
        faults.add(Fault(path.name, 1, "", "", "file_unreadable", {"reason": error.strerror or str(error)}))
    except UnicodeDecodeError as error:
        faults.add(Fault(path.name, raw.count(b"\n", 0, error.start) + 1, "", "", "encoding"))
    return None


class _TwiceError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(name)
        found[name] = value
    return found


def _no_constant(name: str) -> None:
    """Python would take NaN and Infinity, which JSON has not."""
    raise ValueError(name)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else ""


def _column(route: Route) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route).lstrip(".")


def locate(text: str, route: Route) -> int:
    """The line, from 1, of the value that the route leads to, or of the last part of it that is there."""
    at = _skip(text, 0)
    for step in route:
        found = next((value for name, _, value in _members(text, at) if name == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _members(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """Name (or index) of each member of the object or array at a place, with the places of name and value."""
    opening, index = text[at], 0
    at = _skip(text, at + 1)
    while opening in "{[" and text[at] not in "}]":
        name: str | int = index
        name_at = at
        if opening == "{":
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield name, name_at, at
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1


def _twice(text: str, at: int) -> Iterator[int]:
    """Lines of names that stand a second time in their object."""
    seen: set[str | int] = set()
    for name, name_at, value in _members(text, at):
        if name in seen:
            yield text.count("\n", 0, name_at) + 1
        seen.add(name)
        if text[value] in "{[":
            yield from _twice(text, value)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
