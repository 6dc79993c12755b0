"""The pages of ratings in a real Chromium, looked at on a phone and at a desk."""

import httpx
import pytest
from playwright.async_api import Browser

from tests.conftest import Clock
from tests.ratings.test_ratings_room import rate
from tests.reception.conftest import finish
from tests.requests.booking import Booker
from tests.support.portal import Portal
from tests.web.browser import AT_A_DESK, ON_A_PHONE, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE + AT_A_DESK)
async def test_from_a_bad_rating_to_the_answer(portal: Portal, browser: Browser, clock: Clock, locale: str, width: int):
    async with httpx.AsyncClient(base_url=portal.url) as client:
        booked = await Booker(client).book()
    await finish(portal.database, booked["reference"], clock.now)
    of = f"{locale[:2]}-{width}"
    own = await open_as(browser, portal.url, await portal.people.enterprise(), width=width, locale=locale)
    await own.goto(f"{portal.url}/r/{booked['reference']}")
    await own.locator("#f-code").fill(booked["access_code"])
    async with own.expect_navigation():
        await own.keyboard.press("Enter")
    await own.goto(f"{portal.url}/r/{booked['reference']}/rate")
    await own.locator("summary").first.click()
    await look(own, f"rating-ask-{of}")
    async with httpx.AsyncClient(base_url=portal.url) as client:
        await rate(
            client, booked, 1, words="等了两个小时，没有人告诉我要带什么材料。", indicators={"speed": 1, "clarity": 1}
        )
    who = await portal.people.staff("manager", station=booked["appointment"]["station_code"])
    page = await open_as(browser, portal.url, who, width=width, locale=locale)
    await page.goto(f"{portal.url}/office/ratings")
    await look(page, f"ratings-{of}")
    await page.goto(f"{portal.url}/office/ratings/{booked['reference']}")
    await page.locator("[name=reached]").first.check()
    await page.locator("form[action$=calls] button").click()
    await page.wait_for_url("**?done=called")
    await look(page, f"rating-called-{of}")
    await page.locator("#f-answer_words, #f-answer-words").fill(
        "已向您当面致歉；预约页面已补充材料清单，窗口增加了一名导办。"
    )
    await page.locator("form[action$=answer] button").click()
    await page.wait_for_url("**?done=answered")
    await own.goto(f"{portal.url}/r/{booked['reference']}")
    await look(own, f"rating-answered-{of}")
