"""The display as a page, for the screen in the waiting room; and a ticket on the phone of whoever holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse

from app.hall.errors import InvalidTransition, TicketUnknown
from app.hall.live import topic_of
from app.hall.opening import opening_of
from app.hall.public import hub
from app.hall.public.api import open_station
from app.hall.public.state import display_of, known
from app.hall.queries import Line, address_of, continued_by, ticket_of
from app.hall.rules.soon import SOON
from app.hall.rules.states import Action, State
from app.hall.service import Counter
from app.hall.waits import Shown, Standing, counters_of
from app.hall.words import STATES
from app.hall.working import Now
from app.kit.clock import local_date
from app.kit.db import Database, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import NotFound
from app.slots.errors import StationUnknown
from app.stations.snapshot import CurrentNetwork, DeskFacts, Network, StationFacts
from app.web.limits import limited
from app.web.streams import LastEvent, Since, stream
from app.web.templating import page

router = Door(route_class=RetryingRoute)
SEE_OTHER = 303
SECRET = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
NO_STORE = {"Cache-Control": "no-store"}
LOOKS = Depends(limited("ticket"))


@router.get("/display/{code}")
async def display(
    request: Request, code: Annotated[str, Path(max_length=32)], network: CurrentNetwork, now: Now
) -> HTMLResponse:
    """For the screen of a waiting room, which it fills. Raises NotFound."""
    try:
        station = open_station(network, code)
    except StationUnknown:
        raise NotFound from None
    database = request.app.state.database
    opening = await opening_of(database, station, now)
    shown = await display_of(database, (await counters_of(request).of(station, network, now)).board, opening)
    context = {"station": station, "shown": shown, "now": now, "quiet_ms": int(2500 * hub.HEARTBEAT_SECONDS)}
    context["known"] = known(shown)
    return page(request, "hall/display.html", context, headers=NO_STORE)


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket in the hand of somebody who looks at it now."""

    request: Request
    network: Network
    now: datetime
    line: Line

    @property
    def station(self) -> StationFacts:
        return self.network.station_by_id[self.line.station_id]

    @property
    def database(self) -> Database:
        found: Database = self.request.app.state.database
        return found

    async def standing(self) -> Standing:
        return await counters_of(self.request).of(self.station, self.network, self.now)


async def held(request: Request, ticket_id: UUID, network: CurrentNetwork, now: Now) -> Held:
    """Whoever has the address has the ticket. Raises NotFound, also for one of another day."""
    line = await ticket_of(request.app.state.database, ticket_id)
    if line is None or line.day != local_date(now):
        raise NotFound
    return Held(request, network, now, line)


InHand = Annotated[Held, Depends(held)]


@router.get("/t/{ticket_id}", dependencies=[LOOKS])
async def ticket(held: InHand, late: str = "", mail: str = "") -> HTMLResponse:
    """Where one stands in the queue, how long it will take, and where to go when called."""
    return await show(held, {"late": bool(late), "mail": mail, "errors": {}, "typed": ""})


async def show(held: Held, said: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    """The page, with what is said on it: `late`, `mail` (done or deleted), `errors` and `typed` of its form."""
    request, line = held.request, held.line
    request.state.mark = request.app.state.live.mark  # before anything is read: what changes later is told
    standing = await held.standing()
    before, wait = _ahead(standing, line)
    desk = next((desk for desk in held.station.desks if desk.id == line.desk_id), None)
    context: dict[str, Any] = {
        "line": line,
        "station": held.station,
        "services": [held.network.service_by_id[each] for each in line.service_ids],
        "state": str(STATES[line.state]),
        "before": before,
        "wait": wait,
        "soon": before is not None and before <= SOON,
        "desk": desk,
        "follows": await continued_by(held.database, line.id) if line.state is State.MOVED else None,
        "heading": heading_of(line, before, desk),
        "address": await address_of(held.database, line.id),
        "halted": (await opening_of(held.database, held.station, held.now)).halted_at is not None,
    }
    return page(request, "hall/phone.html", {**context, **said}, headers=SECRET, status_code=status_code)


def heading_of(line: Line, before: int | None, desk: DeskFacts | None) -> str:
    """What the title of the page says, for whoever has it open behind others; "" when there is nothing to do."""
    if line.state is State.CALLED and desk:
        return _("{number}: please go to {desk}").format(number=line.shown, desk=tr(desk, "name"))
    if before is None:
        return ""
    how = _("{number}: {before} before you") if before else _("{number}: you are next")
    return how.format(number=line.shown, before=before)


def _ahead(standing: Standing, line: Line) -> tuple[int | None, Shown | None]:
    """How many are called before, as the rule has it now, and how long that takes; None for whom it has ended."""
    order = [each.id for each in standing.board.waiting]
    if line.id not in order:
        return None, None
    return order.index(line.id), standing.waits.get(line.id)


@router.get("/t/{ticket_id}/live")
async def follow(held: InHand, since: Since = None, last: LastEvent = None) -> EventSourceResponse:
    """Tells the page of a ticket to look again."""

    async def still() -> bool:
        return True

    return stream(held.request, {topic_of(held.station.id)}, last or since, still)


@router.post("/t/{ticket_id}/leave", dependencies=[LOOKS])
async def leave(held: InHand, session: Writing) -> Response:
    """Give the ticket up, while one waits: nobody is called in vain."""
    counter, address = Counter(session, held.network, held.station, held.now, None), f"/t/{held.line.id}"
    try:
        found = await counter.locked(held.line.id)
        if found.state != State.WAITING:
            return RedirectResponse(f"{address}?late=yes", SEE_OTHER, SECRET)
        await counter.act(held.line.id, Action.LEAVE)
    except (TicketUnknown, InvalidTransition):
        raise NotFound from None
    return RedirectResponse(address, SEE_OTHER, SECRET)
