"""Place, stations and times in a real Chromium: position, pin, map and list in step, faults, closed days."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.browser import (
    DESK,
    PHONE,
    look,
    new_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
HERE = {"latitude": 31.34, "longitude": 118.38}
CALIPER = "MET-GEO-001"


async def test_ones_own_position_leads_to_stations_without_another_click(browser: Browser, address: str):
    page = await new_page(browser, width=PHONE, permissions=["geolocation"], geolocation=HERE)
    await page.goto(f"{address}/book?service={CALIPER}")
    await page.locator("[data-geolocate]").click()
    await expect(page.locator("button[name=station]").first).to_be_visible()
    await expect(page.get_by_text("118.3800, 31.3400 (WGS-84)")).to_be_visible()


async def test_a_refused_position_is_said_and_the_town_still_works(browser: Browser, address: str):
    page = await new_page(browser, locale="en")
    await page.goto(f"{address}/book?service={CALIPER}")
    await page.locator("[data-geolocate]").click()
    await expect(page.locator("[data-place-status]")).to_contain_text("did not give us the position")
    await page.locator("select[name=town]").select_option(index=2)
    await page.get_by_role("button", name="Show stations near there").click()
    await expect(page.locator("button[name=station]").first).to_be_visible()


async def test_a_click_on_the_map_leads_to_stations(browser: Browser, address: str):
    page = await new_page(browser)
    await page.goto(f"{address}/book?service={CALIPER}")
    await expect(page.locator("[data-map]")).to_have_attribute("data-ready", "")
    await page.locator("[data-map]").click(position={"x": 320, "y": 120})
    await expect(page.locator("[name=lon]")).not_to_have_value("")
    await page.get_by_role("button", name="按图钉位置查找服务站").click()
    await expect(page.locator("button[name=station]").first).to_be_visible()


async def test_map_and_cards_show_the_same_station(browser: Browser, address: str):
    page = await new_page(browser)
    await at_stations(page, address)
    await expect(page.locator("[data-map]")).to_have_attribute("data-ready", "")
    card = page.locator("article[data-station-code]").nth(1)
    await card.hover()
    await expect(card).to_have_class(re.compile("is-selected"))
    await expect(page.locator(".leaflet-marker-icon.is-selected")).to_have_count(1)


async def at_stations(page: Page, address: str) -> None:
    await page.goto(f"{address}/book?service={CALIPER}")
    await page.locator("select[name=town]").select_option(index=2)
    await page.locator(".sticky-action button").click()
    await expect(page.locator("button[name=station]").first).to_be_visible()


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", PHONE), ("en", DESK)])
async def test_no_page_on_the_way_has_faults_also_in_large_text(
    browser: Browser, address: str, locale: str, width: int
):
    page = await new_page(browser, width=width, locale=locale)
    await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": address}])
    await page.goto(f"{address}/book?service=MET-MEC-015")
    name = f"{locale}-{width}-large"
    await look(page, f"what-{name}")
    await page.locator("button[name=go]").click()
    await expect(page.locator(".error-summary")).to_be_focused()
    await look(page, f"what-wrong-{name}")
    await page.goto(f"{address}/book?service={CALIPER}")
    await page.locator(".sticky-action button").click()
    await expect(page.locator(".error-summary")).to_be_focused()
    await look(page, f"place-wrong-{name}")
    await at_stations(page, address)
    await look(page, f"where-{name}")
    await page.locator("button[name=station]").first.click()
    await look(page, f"when-{name}")
    await page.locator(".day--closed").first.click()
    await expect(page.locator("button.time")).to_have_count(0)
    await look(page, f"when-closed-{name}")


async def test_a_time_is_chosen_with_the_keys_alone(browser: Browser, address: str):
    page = await new_page(browser)
    await at_stations(page, address)
    await tab_to(page, "station")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/when$"))
    await tab_to(page, "start")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/details$"))
    await expect(page.locator("[data-hold-left]").first).to_contain_text(":")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until a button of that name has the focus, and the focus can be seen."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == name:
            assert await page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
            return
    raise AssertionError(f"no button named {name} is reached by Tab")
