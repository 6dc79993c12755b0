"""What could not be routed, for administrators: filters in the address, the figures, a table that sorts, files."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.coverage.unmet.asking import Choice, UnmetFilters, chosen, page_of
from app.coverage.unmet.papers import unmet_paper
from app.coverage.unmet.queries import FEW, ORDERS, Row, unmet
from app.coverage.unmet.words import OUTCOMES
from app.coverage.words import COVERAGE, PLANNING, ways
from app.kit.clock import local_date, now
from app.kit.cursors import CursorInvalid
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, tr
from app.kit.problems import Invalid
from app.kit.tables import file_kind
from app.kit.validation import validated
from app.requests.showing import show_office
from app.stations.directory import CurrentDirectory, Directory
from app.web.forms import address
from app.web.papers import Listed, file_answer

router = Door()
READ = Depends(allowed(Permission.COVERAGE_READ))
PATH = f"{COVERAGE}/unmet"
FORM_AGAIN = 422
PER_PAGE = 50
NAMES = ("from", "to", "county", "service")
COLUMNS: tuple[tuple[str, LazyString], ...] = (
    ("service", lazy("Service")),
    ("county", lazy("County or district")),
    ("unmet", lazy("Not routed")),
    ("questions", lazy("Questions")),
    ("share", lazy("Share")),
    ("declined", lazy("Declined")),
)
FILE: Mapping[str, LazyString] = {
    "code": lazy("Service code"),
    "service": lazy("Service"),
    "county": lazy("County or district"),
    "questions": lazy("Questions"),
    "unmet": lazy("Not routed"),
    "share": lazy("Share"),
    "declined": lazy("Declined"),
}


@router.get(PATH, dependencies=[READ])
async def unmet_page(
    *,
    request: Request,
    caller: CurrentCaller,
    session: Reading,
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    at: Annotated[datetime, Depends(now)],
) -> Response:
    """Of the last 90 days unless the address says otherwise; as a file with `format`."""
    given = {name: value for name, value in request.query_params.items() if value.strip()}
    errors: dict[str, str] = {}
    try:
        asked = _understood(given)
        choice = chosen(asked, directory, catalogue, local_date(at))
    except Invalid as problem:
        errors = {error.field: error.sentence() for error in problem.errors}
        choice = chosen(UnmetFilters(), directory, catalogue, local_date(at))
    report = await unmet(
        session, directory, choice.span, service=choice.service, county=choice.county, sort=choice.sort
    )
    kind = file_kind(request, given.get("format"))
    if kind and not errors:
        await session.close()  # a paper may wait for others
        files = Listed("unmet", _file_columns(), [_file_row(row) for row in report.rows])
        return await file_answer(request, kind, files, partial(unmet_paper, choice, report), at)
    try:
        rows, following = page_of(report.rows, given.get("after", ""), PER_PAGE)
    except CursorInvalid:
        rows, following = page_of(report.rows, "", PER_PAGE)
    query = {name: given.get(name, "") for name in NAMES} | {"sort": choice.sort if choice.sort != "unmet" else ""}
    context = {
        "report": report,
        "rows": rows,
        "few": FEW,
        "outcomes": OUTCOMES,
        "columns": [(key, str(label), address(PATH, query, sort=key)) for key, label in COLUMNS],
        "first": address(PATH, query) if "after" in given else "",
        "following": address(PATH, query, after=following) if following else "",
        "csv": address(PATH, query, format="csv"),
        "xlsx": address(PATH, query, format="xlsx"),
        "pdf": address(PATH, query, format="pdf"),
        "plan_of": _planning if caller.may(Permission.PLANS_CHANGE) else None,
        **_filters(choice, directory, errors, given),
    }
    return _show(request, caller, context, status_code=FORM_AGAIN if errors else 200)


def _understood(given: Mapping[str, str]) -> UnmetFilters:
    """What the address says; other names in it are let pass, and an order that there isn't. Raises Invalid."""
    known = {name: given[name] for name in NAMES if name in given}
    if given.get("sort") in ORDERS:
        known["sort"] = given["sort"]
    return validated(UnmetFilters, known)


def _filters(
    choice: Choice, directory: Directory, errors: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, Any]:
    services = [each for each in directory.network.services if each.active]
    return {
        "choice": choice,
        "errors": errors,
        "since": given.get("from", choice.span.first.isoformat()),
        "until": given.get("to", choice.span.last.isoformat()),
        "services": [(each.code, f"{tr(each, 'name')} ({each.code})") for each in services],
        "counties": [(each.adcode, tr(each, "name")) for each in directory.atlas.divisions],
    }


def _file_columns() -> dict[str, str]:
    return {
        key: str(label) for key, label in ({**FILE, **{each.value: words for each, words in OUTCOMES.items()}}).items()
    }


def _file_row(row: Row) -> dict[str, object]:
    return {
        "code": row.service.code,
        "service": tr(row.service, "name"),
        "county": tr(row.county, "name") if row.county else "",
        "questions": row.questions,
        "unmet": row.unmet,
        "share": row.share,
        "declined": row.declined,
        **{outcome.value: row.by_outcome.get(outcome, 0) for outcome in OUTCOMES},
    }


def _planning(row: Row) -> str:
    """The form of a plan for a row that could not be routed."""
    return address(PLANNING, {"service": row.service.code, "county": row.county.adcode if row.county else ""})


def _show(request: Request, caller: CurrentCaller, context: Mapping[str, Any], *, status_code: int) -> HTMLResponse:
    full = {"section": COVERAGE, "ways": ways({}), **context}
    return show_office(request, caller, "coverage/unmet.html", full, status_code=status_code)
