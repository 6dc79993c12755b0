"""A station's hours, closures and desks, and what can be changed of them."""

from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.rules.rights import Permission
from app.closing.pages.frame import CHANGE, HOURS, READ, SEE_OTHER, AtHours, Change, see
from app.closing.queries import closures_of
from app.closing.service import reopen, use_again
from app.hall.errors import DeskUnknown
from app.hall.working import Watching
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.requests.visiting import is_reference
from app.stations.opening import timetables
from app.stations.views import week_rows

router = Door(route_class=RetryingRoute)
To = Annotated[str, Query(max_length=8000)]


@router.get(HOURS, dependencies=[READ])
async def choose(at: Watching) -> Response:
    """The stations whose hours the caller may see; with one straight to it."""
    scope = at.caller.scope(Permission.HOURS_READ)
    own = [each for each in at.network.stations if scope.reaches(each.id, each.county_adcode)]
    if len(own) == 1:
        return RedirectResponse(f"{HOURS}/{own[0].code}", SEE_OTHER, NOT_TO_KEEP)
    return show_office(at.request, at.caller, "closing/stations.html", {"section": HOURS, "stations": own})


@router.get(f"{HOURS}/{{code}}", dependencies=[READ])
async def overview(here: AtHours, call: To = "") -> HTMLResponse:
    """Raises StationUnknown, also where the caller may not look. `call` are requests of which nobody has an e-mail."""
    async with here.at.database.reader() as session:
        coming = await closures_of(session, here.station.id, here.at.now)
    desks = {desk.id: desk for desk in here.station.desks}
    today = here.asked_at.today
    context = {
        "weeks": [week_rows(table, today) for table in timetables(here.station.hours, today)],
        "closures": [(closure, desks.get(closure.desk_id or 0)) for closure in coming],
        "desks": sorted(here.station.desks, key=lambda desk: desk.code),
        "today": today,
        "call": [reference for reference in call.split(",") if is_reference(reference)],
    }
    return here.show("overview.html", context)


@router.post(f"{HOURS}/{{code}}/closures/{{closure_id}}/reopen", dependencies=[CHANGE])
async def take_back(change: Change, closure_id: int) -> Response:
    """Raises ClosureUnknown."""
    work = change.work
    await reopen(work.session, change.here.station, closure_id, work.caller.actor, work.now)
    return see(change.here.path, done="taken_back")


@router.post(f"{HOURS}/{{code}}/desks/{{desk}}/use", dependencies=[CHANGE])
async def use(change: Change, desk: str) -> Response:
    """Raises DeskUnknown."""
    found = next((each for each in change.here.station.desks if each.code == desk), None)
    if found is None:
        raise DeskUnknown
    await use_again(change.work.session, change.here.station, found, change.work.caller.actor, change.work.now)
    return see(change.here.path, done="used_again")
