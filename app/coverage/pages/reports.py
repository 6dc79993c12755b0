"""Reports by mail: asked for on the overview, listed and ended here."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from app.accounts.service.organisations import person_of
from app.coverage.asking import Choice, ReachAsked, Working
from app.coverage.pages.frame import READ, SEE_OTHER, Look, Looking
from app.coverage.reports.models import CoverageReport
from app.coverage.reports.service import Every, end, keep, reports_of
from app.coverage.sentences import subject
from app.coverage.words import COVERAGE
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LazyString, current_locale, lazy
from app.kit.problems import Invalid
from app.kit.validation import field_errors
from app.requests.answers import NOT_TO_KEEP
from app.web.forms import address

router = Door(route_class=RetryingRoute)
REPORTS = f"{COVERAGE}/reports"
DONE: dict[str, LazyString] = {
    "kept": lazy("The report comes by mail from now on."),
    "ended": lazy("The report no longer comes."),
}
WHEN: dict[str, LazyString] = {
    Every.WEEK: lazy("Every Monday"),
    Every.MONTH: lazy("On the first of every month"),
}


@router.get(REPORTS, dependencies=[READ])
async def reports(at: Looking, session: Reading) -> HTMLResponse:
    """One's own, with the question of each."""
    own = await reports_of(session, person_of(at.caller))
    done = DONE.get(at.given.get("done", ""))
    context = {
        "rows": [_row(at, report) for report in own],
        "done": str(done) if done else "",
    }
    return at.show("reports.html", context)


def _row(at: Look, report: CoverageReport) -> dict[str, object]:
    """What it counts, where that is seen now, when it comes; what has lost its sense is shown by its code."""
    return {
        "id": report.id,
        "subject": _subject(at.work, report.asked),
        "href": address(COVERAGE, report.asked),
        "when": str(WHEN[report.every]),
        "next_on": report.next_on,
    }


def _subject(work: Working, asked: dict[str, str]) -> str:
    try:
        return subject(_choice(work, asked))
    except Invalid:
        return " · ".join(asked.values())


def _choice(work: Working, asked: dict[str, str]) -> Choice:
    """Raises Invalid."""
    try:
        return work.choice(ReachAsked.model_validate(asked))
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from None


@router.post(REPORTS, dependencies=[READ])
async def ask_for(request: Request, at: Looking, session: Writing, every: Annotated[Every, Form()]) -> Response:
    """Keep the question of the form. Raises Invalid, NoAddress, TooManyReports."""
    form = await request.form()
    given = {name: str(value).strip() for name, value in form.items() if name in ReachAsked.model_fields}
    asked = {name: value for name, value in given.items() if value}
    _choice(at.work, asked)
    await keep(session, person_of(at.caller), asked, every, language=current_locale(), now=at.work.now)
    return RedirectResponse(f"{REPORTS}?done=kept", SEE_OTHER, NOT_TO_KEEP)


@router.post(f"{REPORTS}/{{report_id}}/end", dependencies=[READ])
async def end_one(at: Looking, session: Writing, report_id: UUID) -> Response:
    """Raises ReportUnknown."""
    await end(session, person_of(at.caller), report_id)
    return RedirectResponse(f"{REPORTS}?done=ended", SEE_OTHER, NOT_TO_KEEP)
