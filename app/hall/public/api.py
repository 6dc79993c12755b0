"""The display of a waiting room for programs: as it is now, and as a stream."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi.sse import EventSourceResponse

from app.hall.opening import opening_of
from app.hall.public.hub import Displays
from app.hall.public.state import DisplayOut, display_of
from app.hall.waits import counters_of
from app.hall.working import Now
from app.kit.doors import Door
from app.kit.problems import TooMany, Unavailable, problem_responses
from app.slots.errors import StationUnknown
from app.stations.snapshot import CurrentNetwork, Network, StationFacts
from app.web.client import address_key

router = Door(tags=["hall"])
StationCode = Annotated[str, Path(max_length=32)]
AS_EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/display/{station}", response_model=DisplayOut, responses=problem_responses(StationUnknown))
async def display(request: Request, station: StationCode, network: CurrentNetwork, now: Now) -> DisplayOut:
    """What a waiting room shows: who is called to which desk. Without personal data, for everybody."""
    found = open_station(network, station)
    database = request.app.state.database
    opening = await opening_of(database, found, now)
    return await display_of(database, (await counters_of(request).of(found, network, now)).board, opening)


@router.get(
    "/display/{station}/stream",
    response_class=Response,  # FastAPI would say JSON of an answer that a function returns itself
    responses={**AS_EVENTS, **problem_responses(StationUnknown, TooMany, Unavailable)},
)
async def stream(request: Request, station: StationCode, network: CurrentNetwork) -> EventSourceResponse:
    """The same as server-sent events: each holds everything, so whoever comes back is right with the first one."""
    found = open_station(network, station)
    displays: Displays = request.app.state.displays
    client = address_key(request)
    displays.room(client)
    return EventSourceResponse(displays.stream(found.id, client), headers=HEADERS)


def open_station(network: Network, code: str) -> StationFacts:
    """Raises StationUnknown, also for one that is closed down."""
    index = network.station_index.get(code)
    if index is None or not network.stations[index].active:
        raise StationUnknown
    return network.stations[index]
