"""A new plan: the form, services found by one's own words, places typed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Response
from fastapi.responses import HTMLResponse

from app.catalogue.search.fold import fold
from app.coverage.asking import USUAL_KM, Working
from app.coverage.points import Basis
from app.coverage.words import BASES
from app.kit import clock
from app.kit.db import RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.geo import Crs
from app.kit.i18n import lazy, tr
from app.kit.problems import FieldError, Invalid
from app.kit.validation import validated
from app.siting.asked import PlanAsked, checked
from app.siting.errors import PlansFull
from app.siting.pages.frame import CHANGE, FORM_AGAIN, PLANS, Look, Looking, see
from app.siting.rules.questions import Objective
from app.siting.rules.states import Kind, Source
from app.siting.service import make
from app.siting.words import KINDS, OBJECTIVES, SOURCES
from app.stations.queries import service_of, wanted
from app.web.forms import address, typed, wrong

router = Door(route_class=RetryingRoute)
Now = Annotated[datetime, Depends(clock.now)]
SERVICES = ("service", "service_2", "service_3")
LISTED = "list"
MOST_WORDS, MOST_KEPT, COORDINATES = 100, 500, 2
PLAIN = ("name", "objective", "kind", "new_stations", "within_km", "within_days", "basis", "county", "on", "use")
USUAL = {
    "kind": Kind.STATIONS.value,
    "objective": Objective.MAX_COVER.value,
    "new_stations": "3",
    "within_km": f"{USUAL_KM:g}",
    "basis": Basis.RESIDENTS.value,
    "candidates": Source.TOWNS.value,
    "crs": Crs.WGS84.value,
}
NAME_SERVICE = lazy("Enter a service: its name, its code, or your own words.")
NO_LINE = lazy("Write a longitude and a latitude in each line, with a code before them if you like: {line}")


@router.get(f"{PLANS}/new", dependencies=[CHANGE])
async def new_plan(at: Looking) -> HTMLResponse:
    """The form; what stands in the address is filled in, so that coverage can lead here with its question."""
    given = {name: value.strip() for name, value in at.request.query_params.items() if value.strip()}
    return _form(at, USUAL | given)


@router.post(f"{PLANS}/new", dependencies=[CHANGE])
async def open_plan(at: Looking, session: Writing, now: Now) -> Response:
    """Make it, and lead to it; or the form again with what is wrong in it."""
    given = typed(await at.request.form())
    try:
        asked = checked(validated(PlanAsked, _asked(given, at.work)), at.work)
        plan_id = await make(session, at.caller, asked, now)
    except Invalid as problem:
        return _form(at, given, problem)
    except PlansFull as problem:
        return _form(at, given, Invalid(errors=[FieldError("", problem.code, problem.sentence())]))
    return see(f"{PLANS}/{plan_id}")


def _asked(given: Mapping[str, str], work: Working) -> dict[str, Any]:
    """What the form says, as the API would be told. Raises Invalid."""
    asked: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
    asked["service_codes"] = [_code(work, name, given[name][:MOST_WORDS]) for name in SERVICES if name in given]
    if not asked["service_codes"]:
        raise Invalid(errors=[FieldError("service", "required", NAME_SERVICE.msgid)])
    if given.get("kind") == Kind.STATIONS:
        source = given.get("candidates", Source.TOWNS.value)
        asked["candidates"] = _listed(given) if source == LISTED else source
    return asked


def _code(work: Working, field: str, words: str) -> str:
    """The code of a service of this code or name. Raises Invalid with what may have been meant."""
    if service := service_of(work.network, words):
        return service.code
    for each in work.network.services:
        if each.active and fold(words) in {fold(each.name_zh), fold(each.name_en)}:
            return each.code
    try:
        wanted(work.directory, work.catalogue, service=words)
    except Invalid as problem:
        faults = [FieldError(field, each.code, each.message, each.data) for each in problem.errors]
        raise Invalid(errors=faults, **problem.data) from problem
    return words


def _listed(given: Mapping[str, str]) -> list[dict[str, str]]:
    """The places that were typed in, one a line. Raises Invalid."""
    found = []
    for line in given.get("points", "").splitlines():
        parts = line.replace(",", " ").replace("，", " ").split()
        if not parts:
            continue
        if len(parts) < COORDINATES:
            raise Invalid(errors=[FieldError("points", "no_line", NO_LINE.msgid, {"line": line.strip()[:60]})])
        *code, lon, lat = parts
        found.append({"code": " ".join(code), "lon": lon, "lat": lat, "crs": given.get("crs", Crs.WGS84.value)})
    return found


def _form(at: Look, given: Mapping[str, str], problem: Invalid | None = None) -> HTMLResponse:
    faults = [_at_its_field(each) for each in problem.errors] if problem else []
    errors = wrong(faults, {})
    meant = problem.data.get("suggestions", ()) if problem else ()
    field = next((name for name in (*SERVICES, "county") if name in errors), "")
    kept = {name: value for name, value in given.items() if len(value) <= MOST_KEPT}
    work = at.work
    context = {
        "given": given,
        "errors": errors,
        "meant": [(tr(each, "name"), address(f"{PLANS}/new", kept, **{field: each["code"]})) for each in meant],
        "kinds": [(kind.value, str(name), str(says)) for kind, (name, says) in KINDS.items()],
        "objectives": [(each.value, str(words)) for each, words in OBJECTIVES.items()],
        "sources": [(each.value, str(SOURCES[each])) for each in (Source.TOWNS, Source.DEMAND)],
        "bases": [(each.value, str(BASES[each][0])) for each in Basis if each in work.demand.bases],
        "counties": [(each.adcode, tr(each, "name")) for each in work.directory.atlas.divisions],
        "offered": work.catalogue.offered,
    }
    return at.show("new.html", context, status_code=FORM_AGAIN if problem else 200)


def _at_its_field(fault: FieldError) -> FieldError:
    """Fields of the question by the names that they have in the form."""
    field = fault.field.split(".")[0]
    if field == "service_codes":
        field = "service"
    elif field == "candidates" and fault.field != "candidates":
        field = "points"
    return FieldError(field, fault.code, fault.message, fault.data)
