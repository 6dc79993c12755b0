"""The pages of stations in a real Chromium: both languages and widths, large text, keyboard, without scripts."""

import pytest
from playwright.async_api import Browser, Page

from tests.web.browser import (
    DESK,
    PHONE,
    look,
    new_page,
    same_page,
)

pytestmark = pytest.mark.browser

PAGES = {
    "list": "/stations",
    "service": "/stations?county=芜湖县&service=MET-MEC-015",
    "none": "/stations?q=火星",
    "wrong": "/stations?county=镜胡区",
    "large": "/stations/WH-ET-01",
    "long": "/stations/WH-SS-01",
    "few": "/stations/WH-WW-02",
    "find": "/stations/WH-ET-01?find=压力表",
}
WITHOUT_MAP = {"none", "wrong"}
# The two main pages in every way, the others once on a phone and once on a desk, in one language each.
LOOKS = [
    *((name, width, locale) for name in ("list", "large") for width in (PHONE, DESK) for locale in ("zh-CN", "en")),
    *((name, *look) for name in PAGES if name not in ("list", "large") for look in ((PHONE, "en"), (DESK, "zh-CN"))),
]


async def see(browser: Browser, url: str, **options) -> Page:
    page = await new_page(browser, **options)
    await page.goto(url)
    return page


async def assert_good(page: Page, name: str, manner: str) -> None:
    if name not in WITHOUT_MAP:
        await page.wait_for_selector("[data-map][data-ready]")
    await look(page, f"stations-{name}-{manner}-{page.viewport_size['width']}")


@pytest.mark.parametrize(("name", "width", "locale"), LOOKS)
async def test_every_page_is_accessible(chromium: Browser, address: str, name: str, width: int, locale: str):
    page = await same_page(chromium, address, width=width, locale=locale)
    await page.goto(address + PAGES[name])
    await assert_good(page, name, locale)


@pytest.mark.parametrize("name", ["list", "long"])
@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_large_text_fits_too(browser: Browser, address: str, name: str, width: int):
    page = await new_page(browser, width=width, locale="en")
    await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": address}])
    await page.goto(address + PAGES[name])
    await assert_good(page, name, "large-text")


async def test_the_list_works_without_scripts(browser: Browser, address: str):
    page = await see(browser, f"{address}/stations", width=PHONE, javascript=False)
    assert await page.locator("[data-station-code]").count() == 79
    assert await page.locator(".js-only:visible").count() == 0
    await page.locator("#f-q").fill("张家山")
    await page.locator("#f-q").press("Enter")
    await page.wait_for_url("**/stations?q=*")
    assert await page.locator("[data-station-code]").count() == 1
    await page.locator("summary").click()
    await page.locator("#f-service").select_option("MET-GEO-001")
    await page.get_by_role("button", name="筛选").click()
    assert await page.locator("[data-station-code]").count() == 1
    await page.get_by_role("link", name="张家山街道质量基础设施一站式服务站").click()
    await page.wait_for_url("**/stations/WH-JH-01")


async def test_a_station_is_reached_by_keyboard_alone(browser: Browser, address: str):
    page = await see(browser, f"{address}/stations?county=340202", width=DESK, locale="en")
    await page.wait_for_selector("[data-map][data-ready]")
    await page.locator("#f-q").focus()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if "WH-JH-02" in (await page.evaluate("document.activeElement.getAttribute('href')") or ""):
            break
    assert await page.locator("[data-station-code='WH-JH-02']").get_attribute("class") == "card-box is-selected"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/stations/WH-JH-02")


async def test_a_point_that_is_chosen_on_the_map_is_marked_in_the_list(browser: Browser, address: str):
    page = await see(browser, f"{address}/stations?q=WH-JH-01", width=DESK)
    await page.wait_for_selector("[data-map][data-ready]")
    pin = page.locator(".leaflet-marker-pane [role='button']")
    await pin.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-station-code='WH-JH-01'].is-selected")
    assert await page.locator(".leaflet-popup a[href='/stations/WH-JH-01']").count() == 1


async def test_suggestions_lead_to_the_station(browser: Browser, address: str):
    page = await see(browser, f"{address}/stations", width=PHONE)
    await page.locator("#f-q").press_sequentially("zhangjiashan")
    await page.locator("[role='option']").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/stations/WH-JH-01")


async def test_on_a_phone_the_list_comes_first_and_booking_stays_in_reach(browser: Browser, address: str):
    page = await see(browser, f"{address}/stations", width=PHONE)
    first = await page.locator("[data-station-code]").first.bounding_box()
    the_map = await page.locator("[data-map]").bounding_box()
    assert first["y"] < 844 < the_map["y"]
    await page.get_by_role("link", name="查看地图").click()
    await page.goto(f"{address}/stations/WH-ET-01")
    button = page.get_by_role("link", name="预约本站")
    box = await button.bounding_box()
    assert 700 < box["y"] < 844
