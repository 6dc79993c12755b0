"""Unmet demand on paper."""

from app.coverage.unmet.asking import Choice
from app.coverage.unmet.queries import FEW, Report
from app.coverage.unmet.schemas import row_out
from app.coverage.unmet.words import OUTCOMES
from app.demand.rules import Outcome
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.web.papers import Column, Paper, PaperTable, Row


def unmet_paper(choice: Choice, report: Report) -> Paper:
    """In the order that was asked for."""
    lines: list[Row] = []
    for row in report.rows:
        names = {"service": tr(row.service, "name"), "county": tr(row.county, "name") if row.county else _("Outside")}
        lines.append(row_out(row).model_dump() | names)
    few = any(line["few"] for line in lines)
    return Paper(
        title=_("Unmet demand"),
        asked=[
            (_("Service"), tr(choice.service, "name") if choice.service else _("All")),
            (_("County or district"), tr(choice.county, "name") if choice.county else _("All")),
            (_("Days"), f"{day_month_year(choice.span.first)} – {day_month_year(choice.span.last)}"),
        ],
        tables=[PaperTable(_columns(), lines, kept=2, few=lambda row: ["share"] if row["few"] else [])],
        notes=[_("* Over fewer than {few} questions: read the share with care.").format(few=FEW)] * few
        + [_("Numbers only: who has asked isn't kept. A question counts once for each of its services.")],
    )


def _columns() -> list[Column]:
    reasons = [Column(each.value, str(words), "number") for each, words in OUTCOMES.items() if each != Outcome.ROUTED]
    return [
        Column("service", _("Service")),
        Column("county", _("County or district")),
        Column("questions", _("Questions"), "number"),
        Column("unmet", _("Not routed"), "number"),
        Column("share", _("Share"), "share", 2),
        Column("declined", _("Declined"), "number"),
        *reasons,
    ]
