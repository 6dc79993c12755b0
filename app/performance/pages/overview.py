"""Performance at a glance: figures, how they go over time, the rows that they are made of, and what was unusual."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi import Response

from app.kit.clock import local_date
from app.kit.doors import Door
from app.kit.i18n import tr
from app.kit.tables import FileKind, file_kind
from app.performance.asking import Choice
from app.performance.pages.charts import bars, lines
from app.performance.pages.frame import READ, Look, Looking, form_context, question
from app.performance.papers import performance_paper
from app.performance.queries import Key, Report
from app.performance.rules import TIMES, By, Figures
from app.performance.schemas import GroupOut, few
from app.performance.spans import DAY
from app.performance.tables import flat, group_rows, over_time
from app.performance.unusual import StationUnusual
from app.performance.words import MEASURES, NAMES, PERFORMANCE
from app.web.forms import address
from app.web.papers import Listed, file_answer

router = Door()
Value = Callable[[Figures], float | None]
HOUR_MIN = 60
MOST_UNUSUAL = 12
MOST_BARS = 130
COLUMNS: Mapping[str, Value] = {
    "requests": lambda f: f.requests,
    "appointments": lambda f: f.appointments,
    "walk_ins": lambda f: f.walk_ins,
    "served": lambda f: f.served,
    "no_show_rate": lambda f: f.no_show_rate.value,
    "wait_p50": lambda f: f.wait_min.p50,
    "wait_p90": lambda f: f.wait_min.p90,
    "service_p50": lambda f: f.service_min.p50,
    "answer_p50": lambda f: f.answer_min.p50 and f.answer_min.p50 / HOUR_MIN,
    "on_time_rate": lambda f: f.on_time_rate.value,
    "returns": lambda f: f.returns,
    "reroutes": lambda f: f.reroutes,
    "utilisation": lambda f: f.utilisation,
    "rating": lambda f: f.rating,
}
FEW_OF = {"wait_p50": "wait_min", "wait_p90": "wait_min", "service_p50": "service_min", "answer_p50": "answer_min"}
SHARES = frozenset({"no_show_rate", "on_time_rate", "utilisation"})


@router.get(PERFORMANCE, dependencies=[READ])
async def overview(at: Looking) -> Response:
    """The question stands in the address; with `format` the rows as a file."""
    choice = question(at)
    if isinstance(choice, Response):
        return choice
    report = await at.work.report(choice)
    kind = file_kind(at.request, at.given.get("format"))
    if kind:
        return await _file(at, choice, report, kind)
    unusual = await at.work.unusual(choice)
    return at.show("overview.html", form_context(at, choice) | _context(at, choice, report, unusual))


async def _file(at: Look, choice: Choice, report: Report, kind: FileKind) -> Response:
    """With the columns named as in the API, so that a file means the same wherever it comes from."""
    rows = [flat(row.model_dump()) for row in group_rows(at.work, choice.asked.by, report)]
    columns = list(rows[0]) if rows else list(GroupOut.model_fields)
    files = Listed(f"performance-by-{choice.asked.by}", {each: each for each in columns}, rows)
    return await file_answer(at.request, kind, files, partial(performance_paper, at.work, choice, report), at.work.now)


def _context(at: Look, choice: Choice, report: Report, unusual: list[StationUnusual]) -> dict[str, Any]:
    sort, falling = _sorting(at)
    return {
        "choice": choice,
        "total": report.total,
        "few": few(report.total),
        "rows": [_row(at, choice, key, figures) for key, figures in _in_order(report, sort, falling=falling)],
        "sort": sort,
        "falling": falling,
        "columns": _heads(at, sort, falling=falling),
        "shares": SHARES,
        "by": choice.asked.by.value,
        "chart": _chart(at, choice, report) if choice.asked.by in TIMES else None,
        "unusual": [_told(at, each) for each in unusual[:MOST_UNUSUAL]],
        "more_unusual": max(len(unusual) - MOST_UNUSUAL, 0),
        "today": choice.asked.last >= local_date(at.work.now),
        "wider": address(PERFORMANCE, at.given, station="", county="", service=""),
    }


def _sorting(at: Look) -> tuple[str, bool]:
    asked = at.given.get("sort", "")
    return (asked.removeprefix("-"), asked.startswith("-")) if asked.removeprefix("-") in COLUMNS else ("", False)


def _in_order(report: Report, sort: str, *, falling: bool) -> list[tuple[Key, Figures]]:
    """By a column; what has no figure stands at the end, whichever way round."""
    if not sort:
        return report.groups
    values = [COLUMNS[sort](figures) for _, figures in report.groups]
    known = [(value, n) for n, value in enumerate(values) if value is not None]
    found = [n for _, n in sorted(known, reverse=falling)]
    rest = [n for n in range(len(report.groups)) if n not in set(found)]
    return [report.groups[n] for n in found + rest]


def _heads(at: Look, sort: str, *, falling: bool) -> list[tuple[str, str, str]]:
    """Each column's key, name, and the address at which the table is sorted by it, or the other way round."""
    return [
        (key, str(NAMES[key]), address(PERFORMANCE, at.given, sort=f"-{key}" if key != sort or not falling else key))
        for key in COLUMNS
    ]


def _row(at: Look, choice: Choice, key: Key, figures: Figures) -> dict[str, Any]:
    doubtful = few(figures)
    cells = [(column, value(figures), FEW_OF.get(column, column) in doubtful) for column, value in COLUMNS.items()]
    return {"name": _name(at, choice.asked.by, key), "href": _deeper(at, choice, key), "cells": cells, "key": key}


def _name(at: Look, by: By, key: Key) -> str:
    """Empty for a day, which the page writes in the reader's way."""
    if isinstance(key, date):
        return ""
    if isinstance(key, str):
        return tr(at.work.directory.atlas.division_by_code[key], "name")
    return tr((at.work.network.station_by_id if by is By.STATION else at.work.network.service_by_id)[key], "name")


def _deeper(at: Look, choice: Choice, key: Key) -> str:
    """One step into a row: of a time its days, of a day its stations, of a county its stations, of these the days."""
    by = choice.asked.by
    given = {name: value for name, value in at.given.items() if name not in ("sort", "format")}
    if isinstance(key, date):
        last = min(_last_of(by, key), choice.asked.last)
        first = max(key, choice.asked.first)
        finer = By.STATION if by is By.DAY else By.DAY
        return address(PERFORMANCE, given, **{"from": first, "to": last, "by": finer.value})
    if isinstance(key, str):
        return address(PERFORMANCE, given, county=key, by=By.STATION.value)
    if by is By.STATION:
        return address(PERFORMANCE, given, station=at.work.network.station_by_id[key].code, by=By.DAY.value)
    return address(PERFORMANCE, given, service=at.work.network.service_by_id[key].code, by=By.STATION.value)


def _last_of(by: By, first: date) -> date:
    if by is By.WEEK:
        return first + timedelta(days=6)
    return (first + timedelta(days=31)).replace(day=1) - DAY if by is By.MONTH else first


def _chart(at: Look, choice: Choice, report: Report) -> dict[str, Any] | None:
    """Served as bars, waits as lines; a day without anything has its place too."""
    found = over_time(choice, report, local_date(at.work.now))
    if not 1 < len(found) <= MOST_BARS:
        return None
    keys, groups = [key for key, _figures in found], [figures for _key, figures in found]
    waits = [(each.wait_min.p50, each.wait_min.p90) for each in groups]
    most = max((p90 for _, p90 in waits if p90 is not None), default=0)
    return {
        "first": keys[0],
        "last": keys[-1],
        "served": bars([(key.isoformat(), each.served) for key, each in zip(keys, groups, strict=True)]),
        "most_served": max(each.served for each in groups),
        "p50": lines([p50 for p50, _ in waits], most),
        "p90": lines([p90 for _, p90 in waits], most),
        "most_wait": most,
    }


def _told(at: Look, each: StationUnusual) -> dict[str, Any]:
    station = at.work.network.station_by_id[each.station_id]
    given = {"from": each.day - 28 * DAY, "to": each.day, "station": station.code, "by": By.DAY.value}
    return {
        "day": each.day,
        "station": tr(station, "name"),
        "href": address(PERFORMANCE, given),
        "measure": str(MEASURES[each.found.measure]),
        "found": each.found,
    }
