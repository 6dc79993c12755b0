"""Changing single rows of a table of instruments (see sheets). Pure.

What isn't touched stays as it was pasted, also columns that nobody asked for. Rows are counted from 0 as in
`Sheet.rows`; numbers from their count on stand for new rows at the end.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence

from app.catalogue.forms import FormField
from app.catalogue.sheets import defused, header_of, lines_of
from app.kit.i18n import tr

Changes = Mapping[int, Mapping[str, str]]
"""New texts of cells, by row and the key of the question."""


def edited(text: str, fields: Sequence[FormField], changes: Changes, removed: Collection[int] = ()) -> str:
    """The table with cells changed and rows added, then rows removed; empty when none is left.

    Raises Invalid where the text can't be read as a table.
    """
    header, columns, body = _taken_apart(text, fields)
    labels = {asked.key: tr(asked, "label") for asked in fields}
    for key in (each.key for each in fields if any(each.key in cells for cells in changes.values())):
        if key not in columns:
            _insert(header, columns, body, key, labels[key])
    for n in sorted(changes):
        cells = body[n] if n < len(body) else []
        for key, value in changes[n].items():
            if key in columns:
                _put(cells, columns.index(key), value)
        if n >= len(body) and any(cells):
            body.append(cells)
    kept = [cells for n, cells in enumerate(body) if n not in removed and any(cells)]
    return _written(header, columns, kept) if kept else ""


def _taken_apart(text: str, fields: Sequence[FormField]) -> tuple[list[str], list[str | None], list[list[str]]]:
    """The names of the columns, their keys, and the rows."""
    lines = [cells for cells in lines_of(text, "table") if any(cells)]
    columns = header_of(lines[0], fields) if lines else None
    if columns is None:
        return [tr(asked, "label") for asked in fields], [asked.key for asked in fields], lines
    return lines[0], list(columns), lines[1:]


def _insert(header: list[str], columns: list[str | None], body: list[list[str]], key: str, label: str) -> None:
    """A column after those that have a name, before what stands beyond them."""
    for cells in body:
        if len(cells) > len(columns):
            cells.insert(len(columns), "")
    header.append(label)
    columns.append(key)


def _put(cells: list[str], place: int, value: str) -> None:
    cells += [""] * (place + 1 - len(cells))
    cells[place] = " ".join(value.split()) if value.strip() else ""


def _written(header: Sequence[str], columns: Sequence[str | None], body: Sequence[Sequence[str]]) -> str:
    """With tabs, by which the first line tells what it is; a lone column goes by its key, which has no delimiter."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter="\t", lineterminator="\n")
    writer.writerow([columns[0]] if len(header) == 1 and columns[0] else [defused(cell) for cell in header])
    writer.writerows([defused(cell) for cell in cells] for cells in body)
    return written.getvalue()
