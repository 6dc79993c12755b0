"""Streams that tell an open page to look again (server-sent events). What they follow, and for whom, doors say.

An event carries nothing but that something has changed; the page then fetches itself, by the rights of that moment.
Whether a stream may go on is asked again every minute, with a session of its own that is not held in between.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from app.kit.live import Live, LiveEndedError

HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
HEARTBEAT_SECONDS, CHECK_SECONDS, AGAIN_MS = 20.0, 60.0, 2000
CHANGED, OVER = "changed", "over"
Since = Annotated[str | None, Query(max_length=60)]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)]
Still = Callable[[], Awaitable[bool]]


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
