"""`/performance`: what was done, for administrators and managers, within their reach."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel

from app.accounts.callers import GUARDED
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.kit.tables import file_kind
from app.performance.asking import CurrentWork
from app.performance.papers import performance_paper, unusual_paper
from app.performance.schemas import (
    Asking,
    GroupOut,
    PerformanceOut,
    UnusualAsking,
    UnusualListOut,
    UnusualOut,
)
from app.performance.tables import flat, performance_out, unusual_row
from app.web.papers import AS_FILE, FILE_PROBLEMS, Listed, file_answer

router = Door(tags=["performance"])
ERRORS = problem_responses(*GUARDED, Invalid, *FILE_PROBLEMS)


@router.get("/performance", response_model=PerformanceOut, responses=ERRORS | AS_FILE)
async def performance(
    request: Request, work: CurrentWork, asked: Annotated[Asking, Query()]
) -> PerformanceOut | Response:
    """What was done in some days at some stations: together, and by day, week, month, county, station or service.

    What concerned several services counts for each of them, and once in all. What happens later to the same request
    changes no day that is over.
    """
    choice = work.choice(asked)
    report = await work.report(choice)
    found = performance_out(work, choice, report)
    kind = file_kind(request, asked.format)
    if kind is None:
        return found
    files = listed(f"performance-by-{choice.asked.by}-{choice.asked.first}-{choice.asked.last}", found.items, GroupOut)
    return await file_answer(request, kind, files, partial(performance_paper, work, choice, report), work.now)


@router.get("/performance/unusual", response_model=UnusualListOut, responses=ERRORS | AS_FILE)
async def unusual(
    request: Request, work: CurrentWork, asked: Annotated[UnusualAsking, Query()]
) -> UnusualListOut | Response:
    """Days of stations far from what they are used to on that weekday: by the median of the eight weeks before, and
    more than 3.5 median deviations away. At most the last 31 days are looked at."""
    choice = work.choice(asked)
    rows = [unusual_row(work, each) for each in await work.unusual(choice)]
    kind = file_kind(request, asked.format)
    if kind is None:
        return UnusualListOut(items=rows)
    files = listed("performance-unusual", rows, UnusualOut)
    return await file_answer(request, kind, files, partial(unusual_paper, choice, rows), work.now)


def listed(name: str, rows: Sequence[BaseModel], kind: type[BaseModel]) -> Listed:
    lines = [flat(row.model_dump()) for row in rows]
    columns = list(lines[0]) if lines else list(kind.model_fields)
    return Listed(name, {each: each for each in columns}, lines)
