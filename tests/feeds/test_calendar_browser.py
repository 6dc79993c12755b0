"""The pages of calendars in a real Chromium: empty, filled in wrong, made, listed, asked again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from app.kit import clock as app_clock
from app.main import create_app
from tests.conftest import Clock, empty, make_settings
from tests.support.people import People
from tests.web.browser import (
    LOOKS,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    open_browser,
    running,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_calendar_is_made_listed_and_revoked(
    *, browser: Browser, database_url: str, tmp_path: Path, clock: Clock, locale: str, width: int
):
    app = create_app(make_settings(database_url, tmp_path))
    app.dependency_overrides[app_clock.now] = clock
    async with running(app) as server:
        officer = await People(app.state.database, clock, app.state.callers.timeouts).staff("officer")
        page = await new_page(browser, locale=locale, width=width)
        await page.context.add_cookies([{"name": "onestop_session", "value": officer.cookie, "url": server.url}])

        async def looked_at(name: str) -> None:
            await assert_accessible(page)
            await assert_no_sideways_scroll(page)
            await screenshot(page, f"calendars-{name}-{locale}-{width}")

        await page.goto(f"{server.url}/account/calendars")
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
        assert errors_of(page) == []
        await page.context.close()
        await empty(app.state.database)
