"""A register as it is handed in: CSV in the encodings that spreadsheets write here, or XLSX, as rows of text."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from app.demand.registers.errors import FileError
from app.demand.registers.workbooks import LONGEST_CELL, MOST_COLUMNS, Row, workbook_rows

MIB = 1024 * 1024
MOST_BYTES = 32 * MIB
MOST_ROWS = 200_000
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"
WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BLANK = " \t\r\n\u00a0\u3000\ufeff"


def rows_of(data: bytes) -> Iterator[Row]:
    """The rows that hold anything, each with its number as a spreadsheet counts it, the header among them.

    Raises FileError: too large or too long, an encoding that isn't ours, no table.
    """
    if len(data) > MOST_BYTES:
        raise FileError("bytes", most=MOST_BYTES // MIB)
    rows = ((line, [cleaned(cell) for cell in cells]) for line, cells in raw_rows(data))
    filled = (row for row in rows if any(row[1]))
    yield from islice(filled, MOST_ROWS + 1)
    if next(filled, None) is not None:
        raise FileError("rows", most=MOST_ROWS)


def raw_rows(data: bytes) -> Iterator[Row]:
    """All rows with their cells as they stand in the file. Raises FileError: an encoding that isn't ours, no table."""
    if data.startswith(OLD_WORKBOOK):
        raise FileError("old_workbook")
    yield from workbook_rows(data) if data.startswith(WORKBOOK) else _csv_rows(_decoded(data))


def _decoded(data: bytes) -> str:
    if b"\0" in data:  # no text, or UTF-16
        raise FileError("encoding")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("encoding")


def _csv_rows(text: str) -> Iterator[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    try:
        for line, cells in enumerate(reader, start=1):
            yield line, cells[:MOST_COLUMNS]
    except csv.Error as error:
        raise FileError("csv") from error


def cleaned(cell: str) -> str:
    """Without blanks around it, and without what makes text of a formula or a number: '=1+1, ="00123"."""
    cell = cell.strip(BLANK)[:LONGEST_CELL]
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell[1:] if cell[:1] == "'" else cell
