"""Lists as files for spreadsheets: CSV that Excel opens with Chinese intact, and XLSX; neither runs anything.

In CSV a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end could be read as a formula; an apostrophe before
it makes it text (OWASP, CSV injection). In XLSX such a cell says itself that it is text. Numbers stay numbers.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Literal

import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response

from app.kit.clock import LOCAL

SheetKind = Literal["csv", "xlsx"]
FileKind = Literal["csv", "xlsx", "pdf"]
"""What a list of rows can be had as; a PDF is made by `app/web/papers.py`."""
CSV = "text/csv; charset=utf-8"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_CHARACTERS = 32_767  # of a cell, by Excel's own limit
GEOJSON = "application/geo+json"
STRING = {"schema": {"type": "string"}}
BINARY = {"schema": {"type": "string", "format": "binary"}}
OBJECT = {"schema": {"type": "object"}}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_file(*media_types: str, description: str = "A page of the list; also as a file.") -> dict[int | str, Any]:
    """What a door declares whose answer can also be a file of these types."""
    kinds = [each.partition(";")[0] for each in media_types]
    content = {kind: OBJECT if kind == GEOJSON else BINARY if kind in (XLSX, PDF) else STRING for kind in kinds}
    return {200: {"content": content, "description": description}}


def wants_csv(request: Request, asked: str | None) -> bool:
    """Whether the answer is to be a file: by `format=`, else when `Accept` names CSV and neither JSON nor anything."""
    if asked is not None:
        return asked == "csv"
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept", "").lower().split(",")}
    return "text/csv" in accepted and accepted.isdisjoint({"application/json", "*/*", "application/*"})


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Response:
    """A file `name`.csv with the columns as its first line; what a row has beyond the columns is left out."""
    return Response(
        csv_bytes(columns, rows),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"},
    )


def file_kind(request: Request, asked: str | None) -> FileKind | None:
    """Which file the answer is to be: by `format=`, else by `Accept`; None where it isn't to be one."""
    kinds: dict[str, FileKind] = {"csv": "csv", "xlsx": "xlsx", "pdf": "pdf"}
    if asked is not None:
        return kinds.get(asked)
    if wants_csv(request, None):
        return "csv"
    accepted = request.headers.get("accept", "").lower()
    return "xlsx" if XLSX in accepted else "pdf" if PDF in accepted else None


def file_response(
    kind: SheetKind, name: str, columns: Mapping[str, str], rows: Iterable[Mapping[str, object]]
) -> Response:
    """A spreadsheet of either kind. `columns` are the rows' keys, each with what stands at the head of its column."""
    write, media_type = (csv_bytes, CSV) if kind == "csv" else (xlsx_bytes, XLSX)
    body = write(list(columns.values()), ({head: row[key] for key, head in columns.items()} for row in rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Vary": "Accept"}
    return Response(body, media_type=media_type, headers=headers)


def xlsx_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A workbook of one sheet: its first line stays in sight and can filter, columns are as wide as what they hold."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, columns, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, key in enumerate(columns):
                _write_cell(sheet, last, column, row[key], day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, max(len(columns) - 1, 0))
        sheet.autofit()
    return buffer.getvalue()


def _write_cell(sheet: Any, line: int, column: int, value: object, day: Any) -> None:  # noqa: ANN401 - untyped library
    if isinstance(value, date) and not isinstance(value, datetime):
        sheet.write_datetime(line, column, datetime.combine(value, time()), day)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, column, value)
    elif value is not None:
        sheet.write_string(line, column, _words(value)[:MOST_CHARACTERS])


def _words(value: object) -> str:
    """As in CSV, but with nothing put in front: this cell is text already."""
    if isinstance(value, list | tuple):
        return "|".join(_words(part) for part in value)
    return cell(value) if isinstance(value, bool | datetime | int | float) else str(value)


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to see that it is UTF-8; lines end as RFC 4180 says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """A value as a cell: true and false, ISO dates, times in the network's zone, several values with bars between."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return harmless("|".join(cell(part) for part in value))
    return harmless(str(value))


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could take it for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
