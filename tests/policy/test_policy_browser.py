"""The pages of the settings in a real Chromium: both languages and widths, read, wrong, with all that folds out."""

from collections.abc import Mapping

import httpx
import pytest
from playwright.async_api import Browser

from tests.policy.desk import HERE, NEW, WHY, first_answer
from tests.support.people import Signed
from tests.support.portal import Portal
from tests.web.browser import (
    LOOKS,
    look,
    same_page,
)

pytestmark = pytest.mark.browser
LEAD = "/office/settings/booking/lead_min/new"
RULES: tuple[Mapping[str, str], ...] = (
    {"clock": "first_answer", "station": HERE, "category": "metrology", "mode": "onsite", "number": "4"},
    {"clock": "work", "place": "county:340202", "category": "testing", "number": "20"},
)


async def settled(portal: Portal, admin: Signed) -> Mapping[str, str]:
    """Pages of settings that were changed."""
    async with httpx.AsyncClient(base_url=portal.url, cookies=dict(admin.cookies)) as client:
        for rule in RULES:
            assert (await client.post(NEW, data={**rule, "reason": WHY})).status_code == 303
        for where, number in (({"place": "network"}, "2"), ({"station": HERE}, "5")):
            lead = {**where, "number": number, "unit": "hour", "reason": WHY}
            assert (await client.post(LEAD, data=lead)).status_code == 303
        answer = await client.post(await first_answer(portal.database), data={"number": "3", "reason": WHY})
        assert answer.status_code == 303
    [(service,)] = await portal.database.fetch(
        "SELECT code FROM service WHERE category_code = 'metrology' AND active ORDER BY code LIMIT 1", ()
    )
    return {
        "deadlines": f"/office/settings?service={service}&mode=onsite&station={HERE}",
        "new": NEW,
        "setting": await first_answer(portal.database),
        "booking": f"/office/settings/booking?station={HERE}",
        "booking-new": LEAD,
        "history": "/office/settings/history",
        "calendar": "/office/settings/calendar?day=2026-10-01",
        "announce": "/office/settings/calendar?year=2027",
        "texts": f"/office/settings/texts?station={HERE}",
        "text": f"/office/settings/texts/request.confirmed?station={HERE}",
    }


async def test_every_page_is_accessible_also_when_something_is_wrong(browser: Browser, portal: Portal) -> None:
    admin = await portal.people.staff("city_admin", username="admin")
    pages = await settled(portal, admin)
    for locale, width in LOOKS:
        page = await same_page(browser, portal.url, admin, width=width, locale=locale)
        for name, path in pages.items():
            await page.goto(portal.url + path)
            for summary in await page.locator("main summary").all():
                await summary.click()
            await look(page, f"policy-{name}-{locale}-{width}")
    for n, name in enumerate(("new", "booking-new", "calendar", "announce", "text")):
        locale, width = LOOKS[n % len(LOOKS)]
        page = await same_page(browser, portal.url, admin, width=width, locale=locale)
        await page.goto(portal.url + pages[name])
        await page.locator("main form button[type=submit]").first.click()
        await page.wait_for_selector(".error-summary")
        await look(page, f"policy-{name}-wrong-{locale}-{width}")
