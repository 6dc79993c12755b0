"""What the pages of the day share: who may change it, where they are, and what they say after a post."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import HTMLResponse, RedirectResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.hall.pages.frame import HALL, SEE_OTHER, Here, HereAtWork, StationCode
from app.hall.service.days import Days
from app.hall.working import AtCounter, Watching
from app.kit.i18n import LazyString, lazy
from app.requests.answers import NOT_TO_KEEP
from app.web.forms import address

DAY = f"{HALL}/{{code}}/day"
MANAGE = Depends(allowed(Permission.HALL_MANAGE))
DONE: Mapping[str, LazyString] = {
    "closed": lazy("The hall gives out no more tickets today. Whoever waits is still served."),
    "opened": lazy("The hall gives out tickets again."),
    "halted": lazy("The hall is stopped. Displays and phones say so."),
    "resumed": lazy("The stop is over. Desks can call again."),
    "home": lazy("They are marked as left."),
    "saved": lazy("The contingents are saved."),
    "already": lazy("Nothing was changed: somebody else has done it already."),
}


async def looking(at: Watching, code: StationCode) -> Here:
    """Raises StationUnknown, also where the caller doesn't manage."""
    return Here(at, at.station(code, Permission.HALL_MANAGE))


async def managing(at: AtCounter, code: StationCode) -> HereAtWork:
    """Raises StationUnknown, also where the caller doesn't manage."""
    return HereAtWork(at, at.station(code, Permission.HALL_MANAGE))


AsManager = Annotated[Here, Depends(looking)]
Managing = Annotated[HereAtWork, Depends(managing)]


def days_of(here: HereAtWork) -> Days:
    return Days(here.at.session, here.station, here.at.now, here.at.caller)


def see(here: Here, done: str, *, changed: bool = True, part: str = "") -> RedirectResponse:
    """Back to the day, or a part of it, which says what was done."""
    path = f"{here.path}/day{part}"
    return RedirectResponse(address(path, {"done": done if changed else "already"}), SEE_OTHER, NOT_TO_KEEP)


def show(here: Here, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    own = {"may_manage": here.may_manage, "day_path": f"{here.path}/day", "now": here.at.now}
    return here.show(f"day/{name}", own | dict(context), status_code=status_code)


def said(done: str) -> str:
    return str(DONE.get(done, ""))
