"""Reports by mail: asked for below the figures of a page, listed and ended here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission
from app.accounts.service.organisations import person_of
from app.kit.clock import now
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LazyString, current_locale, lazy
from app.kit.problems import Conflict, Invalid, NotFound
from app.reports.errors import NoAddress, TooManyReports
from app.reports.models import MailReport
from app.reports.rules import REPORTS, Every
from app.reports.service import end, keep, reports_of
from app.reports.views import View
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.web.forms import address

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.COVERAGE_READ))]
Now = Annotated[datetime, Depends(now)]
SEE_OTHER = 303
DONE: dict[str, LazyString] = {
    "kept": lazy("The report comes by mail from now on."),
    "ended": lazy("The report no longer comes."),
}
WHEN: dict[str, LazyString] = {
    Every.DAY: lazy("Every day"),
    Every.WEEK: lazy("Every Monday"),
    Every.MONTH: lazy("On the first of every month"),
}


def views_of(request: Request) -> Mapping[str, View]:
    """What can be sent, by kind, as the rooms above have it."""
    views: Sequence[View] = request.app.state.report_views
    return {view.kind: view for view in views}


Views = Annotated[Mapping[str, View], Depends(views_of)]


@router.get(REPORTS)
async def reports(request: Request, caller: MayRead, views: Views, session: Reading, done: str = "") -> HTMLResponse:
    """One's own, with the question of each."""
    own = await reports_of(session, person_of(caller))
    said = DONE.get(done)
    return await _page(request, caller, views, own, done=str(said) if said else "")


async def _page(
    request: Request,
    caller: Caller,
    views: Mapping[str, View],
    own: Sequence[MailReport],
    *,
    done: str = "",
    refused: Conflict | None = None,
) -> HTMLResponse:
    """`refused` is why one more can't be had, with what to do about it."""
    context = {
        "section": REPORTS,
        "path": REPORTS,
        "rows": [await _row(views, caller, report) for report in own],
        "views": [(view.path, str(view.title)) for view in views.values()],
        "done": done,
        "refused": refused.sentence() if refused else "",
        "no_address": isinstance(refused, NoAddress),
    }
    return show_office(request, caller, "reports/reports.html", context, status_code=refused.status if refused else 200)


async def _row(views: Mapping[str, View], caller: Caller, report: MailReport) -> dict[str, object]:
    """What it counts, where that is seen now, when it comes; what has lost its sense is shown by its codes."""
    view = views.get(report.view)
    return {
        "id": report.id,
        "title": str(view.title) if view else report.view,
        "subject": await _subject(view, caller, report.asked),
        "href": address(view.path, report.asked) if view else "",
        "when": str(WHEN[report.every]),
        "next_on": report.next_on,
    }


async def _subject(view: View | None, caller: Caller, asked: dict[str, str]) -> str:
    codes = " · ".join(asked.values())
    try:
        return await view.subject(asked, caller.scope(Permission.COVERAGE_READ)) if view else codes
    except Invalid:
        return codes


@router.post(REPORTS)
async def ask_for(
    *,
    request: Request,
    caller: MayRead,
    views: Views,
    session: Writing,
    at: Now,
    every: Annotated[Every, Form()],
    view: Annotated[str, Form(max_length=16)],
) -> Response:
    """Keep the question of the form; where that can't be, the list says why. Raises Invalid, NotFound."""
    if view not in views:
        raise NotFound
    form = await request.form()
    given = {name: str(value).strip() for name, value in form.items() if name in views[view].fields}
    asked = {name: value for name, value in given.items() if value}
    await views[view].subject(asked, caller.scope(Permission.COVERAGE_READ))
    try:
        await keep(session, person_of(caller), view, asked, every, language=current_locale(), now=at)
    except (NoAddress, TooManyReports) as refused:
        own = await reports_of(session, person_of(caller))
        return await _page(request, caller, views, own, refused=refused)
    return RedirectResponse(f"{REPORTS}?done=kept", SEE_OTHER, NOT_TO_KEEP)


@router.post(f"{REPORTS}/{{report_id}}/end")
async def end_one(caller: MayRead, session: Writing, report_id: UUID) -> Response:
    """Raises ReportUnknown."""
    await end(session, person_of(caller), report_id)
    return RedirectResponse(f"{REPORTS}?done=ended", SEE_OTHER, NOT_TO_KEEP)
