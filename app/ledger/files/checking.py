"""A file looked at row by row: clean values, or every fault of a row at once. Pure but for its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.demand.registers.errors import FileError
from app.demand.registers.reading import MIB, raw_rows
from app.kit.problems import FieldError
from app.ledger.entries import Reader, fault
from app.ledger.fields import BY_KEY
from app.ledger.files.cells import restored
from app.ledger.files.columns import columns_among
from app.ledger.rules.identity import identity_key

MOST_BYTES = 8 * MIB
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in the file: values by key, dates as ISO texts, and what is wrong with it."""

    line: int
    values: dict[str, Any]
    faults: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole file: its rows, the keys of its columns, the names of those that are not looked at."""

    rows: Sequence[Row]
    columns: tuple[str, ...]
    ignored: tuple[str, ...]


def check(data: bytes, reader: Reader) -> Checked:
    """Look at a file. Raises FileError for what is no table of instruments as a whole."""
    if len(data) > MOST_BYTES:
        raise FileError("bytes", most=MOST_BYTES // MIB)
    rows = _filled(data)
    columns = columns_among(rows)
    keys = tuple(key for key in BY_KEY if key in columns.places)
    found: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        if len(found) == MOST_ROWS:
            raise FileError("rows", most=MOST_ROWS)
        given = {key: cells[place] for key, place in columns.places.items() if place < len(cells)}
        found.append(_row(line, given, keys, reader, seen))
    if not found:
        raise FileError("empty")
    return Checked(found, keys, columns.ignored)


def _filled(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything."""
    for line, cells in raw_rows(data):
        clean = [restored(cell) for cell in cells]
        if any(clean):
            yield line, clean


def _row(line: int, given: Mapping[str, str], keys: tuple[str, ...], reader: Reader, seen: dict[str, int]) -> Row:
    entry = reader.read(given, keys)
    faults = entry.faults
    identity = identity_key(entry.values)
    if identity is not None and (first := seen.setdefault(identity, line)) != line:
        faults = (*faults, fault("serial_no", "serial_twice", first=first))
    return Row(line, {key: _plain(value) for key, value in entry.values.items()}, faults)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def stored(row: Row) -> list[dict[str, Any]]:
    """The faults of a row as they are kept."""
    return [{"field": each.field, "code": each.code, "data": dict(each.data)} for each in row.faults]
