"""Performance in a real Chromium: accessible, fitting, and read down to a station's day."""

import re
from random import Random

import pytest
from playwright.async_api import Browser, expect

from app.performance import service
from app.stations.snapshot import load_network
from tests.performance.conftest import place
from tests.performance.history import MONDAY, History
from tests.performance.past import some_past
from tests.support.portal import Portal
from tests.web.browser import LOOKS, errors_of, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
PAGE = "/office/performance?from=2026-03-02&to=2026-03-15"


@pytest.fixture
async def past(portal: Portal) -> None:
    network = await load_network(portal.database)
    history = History(portal.database, [place(network.stations[3]), place(network.stations[40])], lambda _day: True)
    for seed in (11, 12):
        await some_past(history, network, Random(seed))  # noqa: S311 - a seeded past
    await service.settle(portal.database, network, MONDAY.replace(day=20))
    await service.verify(portal.database, network, MONDAY.replace(day=20), by="test")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_performance_is_accessible_and_read_down_to_a_day(
    browser: Browser, portal: Portal, past: None, locale: str, width: int
):
    page = await open_as(browser, portal.url, await portal.people.staff("city_admin"), width=width, locale=locale)
    for name, address in {
        "performance": PAGE,
        "performance-stations": f"{PAGE}&by=station&sort=-served",
        "performance-empty": "/office/performance?from=2025-03-02&to=2025-03-15",
        "performance-wrong": f"{PAGE}&station=NOWHERE",
        "performance-checks": "/office/performance/checks",
    }.items():
        await page.goto(portal.url + address)
        await look(page, f"{name}-{locale}-{width}")
    await page.goto(f"{portal.url}{PAGE}&by=week")
    await page.locator(".performance-rows tbody a").first.click()
    await expect(page).to_have_url(re.compile("by=day"))
    await page.locator(".performance-rows tbody a").first.click()
    await expect(page).to_have_url(re.compile("by=station"))
    assert [error for error in errors_of(page) if "422" not in error] == []
