"""Plans in a real Chromium: asked for by the form, followed until the answer is there, looked at on the map."""

import pytest
from playwright.async_api import Browser, expect

from tests.siting.conftest import planner_of
from tests.support.portal import Portal
from tests.web.browser import LOOKS, errors_of, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_plan_is_asked_for_followed_and_looked_at(browser: Browser, portal: Portal, locale: str, width: int):
    page = await open_as(browser, portal.url, await portal.people.staff("city_admin"), width=width, locale=locale)
    plans = f"{portal.url}/office/plans"
    await page.goto(plans)
    await look(page, f"plans-empty-{locale}-{width}")
    await page.goto(f"{plans}/new")
    await look(page, f"plan-new-{locale}-{width}")
    await page.locator("[name=service]").fill("MET-MEC-015")
    await page.locator("[name=within_km]").fill("10")
    await page.locator("[name=within_km]").press("Enter")
    await expect(page.locator("#progress")).to_be_visible()
    await look(page, f"plan-waiting-{locale}-{width}")
    assert await planner_of(portal.app, portal.clock).work()
    await expect(page.locator("[data-plan-map]")).to_have_attribute("data-ready", "", timeout=15_000)
    await expect(page.locator(".leaflet-container .plan-pin")).to_have_count(3)
    await look(page, f"plan-{locale}-{width}")
    await page.locator("[data-plan-state=before]").click()
    await expect(page.locator(".leaflet-container .plan-pin")).to_have_count(0)
    plan = page.url.rpartition("/")[2]
    await page.goto(f"{plans}/compare?a={plan}&b={plan}")
    await look(page, f"plans-compare-{locale}-{width}")
    assert not errors_of(page)
