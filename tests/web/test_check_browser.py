"""The calculation in a real browser: it goes on by itself, once; without a script there is a way to wait."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.config import LimitSettings
from tests.conftest import make_settings
from tests.support.serving import served
from tests.web.browser import (
    LOOKS,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    screenshot,
)

pytestmark = pytest.mark.browser
REFERENCE = "ZT-7K3M-9QXD-J"


@pytest.fixture
async def portal(database_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """A portal where every second try of a minute has its price; its clock stands."""

    async def now() -> datetime:
        return datetime(2026, 12, 1, 1, 0, 10, tzinfo=UTC)

    settings = make_settings(database_url, tmp_path, limits=LimitSettings(follows_per_min=1))
    async with served(settings, now) as server:
        yield server.url


async def look_up(page: Page, portal: str) -> None:
    await page.goto(f"{portal}/find")
    await page.locator("#f-reference").fill(REFERENCE)
    await page.locator("[name=code]").fill("AAAA-AAAA")
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.locator("main form button[type=submit]").first.click()


def faults(page: Page) -> list[str]:
    return [fault for fault in errors_of(page) if not re.search(r"status of (404|429)", fault)]


async def test_the_browser_calculates_and_sends_the_form_again_by_itself(browser: Browser, portal: str):
    page = await new_page(browser, width=PHONE, locale="en", own=True)
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.request.method == "POST" else None)
    await look_up(page, portal)
    await look_up(page, portal)
    await expect(page.locator("#f-reference")).to_have_value(REFERENCE, timeout=60_000)
    assert len(answers) == 3
    assert answers[1] == 429
    assert answers[0] == answers[2] != 429
    assert not faults(page)


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_without_a_script_it_says_how_long_to_wait(browser: Browser, portal: str, locale: str, width: int):
    page = await new_page(browser, width=width, locale=locale, javascript=False)
    await look_up(page, portal)
    await look_up(page, portal)
    await expect(page.locator("noscript, .notice").first).to_be_visible()
    await expect(page.locator("[data-work-send]")).to_be_visible()
    await assert_no_sideways_scroll(page)
    await screenshot(page, f"work-noscript-{locale}-{width}")
    await page.locator("[data-work-send]").click()
    assert await page.locator("[name=reference]").input_value() == REFERENCE


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_the_page_that_calculates_is_accessible(browser: Browser, portal: str, locale: str, width: int):
    page = await new_page(browser, width=width, locale=locale, own=True)
    # The calculation is held up, so that the page can be looked at.
    await page.add_init_script("crypto.subtle.deriveBits = () => new Promise(() => {})")
    await look_up(page, portal)
    await look_up(page, portal)
    await expect(page.locator("[data-work-status]")).not_to_be_empty()
    await assert_accessible(page)
    await assert_no_sideways_scroll(page)
    await screenshot(page, f"work-{locale}-{width}")
    assert not faults(page)


async def test_where_the_browser_can_not_calculate_it_counts_down(browser: Browser, portal: str):
    page = await new_page(browser, locale="en", own=True)
    await page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    await look_up(page, portal)
    await look_up(page, portal)
    await expect(page.locator("[data-work-status]")).to_contain_text("You can send your form in")
    await expect(page.locator("[data-work-send]")).to_be_disabled()
    assert not faults(page)
