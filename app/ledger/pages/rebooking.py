"""Rebooking: what was chosen in the ledger is laid out as visits, and each becomes a booking that is begun."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from fastapi import Depends, Response
from starlette.datastructures import FormData

from app.booking.drafts import begin
from app.booking.steps import first_open_step, path
from app.kit.db import Hot, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import Invalid, NotFound
from app.ledger.beginning import draft_of
from app.ledger.pages.frame import FORM_AGAIN, HERE, Acting, Call, see
from app.ledger.queries import Listed, Standing, Wish, page_of
from app.ledger.rules.dues import When
from app.ledger.visits import DAYS, WHY, Places, Planned
from app.web.client import get_clients
from app.web.ids import identified
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
MOST_CHOSEN = 1000
SOON = timedelta(days=30)


@router.post(f"{HERE}/rebook", dependencies=[Depends(limited("search"))])
async def plan(call: Acting, database: Hot) -> Response:
    """The visits for what was chosen (`id`), or for all that is due soon (`all`). Nothing is booked yet."""
    async with call.request.form(max_files=0, max_fields=MOST_CHOSEN + 20) as form:
        chosen = await _chosen(call, database, form)
        town = str(form.get("town", ""))[:12]
    if not chosen:
        return call.show("rebook.html", _nothing(call), status=FORM_AGAIN)
    places = _places(call)
    try:
        origin = places.origin(chosen, town)
    except Invalid:
        origin = places.origin(chosen)
    planned = await places.planned(chosen, origin)
    context = {
        "planned": planned,
        "visits": [_shown(call, planned, n) for n in range(len(planned.visits))],
        "left": [(call.world.row(each), str(WHY[why]).format(days=DAYS), why) for each, why in planned.left],
        "chosen": [str(each.id) for each in chosen],
        "town": origin.town or "",
        "regions": call.choices()["regions"],
        "errors": {},
    }
    return call.show("rebook.html", context)


def _nothing(call: Call) -> dict[str, object]:
    errors = {"": _("Please choose at least one instrument in the list.")}
    return {"planned": None, "visits": [], "left": [], "chosen": [], "town": "", "regions": [], "errors": errors}


def _shown(call: Call, planned: Planned, n: int) -> dict[str, object]:
    visit = planned.visits[n]
    names = [(tr(call.catalogue.by_code[code], "name"), count) for code, count in visit.counts]
    return {"visit": visit, "names": names, "rows": [call.world.row(wish.instrument) for wish in visit.wishes]}


@router.post(f"{HERE}/rebook/visit", dependencies=[Depends(limited("search"))])
async def book(call: Acting, database: Hot, session: Writing) -> Response:
    """One visit: the wizard goes on with it. It is laid out anew, since others book meanwhile."""
    async with call.request.form(max_files=0, max_fields=MOST_CHOSEN + 20) as form:
        chosen = await _chosen(call, database, form)
        town = str(form.get("town", ""))[:12]
    if not chosen:
        raise NotFound
    places = _places(call)
    try:
        origin = places.origin(chosen, town)
    except Invalid:
        origin = places.origin(chosen)
    planned = await places.planned(chosen, origin)
    if not planned.visits:
        return see(call.path())
    data = draft_of(planned.visits[0], call.own.id, origin, call.catalogue)
    response = see("/")
    client = get_clients(call.request).ensure(call.request, response)
    draft = await begin(session, client.key, data, call.now)
    response.headers["location"] = path(draft.id, first_open_step(data, call.catalogue, call.now))
    return response


def _places(call: Call) -> Places:
    return Places(call.directory, call.catalogue, call.request.app.state.availability, call.now)


async def _chosen(call: Call, database: Hot, form: FormData) -> Sequence[Listed]:
    """Instruments of this ledger, by id; what isn't of it isn't there. With `all`, what is due within 30 days."""
    ids: list[UUID] | None = None
    if "all" not in form:
        ids = [identified(str(value)) for value in form.getlist("id")][:MOST_CHOSEN]
        if not ids:
            return ()
    when = When.DAYS_30 if ids is None else None
    wish = Wish(when=when, standing=Standing.IN_USE, limit=MOST_CHOSEN, ids=ids)
    found = await page_of(database, call.caller.person_id, call.own.id, wish, call.world.today)
    return [each for each in found.items if ids is not None or each.booked is None]
