"""Open data: what everybody may take along. The network and its coverage by county and category; nothing of people."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from anyio import to_thread
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.coverage.asking import Choice, CurrentWork, ReachAsked, Working
from app.coverage.points import Points
from app.coverage.tables import cells, matrix_parts
from app.kit.doors import Door
from app.kit.i18n import LazyString, gettext, lazy
from app.kit.tables import file_response
from app.stations.directory import Directory
from app.web.templating import page

router = Door()
OPEN = "/open-data"
FOR_AN_HOUR = "public, max-age=3600"
COLUMNS = (
    *("on", "county", "county_zh", "county_en", "category", "category_zh", "category_en"),
    *("stations", "capable", "designated", "services", "services_one", "services_two"),
    *("within_km", "share_within", "km_mean"),
)


class Dataset(NamedTuple):
    """What it is, what one row is, and where it is had in which format."""

    name: LazyString
    row: LazyString
    files: tuple[tuple[str, str], ...]


DATASETS = (
    Dataset(
        lazy("Service stations"),
        lazy("A station in use: names, address, point with its precision, level and model."),
        (
            ("CSV", "/api/v1/stations?format=csv"),
            ("JSON", "/api/v1/stations"),
            ("GeoJSON", "/api/v1/stations.geojson"),
        ),
    ),
    Dataset(
        lazy("Services"),
        lazy("A service that can be asked for: names, category, ways in which it is done, how long it takes."),
        (("CSV", "/api/v1/services?format=csv"), ("JSON", "/api/v1/services")),
    ),
    Dataset(
        lazy("Counties and districts"),
        lazy("A division with its boundary and the number of its stations."),
        (
            ("CSV", "/api/v1/counties?format=csv"),
            ("JSON", "/api/v1/counties"),
            ("GeoJSON", "/api/v1/counties.geojson"),
        ),
    ),
    Dataset(
        lazy("Towns and streets"),
        lazy("A township-level unit with a point and its precision."),
        (("CSV", "/api/v1/towns?format=csv"), ("JSON", "/api/v1/towns")),
    ),
    Dataset(
        lazy("Coverage by county and category"),
        lazy(
            "A county and a category of services: how many stations may do some of them, and what part of the "
            "inhabitants has such a station within 15 km."
        ),
        (("CSV", f"{OPEN}/coverage.csv"), ("XLSX", f"{OPEN}/coverage.xlsx")),
    ),
)


@router.get(OPEN)
async def open_data(request: Request) -> HTMLResponse:
    """The list of datasets, each with its files."""
    datasets = [(gettext(each.name.msgid), gettext(each.row.msgid), each.files) for each in DATASETS]
    return page(request, "coverage/open.html", {"datasets": datasets})


@router.get(f"{OPEN}/coverage.{{kind}}")
async def coverage_file(work: CurrentWork, kind: Literal["csv", "xlsx"]) -> Response:
    """Counted once a day and version of the network, so that it can be asked for as often as one likes."""
    choice = work.choice(ReachAsked())
    points = await work.points(choice)
    rows = await to_thread.run_sync(_rows, Counted(work.directory, points, choice, work))
    answer = file_response(kind, "coverage", {column: column for column in COLUMNS}, rows)
    answer.headers["Cache-Control"] = FOR_AN_HOUR
    return answer


@dataclass(frozen=True)
class Counted:
    """What the file follows from: two objects that are made anew when anything in them changes, and the day."""

    directory: Directory
    points: Points
    choice: Choice
    work: Working = field(compare=False)


@lru_cache(maxsize=1)
def _rows(of: Counted) -> list[dict[str, object]]:
    table = matrix_parts(of.work, of.choice, of.points, "county", "category")
    names = {each.code: each for each in table.heads}
    tops = {each.code: each for each in table.tops}
    return [
        {
            **cell.model_dump(),
            "on": of.choice.asked.on,
            "county": cell.row,
            "county_zh": names[cell.row].name_zh,
            "county_en": names[cell.row].name_en,
            "category": cell.column,
            "category_zh": tops[cell.column].name_zh,
            "category_en": tops[cell.column].name_en,
            "services": tops[cell.column].services,
            "within_km": of.choice.asked.within_km,
        }
        for row in cells(table)
        for cell in row
    ]
