"""What the pages of this room share: who calls, whose webhooks, how a page is shown in either frame."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import SignedIn
from app.accounts.queries.organisations import Mine, mine
from app.accounts.rules.rights import Caller, Permission
from app.kit import clock
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, tr
from app.kit.i18n import gettext as _
from app.kit.outbound import Outbound
from app.kit.problems import Forbidden, NotFound
from app.kit.sealing import Sealer
from app.requests.showing import show_office
from app.stations.directory import CurrentDirectory, Directory
from app.web.templating import page
from app.webhooks.models import Subscription
from app.webhooks.queries import Reach
from app.webhooks.service.managing import Managing

OFFICE, OF_ORGANISATION = "/office/webhooks", "/organisation/{organisation}/webhooks"
SEE_OTHER, FORM_AGAIN = 303, 422
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
Now = Annotated[datetime, Depends(clock.now)]
Endpoint = Callable[..., Any]
Route = tuple[str, str, Endpoint]
DONE: Mapping[str, LazyString] = {
    "changed": lazy("The changes are saved."),
    "made": lazy("It is set up. Send a test, and see whether it arrives in the group."),
    "readdressed": lazy("It goes to the new robot from now on. Send a test, and see whether it arrives in the group."),
    "ended": lazy("It has ended; nothing more is sent."),
    "pinged": lazy("A test is on its way. Load this page again to see what becomes of it."),
    "replayed": lazy("It is sent again in a moment."),
    "nothing": lazy("There was nothing to send again."),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a page, by somebody who manages webhooks: an organisation's (`own`), or the network's."""

    request: Request
    caller: Caller
    session: AsyncSession
    directory: Directory
    now: datetime
    own: Mine | None

    @property
    def reach(self) -> Reach:
        if self.own:
            return Reach(self.own.id)
        return Reach(scope=self.caller.scope(Permission.WEBHOOKS_MANAGE))

    @property
    def base(self) -> str:
        """The path of the list."""
        return OF_ORGANISATION.format(organisation=self.own.id) if self.own else OFFICE

    @property
    def managing(self) -> Managing:
        sealer: Sealer = self.request.app.state.sealer
        return Managing(self.session, sealer, self.caller, self.reach, self.now)

    @property
    def outbound(self) -> Outbound:
        outbound: Outbound = self.request.app.state.outbound
        return outbound

    def of(self, found: Subscription) -> str:
        """What it tells of, in words."""
        network = self.directory.network
        if found.organisation_id:
            return _("Requests of the organisation")
        if found.station_id:
            return tr(network.station_by_id[found.station_id], "name")
        county = self.directory.atlas.division_by_code.get(found.county_adcode or "")
        return tr(county, "name") if county else found.county_adcode or _("The whole network")

    def show(self, name: str, context: Mapping[str, Any], *, again: bool = False) -> HTMLResponse:
        """A page that no cache keeps, in the office's frame or without it; `again`: a form with what is wrong."""
        said, status = DONE.get(self.request.query_params.get("done", "")), FORM_AGAIN if again else 200
        full = {"base": self.base, "own": self.own, "done": str(said) if said else "", **context}
        if self.own is None:
            frame = {"frame": "office/frame.html", "section": OFFICE}
            return show_office(self.request, self.caller, f"webhooks/{name}", frame | full, status_code=status)
        frame = {"frame": "webhooks/plain.html"}
        return page(self.request, f"webhooks/{name}", frame | full, status_code=status, headers=NOT_TO_KEEP)


async def _call(request: Request, caller: Caller, session: AsyncSession, directory: Directory, now: datetime) -> Call:
    """Raises NotFound for an organisation that isn't the caller's, Forbidden for its delegates."""
    given = request.path_params.get("organisation")
    own = await mine(session, caller, _id(given)) if given is not None else None
    if own and not own.owned:
        raise Forbidden
    return Call(request, caller, session, directory, now, own)


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound from None


async def looking(request: Request, caller: SignedIn, session: Reading, directory: CurrentDirectory, now: Now) -> Call:
    return await _call(request, caller, session, directory, now)


async def acting(request: Request, caller: SignedIn, session: Writing, directory: CurrentDirectory, now: Now) -> Call:
    return await _call(request, caller, session, directory, now)


Looking = Annotated[Call, Depends(looking)]
Acting = Annotated[Call, Depends(acting)]


def doors(base: str, rule: Callable[..., Any], routes: Iterable[Route]) -> Door:
    """The routes below an address, each by its own rule."""
    door = Door(route_class=RetryingRoute)
    for method, path, endpoint in routes:
        door.add_api_route(
            f"{base}{path}", endpoint, methods=[method], dependencies=[Depends(rule)], response_model=None
        )
    return door


def see(path: str, done: str = "") -> Response:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?done={done}" if done else path, SEE_OTHER, NOT_TO_KEEP)
