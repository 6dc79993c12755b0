"""A manager's day in a real Chromium, at both widths; and the stop as displays and phones see it without a reload."""

from datetime import datetime, timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect

from app.hall.asked import offered
from app.kit.clock import LOCAL
from app.stations.snapshot import load_network
from tests.conftest import Clock
from tests.hall.conftest import STATION
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, look, new_page, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
DAY = f"/office/hall/{STATION}/day"
MORNING = datetime(2026, 12, 1, 9, tzinfo=LOCAL)


async def busy_morning(portal: Portal, clock: Clock) -> str:
    """One is served, one called, two wait; the address of the last one's page."""
    who = await portal.people.staff("window", station=STATION)
    network = await load_network(portal.database)
    station = network.stations[network.station_index[STATION]]
    desk = next(desk for desk in station.desks if desk.active)
    [service, *_] = [each for each in offered(network, station, MORNING.date()) if each.skill & desk.skills]
    async with httpx.AsyncClient(base_url=f"{portal.url}/api/v1", headers={**who.bearer}) as client:

        async def post(path: str, body: object = None) -> httpx.Response:
            clock.move(timedelta(minutes=4))
            answer = await client.post(path, json=body or {})
            assert answer.is_success, answer.text
            return answer

        await post(f"/desk/{STATION}/sessions", {"desk": desk.code})
        tickets = [
            (await post(f"/desk/{STATION}/tickets", {"service_codes": [service.code]})).json()["ticket_id"]
            for _n in range(4)
        ]
        called = (await post(f"/desk/{STATION}/call-next", {"desk": desk.code})).json()["ticket_id"]
        await post(f"/tickets/{called}/start")
        await post(f"/tickets/{called}/finish")
        await post(f"/desk/{STATION}/call-next", {"desk": desk.code})
    return f"/t/{tickets[-1]}"


async def test_a_manager_sees_the_day_stops_the_hall_and_ends_it(browser: Browser, portal: Portal, clock: Clock):
    ticket = await busy_morning(portal, clock)
    manager = await portal.people.staff("manager", station=STATION)
    page = await open_as(browser, portal.url, manager, width=DESK, locale="en")
    small = await open_as(browser, portal.url, manager, width=PHONE, locale="zh-CN")
    screen, phone = await new_page(browser, width=DESK), await new_page(browser, width=PHONE)
    await screen.goto(f"{portal.url}/display/{STATION}")
    await phone.goto(portal.url + ticket)
    for where, said, names in (
        (page, "en-1440", ("", "/halt")),
        (small, "zh-390", ("/tomorrow", "/contingents")),
    ):
        for name in names:
            await where.goto(portal.url + DAY + name)
            await look(where, f"day{name.replace('/', '-')}-{said}")
    await page.goto(f"{portal.url}/office/hall/{STATION}")
    await page.get_by_role("link", name="Emergency: stop the hall").click()
    await page.get_by_label("Fire or smoke").check()
    await page.get_by_role("button", name="Stop the hall now").click()
    await expect(page.locator(".notice--wrong")).to_contain_text("Fire or smoke")
    await expect(screen.locator("[data-now]")).to_contain_text("业务暂停，请听从工作人员指引")
    await expect(phone.locator("#live-part")).to_contain_text("请听从工作人员指引")
    await small.goto(portal.url + DAY)
    await look(small, "day-halted-zh-390")
    await look(screen, "display-halted")
    await page.get_by_role("button", name="End the stop").click()
    await expect(page.get_by_role("status").first).to_contain_text("The stop is over.")
    await expect(screen.locator("[data-now] .display__number")).to_be_visible()
