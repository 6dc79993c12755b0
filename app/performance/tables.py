"""Figures as lists of plain rows, named in both languages: what JSON sends and files hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.performance.asking import Choice, Working
from app.performance.queries import Key, Report
from app.performance.rules import TIMES, By, Figures, first_of
from app.performance.schemas import GroupOut, PerformanceOut, UnusualOut, figures_body, rounded
from app.performance.spans import days
from app.performance.unusual import StationUnusual

Row = dict[str, Any]


def performance_out(work: Working, choice: Choice, found: Report) -> PerformanceOut:
    asked = choice.asked
    head = {"first": asked.first, "last": asked.last, "by": asked.by}
    return PerformanceOut.model_validate(
        figures_body(found.total) | head | {"items": group_rows(work, asked.by, found)}
    )


def group_rows(work: Working, by: By, found: Report) -> list[GroupOut]:
    return [GroupOut.model_validate(named(work, by, key) | figures_body(figures)) for key, figures in found.groups]


def over_time(choice: Choice, report: Report, today: date) -> list[tuple[date, Figures]]:
    """Each day, week or month of the days asked for, as far as they have come, also those without anything.

    None where it isn't asked by time, or there is nothing at all.
    """
    asked, found = choice.asked, dict(report.groups)
    if asked.by not in TIMES or not found:
        return []
    keys = sorted({first_of(asked.by, day) for day in days(asked.first, min(asked.last, today))})
    return [(key, found.get(key, Figures())) for key in keys]


def named(work: Working, by: By, key: Key) -> dict[str, str]:
    """The key as it is sent, with the names of what it stands for."""
    if isinstance(key, date):
        return {"key": key.isoformat(), "name_zh": key.isoformat(), "name_en": key.isoformat()}
    if isinstance(key, str):
        county = work.directory.atlas.division_by_code[key]
        return {"key": key, "name_zh": county.name_zh, "name_en": county.name_en}
    of = work.network.station_by_id if by is By.STATION else work.network.service_by_id
    one = of[key]
    return {"key": one.code, "name_zh": one.name_zh, "name_en": one.name_en}


def unusual_row(work: Working, each: StationUnusual) -> UnusualOut:
    station = work.network.station_by_id[each.station_id]
    return UnusualOut(
        day=each.day,
        station_code=station.code,
        station_name_zh=station.name_zh,
        station_name_en=station.name_en,
        measure=each.found.measure,
        value=each.found.value,
        usual=each.found.usual,
        deviations=rounded(each.found.deviations) or 0.0,
        weeks=each.found.weeks,
    )


def flat(row: Mapping[str, Any]) -> Row:
    """A row for a file: what stands within an object gets the names of both, `wait_min_p50`."""
    found: Row = {}
    for name, value in row.items():
        found |= (
            {f"{name}_{part}": each for part, each in value.items()} if isinstance(value, Mapping) else {name: value}
        )
    return found
