"""A station's reception: the field that is scanned into, what is expected, what lies here, is elsewhere or overdue."""

from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.rules.rights import Permission
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.reception.codes import code_in, thing_code
from app.reception.errors import ThingUnknown
from app.reception.lists import View
from app.reception.pages.frame import FORM_AGAIN, READ, RECEPTION, SEE_OTHER, AtStation, Here
from app.reception.rules import Action
from app.reception.words import DONE
from app.reception.working import Watching
from app.requests.answers import NOT_TO_KEEP
from app.requests.errors import RequestUnknown
from app.requests.rules import State
from app.requests.showing import show_office
from app.requests.visiting import is_reference, spelled
from app.requests.words import state_tag

router = Door(route_class=RetryingRoute)
Said = Annotated[str, Query(max_length=40)]


@router.get(RECEPTION, dependencies=[READ])
async def choose(at: Watching) -> Response:
    """The stations where the caller may look; with one straight to it."""
    scope = at.caller.scope(Permission.REQUESTS_READ)
    own = [each for each in at.network.stations if each.active and scope.reaches(each.id, each.county_adcode)]
    if len(own) == 1:
        return RedirectResponse(f"{RECEPTION}/{own[0].code}", SEE_OTHER, NOT_TO_KEEP)
    return show_office(at.request, at.caller, "reception/stations.html", {"section": RECEPTION, "stations": own})


@router.get(f"{RECEPTION}/{{code}}", dependencies=[READ])
async def look(
    here: AtStation,
    view: View = View.HERE,
    cursor: Annotated[str, Query(max_length=200)] = "",
    done: Said = "",
    thing: Said = "",
) -> HTMLResponse:
    """The lists. Raises StationUnknown, also where the caller may not look."""
    return await desk_page(here, view, cursor, said=done_words(done, thing))


@router.get(f"{RECEPTION}/{{code}}/scan", dependencies=[READ])
async def scan(here: AtStation, scanned: Annotated[str, Query(max_length=300)] = "") -> Response:
    """Onward to the thing, or to the request, that was scanned or typed."""
    given = code_in(scanned)
    if code := thing_code(given):
        try:
            await here.at.thing(here.station, code)
            return here.see(f"/things/{code}")
        except ThingUnknown as problem:
            return await again(here, scanned, problem.sentence())
    if is_reference(given):
        try:
            await here.at.view(here.station, given)
            return here.see(f"/requests/{spelled(given)}")
        except RequestUnknown:
            return await again(here, scanned, _("No request of this station has this reference."))
    return await again(here, scanned, _("Scan a label, or type its code or the reference of the request."))


async def again(here: Here, scanned: str, sentence: str) -> HTMLResponse:
    return await desk_page(here, View.HERE, "", scanned=scanned, error=sentence)


async def desk_page(
    here: Here, view: View, cursor: str, *, said: str = "", scanned: str = "", error: str = ""
) -> HTMLResponse:
    lists = here.at.lists(here.station)
    rows, onward = await lists.rows(view, cursor)
    context = {
        "view": view.value,
        "rows": rows,
        "onward": onward,
        "cursor": cursor,
        "counts": await lists.counts(),
        "expected": await lists.expected(),
        "unlabelled": await lists.unlabelled(),
        "state_tag": lambda status: state_tag(State(status)),
        "done": said,
        "scanned": scanned,
        "errors": {"scanned": error} if error else {},
    }
    return here.show("desk.html", context, status_code=FORM_AGAIN if error else 200)


def done_words(done: str, thing: str) -> str:
    """What was just done, as a sentence; nothing for words that aren't ours."""
    code = thing_code(thing)
    if done not in set(Action) or code is None:
        return ""
    return str(DONE[Action(done)]).format(code=code)
