"""A load generator in a process of its own: some connections that each send the next call when the last is answered.

Written on asyncio's protocols, since a generator on a full HTTP client would be slower than what it measures.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

HEADERS_END = b"\r\n\r\n"


@dataclass
class Result:
    """What a run saw: seconds, latencies in seconds, answers by status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Answered = Callable[[int, bytes], bytes | None]
"""Given status and body of an answer, the next raw request of this connection, or None for the next of the source."""


class Caller(asyncio.Protocol):
    """One connection. `source` gives raw requests; `follow` may ask for another call in place of the next."""

    def __init__(self, source: Iterator[bytes], follow: Answered, result: Result, until: float) -> None:
        self.source, self.follow, self.result, self.until = source, follow, result, until
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._send(next(self.source))

    def _send(self, request: bytes) -> None:
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(HEADERS_END)
        if head_end < 0:
            return
        head = self.buffer[:head_end].lower()
        length = _content_length(head)
        body = self.buffer[head_end + 4 :]
        if len(body) >= length:
            self.buffer = b""
            self._answered(int(head[9:12]), body[:length])

    def _answered(self, status: int, body: bytes) -> None:
        now = time.perf_counter()
        self.result.latencies.append(now - self.sent)
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        following = self.follow(status, body)
        if following is None and now >= self.until:
            self.transport.close()
        else:
            self._send(following or next(self.source))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if exc is None else self.done.set_exception(exc)


def _content_length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None]) if at >= 0 else 0


def no_follow(_status: int, _body: bytes) -> bytes | None:
    return None


def get(path: str, host: str = "127.0.0.1", *, bearer: str = "", cookie: str = "") -> bytes:
    accept = "text/html" if cookie else "application/json"
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{_signed(bearer, cookie)}Accept: {accept}\r\n\r\n".encode()


def post(path: str, body: bytes, host: str = "127.0.0.1", *, bearer: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{_signed(bearer)}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _signed(bearer: str, cookie: str = "") -> str:
    """The header lines by which somebody is known."""
    return (f"Authorization: Bearer {bearer}\r\n" if bearer else "") + (f"Cookie: {cookie}\r\n" if cookie else "")


def run(port: int, calls: Iterable[bytes], *, connections: int, seconds: float, follow: Answered = no_follow) -> Result:
    """Send `calls` (in turn, over all connections) for so many seconds; the calls must not run out."""
    return uvloop.run(_run(port, iter(calls), connections, seconds, follow))


async def _run(port: int, source: Iterator[bytes], connections: int, seconds: float, follow: Answered) -> Result:
    result = Result()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    callers = [
        (await loop.create_connection(lambda: Caller(source, follow, result, began + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(caller.done for caller in callers))
    result.seconds = time.perf_counter() - began
    return result
