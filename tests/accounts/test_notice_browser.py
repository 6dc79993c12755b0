"""The privacy notice in a real Chromium."""

import pytest
from playwright.async_api import Browser

from tests.web.browser import (
    DESK,
    PHONE,
    look,
    new_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


async def test_the_notice_reads_well_in_both_languages_and_at_both_widths(browser: Browser, address: str):
    for locale in ("zh-CN", "en"):
        for width in (PHONE, DESK):
            page = await new_page(browser, width=width, locale=locale)
            await page.goto(f"{address}/privacy")
            await look(page, f"privacy-{locale}-{width}")
