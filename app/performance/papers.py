"""Performance on paper: the rows of `tables.py`, named in the reader's language."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.kit.clock import local_date
from app.kit.formats import day_month_year, number
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.performance.asking import Choice, Working
from app.performance.queries import Key, Report
from app.performance.rules import By
from app.performance.schemas import UnusualOut, few, figures_body
from app.performance.tables import flat, over_time
from app.performance.words import BY, MEASURES, NAMES
from app.web.papers import Asked, Column, Paper, PaperTable, Row, Strip

MOST_BARS = 130
HOUR_MIN = 60
FEW_OF = {
    "no_show_rate": ["no_show_rate"],
    "wait_min": ["wait_p50", "wait_p90"],
    "service_min": ["service_p50", "service_p90"],
    "answer_min": ["answer_p50", "answer_p90"],
    "on_time_rate": ["on_time_rate"],
    "rating": ["rating"],
}
"""Which columns are marked where there are few cases of a figure."""
COUNTS = ("requests", "appointments", "walk_ins", "served", "no_shows")
MINUTES = ("wait_p50", "wait_p90", "service_p50", "service_p90")
AFTER = ("returns", "reroutes")


def performance_paper(work: Working, choice: Choice, report: Report) -> Paper:
    """Row by row, the whole below as the last one."""
    by = choice.asked.by
    lines = [{"name": _named(work, by, key), **_figures(figures)} for key, figures in report.groups]
    whole = [{"name": _("Together"), **_figures(report.total)}] * bool(lines)
    return Paper(
        title=_("Performance"),
        subject=str(BY[by]),
        asked=[*_asked(choice), (_("Put together"), str(BY[by]))],
        tables=[PaperTable(_columns(by), [*lines, *whole], total=True, few=lambda row: row["few"])],
        notes=_notes(work, choice, lines),
        charts=_strip(work, choice, report),
    )


def _columns(by: By) -> list[Column]:
    heads = {By.COUNTY: _("County or district"), By.STATION: _("Station"), By.SERVICE: _("Service")}
    return [
        Column("name", heads.get(by, _("When")), "text" if by in heads else "short"),
        *(Column(key, str(NAMES[key]), "number") for key in COUNTS),
        Column("no_show_rate", str(NAMES["no_show_rate"]), "share", 1),
        *(Column(key, str(NAMES[key]), "number") for key in MINUTES),
        Column("answer_p50", str(NAMES["answer_p50"]), "number", 1),
        Column("answer_p90", str(NAMES["answer_p90"]), "number", 1),
        Column("on_time_rate", str(NAMES["on_time_rate"]), "share", 1),
        *(Column(key, str(NAMES[key]), "number") for key in AFTER),
        Column("utilisation", str(NAMES["utilisation"]), "share", 1),
        Column("rating", str(NAMES["rating"]), "number", 1),
    ]


def _figures(figures: Any) -> dict[str, Any]:  # noqa: ANN401 - rules.Figures
    row = flat({name: _plain(value) for name, value in figures_body(figures).items()})
    minutes = {f"{name}_{part}": row[f"{name}_min_{part}"] for name in ("wait", "service") for part in ("p50", "p90")}
    hours = {f"answer_{part}": _hours(row[f"answer_min_{part}"]) for part in ("p50", "p90")}
    marked = [column for name in few(figures) for column in FEW_OF[name]]
    return {**row, **minutes, **hours, "rating": row["rating_mean"], "few": marked}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a figure, or an object of figures
    return value.model_dump() if hasattr(value, "model_dump") else value


def _hours(minutes: int | None) -> float | None:
    return None if minutes is None else minutes / HOUR_MIN


def _named(work: Working, by: By, key: Key) -> str:
    if isinstance(key, date):
        words = {By.MONTH: key.isoformat()[:7], By.WEEK: _("from %(day)s") % {"day": day_month_year(key)}}
        return words.get(by, day_month_year(key))
    if isinstance(key, str):
        return tr(work.directory.atlas.division_by_code[key], "name")
    return tr((work.network.station_by_id if by is By.STATION else work.network.service_by_id)[key], "name")


def _asked(choice: Choice) -> Asked:
    asked = choice.asked
    return [
        (_("Days"), f"{day_month_year(asked.first)} – {day_month_year(asked.last)}"),
        (_("County or district"), tr(choice.county, "name") if choice.county else _("All")),
        (_("Station"), tr(choice.station, "name") if choice.station else _("All")),
        (_("Service"), tr(choice.service, "name") if choice.service else _("All")),
    ]


def _notes(work: Working, choice: Choice, lines: Sequence[Row]) -> list[str]:
    notes = [_("* Fewer than five cases: such figures compare badly.")] * any(line["few"] for line in lines)
    if choice.asked.by is By.SERVICE:
        notes.append(_("What concerned several services counts for each of them."))
    if choice.asked.last >= local_date(work.now):
        notes.append(_("Today counts as far as it has gone."))
    return notes


def _strip(work: Working, choice: Choice, report: Report) -> list[Strip]:
    found = over_time(choice, report, local_date(work.now))
    most = max((figures.served for _key, figures in found), default=0)
    if not most or not 1 < len(found) <= MOST_BARS:
        return []
    heights = [figures.served / most for _key, figures in found]
    first, last = (day_month_year(found[n][0]) for n in (0, -1))
    alt = _("Bars: served, one after the other. The table has the same figures.")
    title = _("Served, at most %(most)s") % {"most": number(most)}
    return [Strip(title, alt, heights, first, last, number(most))]


def unusual_paper(choice: Choice, rows: Sequence[UnusualOut]) -> Paper:
    """The last first."""
    lines = [
        row.model_dump()
        | {"day": day_month_year(row.day), "name": tr(row, "station_name"), "what": str(MEASURES[row.measure])}
        for row in rows
    ]
    columns = [
        Column("day", _("Day"), "short"),
        Column("name", _("Station")),
        Column("what", _("Figure")),
        Column("value", _("Value"), "number"),
        Column("usual", _("Usual"), "number", 1),
        Column("deviations", _("Deviations"), "number", 1),
        Column("weeks", _("Weeks compared"), "number"),
    ]
    return Paper(
        title=_("Unusual days"),
        asked=_asked(choice),
        tables=[PaperTable(columns, lines, kept=2)],
        notes=[
            _(
                "Against the same weekday of the eight weeks before at the same station: farther from the median than "
                "3.5 usual deviations. The last 31 days are looked at."
            )
        ],
    )
