"""Webhooks in a real Chromium: set up wrong and right, the secret once, a test, sent again, ended."""

import pytest
from playwright.async_api import Browser, Page, expect

from app.kit.outbound import Outbound
from tests.support.portal import Portal
from tests.web.browser import LOOKS, look, open_as
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.receiver import receiving

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


async def go_on(page: Page) -> None:
    await page.locator("main form .btn-primary").last.click()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_the_way_of_a_webhook(browser: Browser, portal: Portal, locale: str, width: int):
    portal.app.state.outbound = Outbound(LOOPBACK)
    who, name = await portal.people.enterprise(), f"{locale}-{width}"
    here = f"{portal.url}/organisation/{who.organisation_id}/webhooks"
    page = await open_as(browser, portal.url, who, locale=locale, width=width)
    await page.goto(here)
    await look(page, f"webhooks-none-{name}")
    await page.locator(f"a[href$='{who.organisation_id}/webhooks/new']").click()
    await go_on(page)
    await expect(page.locator("#f-url-error")).to_be_visible()
    await look(page, f"webhook-empty-{name}")
    async with receiving() as receiver:
        await page.fill("[name=name]", "生产管理系统")
        await page.fill("[name=url]", "https://user:secret@example.com/hooks")
        await go_on(page)
        await expect(page.locator("#f-url-error")).to_be_visible()
        await look(page, f"webhook-wrong-{name}")
        await page.fill("[name=url]", receiver.url)
        await go_on(page)
        await expect(page.get_by_text("whsec_")).to_be_visible()
        await look(page, f"webhook-secret-{name}")
        await page.goto(here)
        await page.get_by_role("link", name="生产管理系统").click()
        await page.locator("form[action$='/test'] button").click()
        await page.wait_for_url("**done=*")
        await look(page, f"webhook-one-{name}")
    one = page.url.partition("?")[0]
    for step in ("rotate", "change", "end"):
        await page.goto(f"{one}/{step}")
        await look(page, f"webhook-{step}-{name}")
    await page.locator("form[action$='/end'] button").click()
    await page.goto(one)
    await expect(page.locator("form[action$='/test']")).to_have_count(0)
    await look(page, f"webhook-ended-{name}")
