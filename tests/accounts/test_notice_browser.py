"""The privacy notice in a real Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.conftest import Clock, make_settings
from tests.support.serving import served
from tests.web.browser import (
    DESK,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    open_browser,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest.fixture
async def address(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[str]:
    async with served(make_settings(database_url, tmp_path), clock) as server:
        yield server.url


async def test_the_notice_reads_well_in_both_languages_and_at_both_widths(browser: Browser, address: str):
    for locale in ("zh-CN", "en"):
        for width in (PHONE, DESK):
            page = await new_page(browser, width=width, locale=locale)
            await page.goto(f"{address}/privacy")
            await assert_no_sideways_scroll(page)
            await assert_accessible(page)
            assert errors_of(page) == []
            await screenshot(page, f"privacy-{locale}-{width}")
            await page.context.close()
