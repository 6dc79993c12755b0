"""HEAD: the headers of GET on every address, nothing after them, and an end even where GET has none."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from app.web.heads import HeadMiddleware
from tests.support.routes import addresses
from tests.web.browser import running

VARYING = {"date", "x-request-id", "location", "set-cookie"}  # each answer has its own


async def test_every_address_that_takes_get_answers_head_with_the_same_headers(app: FastAPI, client: httpx.AsyncClient):
    open_to_get = {address.path for address in addresses(app) if address.method == "GET"}
    assert len(open_to_get) > 20
    for address in sorted(open_to_get - {"/metrics"}):
        got, head = await client.get(address), await client.head(address)
        assert head.content == b"", address
        assert head.status_code == got.status_code, address
        for name in head.headers.keys() - VARYING:
            assert head.headers[name] == got.headers[name], f"{address}: {name}"


async def test_an_address_that_does_not_take_get_does_not_take_head(client: httpx.AsyncClient):
    assert (await client.head("/preferences")).status_code == 405
    assert (await client.head("/nowhere")).status_code == 404


@pytest.fixture
def streams() -> FastAPI:
    app = FastAPI()
    app.add_middleware(HeadMiddleware)
    app.state.closed = asyncio.Event()

    async def forever() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0)
        finally:
            app.state.closed.set()

    @app.get("/forever")
    async def endless() -> StreamingResponse:
        return StreamingResponse(forever())

    @app.get("/text")
    async def text() -> PlainTextResponse:
        return PlainTextResponse("x" * 100_000)

    return app


async def test_an_endless_stream_is_closed_after_its_headers(streams: FastAPI):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(streams), base_url="http://testserver") as client:
        answer = await asyncio.wait_for(client.head("/forever"), 10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert streams.state.closed.is_set()


async def test_on_a_real_connection_the_length_is_told_and_the_next_request_is_understood(streams: FastAPI):
    async with running(streams) as server, httpx.AsyncClient(base_url=server.url) as client:
        for _ in range(2):
            answer = await client.head("/text")
            assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "100000", b"")
            assert (await client.head("/forever")).content == b""
            assert len((await client.get("/text")).content) == 100_000
