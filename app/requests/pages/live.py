"""Streams that tell an open page to look again (server-sent events): of one request, of those of staff's stations.

The page then fetches itself, by the rights of that moment; see web.streams.
"""

from dataclasses import replace

from fastapi import Depends, Request
from fastapi.sse import EventSourceResponse

from app.accounts.callers import CurrentCaller, allowed, anew
from app.accounts.rules.rights import Permission, Scope
from app.kit.db import Database, RetryingRoute
from app.kit.doors import Door
from app.requests.errors import RequestUnknown
from app.requests.visiting import OFFICE, PUBLIC, ForStaffError, Looking, NotOpenedError, Visitor
from app.stations.snapshot import CurrentNetwork, Network
from app.web.streams import LastEvent, Since, stream

router = Door(route_class=RetryingRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))


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


def topics(scope: Scope, network: Network) -> set[str]:
    if scope.everything:
        return {"station:*"}
    return {f"station:{each.id}" for each in network.stations if scope.reaches(each.id, each.county_adcode)}
