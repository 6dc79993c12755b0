"""Webhooks in a real Chromium: set up wrong and right, the secret once, a test, sent again, ended."""

import pytest
from playwright.async_api import Browser, Page, expect

from app.kit.outbound import Outbound
from tests.support.portal import Portal
from tests.web.browser import LOOKS, look, open_as
from tests.webhooks.chats import DINGTALK, DINGTALK_TOKEN, WECOM, WECOM_KEY
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
    await look(page, f"webhook-choice-{name}")
    await page.locator("input[value=system]").check()
    await go_on(page)
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


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_the_way_of_a_groups_robot(browser: Browser, portal: Portal, locale: str, width: int):
    who, name = await portal.people.enterprise(), f"{locale}-{width}"
    here = f"{portal.url}/organisation/{who.organisation_id}/webhooks"
    page = await open_as(browser, portal.url, who, locale=locale, width=width)
    await page.goto(f"{here}/new")
    await go_on(page)  # a group is what is chosen at first
    await look(page, f"robot-new-{name}")
    await go_on(page)
    for field in ("name", "robot"):
        await expect(page.locator(f"#f-{field}-error")).to_be_visible()
    await look(page, f"robot-empty-{name}")
    await page.fill("[name=name]", "设备部")
    await page.fill("[name=robot]", "https://qyapi.weixin.qq.com.example.com/cgi-bin/webhook/send?key=" + WECOM_KEY)
    await page.fill("[name=sign]", "SEC")
    await go_on(page)
    await expect(page.locator("#f-robot-error")).to_be_visible()
    await look(page, f"robot-wrong-{name}")
    await page.fill("[name=robot]", DINGTALK)
    await page.fill("[name=sign]", "")
    await go_on(page)
    await page.wait_for_url("**done=made")
    assert DINGTALK_TOKEN not in await page.content()
    await page.locator("form[action$='/test'] button").click()
    await page.wait_for_url("**done=pinged")
    await look(page, f"robot-one-{name}")
    one = page.url.partition("?")[0]
    for step in ("rotate", "change", "end"):
        await page.goto(f"{one}/{step}")
        await look(page, f"robot-{step}-{name}")
    await page.goto(f"{one}/rotate")
    await page.fill("[name=robot]", WECOM)
    await go_on(page)
    await page.wait_for_url("**done=readdressed")
    await page.goto(here)
    await expect(page.get_by_text("qyapi.weixin.qq.com/…5aaa")).to_be_visible()
    await look(page, f"robot-list-{name}")
    await page.goto(f"{portal.url}/docs/webhooks#robots")
    await look(page, f"robot-docs-{name}")
