"""Every part of a page in a real Chromium: no axe finding, nothing sticks out, no complaint on the console."""

import pytest
from playwright.async_api import Browser, Page

from tests.web.browser import (
    DESK,
    LOOKS,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    screenshot,
)

pytestmark = pytest.mark.browser


async def open_page(browser: Browser, url: str, *, width: int, locale: str, large: bool = False, **options) -> Page:
    page = await new_page(browser, width=width, locale=locale, **options)
    if large:
        await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": url}])
    await page.goto(url)
    return page


@pytest.mark.parametrize(("locale", "width"), LOOKS)
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
async def test_every_part_is_accessible_in_both_languages_and_sizes(browser, address, width, locale, large):
    page = await open_page(browser, f"{address}/gallery", width=width, locale=locale, large=large)
    await page.wait_for_selector("[data-map][data-ready]")
    await screenshot(page, f"gallery-{locale}-{width}-{'large' if large else 'normal'}")
    await assert_accessible(page)
    await assert_no_sideways_scroll(page)
    assert errors_of(page) == []


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "en"), (DESK, "zh-CN")])
async def test_tiles_lists_and_tables_stand_beside_a_map(browser, address, width, locale):
    page = await open_page(browser, f"{address}/home", width=width, locale=locale)
    await page.wait_for_selector("[data-map][data-ready]")
    await screenshot(page, f"home-{locale}-{width}")
    await assert_accessible(page)
    await assert_no_sideways_scroll(page)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_everything_can_be_read_and_sent_without_scripts(browser, address, width):
    page = await open_page(browser, f"{address}/gallery", width=width, locale="zh-CN", javascript=False)
    await screenshot(page, f"gallery-no-js-{width}")
    assert await page.locator(".js-only:visible").count() == 0
    assert await page.locator("[data-hold-over]").is_hidden()
    await page.locator("#f-q").fill("压力表")
    await page.locator("#f-q").press("Enter")
    await page.wait_for_url("**/gallery?q=*")


@pytest.mark.parametrize("status", [404, 409, 500])
@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_failures_are_designed_too(browser, address, status, width):
    page = await open_page(browser, f"{address}/error/{status}", width=width, locale="zh-CN")
    await screenshot(page, f"error-{status}-{width}")
    await assert_accessible(page)
    await assert_no_sideways_scroll(page)


async def test_the_page_still_fits_at_four_times_the_zoom(browser, address):
    page = await open_page(browser, f"{address}/gallery", width=320, locale="en")
    await page.wait_for_selector("[data-map][data-ready]")
    await assert_no_sideways_scroll(page)


async def test_the_api_pages_run_under_our_own_policy(browser, address):
    page = await open_page(browser, f"{address}/docs", width=DESK, locale="en")
    await page.wait_for_selector(".opblock")
    await screenshot(page, "docs-1440")
    assert errors_of(page) == []


async def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(browser, address):
    page = await open_page(browser, f"{address}/error/404", width=DESK, locale="zh-CN")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip-link"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_language_and_text_size_are_switched_on_the_page(browser, address):
    page = await open_page(browser, f"{address}/gallery?day=1", width=PHONE, locale="zh-CN")
    await page.get_by_role("link", name="English").first.click()
    await page.get_by_role("button", name="Large text").click()
    assert page.url == f"{address}/gallery?day=1"
    assert await page.evaluate("[document.documentElement.lang, document.documentElement.dataset.text]") == [
        "en",
        "large",
    ]
    assert await page.evaluate("getComputedStyle(document.body).fontSize") == "20.0005px"
