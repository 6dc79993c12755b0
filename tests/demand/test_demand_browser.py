"""Unmet demand and registers in a real Chromium: from the file to the list, both languages and widths, accessible."""

from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser

from app.demand.rules import Asked, Outcome
from tests.demand.nasty import ONE, table
from tests.support.portal import Portal
from tests.web.browser import LOOKS, assert_no_sideways_scroll, look, open_as

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_register_goes_from_file_to_list_and_unmet_demand_is_a_table(
    portal: Portal, browser: Browser, tmp_path: Path, locale: str, width: int
) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(table(*[{**ONE, "从业人数": n} for n in range(30)], {"经度": "118.6", "纬度": "31.2"}))
    for n, outcome in enumerate(Outcome):
        portal.app.state.questions.count(Asked(TODAY, 1, "station", 11838, 3133, outcome), n + 1)
    await portal.app.state.questions.write()
    page = await open_as(browser, portal.url, await portal.people.staff("city_admin"), width=width, locale=locale)
    for path, name in (("/office/registers", "registers-none"), ("/office/coverage/unmet", "unmet")):
        await page.goto(portal.url + path)
        await look(page, f"{name}-{locale}-{width}")
        await assert_no_sideways_scroll(page)
    assert await page.locator("tbody tr").count() == 1
    await page.goto(f"{portal.url}/office/registers/new")
    await page.get_by_role("button").last.click()
    await look(page, f"register-wrong-{locale}-{width}")
    await page.set_input_files("#f-file", file)
    await page.fill("#f-name", "规模以上工业企业名录（2026 年上半年，市统计局）")
    await page.fill("#f-source", "市统计局")
    await page.locator("form .btn-primary").click()
    await page.wait_for_selector(".demand-map")
    await look(page, f"register-look-{locale}-{width}")
    await assert_no_sideways_scroll(page)
    await page.locator(".btn-primary").click()
    await page.wait_for_url("**/office/registers?done=taken_in")
    await look(page, f"registers-{locale}-{width}")
    assert await page.locator("tbody tr").count() == 1
