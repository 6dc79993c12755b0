"""The record as a file, made while it is sent: CSV for spreadsheets, or a line of JSON for each entry."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Literal

import orjson
from starlette.responses import StreamingResponse

from app.accounts.rules.rights import Scope
from app.audit.queries import COLUMNS, Entry, Filters
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.tables import CSV, cell
from app.office.queries import record

Format = Literal["csv", "jsonl"]
NAMES = tuple(column.name for column in COLUMNS)
AT_ONCE = 500
BYTE_ORDER_MARK = "\ufeff"
MEDIA: Mapping[Format, str] = {"csv": CSV, "jsonl": "application/jsonl; charset=utf-8"}


def exported(database: Database, scope: Scope, filters: Filters, form: Format, now: datetime) -> StreamingResponse:
    """All entries that fit, oldest first, as a file to be saved. That they leave is put on record before."""
    name = f"record-{now.astimezone(LOCAL):%Y%m%d-%H%M}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
    }
    parts = _csv(database, scope, filters) if form == "csv" else _lines(database, scope, filters)
    return StreamingResponse(parts, media_type=MEDIA[form], headers=headers)


async def _csv(database: Database, scope: Scope, filters: Filters) -> AsyncIterator[bytes]:
    """As `kit.tables` writes it: with a byte order mark, and no cell that a spreadsheet would run."""
    yield (BYTE_ORDER_MARK + _row(NAMES)).encode()
    async for entries in _batches(database, scope, filters):
        yield "".join(_row(_cells(entry)) for entry in entries).encode()


async def _lines(database: Database, scope: Scope, filters: Filters) -> AsyncIterator[bytes]:
    async for entries in _batches(database, scope, filters):
        yield b"".join(orjson.dumps(entry.as_row(), option=orjson.OPT_APPEND_NEWLINE) for entry in entries)


async def _batches(database: Database, scope: Scope, filters: Filters) -> AsyncIterator[list[Entry]]:
    """In a session of its own, which lives as long as the file is being sent."""
    async with database.reader() as session:
        batch: list[Entry] = []
        async for entry in record.export(session, scope, filters):
            batch.append(entry)
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch


def _cells(entry: Entry) -> Iterable[str]:
    return (
        cell(orjson.dumps(value).decode() if isinstance(value, dict) else value) for value in entry.as_row().values()
    )


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
