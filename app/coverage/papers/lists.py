"""Lists of coverage on paper: gaps, what ends soon, and who goes where."""

from collections.abc import Sequence

from app.coverage.asking import Choice, Working
from app.coverage.demand import Kept
from app.coverage.papers.asked import about, asked_of
from app.coverage.schemas import ExpiringOut, FlowOut, GapOut
from app.coverage.sentences import subject
from app.coverage.words import CAUSES
from app.kit.formats import day_month_year, number, percent
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext, tr
from app.web.papers import Column, Paper, PaperTable, Row


def gaps_paper(work: Working, choice: Choice, kept: Kept, rows: Sequence[GapOut]) -> Paper:
    """The worst first."""
    stations = {each.code: each for each in work.network.stations}
    lines: list[Row] = [
        {
            "name": tr(row, "name") or row.code,
            "county": _county(work, row.county),
            "weight": row.weight,
            "missing": row.missing,
            "nearest_km": row.nearest_km,
            "station": tr(stations[row.nearest_station], "name") if row.nearest_station in stations else "",
            "days": row.days_to_first_slot,
            "cause": str(CAUSES[row.cause]) if row.cause else "",
            "approximate": row.approximate,
        }
        for row in rows
    ]
    count = ngettext(
        "%(num)s place without a station in reach.", "%(num)s places without a station in reach.", len(rows)
    )
    return Paper(
        title=_("Gaps"),
        subject=subject(choice),
        asked=asked_of(choice, kept),
        lead=[count % {"num": number(len(rows))}] * bool(rows),
        tables=[PaperTable(_gap_columns(choice), lines)],
        notes=[_("● Approximate position of the place.")] * any(row.approximate for row in rows) + about(choice, kept),
    )


def _gap_columns(choice: Choice) -> list[Column]:
    """Of one service, which station is nearest and what is in the way; of several, how many are missing."""
    of_one = [
        Column("station", _("That station")),
        Column("days", _("Working days to its first free time"), "number"),
        Column("cause", _("What is in the way")),
    ]
    of_several = [Column("missing", _("Services out of reach"), "number")]
    return [
        Column("name", _("Place")),
        Column("county", _("County or district")),
        Column("weight", _("Demand"), "number"),
        *([] if choice.service else of_several),
        Column("nearest_km", _("Nearest station that may do it (km)"), "number", 2),
        *(of_one if choice.service else []),
        Column("approximate", _("Approximate"), "mark"),
    ]


def expiring_paper(work: Working, choice: Choice, kept: Kept, rows: Sequence[ExpiringOut], days: int) -> Paper:
    """The first to end first."""
    lines: list[Row] = [
        row.model_dump()
        | {
            "until": day_month_year(row.valid_until),
            "service": tr(row, "service_name"),
            "station": tr(row, "station_name"),
            "county_name": _county(work, row.county),
        }
        for row in rows
    ]
    columns = [
        Column("until", _("Ends on"), "short"),
        Column("service", _("Service")),
        Column("station", _("Station")),
        Column("county_name", _("County or district")),
        Column("stations_left", _("Stations left that may do it"), "number"),
        Column("stations_left_in_county", _("Of these in the county"), "number"),
        Column("share_within", _("Share within reach"), "share", 2),
        Column("share_without", _("Share within reach afterwards"), "share", 2),
    ]
    soon = ngettext("%(num)s day", "%(num)s days", days) % {"num": days}
    return Paper(
        title=_("Ending soon"),
        subject=subject(choice),
        asked=asked_of(choice, kept, (_("Ends within"), soon)),
        tables=[PaperTable(columns, lines)],
        notes=about(choice, kept),
    )


def flows_paper(work: Working, choice: Choice, kept: Kept, rows: Sequence[FlowOut], across: float | None) -> Paper:
    """The largest first."""
    lines: list[Row] = [
        row.model_dump()
        | {
            "from": _county(work, row.county),
            "to": _county(work, row.served_in) if row.served_in else _("nobody may"),
        }
        for row in rows
    ]
    columns = [
        Column("from", _("Demand in")),
        Column("to", _("To the nearest station in")),
        Column("weight", _("Demand"), "number"),
        Column("share", _("Share"), "share", 2),
    ]
    says = _("{share} of the demand is nearest to a station of another county.")
    return Paper(
        title=_("Ways between counties"),
        subject=subject(choice),
        asked=asked_of(choice, kept),
        lead=[] if across is None else [says.format(share=percent(across))],
        tables=[PaperTable(columns, lines, kept=2)],
        notes=about(choice, kept),
    )


def _county(work: Working, adcode: str | None) -> str:
    division = work.directory.atlas.division_by_code.get(adcode or "")
    return tr(division, "name") if division else _("Outside")
