"""The pages of the settings in a real Chromium: both languages and widths, read, wrong, with all that folds out."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.kit import clock as app_clock
from app.main import create_app
from tests.conftest import Clock, empty, make_settings
from tests.policy.desk import HERE, NEW, WHY, first_answer
from tests.support.people import People, Signed
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

pytestmark = pytest.mark.browser
LEAD = "/office/settings/booking/lead_min/new"
RULES: tuple[Mapping[str, str], ...] = (
    {"clock": "first_answer", "station": HERE, "category": "metrology", "mode": "onsite", "number": "4"},
    {"clock": "work", "place": "county:340202", "category": "testing", "number": "20"},
)


@dataclass(frozen=True)
class Settled:
    """The application with settings that were changed."""

    url: str
    admin: Signed
    pages: Mapping[str, str]


@pytest.fixture(scope="module")
async def settled(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settled]:
    home: Path = tmp_path_factory.mktemp("home")
    app, clock = create_app(make_settings(database_url, home)), Clock()
    app.dependency_overrides[app_clock.now] = clock
    async with running(app) as server:
        database = app.state.database
        admin = await People(database, clock, app.state.callers.timeouts).staff("city_admin", username="admin")
        async with httpx.AsyncClient(base_url=server.url, cookies=dict(admin.cookies)) as client:
            for rule in RULES:
                assert (await client.post(NEW, data={**rule, "reason": WHY})).status_code == 303
            for where, number in (({"place": "network"}, "2"), ({"station": HERE}, "5")):
                lead = {**where, "number": number, "unit": "hour", "reason": WHY}
                assert (await client.post(LEAD, data=lead)).status_code == 303
            answer = await client.post(await first_answer(database), data={"number": "3", "reason": WHY})
            assert answer.status_code == 303
        [(service,)] = await database.fetch(
            "SELECT code FROM service WHERE category_code = 'metrology' AND active ORDER BY code LIMIT 1", ()
        )
        pages = {
            "deadlines": f"/office/settings?service={service}&mode=onsite&station={HERE}",
            "new": NEW,
            "setting": await first_answer(database),
            "booking": f"/office/settings/booking?station={HERE}",
            "booking-new": LEAD,
            "history": "/office/settings/history",
            "calendar": "/office/settings/calendar?day=2026-10-01",
            "announce": "/office/settings/calendar?year=2027",
            "texts": f"/office/settings/texts?station={HERE}",
            "text": f"/office/settings/texts/request.confirmed?station={HERE}",
        }
        yield Settled(server.url, admin, pages)
        await empty(database)


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_every_page_is_accessible_also_when_something_is_wrong(settled: Settled, locale: str, width: int) -> None:
    async with open_browser() as browser:
        page = await new_page(browser, width=width, locale=locale)
        cookie = {"name": "onestop_session", "value": settled.admin.cookie, "url": settled.url}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]  # a dict is what it takes
        for name, path in settled.pages.items():
            await page.goto(settled.url + path)
            for summary in await page.locator("main summary").all():
                await summary.click()
            await screenshot(page, f"policy-{name}-{locale}-{width}")
            await assert_accessible(page)
            await assert_no_sideways_scroll(page)
        for name in ("new", "booking-new", "calendar", "announce", "text"):
            await page.goto(settled.url + settled.pages[name])
            await page.locator("main form button[type=submit]").first.click()
            await page.wait_for_selector(".error-summary")
            await screenshot(page, f"policy-{name}-wrong-{locale}-{width}")
            await assert_accessible(page)
            await assert_no_sideways_scroll(page)
        assert errors_of(page) == []
