"""Views as printable pages: what was asked, the table with all its rows, what is to be said about them, and charts.

A `Paper` is in the reader's language already; `Papers` makes the PDF of it by `documents/table.typ`. Doors answer with
files by `file_answer`, whatever the kind.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from app.kit.documents import DocumentsBusy, Typesetter
from app.kit.formats import clock_time, day_month_year, number
from app.kit.i18n import current_locale, lazy, tr
from app.kit.i18n import gettext as _
from app.kit.problems import Problem
from app.kit.tables import CSV, GEOJSON, PDF, XLSX, FileKind, as_file, file_response
from app.web.sheets import laid_out

TEMPLATE = "web/documents/table.typ"
MOST_CELLS = 20_000
"""Some eighty pages: more than that nobody reads on paper, and it takes half a minute to make."""
NONE = "–"
FEW = "*"
MARK = "●"
Kind = Literal["text", "short", "number", "share", "figure", "mark"]
Row = Mapping[str, Any]
Asked = list[tuple[str, str]]
"""Names and values of what was asked."""
AS_FILE = as_file(CSV, XLSX, PDF, description="The rows; also as a file.")
AS_MAP = as_file(CSV, XLSX, PDF, GEOJSON, description="The rows; also as a file, and as GeoJSON.")
"""What doors declare that answer by `file_answer`, beside `FILE_PROBLEMS`."""


class TooLongForPaper(Problem):
    """The rows don't fit on paper that somebody could read."""

    code, status = "too_long_for_paper", 422
    detail = lazy(
        "These are {rows} rows of {columns} columns, too many for paper. Choose a county, a service or fewer days, or "
        "take the rows as XLSX or CSV."
    )


FILE_PROBLEMS: tuple[type[Problem], ...] = (TooLongForPaper, DocumentsBusy)


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a column. `digits` are those behind the point (of a share, of its per cents); a `figure` is
    written already, a `short` text never breaks, a `mark` is there or isn't, or is a sign."""

    key: str
    head: str
    kind: Kind = "text"
    digits: int = 0

    @property
    def whole(self) -> bool:
        """Whether its cells don't break."""
        return self.kind != "text"

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "share", "figure")


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table: rows have the columns' keys. `few` are keys whose figure is to be marked in a row, by its place.

    `kept` columns are repeated where the table is wider than paper; with `total` the last row is that of all together.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    heading: str = ""
    kept: int = 1
    total: bool = False
    few: Callable[[Row], Sequence[str]] = field(default=lambda _row: ())

    def written(self) -> list[list[str]]:
        return [self._line(row, self.few(row)) for row in self.rows]

    def _line(self, row: Row, few: Sequence[str]) -> list[str]:
        cells = ((column, shown(row.get(column.key), column)) for column in self.columns)
        return [self._marked(cell, column) if column.key in few else cell for column, cell in cells]

    @staticmethod
    def _marked(cell: str, column: Column) -> str:
        """Before a number, so that its digits stay below one another."""
        return f"{FEW} {cell}" if column.numeric else f"{cell} {FEW}"


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars: label, part of the whole (0 to 1, None without a figure), and the figure in words."""

    title: str
    alt: str
    items: Sequence[tuple[str, float | None, str]]
    kind: str = "bars"


@dataclass(frozen=True, slots=True)
class Strip:
    """Columns over time, from `first` to `last`; heights are parts of `most`, which is the highest figure in words."""

    title: str
    alt: str
    heights: Sequence[float]
    first: str
    last: str
    most: str
    kind: str = "strip"


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in a square, both from 0 to 1, beside the straight one; `across` and `up` name what they measure."""

    title: str
    alt: str
    points: Sequence[tuple[float, float]]
    across: str
    up: str
    kind: str = "curve"


@dataclass(frozen=True, slots=True)
class Shape:
    """An area of a map: rings of points, and its name at a place, in parts of the map's width, from the top left."""

    label: str
    part: float | None
    rings: Sequence[Sequence[tuple[float, float]]]
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shapes:
    """A map whose areas are the darker the larger their part; `height` in parts of its width."""

    title: str
    alt: str
    shapes: Sequence[Shape]
    height: float
    kind: str = "shapes"


@dataclass(frozen=True, slots=True)
class Paper:
    """A view on paper. `lead` says the result in a sentence or two."""

    title: str
    asked: Asked
    tables: Sequence[PaperTable]
    subject: str = ""
    lead: Sequence[str] = ()
    notes: Sequence[str] = ()
    charts: Sequence[Bars | Strip | Curve | Shapes] = ()


def shown(value: object, column: Column) -> str:
    """A value as its column shows it, in the reader's language; a dash where there is none."""
    if column.kind == "mark":
        return value if isinstance(value, str) else MARK if value else ""
    if value is None or value == "":
        return NONE
    if isinstance(value, date) and not isinstance(value, datetime):
        return day_month_year(value)
    if isinstance(value, int | float):
        exact = Decimal(str(value))
        return f"{number(exact * 100, column.digits)}%" if column.kind == "share" else number(exact, column.digits)
    return str(value)


class Papers:
    """Makes the PDFs of a network, whose names stand at the head of every page."""

    def __init__(self, typesetter: Typesetter, network_zh: str, network_en: str) -> None:
        self._typesetter = typesetter
        self.network_zh, self.network_en = network_zh, network_en

    async def pdf(self, paper: Callable[[], Paper], at: datetime) -> bytes:
        """In the language of the moment; `paper` is asked beside everything else, since it may be long.

        Raises TooLongForPaper, DocumentsBusy.
        """
        data = await asyncio.to_thread(lambda: data_of(paper(), tr(self, "network"), at))
        return await self._typesetter.pdf(TEMPLATE, data, at)


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows to be taken away: the name of the file without its ending, the columns with their heads, and the rows."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Row]


async def file_answer(
    request: Request, kind: FileKind, listed: Listed, paper: Callable[[], Paper], at: datetime
) -> Response:
    """The rows as a spreadsheet, or the same rows on paper as it is `at` that moment.

    Raises TooLongForPaper, DocumentsBusy.
    """
    if kind == "pdf":
        return await paper_answer(request, listed.name, paper, at)
    return file_response(kind, listed.name, listed.columns, listed.rows)


async def paper_answer(request: Request, name: str, paper: Callable[[], Paper], at: datetime) -> Response:
    """The PDF as a file. Raises TooLongForPaper, DocumentsBusy."""
    papers: Papers = request.app.state.papers
    body = await papers.pdf(paper, at)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "Vary": "Accept, Accept-Language"}
    return Response(body, media_type=PDF, headers=headers)


def _check_length(paper: Paper) -> None:
    for table in paper.tables:
        if len(table.rows) * len(table.columns) > MOST_CELLS:
            raise TooLongForPaper(rows=len(table.rows), columns=len(table.columns))


def data_of(paper: Paper, network: str, at: datetime) -> dict[str, Any]:
    """What the template reads, as JSON has it. Raises TooLongForPaper."""
    _check_length(paper)
    laid = [_laid(table) for table in paper.tables]
    made = _("Made on {date} at {time}").format(date=day_month_year(at), time=clock_time(at))
    return {
        "lang": current_locale().partition("-")[0],
        "network": network,
        "title": paper.title,
        "subject": paper.subject,
        "made": made,
        "asked": list(paper.asked),
        "lead": list(paper.lead),
        "tables": laid,
        "turned": any(table["turned"] for table in laid),
        "notes": list(paper.notes),
        "charts": [asdict(chart) for chart in paper.charts],
    }


def _laid(table: PaperTable) -> dict[str, Any]:
    lines, heads = table.written(), [column.head for column in table.columns]
    sheet = laid_out(heads, lines, [column.whole for column in table.columns], table.kept)
    blocks = [
        {
            "part": _part(block, len(heads), table.kept) if len(sheet.blocks) > 1 else "",
            "widths": widths,
            "heads": [heads[n] for n in block],
            "right": [table.columns[n].numeric for n in block],
            "centre": [table.columns[n].kind == "mark" for n in block],
            "lines": [[line[n] for n in block] for line in lines],
        }
        for block, widths in zip(sheet.blocks, sheet.widths, strict=True)
    ]
    return {
        "heading": table.heading,
        "turned": sheet.turned,
        "size": sheet.size,
        "blocks": blocks,
        "total": table.total,
        "empty": "" if lines else _("There is nothing to list."),
    }


def _part(block: Sequence[int], count: int, kept: int) -> str:
    first, last = block[kept] - kept + 1, block[-1] - kept + 1
    return _("Columns {first} to {last} of {count}").format(first=first, last=last, count=count - kept)
