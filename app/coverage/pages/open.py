"""Open data: what everybody may take along. The network and its coverage by county and category; nothing of people."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from anyio import to_thread
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from app.coverage.asking import Choice, CurrentWork, ReachAsked, Working
from app.coverage.pages.columns import COUNTIES, COVERAGE, SERVICES, STATIONS, TOWNS, Columns
from app.coverage.points import Points
from app.coverage.tables import cells, matrix_parts
from app.kit.clock import now as clock_now
from app.kit.conditional import Sheet, sheet_answer
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy
from app.stations.directory import Directory
from app.web.templating import page

router = Door()
Now = Annotated[datetime, Depends(clock_now)]
OPEN = "/open-data"
CURL = """\
curl --etag-compare stations.etag \\
  --etag-save stations.etag \\
  --compressed --output stations.csv \\
  "{address}/api/v1/stations?format=csv\""""
FOR_AN_HOUR = "public, max-age=3600"
COLUMNS = (
    *("on", "county", "county_zh", "county_en", "category", "category_zh", "category_en"),
    *("stations", "capable", "designated", "services", "services_one", "services_two"),
    *("within_km", "share_within", "km_mean"),
)


class Dataset(NamedTuple):
    """What it is, what one row is, where it is had in which format, and what its columns mean."""

    name: LazyString
    row: LazyString
    files: tuple[tuple[str, str], ...]
    columns: Columns


DATASETS = (
    Dataset(
        lazy("Service stations"),
        lazy("A station in use: names, address, point with its precision, level and model."),
        (
            ("CSV", "/api/v1/stations?format=csv"),
            ("XLSX", "/api/v1/stations?format=xlsx"),
            ("JSON", "/api/v1/stations"),
            ("GeoJSON", "/api/v1/stations.geojson"),
        ),
        STATIONS,
    ),
    Dataset(
        lazy("Services"),
        lazy("A service that can be asked for: names, category, ways in which it is done, how long it takes."),
        (
            ("CSV", "/api/v1/services?format=csv"),
            ("XLSX", "/api/v1/services?format=xlsx"),
            ("JSON", "/api/v1/services"),
        ),
        SERVICES,
    ),
    Dataset(
        lazy("Counties and districts"),
        lazy("A division with its boundary and the number of its stations."),
        (
            ("CSV", "/api/v1/counties?format=csv"),
            ("XLSX", "/api/v1/counties?format=xlsx"),
            ("JSON", "/api/v1/counties"),
            ("GeoJSON", "/api/v1/counties.geojson"),
        ),
        COUNTIES,
    ),
    Dataset(
        lazy("Towns and streets"),
        lazy("A township-level unit with a point and its precision."),
        (("CSV", "/api/v1/towns?format=csv"), ("XLSX", "/api/v1/towns?format=xlsx"), ("JSON", "/api/v1/towns")),
        TOWNS,
    ),
    Dataset(
        lazy("Coverage by county and category"),
        lazy(
            "A county and a category of services: how many stations may do some of them, and what part of the "
            "inhabitants has such a station within 15 km."
        ),
        (("CSV", f"{OPEN}/coverage.csv"), ("XLSX", f"{OPEN}/coverage.xlsx")),
        COVERAGE,
    ),
)


@router.get(OPEN)
async def open_data(request: Request) -> HTMLResponse:
    """The datasets, each with its files and columns, and how to fetch only what has changed."""
    address: str = request.app.state.settings.address
    return page(request, "coverage/open.html", {"datasets": DATASETS, "curl": CURL.format(address=address)})


@router.get(f"{OPEN}/coverage.{{kind}}")
async def coverage_file(request: Request, work: CurrentWork, kind: Literal["csv", "xlsx"], now: Now) -> Response:
    """Counted once a day and version of the network, so that it can be asked for as often as one likes."""
    choice = work.choice(ReachAsked())
    points = await work.points(choice)
    rows = await to_thread.run_sync(_rows, Counted(work.directory, points, choice, work))
    answer = sheet_answer(request, kind, None, now, lambda: Sheet("coverage", COLUMNS, rows))
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
