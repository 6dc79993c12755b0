"""Streams that tell an open page to look again (server-sent events): of one request, of those of staff's stations.

An event carries nothing but that something has changed; the page then fetches itself, by the rights of that moment.
Whether a stream may go on is asked again every minute, with a session of its own that is not held in between.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from app.accounts.callers import CurrentCaller, allowed, caller
from app.accounts.rules.rights import Caller, Permission, Scope
from app.kit import clock
from app.kit.db import Database, RetryingRoute
from app.kit.doors import Door
from app.kit.live import Live, LiveEndedError
from app.requests.errors import RequestUnknown
from app.requests.visiting import OFFICE, PUBLIC, ForStaffError, Looking, NotOpenedError, Visitor
from app.stations.snapshot import CurrentNetwork, Network

router = Door(route_class=RetryingRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
HEARTBEAT_SECONDS, CHECK_SECONDS, AGAIN_MS = 20.0, 60.0, 2000
CHANGED, OVER = "changed", "over"
Since = Annotated[str | None, Query(max_length=60)]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)]
Still = Callable[[], Awaitable[bool]]


@router.get(f"{OFFICE}/live", dependencies=[READ])
async def of_stations(
    request: Request, found: CurrentCaller, network: CurrentNetwork, since: Since = None, last: LastEvent = None
) -> EventSourceResponse:
    """What changes at the stations that the caller's roles reach."""
    scope = found.scope(Permission.REQUESTS_READ)

    async def still() -> bool:
        return (await anew(request)).scope(Permission.REQUESTS_READ) == scope

    return stream(request, topics(scope, network), last or since, still)


async def of_request(visitor: Looking, since: Since = None, last: LastEvent = None) -> EventSourceResponse:
    """What changes about one request, for whoever may see its page. Raises RequestUnknown."""
    try:
        view = await visitor.open()
    except (NotOpenedError, ForStaffError) as error:
        raise RequestUnknown from error

    async def still() -> bool:
        return await may_look(visitor)

    return stream(visitor.request, {f"request:{view.request.id}"}, last or since, still)


router.add_api_route(f"{PUBLIC}/{{reference}}/live", of_request, methods=["GET"])
router.add_api_route(f"{OFFICE}/{{reference}}/live", of_request, methods=["GET"], dependencies=[READ])


async def may_look(visitor: Visitor) -> bool:
    """Whether the page would still be shown, asked with a session of its own."""
    database: Database = visitor.request.app.state.database
    async with database.reader() as session:
        try:
            await replace(visitor, session=session, caller=await anew(visitor.request)).open()
        except (NotOpenedError, ForStaffError, RequestUnknown):
            return False
    return True


async def anew(request: Request) -> Caller:
    """Whoever asked, as the rights are now; nobody after signing out."""
    return await caller(request, None, await clock.now())


def topics(scope: Scope, network: Network) -> set[str]:
    if scope.everything:
        return {"station:*"}
    return {f"station:{each.id}" for each in network.stations if scope.reaches(each.id, each.county_adcode)}


def stream(request: Request, wanted: set[str], since: str | None, still: Still) -> EventSourceResponse:
    live: Live = request.app.state.live
    return EventSourceResponse(_events(live, wanted, since, still), headers=HEADERS)


async def _events(live: Live, wanted: set[str], since: str | None, still: Still) -> AsyncIterator[bytes]:
    """CHANGED when the page is to look again, OVER when its reader may not any more; comments in between."""
    time = asyncio.get_running_loop().time
    checked = time()
    with live.subscribe(wanted, since=since) as changes:
        yield format_sse_event(id=live.mark, retry=AGAIN_MS)
        while True:
            try:
                change = await changes.next(HEARTBEAT_SECONDS)
            except LiveEndedError:
                return
            if time() - checked >= CHECK_SECONDS:
                if not await still():
                    yield format_sse_event(event=OVER, data_str="")
                    return
                checked = time()
            yield format_sse_event(event=CHANGED, data_str="", id=change.id) if change else KEEPALIVE_COMMENT
