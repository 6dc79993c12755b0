"""A report file instead of values, by multipart: the same steps as with values alone."""

import hashlib
from typing import Annotated

from fastapi import File, Form, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.files.store import PART
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import problem_responses
from app.requests.rules import Action
from app.results.api.steps import COMMON, ITEM, SLOWED, Take
from app.results.schemas import CorrectedIn, FoundIn, ReportedIn

router = Door(route_class=RetryingRoute)
Report = Annotated[UploadFile, File(description="The report as one PDF, up to 10 MiB.")]
MOST_TEXT = 100_000
Said = Annotated[
    str, Form(max_length=MOST_TEXT, description="JSON: the body of `record-result`, or of `correct-result`.")
]


@router.post(f"{ITEM}/record-report", dependencies=SLOWED, responses=problem_responses(*COMMON))
async def record_report(file: Report, result: Said, take: Take) -> Response:
    """What was found, with the report as a file; `rows` may stay empty. Somebody else has to verify it."""
    return await _take(take, Action.RECORD_RESULT, _read(FoundIn, result), file)


@router.post(f"{ITEM}/correct-report", dependencies=SLOWED, responses=problem_responses(*COMMON))
async def correct_report(file: Report, result: Said, take: Take) -> Response:
    """A document that was issued put right by another report file, with the reason: its next version."""
    return await _take(take, Action.CORRECT_RESULT, _read(CorrectedIn, result), file)


async def _take(take: Take, action: Action, sent: FoundIn, file: UploadFile) -> Response:
    digest = hashlib.sha256()
    while part := await file.read(PART):
        digest.update(part)
    await file.seek(0)
    reported = ReportedIn(result=sent, sha256=digest.hexdigest())
    return await take.take(action, reported, lambda at: take.report(at, sent, file))


def _read(kind: type[FoundIn], said: str) -> FoundIn:
    """Raises RequestValidationError by the fields of the JSON."""
    try:
        return kind.model_validate_json(said)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *(fault["loc"] or ("result",)))} for fault in error.errors()]
        raise RequestValidationError(faults) from None
