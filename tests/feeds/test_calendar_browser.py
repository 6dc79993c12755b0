"""The pages of calendars in a real Chromium: empty, filled in wrong, made, listed, asked again."""

import pytest
from playwright.async_api import Browser

from tests.support.portal import Portal
from tests.web.browser import (
    AT_A_DESK,
    look,
    open_as,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.mark.parametrize(("locale", "width"), AT_A_DESK)
async def test_a_calendar_is_made_listed_and_revoked(browser: Browser, portal: Portal, locale: str, width: int):
    page = await open_as(browser, portal.url, await portal.people.staff("officer"), locale=locale, width=width)

    async def looked_at(name: str) -> None:
        await look(page, f"calendars-{name}-{locale}-{width}")

    await page.goto(f"{portal.url}/account/calendars")
    await looked_at("empty")
    await page.locator("button[value=station]").click()
    await looked_at("wrong")
    await page.locator("select").select_option(index=1)
    await page.locator("button[value=station]").click()
    assert "/feeds/" in await page.locator(".secret-text").inner_text()
    await looked_at("made")
    await page.locator(".sticky-action a").click()
    await page.locator("button[value=own]").click()
    await page.locator(".sticky-action a").click()
    await looked_at("two")
    await page.locator("a[href$=anew]").first.click()
    await looked_at("anew")
    await page.go_back()
    await page.locator("a[href$=revoke]").last.click()
    await looked_at("revoke")
    await page.locator("button.btn-primary").click()
    await looked_at("revoked")
