"""`GET /coverage/unmet`: what was asked for and could not be routed. Numbers only, nothing about who has asked."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.coverage.unmet.asking import chosen, page_of
from app.coverage.unmet.papers import unmet_paper
from app.coverage.unmet.queries import unmet
from app.coverage.unmet.schemas import UnmetAsked, UnmetOut, UnmetPageOut, asked_out, row_out, totals_out
from app.kit.clock import local_date, now
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.kit.tables import file_kind
from app.stations.directory import CurrentDirectory
from app.web.papers import AS_FILE, FILE_PROBLEMS, Listed, file_answer

router = Door(tags=["coverage"])
READ = Depends(allowed(Permission.COVERAGE_READ))
COLUMNS = {name: name for name in UnmetOut.model_fields}


@router.get(
    "/coverage/unmet",
    response_model=UnmetPageOut,
    dependencies=[READ],
    responses=problem_responses(*GUARDED, Invalid, *FILE_PROBLEMS) | AS_FILE,
)
async def unmet_demand(
    *,
    request: Request,
    asked: Annotated[UnmetAsked, Query()],
    session: Reading,
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    at: Annotated[datetime, Depends(now)],
) -> UnmetPageOut | Response:
    """Services and counties where questions to routing, on pages or by program, or requests came to nothing.

    A question counts once for each of its services, and as often as it is asked. Its place is known to a square
    kilometre; its county is the one in which the middle of that lies. What was asked a few seconds ago may be missing.
    """
    choice = chosen(asked, directory, catalogue, local_date(at))
    report = await unmet(
        session, directory, choice.span, service=choice.service, county=choice.county, sort=choice.sort
    )
    kind = file_kind(request, asked.format)
    if kind:
        await session.close()  # a paper may wait for others
        files = Listed("unmet", COLUMNS, [row_out(row).model_dump() for row in report.rows])
        return await file_answer(request, kind, files, partial(unmet_paper, choice, report), at)
    rows, following = page_of(report.rows, asked.cursor, asked.limit)
    return UnmetPageOut(
        items=[row_out(row) for row in rows],
        next=following,
        total=len(report.rows),
        totals=totals_out(report),
        asked=asked_out(choice),
    )
