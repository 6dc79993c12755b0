"""The page at which staff go on without a network; the browser keeps it, with what it needs to know."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Response
from fastapi.responses import HTMLResponse

from app.accounts.rules.rights import Permission
from app.accounts.service.organisations import person_of
from app.hall.asked import letter_of, offered
from app.hall.offline.passes import Pass
from app.hall.pages.frame import HALL, WORK, Here, StationCode
from app.hall.rules.calling import AGEING
from app.hall.working import Watching
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.web.assets import STATIC
from app.web.templating import page

router = Door(route_class=RetryingRoute)
WORKER = STATIC / "js" / "kiosk-worker.js"
SECRET = {"Cache-Control": "private, no-store"}


async def at_work(at: Watching, code: StationCode) -> Here:
    """Raises StationUnknown, also where the caller may not work."""
    return Here(at, at.station(code, Permission.HALL_WORK))


AtWork = Annotated[Here, Depends(at_work)]


@router.get(f"{HALL}/{{code}}/offline", dependencies=[WORK])
async def offline(here: AtWork) -> HTMLResponse:
    """With a pass for handing in later: by then whoever worked here may be signed out."""
    at = here.at
    shown = Pass(person_of(at.caller), here.station.id, at.now).signed(at.request.app.state.settings.secret_key)
    services = offered(at.network, here.station, local_date(at.now))
    context = {
        "station": here.station,
        "hall_path": here.path,
        "shown": shown,
        "services": [(each, letter_of(each)) for each in services],
        "ageing_ms": AGEING // timedelta(milliseconds=1),
        "desks": [desk for desk in here.station.desks if desk.active],
    }
    return page(at.request, "hall/offline.html", context, headers=SECRET)


@router.get(f"{HALL}/{{code}}/worker.js", dependencies=[WORK])
async def worker(here: AtWork) -> Response:
    """The service worker, from below the station's counter; the page asks for the scope of that page alone."""
    return Response(WORKER.read_bytes(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})
