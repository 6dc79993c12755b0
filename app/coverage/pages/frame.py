"""What the pages of coverage share: the question in the address, its form, their frame in the office, and files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Caller, Permission
from app.coverage.asking import USUAL_KM, Choice, CurrentWork, PlaceAsked, ReachAsked, Working
from app.coverage.points import Basis
from app.coverage.words import BASES, COVERAGE, PLANNING, ways
from app.kit.i18n import LazyString, tr
from app.kit.problems import Invalid
from app.kit.tables import file_kind
from app.kit.validation import validated
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.stations.geojson import MEDIA_TYPE, Feature, document
from app.web.forms import address
from app.web.papers import Listed, Paper, file_answer

READ = Depends(allowed(Permission.COVERAGE_READ))
SEE_OTHER, FORM_AGAIN = 303, 422
FILES = ("csv", "xlsx", "pdf", "geojson")
MOST_WORDS = 100
PLANNED = ("service", "county", "within_km", "within_days", "on", "basis", "use")
Form = TypeVar("Form", bound=PlaceAsked)


@dataclass(frozen=True)
class Look:
    """Somebody who looks at coverage."""

    request: Request
    caller: Caller
    work: Working

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def given(self) -> dict[str, str]:
        """What stands in the address; empty fields don't."""
        return {name: value.strip() for name, value in self.request.query_params.items() if value.strip()}

    @property
    def file(self) -> str | None:
        """The kind of file that is asked for instead of the page."""
        kind = self.given.get("format")
        return kind if kind in FILES else None

    @property
    def may_plan(self) -> bool:
        return self.caller.may(Permission.PLANS_CHANGE)

    def planning(self, choice: Choice, **more: object) -> str:
        """The form of a plan with the question filled in; empty for who may not plan, and without a service."""
        if not self.may_plan or (choice.service is None and "service" not in more):
            return ""
        asked = {name: value for name, value in self.given.items() if name in PLANNED}
        return address(PLANNING, asked, **more)

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        full = {"section": COVERAGE, **form_context(self), **context}
        return show_office(self.request, self.caller, f"coverage/{name}", full, status_code=status_code)


async def look(request: Request, caller: CurrentCaller, work: CurrentWork) -> Look:
    return Look(request, caller, work)


Looking = Annotated[Look, Depends(look)]


@dataclass(frozen=True)
class Question(Generic[Form]):
    """What was asked in the address, and what it means here."""

    asked: Form
    choice: Choice


def question(at: Look, kind: type[Form]) -> Question[Form] | Response:
    """The question; or, where it can't be answered, the form again with what is wrong in it.

    Words for a service that name exactly one lead to the address with its code.
    """
    given = at.given
    words = given.get("service", "")[:MOST_WORDS]
    service = at.work.catalogue.called(words) if words else None
    if service and service.code != words:
        return RedirectResponse(address(at.path, given, service=service.code), SEE_OTHER, NOT_TO_KEEP)
    try:
        asked = validated(kind, {name: given[name] for name in kind.model_fields if name in given})
        return Question(asked, at.work.choice(asked))
    except Invalid as problem:
        return wrong(at, problem)


def wrong(at: Look, problem: Invalid) -> HTMLResponse:
    """What can't be asked, at its field, and what may have been meant as links."""
    errors = {error.field: error.sentence() for error in problem.errors}
    meant = [
        (tr(each, "name"), address(at.path, at.given, **{name: each["code"]}))
        for name in ("county", "service")
        if name in errors
        for each in problem.data.get("suggestions", ())
    ]
    context = {"errors": errors, "meant": meant, "summary": list(errors.items())}
    return at.show("wrong.html", context, status_code=problem.status)


def form_context(at: Look) -> dict[str, Any]:
    """What the filters show: what was asked, and what there is to choose from."""
    given, work = at.given, at.work
    fields = {name: given.get(name, "") for name in ReachAsked.model_fields}
    return {
        "path": at.path,
        "asked": fields | {"within_km": fields["within_km"] or f"{USUAL_KM:g}"},
        "counties": [(each.adcode, tr(each, "name")) for each in work.directory.atlas.divisions],
        "categories": [(each.code, tr(each, "name")) for each in work.catalogue.categories],
        "offered": work.catalogue.offered,
        "bases": [(each.value, str(BASES[each][0])) for each in Basis if each in work.demand.bases],
        "errors": {},
        "summary": [],
        "ways": ways(_kept(given)),
        "files": {kind: address(at.path, given, format=kind) for kind in FILES},
    }


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    """The question goes along from page to page."""
    return {name: value for name, value in given.items() if name in ReachAsked.model_fields}


async def as_file(at: Look, rows: Listed, paper: Callable[[], Paper], features: Sequence[Feature] = ()) -> Response:
    """The rows as the file that is asked for; their heads are in the reader's language."""
    if at.file == "geojson":
        named = {"Content-Disposition": f'attachment; filename="{rows.name}.geojson"'}
        return Response(document(list(features)).body, media_type=MEDIA_TYPE, headers=named)
    kind = file_kind(at.request, at.file) or "csv"
    return await file_answer(at.request, kind, rows, paper, at.work.now)


def listed(name: str, heads: Mapping[str, LazyString], rows: Sequence[Mapping[str, Any]]) -> Listed:
    return Listed(f"coverage-{name}", {key: str(head) for key, head in heads.items()}, rows)


def plain(row: BaseModel) -> dict[str, Any]:
    return row.model_dump(mode="python")
