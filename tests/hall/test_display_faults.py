"""What can go wrong between a counter and its displays: a dead line, a restart, midnight, too many of them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, Page, Route, expect

from app.config import Settings
from app.hall.public import hub
from app.hall.queries import Board
from app.kit import clock as app_clock
from app.kit.db import Database
from app.stations.snapshot import StationFacts
from tests.conftest import Clock, furnished
from tests.hall.conftest import STATION, Hall, Json
from tests.hall.test_display import SOON, busy, called, screen
from tests.support.people import People
from tests.support.portal import Portal
from tests.web.browser import assert_accessible, new_page, running, screenshot

__all__ = ["busy"]
pytestmark = pytest.mark.anyio
# What a browser would say aloud is kept in `window.said`.
LISTEN = """
window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
    speak(words) { window.said.push(`${words.lang} ${words.text}`); setTimeout(() => words.onend()); },
} });
"""


async def test_a_change_is_read_once_for_all_screens(busy: Hall, portal: Portal, monkeypatch: pytest.MonkeyPatch):
    await busy.sit(busy.desk_for(busy.services[0]))
    await busy.issue()
    read: list[str] = []
    real = hub.board_of

    async def counted(database: Database, station: StationFacts, now: object) -> Board:
        read.append(station.code)
        return await real(database, station, now)  # type: ignore[arg-type]

    async with AsyncExitStack() as stack:
        busy.client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=portal.url, timeout=SOON, limits=httpx.Limits(max_connections=100))
        )
        screens = [await stack.enter_async_context(screen(busy)) for _n in range(50)]
        for each in screens:
            await each.next()
        monkeypatch.setattr(hub, "board_of", counted)
        ticket = (await busy.next(busy.desk_for(busy.services[0]))).json()
        await asyncio.gather(*(each.until(ticket["number"]) for each in screens))
    assert read == [STATION]


async def test_when_nothing_happens_the_same_is_said_again_and_at_midnight_the_screen_is_empty(
    busy: Hall, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.2)
    await busy.sit(busy.desk_for(busy.services[0]))
    ticket = await called(busy)
    async with screen(busy) as quiet:
        first, second = await quiet.next(), await quiet.next()
        assert [state["called"][0]["number"] for state in (first, second)] == [ticket["number"]] * 2
        clock.move(timedelta(days=1))
        async with asyncio.timeout(SOON):
            while (await quiet.next())["called"]:
                pass


async def test_one_address_can_not_take_all_streams(busy: Hall, portal: Portal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "MOST_OF_ONE", 1)
    async with screen(busy) as only:
        await only.next()
        refused = await busy.client.get(f"/api/v1/display/{busy.station.code}/stream")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    async with asyncio.timeout(SOON):
        while portal.app.state.displays.open:  # noqa: ASYNC110 - it tells nobody else
            await asyncio.sleep(0.05)
    async with screen(busy) as only:
        assert (await only.next())["called"] == []


async def test_a_screen_without_scripts_loads_itself_again(busy: Hall):
    page = await busy.client.get(f"/display/{busy.station.code}")
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page.text


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def counter(settings: Settings, clock: Clock, port: int) -> AsyncIterator[Hall]:
    """The counter of an application that can be ended, and begun again at the same address."""
    app = furnished(settings)
    app.dependency_overrides[app_clock.now] = clock
    async with running(app, port) as server, httpx.AsyncClient(base_url=server.url, timeout=SOON) as client:
        network = await app.state.network.current()
        people = People(app.state.database, clock, app.state.callers.timeouts)
        yield Hall(app, client, people, clock, network.stations[network.station_index[STATION]], network)
        app.state.live.end()  # as the signal does that ends a process


async def held_back(route: Route, until: asyncio.Event) -> None:
    await until.wait()
    await route.continue_()


async def said(page: Page) -> list[str]:
    words: list[str] = await page.evaluate("window.said")
    return words


async def spoken(page: Page, times: int) -> None:
    async with asyncio.timeout(SOON):
        while len(await said(page)) < times:  # noqa: ASYNC110 - the page's policy lets nobody wait inside it
            await asyncio.sleep(0.05)


@pytest.mark.browser
async def test_a_screen_says_that_it_hears_nothing_and_is_right_again_after_a_restart_and_says_nothing_twice(
    portal: Portal, settings: Settings, clock: Clock, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    assert await portal.database.fetch("SELECT FROM ticket", ()) == []  # and the portal takes away what is left here
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.4)
    port = free_port()
    page = await new_page(browser, width=1920, locale="en", own=True)
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.add_init_script(LISTEN)
    lost = page.locator("[data-lost]")
    async with counter(settings, clock, port) as hall:
        desk = hall.desk_for(hall.services[0])
        others = {each: service_of(hall, each) for each in hall.desks if each != desk}
        await hall.sit(desk, *others)
        staff = hall.staff
        made = asyncio.Event()
        await page.route("**/stream", lambda route: held_back(route, made))
        await page.goto(f"{hall.client.base_url}/display/{STATION}")
        ticket = await called(hall)  # after the page was made, before it hears anything
        made.set()
        await expect(page.locator("body[data-shown]")).to_be_attached()
        await page.get_by_role("button", name="Switch the sound on").click()
        await spoken(page, 1)
        await hall.step(ticket, "recall", desk=desk)
        await spoken(page, 2)
        await expect(lost).to_be_hidden()
        monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 600.0)  # a line that is dead: nothing is heard, nothing is cut
        await expect(lost).to_be_visible()
        await expect(lost).to_contain_text("自 09:00 起网络中断")
        monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.4)
        await expect(lost).to_be_hidden()
    await expect(lost).to_be_visible()
    await screenshot(page, "display-lost-1920")
    async with counter(settings, clock, port) as hall:
        hall.staff = staff
        second: Json = await hall.issue()
        await hall.step(ticket, "no-show", desk=desk)
        await hall.next(desk)
        await expect(page.locator(".display__number")).to_have_text(second["number"])
        await expect(lost).to_be_hidden()
        await spoken(page, 3)
        await page.wait_for_timeout(1500)  # whoever were said twice would be by now
        await at_once(hall, others)
        await spoken(page, 3 + len(others))
        await assert_accessible(page)
        await screenshot(page, "display-many-1920")
    words = await said(page)
    assert (len(words), words[0] == words[1], len(set(words))) == (3 + len(others), True, 2 + len(others)), words
    assert words[0].startswith("zh-CN 请"), words


def service_of(hall: Hall, code: str) -> str:
    desk = next(desk for desk in hall.station.desks if desk.code == code)
    return next(each.code for each in hall.network.services if each.code in hall.services and each.skill & desk.skills)


async def at_once(hall: Hall, services: dict[str, str]) -> None:
    """At each of these desks somebody is called for its service, all in one moment."""
    for service in services.values():
        await hall.issue(service)
    answers = await asyncio.gather(*(hall.next(desk) for desk in services))
    assert {answer.status_code for answer in answers} == {200}
