"""Coverage in a real Chromium: an administrator asks in plain words, reads map and table, and takes a file along."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.portal import Portal
from tests.web.browser import LOOKS, errors_of, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
PAGE = "/office/coverage"
GAUGE = "service=MET-MEC-015&within_km=15&within_days=5"
ADDRESSES = {
    "coverage": f"?{GAUGE}",
    "coverage-all": "",
    "coverage-table": "/table",
    "coverage-services": "/table?rows=county&columns=service&category=metrology",
    "coverage-gaps": f"/gaps?{GAUGE}",
    "coverage-ending": "/ending?days=200",
    "coverage-empty": "?basis=requests",
    "coverage-wrong": "?service=pressure+gage&within_km=-3",
}


async def drawn(page: Page) -> None:
    await expect(page.locator("[data-coverage-map]")).to_have_attribute("data-ready", "")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_the_pages_of_coverage_are_accessible_and_fit(browser: Browser, portal: Portal, locale: str, width: int):
    page = await open_as(browser, portal.url, await portal.people.staff("city_admin"), width=width, locale=locale)
    for name, address in ADDRESSES.items():
        await page.goto(f"{portal.url}{PAGE}{address}")
        if name in {"coverage", "coverage-all", "coverage-empty"}:
            await drawn(page)
        await look(page, f"{name}-{locale}-{width}")


async def test_an_administrator_asks_by_keyboard_and_the_map_agrees_with_the_table(browser: Browser, portal: Portal):
    page = await open_as(browser, portal.url, await portal.people.staff("city_admin"), locale="en")
    await page.goto(portal.url + PAGE)
    await page.get_by_label("Service", exact=False).first.focus()
    await page.keyboard.type("General pressure gauge verification")
    await page.get_by_label("Within (km)").focus()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("15")
    await page.keyboard.press("Tab")
    await page.keyboard.type("5")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="General pressure gauge verification")).to_be_visible()
    assert "service=MET-MEC-015" in page.url
    await drawn(page)
    row = page.get_by_role("row").filter(has_text="Nanling County")
    share = await row.get_by_role("cell").first.inner_text()
    await page.locator("[data-coverage-map] path.leaflet-interactive").nth(5).hover(force=True)
    await expect(page.locator(".reach-label").first).to_contain_text("within reach")
    shares = await page.evaluate("JSON.parse(document.getElementById('coverage-drawn').textContent).shares")
    assert f"{shares['340223']:.0%}" == share
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Nanling County")).to_be_visible()
    await page.get_by_role("link", name="Who has none").click()
    await expect(page.get_by_role("table")).to_contain_text("aren't designated")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="XLSX").click()
    assert (await downloading.value).suggested_filename == "coverage-gaps.xlsx"
    assert not errors_of(page)
