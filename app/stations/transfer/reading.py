"""CSV files as they come: line by line, so that a file of millions of rows needs no memory."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from app.stations.transfer.cells import CellError, Parse
from app.stations.transfer.faults import Fault, Faults
from app.stations.transfer.sheets import Sheet

Cells = list[str | None]
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def read_sheet(folder: Path, sheet: Sheet, faults: Faults) -> Iterator[tuple[int, Cells]]:
    """The rows that are right, each with its line; what is wrong goes to `faults`."""
    path = folder / sheet.file
    if not path.exists():
        if sheet.required:
            faults.add(Fault(sheet.file, 1, "", "", "file_missing"))
        return
    try:
        yield from _rows(path, sheet, faults)
    except OSError as error:
        faults.add(Fault(sheet.file, 1, "", "", "file_unreadable", {"reason": error.strerror or str(error)}))


def _rows(path: Path, sheet: Sheet, faults: Faults) -> Iterator[tuple[int, Cells]]:
    with path.open("rb") as file:
        lines = Lines(iter(file))
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, [])
            if _header_is_right(sheet, header, faults):
                yield from _body(reader, _row_parser(sheet, header, faults), len(header), sheet.file, faults)
        except csv.Error:
            faults.add(Fault(sheet.file, lines.count, "", "", "csv"))
        except EncodingError:
            faults.add(Fault(sheet.file, lines.count, "", "", "encoding"))


class EncodingError(Exception):
    """A line is not UTF-8."""


class Lines:
    """The file's lines as text, and how many were read: a decoder of whole files could not tell the line."""

    def __init__(self, raw: Iterator[bytes]) -> None:
        self._raw = raw
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = next(self._raw)
        self.count += 1
        try:
            return raw.decode("utf-8-sig" if self.count == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise EncodingError from error


def _header_is_right(sheet: Sheet, header: list[str], faults: Faults) -> bool:
    names, known = [name.strip() for name in header], ", ".join(sheet.names)

    def fault(column: str, code: str, **data: object) -> None:
        faults.add(Fault(sheet.file, 1, column, column, code, data))

    if not any(names):
        fault("", "header_missing", columns=known)
        return False
    before = faults.count
    for place, name in enumerate(names):
        if name not in sheet.names:
            fault(name, "column_unknown", columns=known)
        elif name in names[:place]:
            fault(name, "column_twice")
    for column in sheet.columns:
        if column.absent is None and column.name not in names:
            faults.add(Fault(sheet.file, 1, column.name, "", "column_missing", {"column": column.name}))
    return faults.count == before


RowParser = Callable[[int, list[str]], Cells | None]


def _row_parser(sheet: Sheet, header: list[str], faults: Faults) -> RowParser:
    """Parses a row's cells in the sheet's own order of columns; None when a cell is at fault."""
    places = {name.strip(): place for place, name in enumerate(header)}
    plan: list[tuple[str, Parse, int, str]] = [
        (column.name, column.parse, places.get(column.name, -1), column.absent or "") for column in sheet.columns
    ]

    def parse(line: int, row: list[str]) -> Cells | None:
        cells: Cells = []
        right = True
        for name, parse_cell, place, absent in plan:
            text = row[place] if place >= 0 else absent
            try:
                cells.append(parse_cell(text))
            except CellError as error:
                right = False
                faults.add(Fault(sheet.file, line, name, text, error.code, error.data))
        return cells if right else None

    return parse


def _body(
    reader: Iterator[list[str]], parse: RowParser, width: int, file: str, faults: Faults
) -> Iterator[tuple[int, Cells]]:
    line = reader.line_num + 1  # type: ignore[attr-defined]  # csv's reader has it, its protocol has not
    for row in reader:
        if len(row) == width:
            cells = parse(line, row)
            if cells is not None:
                yield line, cells
        elif row:
            faults.add(Fault(file, line, "", "", "cells", {"found": len(row), "expected": width}))
        line = reader.line_num + 1  # type: ignore[attr-defined]  # as above


def copy_lines(rows: Iterator[tuple[int, Cells]], size: int = 5000) -> Iterator[str]:
    """The rows as text for COPY, some thousand at a time."""
    block: list[str] = []
    for line, cells in rows:
        block.append("\t".join([str(line), *("\\N" if c is None else c.translate(_ESCAPES) for c in cells)]))
        if len(block) == size:
            yield "\n".join(block) + "\n"
            block.clear()
    if block:
        yield "\n".join(block) + "\n"
