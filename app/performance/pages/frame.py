"""What the pages of performance share: the question in the address, its form, and their frame in the office."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Caller, Permission
from app.kit.i18n import tr
from app.kit.problems import Invalid
from app.kit.validation import validated
from app.performance.asking import Choice, CurrentWork, FiguresAsked, Working
from app.performance.rules import By
from app.performance.words import BY, PERFORMANCE
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.web.forms import address

READ = Depends(allowed(Permission.COVERAGE_READ))
SEE_OTHER = 303
FILES = ("csv", "xlsx", "pdf")
FIELDS = ("from", "to", "county", "station", "service", "by")
MOST_CHOICES, MOST_WORDS = 300, 100


@dataclass(frozen=True)
class Look:
    """Somebody who looks at performance."""

    request: Request
    caller: Caller
    work: Working

    @property
    def given(self) -> dict[str, str]:
        """What stands in the address; empty fields don't."""
        return {name: value.strip() for name, value in self.request.query_params.items() if value.strip()}

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        full = {"section": PERFORMANCE, **context}
        return show_office(self.request, self.caller, f"performance/{name}", full, status_code=status_code)


async def look(request: Request, caller: CurrentCaller, work: CurrentWork) -> Look:
    return Look(request, caller, work)


Looking = Annotated[Look, Depends(look)]


def question(at: Look) -> Choice | Response:
    """What was asked in the address; or the form again with what is wrong in it.

    The name of a service leads to the address with its code.
    """
    given = at.given
    words = given.get("service", "")[:MOST_WORDS]
    service = at.work.catalogue.called(words) if words else None
    if service and service.code != words:
        return RedirectResponse(address(PERFORMANCE, given, service=service.code), SEE_OTHER, NOT_TO_KEEP)
    try:
        return at.work.choice(validated(FiguresAsked, {name: given[name] for name in FIELDS if name in given}))
    except Invalid as problem:
        return wrong(at, problem)


def wrong(at: Look, problem: Invalid) -> HTMLResponse:
    """What can't be asked, at its field."""
    errors = {error.field: error.sentence() for error in problem.errors}
    context = form_context(at, None) | {"errors": errors, "summary": list(errors.items())}
    return at.show("wrong.html", context, status_code=problem.status)


def form_context(at: Look, choice: Choice | None) -> dict[str, Any]:
    """What the filters show: what was asked, and what there is to choose from."""
    given, work = at.given, at.work
    stations = work.stations
    counties = {each.county_adcode for each in stations}
    asked = {name: given.get(name, "") for name in FIELDS}
    if choice is not None:
        asked |= {"from": choice.asked.first.isoformat(), "to": choice.asked.last.isoformat()}
    return {
        "path": PERFORMANCE,
        "asked": asked | {"by": asked["by"] or By.DAY.value},
        "counties": [(d.adcode, tr(d, "name")) for d in work.directory.atlas.divisions if d.adcode in counties],
        "stations": [(each.code, tr(each, "name")) for each in stations] if len(stations) <= MOST_CHOICES else None,
        "offered": work.catalogue.offered,
        "ways_by": [(by.value, str(label)) for by, label in BY.items()],
        "errors": {},
        "summary": [],
        "files": {kind: address(PERFORMANCE, given, format=kind) for kind in FILES},
    }
