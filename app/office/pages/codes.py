"""Credit codes that wait for staff to compare them with the licence."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission
from app.files.errors import FileMissing
from app.files.service import open_file
from app.files.store import FileStore
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.kit.problems import NotFound
from app.kit.uscc import check
from app.notify.rules import masked
from app.office.calls import Change, CurrentPlaces
from app.office.forms import SENTENCES, ReasonForm
from app.office.pages.frame import FORM_AGAIN, address, judged, see, show, typed
from app.office.places import Places
from app.office.queries import codes
from app.office.queries.codes import Case
from app.office.queries.cursors import read_cursor, written_cursor
from app.office.service import codes as deciding
from app.web.downloads import attachment

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.CODES_READ))]
MayDecide = Annotated[Caller, Depends(allowed(Permission.CODES_ACCEPT))]
PATH = "/office/codes"
ONE = f"{PATH}/{{case_id}}"
PER_PAGE = 50


@router.get(PATH)
async def codes_page(request: Request, caller: MayRead, session: Reading, places: CurrentPlaces) -> HTMLResponse:
    """Those that wait, the longest first; or those that were decided."""
    state: Literal["open", "decided"] = "decided" if request.query_params.get("state") == "decided" else "open"
    after = request.query_params.get("after", "")
    cases, following = await codes.listed(
        session, caller.scope(Permission.CODES_READ), state, read_cursor(after), PER_PAGE
    )
    query = {"state": "decided" if state == "decided" else ""}
    context = {
        "state": state,
        "rows": [(case, places.station_name(case.station_id)) for case in cases],
        "first": address(PATH, query) if after else "",
        "following": address(PATH, query, after=written_cursor(following)) if following else "",
    }
    return show(request, caller, "codes.html", context)


@router.get(ONE)
async def code_page(
    request: Request, case_id: UUID, caller: MayRead, session: Reading, places: CurrentPlaces
) -> HTMLResponse:
    return await _shown(request, caller, session, places, case_id)


@router.post(f"{ONE}/decision")
async def decide(request: Request, case_id: UUID, caller: MayDecide, change: Change) -> Response:
    given = typed(await request.form())
    form, errors = judged(ReasonForm, given, SENTENCES)
    if form is None or given.get("decision") not in {"accept", "refuse"}:
        return await _shown(request, caller, change.session, change.places, case_id, given=given, errors=errors)
    accept = given["decision"] == "accept"
    await deciding.decide(change.session, caller, case_id, change.head, change.now, accept=accept, reason=form.reason)
    return see(f"{PATH}/{case_id}", "accepted" if accept else "refused")


@router.post(f"{ONE}/evidence")
async def evidence(request: Request, case_id: UUID, caller: MayRead, change: Change) -> Response:
    """The picture of the licence, to be saved. That somebody looked at it is on record before it leaves."""
    scope = caller.scope(Permission.CODES_READ)
    case, file = await codes.find(change.session, scope, case_id), await codes.evidence(change.session, scope, case_id)
    if case is None:
        raise NotFound
    if file is None:
        raise FileMissing
    store: FileStore = request.app.state.files
    parts = await open_file(store, file)
    await deciding.opened(change.session, caller, case, change.now)
    return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)


async def _shown(
    request: Request,
    caller: Caller,
    session: AsyncSession,
    places: Places,
    case_id: UUID,
    *,
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    case = await codes.find(session, caller.scope(Permission.CODES_READ), case_id)
    if case is None:
        raise NotFound
    context = {
        "case": case,
        "station": places.station_name(case.station_id),
        "places_wrong": check(case.uscc).wrong_places,
        "email": masked(case.asker_email) if case.asker_email else "",
        "decides": _decides(caller, case, places),
        "own": case.person_id == caller.person_id,
        "given": given or {},
        "errors": errors or {},
    }
    return show(request, caller, "code.html", context, status_code=FORM_AGAIN if given is not None else 200)


def _decides(caller: Caller, case: Case, places: Places) -> bool:
    """Whether the caller may decide here, and there is something left to decide."""
    station: Any = places.station(case.station_id)
    reached = station and caller.scope(Permission.CODES_ACCEPT).reaches(station.id, station.county_adcode)
    return bool(reached) and case.decided_at is None and case.person_id != caller.person_id
