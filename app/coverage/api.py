"""`/coverage`: who can reach what, how far and how soon. For administrators; facts of the network, no personal data."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Annotated, TypeVar

from anyio import to_thread
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Permission
from app.coverage.asking import CurrentWork, Working
from app.coverage.figures import Report
from app.coverage.papers.figures import counties_paper, summary_paper
from app.coverage.papers.lists import expiring_paper, flows_paper, gaps_paper
from app.coverage.papers.matrix import matrix_paper
from app.coverage.schemas import (
    CellOut,
    CountiesOut,
    CountyFiguresOut,
    ExpiringAsked,
    ExpiringListOut,
    ExpiringOut,
    FiguresOut,
    FlowOut,
    FlowsOut,
    GapOut,
    GapsAsked,
    GapsOut,
    MatrixAsked,
    MatrixOut,
    SummaryAsked,
    SummaryOut,
    figures_body,
    inequality,
)
from app.coverage.tables import (
    asked_body,
    cells,
    county_features,
    county_rows,
    expiring_rows,
    flat,
    flow_rows,
    gap_features,
    gap_rows,
    matrix_parts,
    of_county,
)
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.kit.tables import file_kind
from app.stations.geojson import MEDIA_TYPE, Feature, document
from app.web.papers import AS_FILE, AS_MAP, FILE_PROBLEMS, Listed, Paper, file_answer

router = Door(tags=["coverage"], prefix="/coverage")
READ = Depends(allowed(Permission.COVERAGE_READ))
USUAL_GAPS = 100
ERRORS = problem_responses(*GUARDED, Invalid, *FILE_PROBLEMS)
Asked = Annotated[SummaryAsked, Query()]
T = TypeVar("T")


async def counted(count: Callable[[], T]) -> T:
    """Beside everything else: what is counted may take some tenths of a second."""
    return await to_thread.run_sync(count)


async def as_file(
    request: Request, work: Working, asked: str | None, rows: Callable[[], Listed], paper: Callable[[], Paper]
) -> Response | None:
    """The rows as the file that is asked for; None where none is."""
    kind = file_kind(request, asked)
    return await file_answer(request, kind, rows(), paper, work.now) if kind else None


def listed(name: str, rows: Sequence[BaseModel], kind: type[BaseModel]) -> Listed:
    lines = [flat(row.model_dump()) for row in rows]
    columns = list(lines[0]) if lines else list(kind.model_fields)
    return Listed(f"coverage-{name}", {each: each for each in columns}, lines)


def as_map(features: Iterable[Feature]) -> Response:
    return Response(document(list(features)).body, media_type=MEDIA_TYPE)


@router.get("/summary", response_model=SummaryOut, dependencies=[READ], responses=ERRORS | AS_FILE)
async def summary(request: Request, work: CurrentWork, asked: Asked) -> SummaryOut | Response:
    """How well the demand of the network, or of a county, is served: by one service, a category, or all of them.

    A share within reach is that of the demand with a station that may do it at most `within_km` away and, with
    `within_days`, with a free time within so many working days. Over several services each counts alike.
    """
    choice = work.choice(asked)
    kept = await work.kept(choice)
    reached = await work.reached(choice)

    report = Report(reached)

    def count() -> SummaryOut:
        of = of_county(reached, choice)
        body = figures_body(report.figures(choice.adcode)) | inequality(report, of)
        return SummaryOut.model_validate(body | {"asked": asked_body(work, choice, kept)})

    found = await counted(count)
    whole = FiguresOut.model_validate(found)
    rows = partial(listed, "summary", [whole], FiguresOut)
    return (
        await as_file(request, work, asked.format, rows, partial(summary_paper, choice, kept, report, whole)) or found
    )


@router.get("/counties", response_model=CountiesOut, dependencies=[READ], responses=ERRORS | AS_MAP)
async def counties(request: Request, work: CurrentWork, asked: Asked) -> CountiesOut | Response:
    """The same county by county; as GeoJSON with their boundaries."""
    choice = work.choice(asked)
    kept, reached = await work.kept(choice), await work.reached(choice)
    report = Report(reached)
    rows = await counted(lambda: county_rows(work, report))
    if asked.format == "geojson":
        return as_map(county_features(work, rows))
    body = CountiesOut(items=rows, asked=asked_body(work, choice, kept))
    files = partial(listed, "counties", rows, CountyFiguresOut)
    return (
        await as_file(request, work, asked.format, files, partial(counties_paper, work, choice, kept, report, rows))
        or body
    )


@router.get("/matrix", response_model=MatrixOut, dependencies=[READ], responses=ERRORS | AS_FILE)
async def matrix(request: Request, work: CurrentWork, asked: Annotated[MatrixAsked, Query()]) -> MatrixOut | Response:
    """How many stations may do what, by county or station and by category or service; and how far counties are."""
    choice = work.choice(asked)
    kept, points = await work.kept(choice), await work.points(choice)

    def count() -> MatrixOut:
        table = matrix_parts(work, choice, points, asked.rows, asked.columns)
        return MatrixOut(rows=table.heads, columns=table.tops, cells=cells(table))

    body = await counted(count)
    files = partial(listed, "matrix", [cell for row in body.cells for cell in row], CellOut)
    by = (asked.rows, asked.columns)
    return await as_file(request, work, asked.format, files, partial(matrix_paper, choice, kept, body, by)) or body


@router.get("/gaps", response_model=GapsOut, dependencies=[READ], responses=ERRORS | AS_MAP)
async def gaps(request: Request, work: CurrentWork, asked: Annotated[GapsAsked, Query()]) -> GapsOut | Response:
    """Demand points without a station in reach that may do it in time, worst first, and what is in the way."""
    choice = work.choice(asked)
    kept, reached = await work.kept(choice), await work.reached(choice)
    rows = await counted(lambda: gap_rows(work, reached, of_county(reached, choice)))
    shown = rows[: asked.limit]
    if asked.format == "geojson":
        return as_map(gap_features(shown))
    weight = round(sum(row.weight for row in rows), 3)
    items = shown if asked.limit else rows[:USUAL_GAPS]
    body = GapsOut(items=items, total=len(rows), weight=weight, asked=asked_body(work, choice, kept))
    files = partial(listed, "gaps", shown, GapOut)
    return await as_file(request, work, asked.format, files, partial(gaps_paper, work, choice, kept, shown)) or body


@router.get("/expiring", response_model=ExpiringListOut, dependencies=[READ], responses=ERRORS | AS_FILE)
async def expiring(
    request: Request, work: CurrentWork, asked: Annotated[ExpiringAsked, Query()]
) -> ExpiringListOut | Response:
    """Capabilities that end soon, the first to end first, and what would be lost with each."""
    choice = work.choice(asked)
    kept, reached = await work.kept(choice), await work.reached(choice)
    county = choice.adcode
    rows = await counted(lambda: expiring_rows(work, reached, asked.days, county))
    body = ExpiringListOut(items=rows, asked=asked_body(work, choice, kept))
    files = partial(listed, "expiring", rows, ExpiringOut)
    paper = partial(expiring_paper, work, choice, kept, rows, asked.days)
    return await as_file(request, work, asked.format, files, paper) or body


@router.get("/flows", response_model=FlowsOut, dependencies=[READ], responses=ERRORS | AS_FILE)
async def flows(request: Request, work: CurrentWork, asked: Asked) -> FlowsOut | Response:
    """From which county to which people have to go, if everybody goes to the nearest station that may do it."""
    choice = work.choice(asked)
    kept, reached = await work.kept(choice), await work.reached(choice)
    rows, across = await counted(lambda: flow_rows(work, reached, choice.adcode))
    body = FlowsOut(items=rows, across=across, asked=asked_body(work, choice, kept))
    files = partial(listed, "flows", rows, FlowOut)
    paper = partial(flows_paper, work, choice, kept, rows, across)
    return await as_file(request, work, asked.format, files, paper) or body
