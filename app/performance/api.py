"""`/performance`: what was done, for administrators and managers, within their reach."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel

from app.accounts.callers import GUARDED
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.kit.tables import XLSX, FileKind, file_kind, file_response
from app.performance.asking import CurrentWork
from app.performance.schemas import (
    Asking,
    GroupOut,
    PerformanceOut,
    UnusualAsking,
    UnusualListOut,
    UnusualOut,
)
from app.performance.tables import flat, performance_out, unusual_row

router = Door(tags=["performance"])
AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
        "description": "The rows; also as a file.",
    }
}
ERRORS = problem_responses(*GUARDED, Invalid)


@router.get("/performance", response_model=PerformanceOut, responses=ERRORS | AS_FILE)
async def performance(
    request: Request, work: CurrentWork, asked: Annotated[Asking, Query()]
) -> PerformanceOut | Response:
    """What was done in some days at some stations: together, and by day, week, month, county, station or service.

    What concerned several services counts for each of them, and once in all. What happens later to the same request
    changes no day that is over.
    """
    choice = work.choice(asked)
    found = performance_out(work, choice, await work.report(choice))
    form = file_kind(request, asked.format)
    name = f"performance-by-{choice.asked.by}-{choice.asked.first}-{choice.asked.last}"
    return as_file(form, name, found.items, GroupOut) if form else found


@router.get("/performance/unusual", response_model=UnusualListOut, responses=ERRORS | AS_FILE)
async def unusual(
    request: Request, work: CurrentWork, asked: Annotated[UnusualAsking, Query()]
) -> UnusualListOut | Response:
    """Days of stations far from what they are used to on that weekday: by the median of the eight weeks before, and
    more than 3.5 median deviations away. At most the last 31 days are looked at."""
    choice = work.choice(asked)
    rows = [unusual_row(work, each) for each in await work.unusual(choice)]
    form = file_kind(request, asked.format)
    return as_file(form, "performance-unusual", rows, UnusualOut) if form else UnusualListOut(items=rows)


def as_file(form: FileKind, name: str, rows: Sequence[BaseModel], kind: type[BaseModel]) -> Response:
    lines = [flat(row.model_dump()) for row in rows]
    columns = list(lines[0]) if lines else list(kind.model_fields)
    return file_response(form, name, {each: each for each in columns}, lines)
