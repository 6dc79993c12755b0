"""My organisations: which ones, one of them with its people and latest requests, its name, leaving and closing it."""

from typing import Annotated

from fastapi import Form, Query, Response

from app.accounts.errors import LastOwner
from app.accounts.ids import OrganisationId
from app.accounts.models.organisations import ORGANISATION_LENGTH
from app.accounts.queries.organisations import all_mine, cases_of, colleagues, invitations, mine
from app.accounts.service import members, organisations
from app.bundles.overview import overview
from app.enterprise.consent import consent_of
from app.enterprise.forms import Sheet
from app.enterprise.pages.frame import Acting, Call, Looking, address, see
from app.enterprise.rows import row_of
from app.enterprise.words import ROLES
from app.kit.db import Hot, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Forbidden
from app.kit.text import Line
from app.requests.owned import Wish, page_of
from app.stations.snapshot import CurrentNetwork

router = Door(route_class=RetryingRoute)
LATEST = 5
DONE = (
    "created",
    "joined",
    "claimed",
    "claimed-package",
    "invited",
    "resent",
    "withdrawn",
    "changed",
    "removed",
    "renamed",
)
GONE = ("left", "closed", "asked")
Done = Annotated[str, Query(max_length=20)]


@router.get("/organisation")
async def all_of_mine(call: Looking, network: CurrentNetwork, done: Done = "") -> Response:
    """The one, or the list; who has none is told how to get to one."""
    found = await all_mine(call.session, call.caller)
    cases = await cases_of(call.session, call.person_id)
    if len(found) == 1 and not cases and not done:
        return see(address(found[0].id))
    context = {
        "organisations": found,
        "cases": [(case, network.station_by_id[case.station_id]) for case in cases],
        "roles": ROLES,
        "done": done if done in GONE else "",
        "consent": await consent_of(call.session, call.caller, call.now),
    }
    return call.show("organisations.html", context)


@router.get("/organisation/{organisation}")
async def one(
    call: Looking, organisation: OrganisationId, database: Hot, network: CurrentNetwork, done: Done = ""
) -> Response:
    own = await mine(call.session, call.caller, organisation)
    latest = await page_of(database, call.person_id, own.id, Wish(limit=LATEST))
    context = {
        "own": own,
        "people": await colleagues(call.session, own.id),
        "invitations": await invitations(call.session, own.id) if own.owned else [],
        "rows": [row_of(network, each) for each in latest.items],
        "bundles": await overview(call.session, network, own.id),
        "more": latest.next is not None,
        "roles": ROLES,
        "now": call.now,
        "me": call.person_id,
        "several": len(call.caller.memberships) > 1,
        "here_path": address(own.id),
        "done": done if done in DONE else "",
        "consent": await consent_of(call.session, call.caller, call.now),
    }
    return call.show("organisation.html", context)


# --- Its name ------------------------------------------------------------------------------------------------------


@router.get("/organisation/{organisation}/name")
async def name_form(call: Looking, organisation: OrganisationId) -> Response:
    own = await mine(call.session, call.caller, organisation)
    if not own.owned:
        raise Forbidden
    return call.show("name.html", {"own": own, "name": own.name, "errors": {}, "back": address(own.id)})


@router.post("/organisation/{organisation}/name")
async def rename(
    call: Acting, organisation: OrganisationId, name: Annotated[str, Form(max_length=10_000)] = ""
) -> Response:
    own = await mine(call.session, call.caller, organisation)
    sheet = Sheet()
    cleaned = sheet.take("name", name, Line(ORGANISATION_LENGTH).validate)
    if sheet.errors:
        context = {"own": own, "name": name, "errors": sheet.errors, "back": address(own.id)}
        return call.show("name.html", context, again=True)
    await organisations.rename(call.session, call.caller, organisation, cleaned, call.now)
    return see(f"{address(organisation)}?done=renamed")


# --- Leaving, closing ------------------------------------------------------------------------------------------------


@router.get("/organisation/{organisation}/leave")
async def ask_leave(call: Looking, organisation: OrganisationId) -> Response:
    return await leave_page(call, organisation, "")


@router.post("/organisation/{organisation}/leave")
async def leave(call: Acting, organisation: OrganisationId) -> Response:
    try:
        await members.leave(call.session, call.caller, organisation, call.now)
    except LastOwner as problem:
        return await leave_page(call, organisation, problem.sentence())
    return see("/organisation?done=left")


async def leave_page(call: Call, organisation: OrganisationId, wrong: str) -> Response:
    own = await mine(call.session, call.caller, organisation)
    context = {"own": own, "errors": {"": wrong} if wrong else {}, "back": address(own.id)}
    return call.show("leave.html", context, again=bool(wrong))


@router.get("/organisation/{organisation}/close")
async def ask_close(call: Looking, organisation: OrganisationId) -> Response:
    own = await mine(call.session, call.caller, organisation)
    if not own.owned:
        raise Forbidden
    return call.show("close.html", {"own": own, "errors": {}, "back": address(own.id)})


@router.post("/organisation/{organisation}/close")
async def close(call: Acting, organisation: OrganisationId, sure: Annotated[str, Form(max_length=10)] = "") -> Response:
    if sure != "yes":
        own = await mine(call.session, call.caller, organisation)
        context = {
            "own": own,
            "errors": {"sure": _("Tick the box, so that nothing is closed by mistake.")},
            "back": address(own.id),
        }
        return call.show("close.html", context, again=True)
    await organisations.close(call.session, call.caller, organisation, call.now)
    return see("/organisation?done=closed")
