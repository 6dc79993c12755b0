"""Streams of changes on a real server, and pages that follow them in a real Chromium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from app.kit import clock as app_clock
from app.web import streams
from tests.conftest import Clock, empty, furnished, make_settings
from tests.requests.booking import Booker, Json
from tests.requests.rights import other_station
from tests.support.people import People, Signed
from tests.web.browser import Server, assert_accessible, errors_of, new_page, running, screenshot

pytestmark = pytest.mark.anyio
SOON = 30.0


@asynccontextmanager
async def portal(database_url: str, home: Path, clock: Clock) -> AsyncIterator[tuple[FastAPI, Server, Booker]]:
    app = furnished(make_settings(database_url, home))
    app.dependency_overrides[app_clock.now] = clock
    async with running(app) as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            yield app, server, Booker(client)
        await empty(app.state.database)


@pytest.fixture
async def place(database_url: str, tmp_path: Path, clock: Clock):
    async with portal(database_url, tmp_path, clock) as made:
        yield made


def people_of(app: FastAPI, clock: Clock) -> People:
    return People(app.state.database, clock, app.state.callers.timeouts)


@asynccontextmanager
async def streamed(server: Server, path: str, signed: Signed | None = None, **headers: str):
    """The stream's events by name, as they come."""
    cookies = dict(signed.cookies) if signed else {}
    async with (
        httpx.AsyncClient(base_url=server.url, cookies=cookies, timeout=SOON) as client,
        client.stream("GET", path, headers={"Accept": "text/event-stream", **headers}) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "no-store" in answer.headers["cache-control"]
        lines = answer.aiter_lines()

        async def event() -> str:
            async with asyncio.timeout(SOON):
                async for line in lines:
                    if line.startswith("event: "):
                        return line.removeprefix("event: ")
            return "closed"

        async for line in lines:  # the first message says where it stands
            if not line:
                break
        yield event


async def test_staff_hear_of_their_stations_and_of_no_other(place, clock: Clock):
    app, server, booker = place
    booked = await booker.book()
    people = people_of(app, clock)
    here = await people.staff("officer", station=booked["appointment"]["station_code"])
    there = await people.staff("officer", station=await other_station(booker, booked))
    path = "/office/requests/live"
    async with streamed(server, path, here) as heard, streamed(server, path, there) as elsewhere:
        await booker.cancel(booked)
        assert await heard() == "changed"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(elsewhere(), 0.5)


async def test_a_new_request_is_heard_and_a_refused_one_is_not(place, clock: Clock):
    app, server, booker = place
    station = (await booker.designated())[0]
    officer = await people_of(app, clock).staff("officer", station=station)
    async with streamed(server, "/office/requests/live", officer) as heard:
        body = await booker.filled_in(await booker.hold(station))
        assert (await booker.send({**body, "hold_token": "wrong"})).status_code >= 400
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heard(), 0.5)
    async with streamed(server, "/office/requests/live", officer) as heard:
        assert (await booker.send(body)).status_code == 201
        assert await heard() == "changed"


async def test_who_may_not_see_the_page_gets_no_stream(place, clock: Clock):
    app, server, booker = place
    booked = await booker.book()
    other = await people_of(app, clock).enterprise(uscc="91340200MA2TXWQ47K")
    async with httpx.AsyncClient(base_url=server.url) as client:
        stream = {"Accept": "text/html, text/event-stream"}
        for cookies in ({}, other.cookies):
            client.cookies = httpx.Cookies(dict(cookies))
            assert (await client.get(f"/r/{booked['reference']}/live", headers=stream)).status_code == 404
        assert (await client.get("/office/requests/live", headers=stream)).status_code == 403
        client.cookies.clear()
        assert (await client.get("/office/requests/live", headers=stream)).status_code == 401


async def test_a_stream_ends_when_its_reader_signs_out_and_keeps_nobody_signed_in(
    place, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    app, server, _booker = place
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streams, "CHECK_SECONDS", 0.2)
    officer = await people_of(app, clock).staff("officer")
    clock.now = clock.now.replace(minute=20)
    seen = "SELECT last_seen_at FROM signin_session WHERE kind = 'browser'"
    before = await app.state.database.fetch(seen, ())
    async with streamed(server, "/office/requests/live", officer) as heard:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heard(), 0.6)
        assert await app.state.database.fetch(seen, ()) == before
    async with streamed(server, "/office/requests/live", officer) as heard:
        await app.state.database.fetch("UPDATE signin_session SET ended_at = now()", ())
        assert await heard() == "over"
        assert await heard() == "closed"


async def test_streams_end_with_the_process_and_hold_no_connection_of_the_database(place, clock: Clock):
    app, server, _booker = place
    officer = await people_of(app, clock).staff("officer")
    async with streamed(server, "/office/requests/live", officer) as heard:
        assert app.state.database.engine.pool.checkedout() == 0
        app.state.live.end()
        assert await asyncio.wait_for(heard(), 1) == "closed"


@pytest.mark.browser
async def test_what_staff_do_is_seen_by_the_applicant_without_loading_the_page_again(
    place, browser: Browser, clock: Clock
):
    app, server, booker = place
    booked: Json = await booker.book()
    station = booked["appointment"]["station_code"]
    officer = await people_of(app, clock).staff("officer", station=station)
    applicant = await new_page(browser, locale="zh-CN", width=390)
    await applicant.goto(f"{server.url}/r/{booked['reference']}")
    await applicant.locator("#f-code").fill(booked["access_code"])
    await applicant.locator("main button[type=submit]").first.click()
    await expect(applicant.locator("h1")).to_have_text("您的预约")
    staff = await new_page(browser, locale="zh-CN")
    await staff.context.add_cookies([{"name": "onestop_session", "value": officer.cookie, "url": server.url}])
    await staff.goto(f"{server.url}/office/requests")
    await expect(staff.locator("tbody tr")).to_have_count(1)
    await told(app, 2)
    await applicant.evaluate("window.stayed = true; document.querySelector('[data-print]').focus()")
    await staff.locator("#f-q").fill("halb")
    await booker.book()
    await expect(staff.locator("tbody tr")).to_have_count(2)
    assert await staff.locator("#f-q").input_value() == "halb"
    await booker.cancel(booked)
    await expect(applicant.locator("h1")).to_have_text("该预约已取消")
    assert await applicant.evaluate("window.stayed && document.activeElement.matches('[data-print]')")
    await assert_accessible(applicant)
    await screenshot(applicant, "live-cancelled")
    await applicant.evaluate(
        "const field = Object.assign(document.createElement('input'), {ariaLabel: 'x'});"
        "document.querySelector('#live-part').append(field)"
    )
    await applicant.locator("#live-part > input").fill("typed")
    await app.state.database.fetch(
        "SELECT pg_notify('onestop_live', 'request:' || id) FROM request WHERE reference = %s",
        (booked["reference"],),
    )
    await expect(applicant.locator("#live .notice")).to_be_visible()
    assert await applicant.locator("#live-part > input").input_value() == "typed"
    await screenshot(applicant, "live-typed")
    assert errors_of(applicant) == errors_of(staff) == []


async def told(app: FastAPI, readers: int) -> None:
    """Wait until that many pages have their stream."""
    async with asyncio.timeout(SOON):
        while app.state.live.readers < readers:  # noqa: ASYNC110 - it tells nobody else
            await asyncio.sleep(0.05)
