"""Systems that take webhooks, on loopback: good ones, and such as fail, hang, lead elsewhere, lie and never end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answers(status: int, *headers: str) -> Answer:
    """An answer without a body."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", *headers, "Content-Length: 0"]
        writer.write("\r\n".join([*lines, "", ""]).encode())

    return answer


def writes(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return answer


async def hangs(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def drips_its_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def streams_for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await writer.drain()


@dataclass
class Taken:
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


@dataclass
class Receiver:
    """`answer` is what the next one gets."""

    answer: Answer
    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def types(self) -> list[str]:
        return [each.event["type"] for each in self.taken]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in head[1:] if each)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.taken.append(Taken(head[0], headers, body))
            await self.answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()


@asynccontextmanager
async def receiving(answer: Answer | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer or answers(204))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hooks?from=onestop"
    try:
        yield receiver
    finally:
        server.close()
