"""Takes the time of every answer once, and tells those who want to know: the log, the metrics."""

import time
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Watcher = Callable[[Scope, int, float], None]
"""Is told the scope of an answered request, the status sent, and the seconds that it took."""


class WatchMiddleware:
    def __init__(self, app: ASGIApp, *, watchers: Sequence[Watcher]) -> None:
        self.app = app
        self.watchers = tuple(watchers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - began
            for watcher in self.watchers:
                watcher(scope, status, seconds)
