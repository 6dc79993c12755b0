"""How calls are made: headers, keys that make writes repeatable, another try where that does no harm, streams."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from .errors import Unreachable, check

Asked = dict[str, Any]
KEY, PAUSES = "idempotency-key", (0.2, 1.0)
SAFE = ("get", "head")
BEHIND = (502, 503, 504)


class Event(NamedTuple):
    """A server-sent event. Its `id` can be given back to go on from there."""

    id: str
    event: str
    data: str


class Download(NamedTuple):
    """A file, and the tag by which the portal knows it: give it back to fetch only what has changed."""

    content: bytes
    etag: str


def headers_of(token: str, language: str) -> dict[str, str]:
    own = {"Accept": "application/json, application/geo+json;q=0.9, */*;q=0.5", "Accept-Language": language}
    return own | ({"Authorization": f"Bearer {token}"} if token else {})


def prepared(asked: Asked, *, keyed: bool) -> Asked:
    """The call; a write that can be repeated gets a key where the caller gave none."""
    headers = {name: value for name, value in asked.get("headers", {}).items() if value is not None}
    if headers.get("Content-Type", "").startswith("multipart/"):
        del headers["Content-Type"]  # httpx writes the boundary that it uses
    if keyed:
        headers.setdefault(KEY, str(uuid4()))
    return {**asked, "headers": headers}


def repeatable(asked: Asked) -> bool:
    return asked["method"] in SAFE or KEY in asked["headers"]


class Calls:
    """Sends calls, one after the other. Raises Unreachable and what `errors.check` does."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def send(self, asked: Asked, *, keyed: bool = False) -> httpx.Response:
        call = prepared(asked, keyed=keyed)
        for pause in PAUSES if repeatable(call) else ():
            try:
                response = self.client.request(**call)
            except httpx.TransportError:
                time.sleep(pause)
                continue
            if response.status_code not in BEHIND:
                check(response)
                return response
            time.sleep(pause)
        try:
            response = self.client.request(**call)
        except httpx.TransportError as error:
            raise Unreachable(str(error)) from error
        check(response)
        return response

    def events(self, asked: Asked) -> Iterator[Event]:
        """A stream until it ends; leave the loop to end it."""
        try:
            with self.client.stream(**prepared(asked, keyed=False), timeout=httpx.Timeout(30, read=90)) as response:
                if response.is_error:
                    response.read()
                check(response)
                lines: list[str] = []
                for line in response.iter_lines():
                    if line:
                        lines.append(line)
                    elif event := event_of(lines):
                        yield event
                    lines = lines if line else []
        except httpx.TransportError as error:
            raise Unreachable(str(error)) from error


class AsyncCalls:
    """The same with `await`, many at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, asked: Asked, *, keyed: bool = False) -> httpx.Response:
        call = prepared(asked, keyed=keyed)
        for pause in PAUSES if repeatable(call) else ():
            try:
                response = await self.client.request(**call)
            except httpx.TransportError:
                await asyncio.sleep(pause)
                continue
            if response.status_code not in BEHIND:
                check(response)
                return response
            await asyncio.sleep(pause)
        try:
            response = await self.client.request(**call)
        except httpx.TransportError as error:
            raise Unreachable(str(error)) from error
        check(response)
        return response

    async def events(self, asked: Asked) -> AsyncIterator[Event]:
        """A stream until it ends; leave the loop to end it."""
        try:
            async with self.client.stream(
                **prepared(asked, keyed=False), timeout=httpx.Timeout(30, read=90)
            ) as response:
                if response.is_error:
                    await response.aread()
                check(response)
                lines: list[str] = []
                async for line in response.aiter_lines():
                    if line:
                        lines.append(line)
                    elif event := event_of(lines):
                        yield event
                    lines = lines if line else []
        except httpx.TransportError as error:
            raise Unreachable(str(error)) from error


def event_of(lines: list[str]) -> Event | None:
    """What the lines between two empty ones say; None for comments, which only keep the line open."""
    said: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        said.setdefault(name, []).append(value.removeprefix(" "))
    if "data" not in said:
        return None
    return Event(said.get("id", [""])[-1], said.get("event", ["message"])[-1], "\n".join(said["data"]))
