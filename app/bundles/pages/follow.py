"""One page to follow a bundle: how far it is, what to do first, each step in its order."""

from typing import Annotated

from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse

from app.accounts.rules.rights import Membership
from app.bundles import claims
from app.bundles.errors import BundleClaimed, BundleUnknown
from app.bundles.following import wants_answer
from app.bundles.models import Bundle
from app.bundles.offered import offered
from app.bundles.pages.frame import BundleRoute, Call, Changing, Looking, ask, see
from app.bundles.queries import find_by_code
from app.bundles.words import REFUSALS, next_words, package_name, state_tag, why
from app.kit import ids
from app.kit.doors import Door
from app.kit.i18n import tr
from app.requests.opened import Opened
from app.requests.words import state_words
from app.web.client import get_clients
from app.web.limits import limited

router = Door(route_class=BundleRoute)
DONE = ("begun", "left-out", "taken-up", "linked", "claimed")


@router.get("/bundles/{reference}")
async def follow(
    call: Looking,
    done: Annotated[str, Query(max_length=20)] = "",
    refused: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """How it stands. Where the code was not shown, it is asked for."""
    view = await call.open()
    found = await call.around.following(view)
    bundle, opened = view.bundle, call.reference in Opened(call.request)
    own = own_organisation(call, bundle)
    context = {
        "found": found,
        "view": view,
        "name": package_name(bundle.package),
        "why": lambda step: why(bundle.package, step.key),
        "tag": state_tag,
        "names": {step.key: tr(step.service, "name") for step in view.steps},
        "booking_tag": lambda booking: state_words(booking.status, booked=booking.has_time),
        "wants_answer": wants_answer,
        "next": next_words(found.next),
        "explained": any(each.code == bundle.package for each in offered(call.around.catalogue)),
        "own": own,
        "code": ids.access_code(call.around.secret_key, bundle.id) if opened and not own else "",
        "opened": opened,
        "claimable": claimable(call, bundle),
        "signed_in": call.caller.signed_in,
        "done": done if done in DONE else "",
        "refused": str(REFUSALS[refused]) if refused in REFUSALS else "",
    }
    return call.show("bundle.html", context)


def own_organisation(call: Call, bundle: Bundle) -> Membership | None:
    """The organisation in whose overview who looks finds the bundle."""
    own = (each for each in call.caller.memberships if each.organisation_id == bundle.organisation_id)
    return None if call.caller.must_enrol else next(own, None)


def claimable(call: Call, bundle: Bundle) -> list[tuple[str, str]]:
    """The organisations that who looks may take it into: ids and names."""
    if bundle.organisation_id is not None or call.caller.must_enrol:
        return []
    return [(str(each.organisation_id), each.organisation_name) for each in call.caller.memberships]


@router.post("/bundles/{reference}/claim")
async def claim(call: Changing, organisation: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Take it into one's own organisation; what came between stands on the bundle's page."""
    bundle = await call.bundle(lock=True)
    own = [each.organisation_id for each in call.caller.memberships if str(each.organisation_id) == organisation]
    if not own:
        return see(call.address())
    try:
        await claims.claim(call.session, bundle, call.caller, own[0], call.around.now)
    except BundleClaimed as problem:
        await call.session.rollback()
        return see(f"{call.address()}?refused={problem.code}")
    return see(f"{call.address()}?done=claimed")


@router.post("/bundles/{reference}", dependencies=[Depends(limited("follow"))])
async def enter(call: Looking, code: Annotated[str, Form(max_length=40)] = "") -> Response:
    """The access code, typed on the page that asks for it."""
    try:
        bundle = await find_by_code(call.session, (call.reference, code), call.around.secret_key)
    except BundleUnknown:
        return ask(call.request, call.reference, wrong=True)
    response = see(call.address())
    Opened(call.request).remember(response, bundle.reference)
    get_clients(call.request).ensure(call.request, response)
    return response


@router.post("/bundles/{reference}/close")
async def close(call: Looking) -> Response:
    """Forget on this device that the code was shown."""
    response = see("/packages")
    Opened(call.request).forget(response, call.reference)
    return response
