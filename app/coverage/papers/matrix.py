"""Who may do what, on paper: a table of counts, cut into blocks of columns where it is wider than a page."""

from app.coverage.asking import Choice
from app.coverage.demand import Kept
from app.coverage.matrix import Columns, Rows
from app.coverage.papers.asked import about, asked_of
from app.coverage.schemas import CellOut, MatrixOut
from app.coverage.sentences import subject
from app.kit.formats import number
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.web.papers import MARK, Column, Kind, Paper, PaperTable, Row

MOST_ACROSS = 12
"""More columns than this become rows, where the rows are fewer: services below one another, counties side by side."""
By = tuple[Rows, Columns]


def matrix_paper(choice: Choice, kept: Kept, found: MatrixOut, by: By) -> Paper:
    turned = len(found.columns) > max(MOST_ACROSS, len(found.rows))
    table = _turned(found, by) if turned else _upright(found, by)
    return Paper(
        title=_("Who may do what"),
        subject=subject(choice),
        asked=asked_of(choice, kept),
        tables=[table],
        notes=[_legend(by), *_share_note(choice, by), *about(choice, kept)],
    )


def _upright(found: MatrixOut, by: By) -> PaperTable:
    counties = by[0] == "county"
    columns = [Column("name", _("County or district") if counties else _("Station"))]
    columns += [Column("stations", _("Stations"), "number")] * counties
    kept = len(columns)
    columns += [Column(top.code, f"{tr(top, 'name')}{_number(top.services, by)}", _kind(by)) for top in found.columns]
    rows: list[Row] = [
        {"name": tr(head, "name"), "stations": head.stations, **{cell.column: written(cell, by) for cell in cells}}
        for head, cells in zip(found.rows, found.cells, strict=True)
    ]
    return PaperTable(columns, rows, kept=kept)


def _turned(found: MatrixOut, by: By) -> PaperTable:
    """With what were columns as rows."""
    columns = [Column("name", _("Category") if by[1] == "category" else _("Service"))]
    columns += [Column(head.code, tr(head, "name"), _kind(by)) for head in found.rows]
    rows: list[Row] = [
        {"name": f"{tr(top, 'name')}{_number(top.services, by)}"}
        | {row[n].row: written(row[n], by) for row in found.cells}
        for n, top in enumerate(found.columns)
    ]
    return PaperTable(columns, rows)


def _kind(by: By) -> Kind:
    return "mark" if by == ("station", "service") else "figure"


def _number(services: int, by: By) -> str:
    """How many services a category has."""
    return f" ({services})" if by[1] == "category" else ""


def written(cell: CellOut, by: By) -> str:
    """A cell as the page has it: what is done there, in reach, designated; nothing where nobody does anything."""
    counties, categories = by[0] == "county", by[1] == "category"
    value = cell.services_one if categories else cell.capable
    if not value:
        return "0" if counties or categories else ""
    two = f" ({number(cell.services_two)})" if counties and categories else ""
    parts = [number(value) + two if counties or categories else MARK]
    parts += [] if cell.share_within is None else [f"{number(cell.share_within * 100, 1)}%"]
    parts += [_("D") + (number(cell.designated) if counties else "")] * bool(cell.designated)
    return " ".join(parts) if by == ("station", "service") else " · ".join(parts)


def _legend(by: By) -> str:
    if by[1] == "category":
        says = _(
            "Each cell: the services of the category that somebody there may do, and in brackets those that at least "
            "two may do."
        )
    elif by[0] == "county":
        says = _("Each cell: how many stations of the county may do it.")
    else:
        says = _("Each cell: ● where the station may do it.")
    return says + " " + _("D: of these, designated.")


def _share_note(choice: Choice, by: By) -> list[str]:
    says = _("The share is that of the county's demand with such a station within %(km)s km, wherever it is.")
    return [says % {"km": number(choice.asked.within_km)}] * (by[0] == "county")
