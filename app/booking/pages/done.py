"""After sending: the reference and everything the visit needs, on one sheet."""

import segno
from fastapi import Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from app.accounts.callers import CurrentCaller
from app.accounts.letterhead import Head
from app.booking.errors import Elsewhere
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute
from app.config import Settings
from app.kit.doors import Door
from app.kit.ids import access_code
from app.requests.answers import NOT_TO_KEEP, calendar_response, page_url
from app.requests.given import to_bring
from app.requests.letters import to_applicant
from app.requests.onsite import on_site
from app.requests.owners import own_organisation
from app.requests.queries import RequestView, open_by_reference
from app.stations.directory import approximate
from app.web.templating import page

router = Door(route_class=WizardRoute)


@router.get("/book/{draft}/done")
async def done(wizard: Wizard, caller: CurrentCaller, head: Head) -> HTMLResponse:
    """What the applicant takes along. The access code is shown to the browser that has booked, nobody else.

    Raises DraftGone a day after the booking; the reference and the code still open the request then.
    """
    view = await _request_of(wizard)
    settings: Settings = wizard.request.app.state.settings
    request = view.request
    address = page_url(wizard.request, view.request.reference)
    context = {
        "view": view,
        "there": on_site(view),
        "own": own_organisation(view.request, caller),
        "code": access_code(settings.secret_key, view.request.id),
        "follow": f"/r/{view.request.reference}",
        "address": address,
        "calendar": wizard.path("calendar.ics"),
        "qr": qr_code(address),
        "bring": to_bring((wizard.catalogue.by_code[item.service.code], item.inputs) for item in view.items),
        "later": [service for code in wizard.data.later if (service := wizard.catalogue.by_code.get(code))],
        "bundle": wizard.data.bundle,
        "told": to.channel if (to := to_applicant(head, request.email, request.mobile, request.language)) else "",
        "approximate": approximate(view.appointment.station.coord_class),
    }
    return page(wizard.request, "booking/done.html", context, headers=NOT_TO_KEEP)


@router.get("/book/{draft}/calendar.ics")
async def calendar(wizard: Wizard) -> Response:
    """The appointment for the calendar of the browser that has booked it."""
    return calendar_response(wizard.request, await _request_of(wizard))


async def _request_of(wizard: WizardPage) -> RequestView:
    """Raises Elsewhere while nothing has been sent."""
    if wizard.data.reference is None:
        raise Elsewhere(wizard.path(wizard.open_step))
    return await open_by_reference(wizard.session, wizard.network, wizard.data.reference)


def qr_code(address: str) -> Markup:
    """An SVG of the address. It is no secret: it has the reference, not the access code."""
    return Markup(segno.make(address, error="m").svg_inline(omitsize=True, lineclass=None, border=2))  # noqa: S704 - ours
