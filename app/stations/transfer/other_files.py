"""counties.geojson and workdays.json: what their values must be to each other, and their rows."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from app.stations.transfer.catalogue_file import as_json
from app.stations.transfer.documents import CountiesFile, WorkdaysFile, YearPart
from app.stations.transfer.faults import Fault, Faults
from app.stations.transfer.jsonfiles import Document, Route
from app.stations.transfer.reading import Cells

COUNTIES, WORKDAYS = "counties.geojson", "workdays.json"
BOUNDARY_COLUMNS = """
    adcode text, name_zh text, name_en text, area_km2 numeric, label_lon double precision, label_lat double precision,
    geometry json
"""
YEAR_COLUMNS = "year integer, workday_count integer, facts json"
DAY_COLUMNS = "day date, year integer, kind text, name_zh text, name_en text"
FRIDAY = 5
YEAR = re.compile("(?:19|20)[0-9]{2}")


def check_counties(document: Document[CountiesFile], faults: Faults) -> None:
    seen: set[str] = set()
    for n, feature in enumerate(document.parts.features):
        adcode = feature.properties.adcode
        if adcode in seen:
            faults.add(document.fault(("features", n, "properties", "adcode"), adcode, "value_twice"))
        if adcode != feature.id:
            faults.add(document.fault(("features", n, "id"), feature.id, "county_id"))
        seen.add(adcode)


def check_workdays(document: Document[WorkdaysFile], faults: Faults) -> None:
    seen: set[str] = set()
    for year, part in document.parts.years.items():
        if not YEAR.fullmatch(year):
            faults.add(document.fault(("years", year), year, "year"))
            continue
        for fault in _year_faults(document, year, part, seen):
            faults.add(fault)


def _year_faults(document: Document[WorkdaysFile], year: str, part: YearPart, seen: set[str]) -> Iterator[Fault]:
    days: list[tuple[Route, str]] = [
        (("years", year, "holidays", n, "date"), holiday.date) for n, holiday in enumerate(part.holidays)
    ]
    makeup: list[tuple[Route, str]] = [
        (("years", year, "makeup_workdays", n), day) for n, day in enumerate(part.makeup_workdays)
    ]
    for route, day in days + makeup:
        if day in seen:
            yield document.fault(route, day, "day_twice")
        seen.add(day)
    for route, day in makeup:
        if date.fromisoformat(day).isoweekday() <= FRIDAY:
            yield document.fault(route, day, "makeup_weekday")
    found = _workdays(int(year), part)
    if part.workday_count is not None and part.workday_count != found:
        yield document.fault(("years", year, "workday_count"), part.workday_count, "workday_count", found=found)


def _workdays(year: int, part: YearPart) -> int:
    """Working days of a year: its Mondays to Fridays that are no holiday, and its make-up days."""
    first = date(year, 1, 1)
    days = ((first + timedelta(days=n)) for n in range((date(year + 1, 1, 1) - first).days))
    off = {holiday.date for holiday in part.holidays}
    worked = sum(day.isoweekday() <= FRIDAY and day.isoformat() not in off for day in days)
    return worked + sum(day.startswith(f"{year}-") for day in part.makeup_workdays)


def boundary_rows(document: Document[CountiesFile]) -> Iterator[Cells]:
    for feature in document.parts.features:
        own = feature.properties
        yield [
            own.adcode,
            own.name_zh,
            own.name_en,
            _number(own.area_km2),
            _number(own.label_lon),
            _number(own.label_lat),
            None if feature.geometry is None else as_json(feature.geometry),
        ]


def _number(value: float | None) -> str | None:
    return None if value is None else repr(value)


def year_rows(document: Document[WorkdaysFile]) -> Iterator[Cells]:
    for year, part in document.parts.years.items():
        yield [year, None if part.workday_count is None else str(part.workday_count), as_json(part.model_extra or {})]


def day_rows(document: Document[WorkdaysFile]) -> Iterator[Cells]:
    for year, part in document.parts.years.items():
        for holiday in part.holidays:
            yield [holiday.date, year, "holiday", holiday.name_zh, holiday.name_en]
        for day in part.makeup_workdays:
            yield [day, year, "makeup", None, None]
