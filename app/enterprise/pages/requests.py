"""The organisation's requests as a list and as a file, and claiming one, or a package, made without an account."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Form, Query, Response
from pydantic import BaseModel, Field

from app.accounts.ids import OrganisationId
from app.accounts.queries.organisations import mine
from app.bundles.claims import claim as claim_bundle
from app.bundles.errors import BundleClaimed, BundleUnknown
from app.bundles.queries import PREFIX, find_by_code
from app.conversation.queries import unread
from app.conversation.rules import Side
from app.enterprise.forms import Sheet
from app.enterprise.pages.frame import Acting, Call, Looking, address, see
from app.enterprise.rows import COLUMNS, row_of
from app.enterprise.words import state_options
from app.kit.db import Hot, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.ids import ReferenceFormatError, parse_reference
from app.kit.tables import csv_response
from app.kit.text import TextError
from app.requests.claims import RequestClaimed, claim
from app.requests.errors import RequestUnknown
from app.requests.owned import MOST_IN_A_FILE, Page, Wish, page_of
from app.requests.rules import REFERENCE_PREFIX, State
from app.stations.snapshot import CurrentNetwork, Network
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
A_PAGE = 20
NONE = Page([], None)
Typed = Annotated[str, Form(max_length=200)]


class Filters(BaseModel):
    """The address of a list: which requests, from where on, as a page or as a file."""

    state: Annotated[str, Field(max_length=100)] = ""
    q: Annotated[str, Field(max_length=100)] = ""
    cursor: Annotated[str, Field(max_length=200)] = ""
    format: Annotated[str, Field(max_length=10)] = ""


@router.get("/organisation/{organisation}/requests")
async def listed(
    call: Looking,
    organisation: OrganisationId,
    database: Hot,
    network: CurrentNetwork,
    asked: Annotated[Filters, Query()],
) -> Response:
    """Twenty at a time, or all of them as a file."""
    own = await mine(call.session, call.caller, organisation)
    status, q = asked.state if asked.state in set(State) else None, asked.q
    if asked.format == "csv":
        found = await page_of(database, call.person_id, own.id, Wish(status, q, limit=MOST_IN_A_FILE))
        return csv_response("requests", COLUMNS, (row_of(network, each).cells() for each in found.items))
    found = await page_of(database, call.person_id, own.id, Wish(status, q, asked.cursor or None, A_PAGE))
    here = address(own.id, "requests")
    beginning = not (status or q.strip() or asked.cursor)
    waiting = await page_of(database, call.person_id, own.id, Wish(limit=A_PAGE, waits=True)) if beginning else NONE
    every = [*waiting.items, *found.items]
    new = await unread(call.session, Side.APPLICANT, {each.id for each in every})
    kept = {name: value for name, value in (("state", status), ("q", q.strip())) if value}
    context = {
        "own": own,
        "waiting": [row_of(network, each, new.get(each.id, 0)) for each in waiting.items],
        "rows": [row_of(network, each, new.get(each.id, 0)) for each in found.items],
        "states": state_options(),
        "state": status or "",
        "q": q,
        "filtered": bool(kept),
        "here_path": here,
        "first": f"{here}?{urlencode(kept)}" if asked.cursor else "",
        "next": f"{here}?{urlencode({**kept, 'cursor': found.next})}" if found.next else "",
        "file": f"{here}?{urlencode({**kept, 'format': 'csv'})}",
        "back": address(own.id),
    }
    return call.show("requests.html", context)


@router.get("/organisation/{organisation}/claim")
async def claim_form(call: Looking, organisation: OrganisationId) -> Response:
    return await claim_page(call, organisation, "", {})


@router.post("/organisation/{organisation}/claim", dependencies=[Depends(limited("follow"))])
async def claim_it(
    call: Acting, organisation: OrganisationId, network: CurrentNetwork, reference: Typed = "", code: Typed = ""
) -> Response:
    sheet = Sheet()
    sheet.take("reference", reference, written)
    sheet.take("code", code, str.strip)
    if not sheet.errors:
        try:
            done = await take_in(call, organisation, network, (reference, code))
            return see(f"{address(organisation)}?done={done}")
        except RequestUnknown:
            sheet.errors["code"] = _("No request has this reference and access code.")
        except BundleUnknown:
            sheet.errors["code"] = _("No package has this reference and access code.")
        except (RequestClaimed, BundleClaimed) as problem:
            sheet.errors["reference"] = problem.sentence()
    return await claim_page(call, organisation, reference, sheet.errors)


async def take_in(call: Call, organisation: UUID, network: Network, shown: tuple[str, str]) -> str:
    """A request or a package, as its reference says; what to tell of it."""
    secret_key: bytes = call.request.app.state.settings.secret_key
    if names_a_package(shown[0]):
        bundle = await find_by_code(call.session, shown, secret_key, lock=True)
        await claim_bundle(call.session, bundle, call.caller, organisation, call.now)
        return "claimed-package"
    await claim(call.session, network, call.caller, organisation, shown, secret_key=secret_key, now=call.now)
    return "claimed"


def names_a_package(reference: str) -> bool:
    """Whether its letters are those of packages; without letters it is a request's."""
    try:
        return parse_reference(reference, REFERENCE_PREFIX).startswith(f"{PREFIX}-")
    except ReferenceFormatError:
        return False


def written(reference: str) -> str:
    """A reference that could be one. Raises TextError; nothing is said of whether there is one."""
    if not reference.strip():
        raise TextError("text_blank")
    try:
        return parse_reference(reference, REFERENCE_PREFIX)
    except ReferenceFormatError:
        return reference


async def claim_page(call: Call, organisation: OrganisationId, reference: str, errors: dict[str, str]) -> Response:
    own = await mine(call.session, call.caller, organisation)
    context = {"own": own, "reference": reference, "errors": errors, "back": address(own.id)}
    return call.show("claim.html", context, again=bool(errors))
