"""The wizard of a visit on site in a real Chromium, from the address to the confirmation, on a phone."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.booking.walk import fill_in
from tests.web.browser import (
    PHONE,
    look,
    new_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
GAUGE = "MET-MEC-015"
ADDRESS = "九华南路 12 号 3 栋锅炉房"


async def test_staff_are_booked_to_come_on_a_day_when_somebody_is_there(browser: Browser, address: str):
    page = await new_page(browser, width=PHONE, locale="en")

    async def looked_at(name: str) -> None:
        await look(page, f"onsite-{name}")

    await page.goto(f"{address}/book?service={GAUGE}")
    await page.check("[name=use][value=safety_protection]")
    await page.check("[name=mode][value=onsite]")
    await page.locator("button[name=go]").click()
    await page.wait_for_url("**/site")
    await page.locator("main .btn-primary").click()
    await expect(page.locator(".error-summary")).to_be_focused()
    await expect(page.locator(".error-summary")).to_contain_text("street, number, building")
    await page.fill("[name=address]", ADDRESS)
    await page.fill("[name=first_day]", "2026-12-03")
    await page.fill("[name=last_day]", "2026-12-04")
    await page.get_by_label("Only in the afternoon").check()
    await looked_at("site")
    await page.locator("main .btn-primary").click()
    await page.wait_for_url("**/where")
    await expect(page.get_by_text(ADDRESS)).to_be_visible()
    await page.locator("details.more summary").click()
    await page.fill("[name=lon]", "118.30")
    await page.fill("[name=lat]", "31.25")
    await page.locator("[name=lat]").press("Enter")
    await expect(page.locator("button[name=station]").first).to_be_visible()
    await looked_at("stations")
    await page.locator("button[name=station]").first.click()
    await expect(page.get_by_text(re.compile(r"\d+ min there and \d+ min back .* distance of [\d.]+"))).to_be_visible()
    times = await page.locator("button[name=start]").evaluate_all("buttons => buttons.map(button => button.value)")
    assert times
    assert all(each.startswith("2026-12-03T1") and int(each[11:13]) >= 14 for each in times)
    await looked_at("times")
    await page.locator("button[name=start]").first.click()
    await page.wait_for_url("**/details")
    await fill_in(page)
    await page.locator("main form .btn-primary").click()
    await page.wait_for_url("**/check")
    await expect(page.get_by_text("Thu 3 Dec to Fri 4 Dec, in the afternoon")).to_be_visible()
    await looked_at("check")
    await page.locator("main form .btn-primary").click()
    await page.wait_for_url("**/done")
    await expect(page.get_by_text(ADDRESS)).to_be_visible()
    await expect(page.get_by_text("Show this to the staff.")).to_be_visible()
    await looked_at("done")
