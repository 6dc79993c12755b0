"""The home page in a real Chromium: suggestions by the keys alone, one's own position, no faults for axe-core."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.web.browser import (
    LOOKS,
    PHONE,
    look,
    new_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
HERE = {"latitude": 31.34, "longitude": 118.38}


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_the_page_is_without_faults_also_in_large_text(browser: Browser, address: str, locale: str, width: int):
    page = await new_page(browser, width=width, locale=locale)
    await page.goto(address)
    await expect(page.locator("[data-map]")).to_have_attribute("data-ready", "")
    await look(page, f"home-{locale}-{width}")
    await page.locator("button[name=text]").click()
    await look(page, f"home-{locale}-{width}-large")


async def test_a_service_is_found_and_begun_with_the_keys_alone(browser: Browser, address: str):
    page = await new_page(browser)
    await page.goto(address)
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "q":
            break
    await page.keyboard.type("yalibiao")
    await expect(page.get_by_role("option").first).to_be_visible()
    await look(page, "home-suggestions")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/book/[0-9a-f-]{36}/what"))


async def test_ones_own_position_brings_the_nearest_stations(browser: Browser, address: str):
    page = await new_page(browser, width=PHONE, permissions=["geolocation"], geolocation=HERE)
    await page.goto(address)
    await page.locator("[data-geolocate]").click()
    await expect(page.locator("ol.rows [data-station-code]")).to_have_count(5)
    await look(page, "home-near")


async def test_a_wrong_place_takes_the_focus_to_what_is_wrong(browser: Browser, address: str):
    page = await new_page(browser)
    await page.goto(f"{address}/?lon=118.38&lat=abc")
    await expect(page.locator(".error-summary")).to_be_focused()
    await look(page, "home-wrong")
