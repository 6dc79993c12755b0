"""The kiosks of a station, where its manager makes their addresses and revokes them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.hall.kiosk.models import NAME_LENGTH
from app.hall.kiosk.queries import device_in_use, devices_of, numbers_of
from app.hall.kiosk.service import Devices
from app.hall.pages.frame import HALL, SEE_OTHER, HereAtWork, StationCode, Typed, text_of
from app.hall.pages.tickets import qr_code
from app.hall.working import AtCounter
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import NotFound
from app.requests.answers import NOT_TO_KEEP

router = Door(route_class=RetryingRoute)
MANAGE = Depends(allowed(Permission.HALL_MANAGE))
KIOSKS = f"{HALL}/{{code}}/kiosks"
FORM_AGAIN = 422


async def managing(at: AtCounter, code: StationCode) -> HereAtWork:
    """Raises StationUnknown, also where the caller may not manage the hall."""
    return HereAtWork(at, at.station(code, Permission.HALL_MANAGE))


Managing = Annotated[HereAtWork, Depends(managing)]


@router.get(KIOSKS, dependencies=[MANAGE])
async def kiosks(here: Managing, revoked: str = "") -> HTMLResponse:
    """Those that are in use, with when each was last seen and the numbers that it has today."""
    done = _("The kiosk is revoked.") if revoked == "yes" else ""
    return await list_page(here, done=done)


@router.post(KIOSKS, dependencies=[MANAGE])
async def make(here: Managing, typed: Typed) -> HTMLResponse:
    """The answer itself shows the address, and nothing else ever does."""
    name = text_of(typed, "name", NAME_LENGTH)
    if not name:
        return await list_page(here, {"name": _("Enter a name, such as where it stands.")})
    secret = await devices(here).make(name)
    public = here.at.request.app.state.settings.web.public_url
    url = f"{str(public or here.at.request.base_url).rstrip('/')}/kiosk/{secret}"
    return here.show("kiosk_made.html", {"name": name, "url": url, "qr": qr_code(url)})


@router.get(f"{KIOSKS}/{{device_id}}/revoke", dependencies=[MANAGE])
async def ask_to_revoke(here: Managing, device_id: UUID) -> HTMLResponse:
    found = await device_in_use(here.at.session, here.station.id, device_id)
    if found is None:
        raise NotFound
    return here.show("kiosk_revoke.html", {"device": found})


@router.post(f"{KIOSKS}/{{device_id}}/revoke", dependencies=[MANAGE])
async def revoke(here: Managing, device_id: UUID) -> Response:
    await devices(here).revoke(device_id)
    return RedirectResponse(f"{here.path}/kiosks?revoked=yes", SEE_OTHER, NOT_TO_KEEP)


def devices(here: HereAtWork) -> Devices:
    return Devices(here.at.session, here.station.id, here.at.caller.actor, here.at.now)


async def list_page(here: HereAtWork, errors: dict[str, str] | None = None, *, done: str = "") -> HTMLResponse:
    leased = await numbers_of(here.at.database, here.station.id, here.at.now)
    found = await devices_of(here.at.session, here.station.id)
    context = {
        "devices": [(each, [lease for lease in leased if lease.device_id == each.id]) for each in found],
        "errors": errors or {},
        "done": done,
    }
    return here.show("kiosks.html", context, status_code=FORM_AGAIN if errors else 200)
