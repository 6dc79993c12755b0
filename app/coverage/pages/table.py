"""Who may do what, as a table: counties or stations by categories or services, each cell with a way to its rows."""

from functools import partial
from typing import Literal

from anyio import to_thread
from fastapi import Response

from app.coverage.asking import Choice, ReachAsked
from app.coverage.pages.frame import READ, Look, Looking, as_file, listed, plain, question
from app.coverage.papers.matrix import matrix_paper
from app.coverage.schemas import CellOut, ColumnOut, MatrixOut, RowOut
from app.coverage.tables import cells, matrix_parts
from app.coverage.words import COVERAGE
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, tr
from app.web.forms import address

router = Door()
HEADS: dict[str, LazyString] = {
    "row": lazy("Row"),
    "row_name": lazy("Name of the row"),
    "column": lazy("Column"),
    "column_name": lazy("Name of the column"),
    "stations": lazy("Stations"),
    "capable": lazy("Stations that may do it"),
    "designated": lazy("Designated stations"),
    "services_one": lazy("Services with a station"),
    "services_two": lazy("Services with two"),
    "share_within": lazy("Share within reach"),
    "km_mean": lazy("Mean distance (km)"),
}


class TableAsked(ReachAsked):
    """And how it is laid out."""

    rows: Literal["county", "station"] = "county"
    columns: Literal["category", "service"] = "category"


@router.get(f"{COVERAGE}/table", dependencies=[READ])
async def table(at: Looking) -> Response:
    """With `format` every cell as a row of a file."""
    asked = question(at, TableAsked)
    if isinstance(asked, Response):
        return asked
    choice, layout = asked.choice, asked.asked
    points = await at.work.points(choice)
    found = await to_thread.run_sync(lambda: matrix_parts(at.work, choice, points, layout.rows, layout.columns))
    heads, tops, laid = found.heads, found.tops, cells(found)
    if at.file:
        names = {each.code: tr(each, "name") for each in heads} | {each.code: tr(each, "name") for each in tops}
        lines = [
            plain(cell) | {"row_name": names[cell.row], "column_name": names[cell.column]}
            for row in laid
            for cell in row
        ]
        whole = MatrixOut(rows=heads, columns=tops, cells=laid)
        paper = partial(matrix_paper, choice, await at.work.kept(choice), whole, (layout.rows, layout.columns))
        return await as_file(at, listed("table", HEADS, lines), paper)
    context = {
        "choice": choice,
        "layout": layout,
        "heads": heads,
        "tops": tops,
        "laid": laid,
        "links": _Links(at, choice, layout),
        "layouts": _layouts(at),
        "current": address(at.path, at.given, rows=layout.rows, columns=layout.columns),
    }
    return at.show("table.html", context)


class _Links:
    """Where a row's head, a column's head and a cell lead: a step further in, to the stations themselves at last."""

    def __init__(self, at: Look, choice: Choice, layout: TableAsked) -> None:
        self._at, self._choice, self._layout = at, choice, layout

    def row(self, head: RowOut) -> str:
        if self._layout.rows == "station":
            return f"/stations/{head.code}"
        return address(self._at.path, self._at.given, county=head.code, rows="station")

    def column(self, top: ColumnOut) -> str:
        if self._layout.columns == "category":
            return address(self._at.path, self._at.given, category=top.code, columns="service")
        return address(COVERAGE, self._at.given, service=top.code, category="", rows="", columns="")

    def cell(self, cell: CellOut) -> str:
        """Of a category, its services there; of a service, the stations of the county that may do it."""
        by_county, by_category = self._layout.rows == "county", self._layout.columns == "category"
        county = {"county": cell.row} if by_county else {}
        if by_category:
            return address(self._at.path, self._at.given, **county, category=cell.column, columns="service")
        if by_county:
            return address("/stations", {}, county=cell.row, service=cell.column)
        return f"/stations/{cell.row}"


def _layouts(at: Look) -> list[tuple[str, str]]:
    given = at.given
    kinds = [
        (lazy("Counties by category"), "county", "category"),
        (lazy("Counties by service"), "county", "service"),
        (lazy("Stations by category"), "station", "category"),
        (lazy("Stations by service"), "station", "service"),
    ]
    return [(str(label), address(at.path, given, rows=rows, columns=columns)) for label, rows, columns in kinds]
