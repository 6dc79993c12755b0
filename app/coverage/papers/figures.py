"""The figures of coverage on paper: county by county, and of the whole."""

from collections.abc import Sequence

from app.coverage.asking import Choice, Working
from app.coverage.demand import Kept
from app.coverage.figures import Report
from app.coverage.papers.asked import about, asked_of, few_note
from app.coverage.papers.map import county_map
from app.coverage.rules.measures import Curve as Lorenz
from app.coverage.schemas import CountyFiguresOut, FiguresOut
from app.coverage.sentences import subject, way, within
from app.coverage.tables import flat, of_county
from app.kit.formats import number
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.web.papers import Bars, Column, Curve, Paper, PaperTable, shown

MOST_BARS = 40


def counties_paper(
    work: Working, choice: Choice, kept: Kept, report: Report, rows: Sequence[CountyFiguresOut]
) -> Paper:
    """The counties with their figures, and how the whole is spread."""
    lines = [flat(row.model_dump()) | {"name": tr(row, "name")} for row in rows]
    columns = [Column("name", _("County or district")), *_columns()]
    areas = county_map(work.directory.atlas.division_by_code, rows)
    credit = _("Boundaries: Tianditu GS(2024)0650 · Places: GeoNames.org CC BY 4.0")
    return Paper(
        title=_("Coverage by county"),
        subject=subject(choice),
        asked=asked_of(choice, kept),
        lead=_lead(choice, report),
        tables=[PaperTable(columns, lines, few=lambda row: ["name"] if row["few"] else [])],
        notes=[*few_note(row.few for row in rows), *_notes(choice), *about(choice, kept), *[credit] * bool(areas)],
        charts=[*_bars(rows), *areas, *_curve(choice, report)],
    )


def summary_paper(choice: Choice, kept: Kept, report: Report, found: FiguresOut) -> Paper:
    """The figures of the whole, one below the other."""
    written = PaperTable(_columns(), [flat(found.model_dump())])
    rows = [
        {"name": column.head, "value": value}
        for column, value in zip(written.columns, written.written()[0], strict=True)
    ]
    table = PaperTable([Column("name", _("Figure")), Column("value", _("Value"), "figure")], rows)
    return Paper(
        title=_("Coverage"),
        subject=subject(choice),
        asked=asked_of(choice, kept),
        lead=_lead(choice, report),
        tables=[table],
        notes=[*few_note([found.few]), *_notes(choice), *about(choice, kept)],
        charts=_curve(choice, report),
    )


def _columns() -> list[Column]:
    return [
        Column("demand_points", _("Places"), "number"),
        Column("demand_weight", _("Demand"), "number"),
        Column("stations", _("Stations"), "number"),
        Column("capable_stations", _("Stations that may do it"), "number"),
        Column("designated_stations", _("Designated stations"), "number"),
        Column("services_offered", _("Services offered there"), "number"),
        Column("share_within", _("Within reach"), "share", 2),
        Column("backup_share", _("With a second station"), "share", 2),
        Column("distance_km_p50", _("Distance, half at most (km)"), "number", 2),
        Column("distance_km_p90", _("Distance, nine of ten at most (km)"), "number", 2),
        Column("distance_km_max", _("Greatest distance (km)"), "number", 2),
        Column("distance_km_mean", _("Mean distance (km)"), "number", 2),
        Column("days_to_first_slot_p50", _("Working days to a free time, half at most"), "number"),
        Column("days_to_first_slot_p90", _("The same, nine of ten at most"), "number"),
        Column("accessibility", _("Desk hours"), "number", 2),
        Column("accessibility_enhanced", _("Desk hours, far away less"), "number", 2),
        Column("gini", _("Gini of the desk hours"), "number", 3),
    ]


def _lead(choice: Choice, report: Report) -> list[str]:
    figures = report.figures(choice.adcode)
    return [f"{within(choice, figures)} {way(figures)}"] if figures.demand_weight else []


def _notes(choice: Choice) -> list[str]:
    sentence = _(
        "Desk hours: what can be booked in a week for 1,000 units of demand, shared by all within %(km)s km of each "
        "station."
    )
    return [sentence % {"km": number(choice.asked.within_km)}]


def _bars(rows: Sequence[CountyFiguresOut]) -> list[Bars]:
    """With the numbers that the areas of the map have."""
    if not 1 < len(rows) <= MOST_BARS:
        return []
    column = Column("share_within", "", "share", 2)
    items = [
        (f"{n}  {tr(row, 'name')}", row.share_within, shown(row.share_within, column))
        for n, row in enumerate(rows, start=1)
    ]
    return [Bars(_("Share within reach"), _("Bars: the share within reach. The table has the same figures."), items)]


def _curve(choice: Choice, report: Report) -> list[Curve]:
    curve: Lorenz | None = report.access.curve(of_county(report.reached, choice))
    if curve is None:
        return []
    points = list(zip(curve.people, curve.good, strict=True))
    gini = report.access.gini(of_county(report.reached, choice)) or 0.0
    title = _("Desk hours: Gini {gini}").format(gini=number(gini, 3))
    alt = _("Lorenz curve of the desk hours; Gini {gini}, where 0 means that all have alike.").format(
        gini=number(gini, 3)
    )
    return [Curve(title, alt, points, _("share of the demand"), _("share of the desk hours"))]
