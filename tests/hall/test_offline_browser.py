"""A counter in a real Chromium without a network: staff go on calling by the same order, and it is handed in once."""

import json

import pytest
from playwright.async_api import Browser, Page, expect

from tests.hall.conftest import STATION, Hall, Json
from tests.hall.line import Line, line_to
from tests.hall.test_display import busy
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, assert_accessible, assert_no_sideways_scroll, open_as, screenshot

__all__ = ["busy"]
pytestmark = [pytest.mark.browser, pytest.mark.anyio]
OFFLINE = f"/office/hall/{STATION}/offline"
STEPS = "SELECT action, outcome FROM offline_step ORDER BY at"
TICKETS = "SELECT number, state FROM ticket ORDER BY number"


async def test_a_counter_goes_on_without_a_network_and_hands_in_once(busy: Hall, browser: Browser, portal: Portal):
    async with line_to(portal.url) as line:
        await goes_on(busy, browser, portal, line)


async def goes_on(hall: Hall, browser: Browser, portal: Portal, line: Line) -> None:
    service = hall.services[0]
    desk = hall.desk_for(service)
    await hall.sit(desk)
    first, second, third = [await hall.issue(service) for _n in range(3)]
    own = f"{first['number'][0]}004"
    who = await portal.people.sign_in(hall.staff[desk].id)
    page = await open_as(browser, line.url, who, width=DESK, locale="en", own=True)
    await page.goto(line.url + OFFLINE)
    await expect(page.locator("body[data-kept=yes]")).to_be_attached(timeout=15000)
    await expect(page.locator("[data-state]")).to_have_text("Connected")
    await look_at(page, "offline-connected-en-1440")

    await line.cut()
    await page.context.set_offline(True)
    await page.goto(line.url + OFFLINE)
    await expect(page.locator("[data-state]")).to_contain_text("No network since")
    await expect(page.locator("[data-desk]")).to_have_value(desk)
    await expect(page.locator("[data-waiting] strong")).to_have_text(
        [each["number"] for each in (first, second, third)]
    )
    await page.locator("[data-services]").select_option(service)
    await page.get_by_role("button", name="Give out the ticket").click()
    await expect(page.locator("[data-given]")).to_have_text(f"The ticket is {own}")
    for key, state in (("n", "Called"), ("s", "Being served")):
        await page.locator("h1").press(key)
        await expect(page.locator("[data-mine-state]")).to_have_text(state)
    await expect(page.locator("[data-mine]")).to_have_text(first["number"])
    await look_at(page, "offline-serving-en-1440")
    await page.get_by_role("button", name="Finish").click()
    await expect(page.locator("[data-mine]")).to_have_text("–")
    await page.locator("[data-do-call]").click()
    await page.get_by_role("button", name="Nobody has come").click()
    await page.get_by_role("button", name=f"Call {own}").click()
    await expect(page.locator("[data-mine]")).to_have_text(own)
    await page.goto(line.url + OFFLINE)  # what was done is still there
    await expect(page.locator("[data-mine]")).to_have_text(own)
    await expect(page.locator("[data-state]")).to_contain_text("7 to hand in")
    await page.set_viewport_size({"width": PHONE, "height": 844})
    await look_at(page, "offline-en-390")

    await hands_in(hall, page, portal, line, third)


async def hands_in(hall: Hall, page: Page, portal: Portal, line: Line, third: Json) -> None:
    """And another desk has gone on with one of the tickets."""
    desk = await page.locator("[data-desk]").input_value()
    # Another desk has called the third in the meantime, and this one calls it too: the other one's stays.
    await page.get_by_role("button", name="Start").click()
    await page.get_by_role("button", name="Finish").click()
    await page.get_by_role("button", name=f"Call {third['number']}").click()
    other = next(each for each in hall.desks if each != desk)
    await hall.sit(other)
    assert (await call(hall, third, other)) == 200

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "hand-ins" in request.url else None)
    await line.mend()
    await page.context.set_offline(False)
    await expect(page.locator("[data-state]")).to_have_text("Connected · 10 handed in")
    await expect(page.locator("[data-notes]")).to_contain_text(f"{third['number']}, Called")
    await look_at(page, "offline-overtaken-en-390")
    rows = await portal.database.fetch(STEPS, ())
    expected = ["call", "start", "finish", "call", "no_show", "call", "start", "finish", "call"]
    assert [action for action, _outcome in rows] == expected
    assert [outcome for _action, outcome in rows] == ["taken"] * 8 + ["overtaken"]
    states = [(1, "done"), (2, "no_show"), (3, "called"), (4, "done")]
    assert await portal.database.fetch(TICKETS, ()) == states
    bodies = [json.loads(each) for each in sent]
    assert sum(len(each["steps"]) for each in bodies) == len(expected)
    await page.context.close()


async def call(hall: Hall, ticket: dict[str, str], desk: str) -> int:
    return (await hall.post(f"/tickets/{ticket['ticket_id']}/call", {"desk": desk}, desk=desk)).status_code


async def look_at(page: Page, name: str) -> None:
    """As `look`, without the console, which complains of the network that isn't there."""
    await screenshot(page, name)
    await assert_no_sideways_scroll(page)
    await assert_accessible(page)
