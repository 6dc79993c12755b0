"""What the waiting room and the phone see: right at once, right after every cut, and nothing of anybody's."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall, Json
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, look, new_page

pytestmark = pytest.mark.anyio
SOON = 20.0
HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND (starts_with(query, 'LISTEN') OR query = 'SELECT 1')
"""


@pytest.fixture
async def busy(portal: Portal, clock: Clock) -> AsyncIterator[Hall]:
    """The counter of a station behind a real port."""
    network = await portal.app.state.network.current()
    async with httpx.AsyncClient(base_url=portal.url, timeout=SOON) as client:
        station = network.stations[network.station_index[STATION]]
        yield Hall(portal.app, client, portal.people, clock, station, network)


class Screen:
    """A display: reads whole states, each with the id to go on from."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.id = ""

    async def next(self) -> Json:
        async with asyncio.timeout(SOON):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.id = value
                if name == "data":
                    state: Json = json.loads(value)
                    return state
        raise AssertionError("the stream has ended")

    async def until(self, number: str) -> Json:
        """The first state in which this number stands on top."""
        while True:
            state = await self.next()
            if state["called"] and state["called"][0]["number"] == number:
                return state


@asynccontextmanager
async def screen(hall: Hall, **headers: str) -> AsyncIterator[Screen]:
    path = f"/api/v1/display/{hall.station.code}/stream"
    async with hall.client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Screen(aiter(answer.aiter_lines()))


async def called(hall: Hall) -> Json:
    desk = hall.desk_for(hall.services[0])
    await hall.issue()
    ticket: Json = (await hall.next(desk)).json()
    return ticket


async def test_a_call_reaches_every_screen_and_each_is_read_once(busy: Hall, portal: Portal):
    await busy.sit(busy.desk_for(busy.services[0]))
    limits = httpx.Limits(max_connections=100)
    async with AsyncExitStack() as stack:
        busy.client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=portal.url, timeout=SOON, limits=limits)
        )
        screens = [await stack.enter_async_context(screen(busy)) for _n in range(50)]
        for each in screens:
            assert (await each.next())["called"] == []
        ticket = await called(busy)
        states = await asyncio.gather(*(each.until(ticket["number"]) for each in screens))
    assert {json.dumps(state) for state in states} == {json.dumps(states[0])}
    assert states[0]["called"][0]["desk"] == ticket["desk"]
    for _look in range(200):
        if portal.app.state.displays.open == 0:  # every stream that ends is counted out
            return
        await asyncio.sleep(0.05)
    pytest.fail("streams that have ended are still counted")


async def test_after_a_cut_the_first_event_puts_all_right(busy: Hall):
    await busy.sit(busy.desk_for(busy.services[0]))
    async with screen(busy) as first:
        await first.next()
        before = first.id
    ticket = await called(busy)
    async with screen(busy, **{"Last-Event-ID": before}) as again:
        assert (await again.next())["called"][0]["number"] == ticket["number"]


async def test_after_the_database_has_hung_up_screens_are_right_again(busy: Hall, portal: Portal):
    await busy.sit(busy.desk_for(busy.services[0]))
    async with screen(busy) as waiting:
        await waiting.next()
        await portal.database.fetch(HANG_UP, ())
        ticket = await called(busy)
        assert (await waiting.until(ticket["number"]))["waiting"] == 0


async def test_a_screen_shows_numbers_and_nothing_of_anybodys(busy: Hall, portal: Portal):
    await busy.sit(busy.desk_for(busy.services[0]))
    ticket = await called(busy)
    shown = (await busy.client.get(f"/api/v1/display/{busy.station.code}")).text
    page = (await busy.client.get(f"/display/{busy.station.code}")).text
    for text in (shown, page):
        assert ticket["number"] in text
        for secret in (ticket["ticket_id"], "测试人员", ticket["service_codes"][0]):
            assert secret not in text
    unknown = await busy.client.get("/api/v1/display/NOWHERE")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "station_unknown")
    assert (await busy.client.get("/display/NOWHERE")).status_code == 404


async def test_no_more_streams_than_a_process_can_hold(busy: Hall, portal: Portal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.hall.public.hub.MOST_OPEN", 0)
    refused = await busy.client.get(f"/api/v1/display/{busy.station.code}/stream")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")


async def test_who_is_called_last_stands_on_top_and_at_most_six_are_shown(hall: Hall, clock: Clock):
    desks = [desk for desk in hall.desks if hall.desk_for(hall.services[0]) == desk][:1]
    await hall.sit(*desks)
    first, second = await hall.issue(), await hall.issue()
    await hall.next(desks[0])
    assert await on_top(hall) == [first["number"]]
    await hall.step(first, "start", desk=desks[0])
    await hall.step(second, "announce", desk=desks[0])
    state = await shown(hall)
    assert (state["announced"], state["waiting"]) == ([second["number"]], 1)
    await hall.step(first, "finish", desk=desks[0])
    clock.move(timedelta(seconds=5))
    await hall.next(desks[0])
    assert await on_top(hall) == [second["number"], first["number"]]
    await hall.step(second, "recall", desk=desks[0])
    assert (await shown(hall))["called"][0]["calls"] == 2


async def test_the_last_five_calls_stay_when_they_are_over_and_not_those_that_wait_again(hall: Hall, clock: Clock):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    numbers = []
    for verb in ("finish", "no-show", "finish", "requeue", "finish", "no-show", "finish", "finish"):
        await hall.issue()
        called_now = (await hall.next(desk)).json()
        if verb == "finish":
            await hall.step(called_now, "start", desk=desk)
        await hall.step(called_now, verb, desk=desk)
        numbers.append(called_now["number"])
        clock.move(timedelta(seconds=5))
    again = await hall.next(desk)
    waits = again.json()["number"]
    state = await shown(hall)
    assert {(call["state"], call["desk"]) for call in state["called"][1:]} == {("over", desk)}
    assert [call["number"] for call in state["called"]] == [waits, *list(dict.fromkeys(reversed(numbers)))[:5]]
    await hall.step(again.json(), "requeue", desk=desk)
    assert waits not in await on_top(hall)


async def shown(hall: Hall) -> Json:
    state: Json = (await hall.client.get(f"/api/v1/display/{hall.station.code}")).json()
    return state


async def on_top(hall: Hall) -> list[str]:
    return [call["number"] for call in (await shown(hall))["called"]]


async def phone(hall: Hall, ticket: Json, language: str = "en") -> str:
    answer = await hall.client.get(f"/t/{ticket['ticket_id']}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


async def test_a_phone_says_where_one_stands_and_what_to_do(hall: Hall, clock: Clock):
    desk = hall.desk_for(hall.services[0])
    first, second = await hall.issue(), await hall.issue()
    assert "no desk for it is open" in await phone(hall, first)
    await hall.sit(desk)
    page = await phone(hall, second)
    assert "It is your turn soon" in page
    assert " min" in page
    assert "You are next" in await phone(hall, first)
    assert "at any moment" in await phone(hall, first)
    await hall.next(desk)
    assert "Please go to" in await phone(hall, first)
    assert "请立即前往" in await phone(hall, first, "zh-CN")
    for verb, says in (
        ("start", "You are being served"),
        ("park", "Your turn is kept"),
        ("resume", "You are next"),
    ):
        await hall.step(first, verb, desk=desk)
        assert says in await phone(hall, first), verb
    await hall.next(desk)
    await hall.step(first, "no-show", desk=desk)
    assert "did not come" in await phone(hall, first)
    clock.move(timedelta(days=1))
    assert (await hall.client.get(f"/t/{first['ticket_id']}")).status_code == 404  # of yesterday


async def test_a_ticket_is_given_up_while_one_waits_and_not_when_called(hall: Hall):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    first, second = await hall.issue(), await hall.issue()
    await hall.next(desk)
    late = await hall.client.post(f"/t/{first['ticket_id']}/leave")
    assert (late.status_code, late.headers["location"]) == (303, f"/t/{first['ticket_id']}?late=yes")
    await hall.client.post(f"/t/{second['ticket_id']}/leave")
    assert "given up" in await phone(hall, second)
    unknown = "/t/0192f0a0-0000-7000-8000-000000000000"
    assert (
        (await hall.client.get(unknown)).status_code == (await hall.client.post(f"{unknown}/leave")).status_code == 404
    )


async def test_whoever_goes_on_elsewhere_is_led_there(hall: Hall):
    ticket = await hall.issue()
    answer = await hall.client.get("/api/v1/stations", params={"service": ticket["service_codes"][0], "limit": 200})
    there = next(each["code"] for each in answer.json()["items"] if each["code"] != hall.station.code)
    new = (await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"station": there})).json()
    assert f'href="/t/{new["ticket_id"]}"' in await phone(hall, ticket)


@pytest.mark.browser
async def test_the_hall_and_a_phone_see_a_call_without_being_loaded_again(busy: Hall, browser: Browser, address: str):
    desk = busy.desk_for(busy.services[0])
    await busy.sit(desk)
    first, second = await busy.issue(), await busy.issue()
    hall_screen = await new_page(browser, width=1920, locale="zh-CN")
    await hall_screen.set_viewport_size({"width": 1920, "height": 1080})
    await hall_screen.goto(f"{address}/display/{busy.station.code}")
    await expect(hall_screen.locator("[data-waiting]")).to_have_text("2")
    in_hand = await new_page(browser, width=PHONE, locale="zh-CN")
    await in_hand.goto(f"{address}/t/{first['ticket_id']}")
    await expect(in_hand.locator("h1")).to_have_text(first["number"])
    await in_hand.get_by_role("button", name="用声音提醒我").click()
    await expect(in_hand.locator("[data-on]")).to_contain_text("会有声音提醒")
    await look(in_hand, "ticket-waiting-zh-390")
    await busy.next(desk)
    number = hall_screen.locator(".display__number")
    await expect(number).to_have_text(first["number"])
    box = await number.bounding_box()
    assert box is not None
    assert box["height"] > 1080 / 4  # to be read from ten metres
    await expect(in_hand.locator(".turn__desk")).to_contain_text("请立即前往")
    await look(in_hand, "ticket-called-zh-390")
    await look(hall_screen, "display-1920")
    await expect(in_hand).to_have_title(re.compile(f"^{first['number']} 号：请到"))
    await expect(in_hand.locator("[data-alert]")).to_have_attribute("data-alerted", "1")
    await hall_screen.get_by_role("button", name="开启语音播报").click()
    await busy.step(first, "finish", desk=desk)
    await busy.step(first, "no-show", desk=desk)
    await busy.next(desk)
    await expect(number).to_have_text(second["number"])
    english = await new_page(browser, width=DESK, locale="en")
    await english.goto(f"{address}/t/{second['ticket_id']}")
    await look(english, "ticket-called-en-1440")
    await hall_screen.set_viewport_size({"width": PHONE, "height": 844})
    await look(hall_screen, "display-390")
