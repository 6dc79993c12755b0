"""Lists as files for spreadsheets: CSV that Excel opens with Chinese intact and that runs nothing.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a line end could be read as a formula; an apostrophe before it
makes it text (OWASP, CSV injection). Numbers are numbers and stay as they are.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response

from app.kit.clock import LOCAL

CSV = "text/csv; charset=utf-8"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
