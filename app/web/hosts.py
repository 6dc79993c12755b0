"""Only the host that the operator has named, where one is named: a forged Host header gets no page and no link.

Starlette's own check answers in plain text and in English, and knows no exception for the machine's own checks.
"""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kit.i18n import lazy
from app.web.errors import BadRequest, answer

# Asked by the machine itself, or by what watches it, under whatever name it has there.
OPERATION = ("/healthz", "/readyz", "/metrics")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")


class UnknownHost(BadRequest):
    code = "unknown_host"
    detail = lazy("This portal does not answer to that name. Please use its own address.")


class HostMiddleware:
    """Refuses with 400 what is not meant for `host` (its name without port; None lets everything pass)."""

    def __init__(self, app: ASGIApp, *, host: str | None) -> None:
        self.app = app
        self.host = host.lower() if host else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.host is None or scope["type"] != "http" or self._meant(scope, self.host):
            await self.app(scope, receive, send)
        else:
            await answer(Request(scope, receive), UnknownHost())(scope, receive, send)

    def _meant(self, scope: Scope, host: str) -> bool:
        named = {_name(value) for header, value in scope["headers"] if header == b"host"}
        return named == {host} or (scope["path"] in OPERATION and len(named) == 1 and named <= LOOPBACK)


def _name(header: bytes) -> str:
    """The name in a Host header in lower case, without its port; "" for what is no name."""
    found = _HOST.fullmatch(header)
    return found[1].decode("ascii").lower() if found else ""
