"""A manager closes a day in a real Chromium, by keys, with two people booked; one of them looks where they are now."""

from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.closing.conftest import AS_BEFORE, DAY, HOURS, STATION
from tests.requests.booking import Booker, Json
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, look, new_page, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.fixture
async def booked(portal: Portal) -> AsyncIterator[list[Json]]:
    async with httpx.AsyncClient(base_url=portal.url) as client:
        booker = Booker(client)
        starts = [start for start in await booker.starts(STATION) if start.startswith(DAY.isoformat())]
        holds = [await booker.hold(STATION, start) for start in (starts[0], starts[4])]
        sent = [await booker.send(await booker.filled_in(held)) for held in holds]
    yield [answer.json() for answer in sent]
    await portal.database.fetch(AS_BEFORE, ())


async def test_a_manager_closes_a_day_and_the_applicant_sees_where_it_goes_on(
    browser: Browser, portal: Portal, booked: list[Json]
):
    manager = await portal.people.staff("manager", station=STATION)
    page = await open_as(browser, portal.url, manager, width=PHONE, locale="zh-CN")
    await page.goto(portal.url + "/office/hours")
    await expect(page).to_have_url(portal.url + HOURS)
    await look(page, "hours-zh-390")
    for path in ("week", "desks/01/retire", "close/check?reason=other&since=9"):
        await page.goto(f"{portal.url}{HOURS}/{path}")
        await look(page, f"hours-{path.split('/')[0]}-zh-390")

    await page.goto(f"{portal.url}{HOURS}/close")
    await page.locator("#f-first").fill(DAY.isoformat())
    await page.locator("#f-reason").select_option("power")
    await page.keyboard.press("Tab")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    for each in booked:
        await expect(page.get_by_role("link", name=each["reference"])).to_be_visible()
    await look(page, "hours-check-zh-390")
    second = page.locator(f"[name='to.{booked[1]['reference']}']")
    await second.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(second.last).to_be_checked()
    await page.set_viewport_size({"width": DESK, "height": 900})
    await look(page, "hours-check-zh-1440")
    await page.get_by_role("button", name="保存并调整 2 个预约").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("已保存并立即生效")
    await expect(page.locator("#closures + ul")).to_contain_text("停电或网络中断")
    await look(page, "hours-closed-zh-1440")

    applicant = await new_page(browser, width=PHONE, locale="en")
    for each, words in zip(booked, ("The station has moved your appointment", "Please choose a new time"), strict=True):
        await applicant.goto(f"{portal.url}/r/{each['reference']}")
        await applicant.locator("[name=code]").fill(each["access_code"])
        await applicant.keyboard.press("Enter")
        await expect(applicant.locator("#live-part")).to_contain_text(words)
        await look(applicant, f"hours-{words.split()[1]}-en-390")
