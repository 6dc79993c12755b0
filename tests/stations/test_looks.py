"""The pages of stations in a real Chromium: both languages and widths, large text, keyboard, without scripts."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from app.kit import clock as app_clock
from app.main import create_app
from tests.conftest import Clock, make_settings
from tests.web.browser import (
    DESK,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    open_browser,
    running,
    screenshot,
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


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
async def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The application on a free port."""
    app = create_app(make_settings(database_url, tmp_path_factory.mktemp("home")))
    app.dependency_overrides[app_clock.now] = Clock()
    async with running(app) as server:
        yield server.url


async def see(chromium: Browser, url: str, **options) -> Page:
    page = await new_page(chromium, **options)
    await page.goto(url)
    return page


async def assert_good(page: Page, name: str, look: str) -> None:
    if name not in WITHOUT_MAP:
        await page.wait_for_selector("[data-map][data-ready]")
    await screenshot(page, f"stations-{name}-{look}-{page.viewport_size['width']}")
    await assert_accessible(page)
    await assert_no_sideways_scroll(page)


@pytest.mark.parametrize(("name", "width", "locale"), LOOKS)
async def test_every_page_is_accessible(chromium: Browser, address: str, name: str, width: int, locale: str):
    page = await see(chromium, address + PAGES[name], width=width, locale=locale)
    await assert_good(page, name, locale)
    assert [error for error in errors_of(page) if "422" not in error] == []
    await page.context.close()


@pytest.mark.parametrize("name", ["list", "long"])
@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_large_text_fits_too(chromium: Browser, address: str, name: str, width: int):
    page = await new_page(chromium, width=width, locale="en")
    await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": address}])
    await page.goto(address + PAGES[name])
    await assert_good(page, name, "large-text")
    await page.context.close()


async def test_the_list_works_without_scripts(chromium: Browser, address: str):
    page = await see(chromium, f"{address}/stations", width=PHONE, javascript=False)
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
    await page.context.close()


async def test_a_station_is_reached_by_keyboard_alone(chromium: Browser, address: str):
    page = await see(chromium, f"{address}/stations?county=340202", width=DESK, locale="en")
    await page.wait_for_selector("[data-map][data-ready]")
    await page.locator("#f-q").focus()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if "WH-JH-02" in (await page.evaluate("document.activeElement.getAttribute('href')") or ""):
            break
    assert await page.locator("[data-station-code='WH-JH-02']").get_attribute("class") == "card-box is-selected"
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/stations/WH-JH-02")
    await page.context.close()


async def test_a_point_that_is_chosen_on_the_map_is_marked_in_the_list(chromium: Browser, address: str):
    page = await see(chromium, f"{address}/stations?q=WH-JH-01", width=DESK)
    await page.wait_for_selector("[data-map][data-ready]")
    pin = page.locator(".leaflet-marker-pane [role='button']")
    await pin.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-station-code='WH-JH-01'].is-selected")
    assert await page.locator(".leaflet-popup a[href='/stations/WH-JH-01']").count() == 1
    await page.context.close()


async def test_suggestions_lead_to_the_station(chromium: Browser, address: str):
    page = await see(chromium, f"{address}/stations", width=PHONE)
    await page.locator("#f-q").press_sequentially("zhangjiashan")
    await page.locator("[role='option']").first.wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/stations/WH-JH-01")
    await page.context.close()


async def test_on_a_phone_the_list_comes_first_and_booking_stays_in_reach(chromium: Browser, address: str):
    page = await see(chromium, f"{address}/stations", width=PHONE)
    first = await page.locator("[data-station-code]").first.bounding_box()
    the_map = await page.locator("[data-map]").bounding_box()
    assert first["y"] < 844 < the_map["y"]
    await page.get_by_role("link", name="查看地图").click()
    await page.goto(f"{address}/stations/WH-ET-01")
    button = page.get_by_role("link", name="预约本站")
    box = await button.bounding_box()
    assert 700 < box["y"] < 844
    await page.context.close()
