"""Displays: how long a call takes to reach a thousand streams that one process holds open, and what a stream costs."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import psycopg
import uvloop

from app.kit.db import libpq_url
from bench.hall import Window
from bench.under import Server

STREAMS, CALLS, PAUSE_SECONDS = 1_000, 20, 0.4
SOON = 30.0
END_OF_EVENT = b"\n\n\r\n"  # and of the chunk that it is


@dataclass(frozen=True)
class Reached:
    """The 99th percentile of the milliseconds from the commit of a call to its arrival, and kB a stream."""

    p99_ms: float
    kilobytes: float


class Display(asyncio.Protocol):
    """One stream; says when an event has arrived with its last byte."""

    def __init__(self, request: bytes, arrived: Callable[[], None]) -> None:
        self._request = request
        self._arrived = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if data.endswith(END_OF_EVENT) and b"data:" in data:
            self._arrived()


class Streams:
    """A thousand displays of one station."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n".encode()
        self._displays: list[Display] = []
        self._wanted, self._all = 0, asyncio.Event()
        self.arrived: list[float] = []

    async def open(self, many: int) -> None:
        self.expect(many)
        loop = asyncio.get_running_loop()
        for _n in range(many):
            made = Display(self._request, self._note)
            await loop.create_connection(lambda made=made: made, "127.0.0.1", self._port)  # type: ignore[misc]  # its own
            self._displays.append(made)
        await self.reached()

    def expect(self, many: int) -> None:
        """From now on so many events are waited for."""
        self.arrived, self._wanted = [], many
        self._all.clear()

    def _note(self) -> None:
        self.arrived.append(time.perf_counter())
        if len(self.arrived) == self._wanted:
            self._all.set()

    async def reached(self) -> None:
        async with asyncio.timeout(SOON):
            await self._all.wait()

    def close(self) -> None:
        for display in self._displays:
            display.transport.close()


def to_displays(under: Server, url: str, window: Window) -> Reached:
    """Open them, call, and measure when each of them has heard."""
    return uvloop.run(_to_displays(under, url, window))


async def _to_displays(under: Server, url: str, window: Window) -> Reached:
    before = under.megabytes
    streams = Streams(under.port, f"/api/v1/display/{window.station}/stream")
    await streams.open(STREAMS)
    kilobytes = (under.megabytes - before) * 1024 / STREAMS
    took: list[float] = []
    async with await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True) as connection:
        for _call in range(CALLS):
            streams.expect(STREAMS)
            await connection.execute(ONE_CALL, (window.station,))
            told = time.perf_counter()
            await streams.reached()
            took += [at - told for at in streams.arrived]
            await asyncio.sleep(PAUSE_SECONDS)
    streams.close()
    took.sort()
    return Reached(took[int(len(took) * 0.99)] * 1000, kilobytes)


# A call as the displays hear of it: a ticket has gone a step on, and the station's topic is told with the commit.
ONE_CALL = """
WITH station AS (SELECT id FROM station WHERE code = %s), moved AS (
    UPDATE ticket SET announced_at = now(), events = events + 1
    WHERE station_id = (SELECT id FROM station) AND number = 1 RETURNING station_id
) SELECT pg_notify('onestop_live', 'hall:' || station_id) FROM moved
"""
