"""A clerk at the board in a real Chromium, by keys, and a colleague who sees it without loading the page again."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import Clock
from tests.hall.conftest import STATION
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, look, open_as, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
HALL = f"/office/hall/{STATION}"


async def issue(page: Page, nth: int) -> str:
    """Give out a ticket by the form that the key opens; the number that is shown."""
    await page.keyboard.press("w")
    await page.wait_for_url("**/new")
    box = page.locator("[name=service_codes]").nth(nth)
    await page.locator("[data-narrow-field]").fill(await box.input_value())
    await expect(page.locator("[data-narrow-one]:visible")).to_have_count(1)
    await box.check()
    await page.locator(".hall-give button").click()
    number = await page.locator("#number").inner_text()
    await page.locator(".back-link").click()
    await page.wait_for_url(f"**{HALL}")
    return number


async def pressed(page: Page, key: str, clock: Clock) -> None:
    """Press a key of the board, a second later than the last one, and wait for the page that follows."""
    clock.move(timedelta(seconds=1))
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def test_a_clerk_works_by_keys_and_a_colleague_sees_it_at_once(browser: Browser, portal: Portal, clock: Clock):
    people = portal.people
    who, other = [await people.staff("window", station=STATION) for _n in range(2)]
    page = await open_as(browser, portal.url, who, width=DESK, locale="en")
    phone = await open_as(browser, portal.url, other, width=PHONE, locale="zh-CN")
    await page.goto(portal.url + "/office/hall")
    await expect(page).to_have_url(portal.url + HALL)
    await page.get_by_role("button", name="Sit down here").first.click()
    await expect(page.locator(".hall-next")).to_be_visible()
    first, second = await issue(page, 0), await issue(page, 1)
    await phone.goto(portal.url + HALL)
    await phone.locator("#f-reference").fill("ZT-")

    for key, column, words in (("n", "called", "called"), ("s", "serving", "started"), ("f", "over", "finished")):
        await pressed(page, key, clock)
        await expect(page.locator("#last-part")).to_contain_text(f"{first}: {words}")
        await expect(phone.locator(f"[aria-labelledby=column-{column}]")).to_contain_text(first)
    await look(page, "board-over-en-1440")
    await pressed(page, "u", clock)
    await expect(phone.locator("[aria-labelledby=column-serving]")).to_contain_text(first)
    await expect(phone.locator("#f-reference")).to_have_value("ZT-")
    await look(phone, "board-serving-zh-390")
    await pressed(page, "b", clock)
    waiting = page.locator("[aria-labelledby=column-waiting] .hall-ticket__number")
    await expect(waiting).to_have_text([first, second])

    await page.keyboard.press("?")
    await screenshot(page, "board-keys-en-1440")
    await page.locator("[data-keys-off]").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.locator(".hall-next")).to_be_visible()
    await page.locator(f".hall-ticket__number:text-is('{first}')").click()
    for name, path in (("ticket", page.url), ("transfer", f"{page.url}/transfer"), ("slip", f"{page.url}/print")):
        await page.goto(path)
        await look(page, f"board-{name}-en-1440")
    for name in ("new", "arrivals"):
        await phone.goto(f"{portal.url}{HALL}/{name}")
        await look(phone, f"board-{name}-zh-390")
