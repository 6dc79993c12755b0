"""HEAD on every address that takes GET (RFC 9110, 9.3.2): the same headers, no content.

FastAPI's routes answer 405 to it. Here the application is asked with GET, and what it sends after its headers is
dropped. A stream is told that its reader has gone, so that none is read, or waited for, to its end.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOUND = ("route", "endpoint", "path_params")
"""What routing leaves in the scope, for those outside who count by it."""


class HeadMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        answer = _HeadersOnly(send)
        # Before 2.4, Starlette's streams listen for the reader's going away; since then they wait for a failing send.
        asked = {**scope, "method": "GET", "asgi": {**scope.get("asgi", {}), "spec_version": "2.3"}}
        try:
            await self.app(asked, answer.receive, answer.send)
        finally:
            scope.update({name: asked[name] for name in FOUND if name in asked})


class _HeadersOnly:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._answered = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        """An empty body, then, once answered, that the reader has gone."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._answered.is_set():
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self._answered.set()
