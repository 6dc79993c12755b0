"""The public check, for programs."""

from datetime import datetime
from typing import Annotated

import orjson
from fastapi import Depends, Query, Request, Response

from app.kit import clock
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.requests.answers import NOT_TO_KEEP
from app.results.checking import check
from app.results.errors import DocumentUnknown
from app.results.schemas import CheckAsked, CheckOut
from app.web.limits import limited

router = Door()
Now = Annotated[datetime, Depends(clock.now)]


@router.get(
    "/check",
    response_model=CheckOut,
    dependencies=[Depends(limited("follow"))],
    responses=problem_responses(Invalid, DocumentUnknown, TooMany),
)
async def check_document(request: Request, asked: Annotated[CheckAsked, Query()], database: Hot, now: Now) -> Response:
    """Whether a document is real and stands, by the number and the code on the paper. Names nobody.

    An unknown number answers as a wrong code does, in the same time.
    """
    found = await check(database, asked.number, asked.code, request.app.state.settings.secret_key, now)
    return Response(orjson.dumps(found), headers=NOT_TO_KEEP, media_type="application/json")
