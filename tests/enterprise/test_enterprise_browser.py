"""The way of an enterprise in a real Chromium: create, invite, join, claim, my data, close; in both languages."""

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import Clock
from tests.enterprise.support import PASSWORD, Town, code_of, wrong_code
from tests.requests.booking import Booker
from tests.support.portal import Portal
from tests.web.browser import (
    ON_A_PHONE,
    look,
    new_page,
    open_as,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LONG = "芜湖经济技术开发区长江之南新材料与智能装备联合实验室（筹备）有限责任公司第二分公司" * 2


@pytest.fixture
def town(portal: Portal, clock: Clock) -> Town:
    return Town(portal.app, portal.people, clock)


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_the_way_of_an_enterprise(browser: Browser, address: str, town: Town, locale: str, width: int):
    name = f"{locale}-{width}"
    me = await town.person("owner@example.com", "王芳", password=PASSWORD)
    page = await open_as(browser, address, me, width=width, locale=locale)
    await page.goto(f"{address}/organisation")
    await look(page, f"organisations-empty-{name}")
    await create(page, name)
    path = page.url.partition("?")[0]
    await invite(page, path, name)
    await join(browser, address, town, width=width, locale=locale)
    await people(page, path, name)
    await claim(page, path, address, name)
    await page.goto(f"{path}/requests")
    await look(page, f"requests-{name}")
    await page.fill("#f-q", "XYZ")
    await page.press("#f-q", "Enter")
    await look(page, f"requests-none-{name}")
    await own_data(page, address, name)
    await close(page, path, address, name)


async def create(page: Page, name: str) -> None:
    await page.click("main .btn-primary")
    await page.click("main form .btn-primary")
    await look(page, f"organisation-new-wrong-{name}")
    await page.fill("#f-name", LONG)
    await page.fill("#f-uscc", wrong_code(1))
    await page.press("#f-uscc", "Enter")
    await expect(page.locator("form[action$='/evidence']")).to_be_visible()
    await look(page, f"evidence-{name}")
    await page.fill("#f-uscc", code_of(1))
    await page.press("#f-uscc", "Enter")
    await page.wait_for_url("**done=created")
    await look(page, f"organisation-created-{name}")


async def invite(page: Page, path: str, name: str) -> None:
    await page.goto(f"{path}/invite")
    await page.click("main form .btn-primary")
    await look(page, f"invite-wrong-{name}")
    await page.fill("#f-email", "guest.with.a.very.long.address.indeed@verification-and-calibration.example.com")
    await page.press("#f-email", "Enter")
    await page.wait_for_url("**done=invited")
    await page.goto(f"{path}/invite")
    await page.fill("#f-email", "guest@example.com")
    await page.press("#f-email", "Enter")
    await page.wait_for_url("**done=invited")
    await look(page, f"organisation-invited-{name}")


async def join(browser: Browser, address: str, town: Town, *, width: int, locale: str) -> None:
    link = f"{address}/join/{await town.invited('guest@example.com')}"
    stranger = await new_page(browser, width=width, locale=locale)
    await stranger.goto(link)
    await look(stranger, f"join-stranger-{locale}-{width}")
    other = await town.person("other@example.com", "别人")
    page = await open_as(browser, address, other, width=width, locale=locale)
    await page.goto(link)
    await look(page, f"join-other-{locale}-{width}")
    guest = await town.person("guest@example.com", "阿卜杜热合曼·买买提吐尔逊")
    page = await open_as(browser, address, guest, width=width, locale=locale, javascript=False)
    await page.goto(link)
    await screenshot(page, f"join-{locale}-{width}")
    await page.click("main .btn-primary")
    await page.wait_for_url("**done=joined")


async def people(page: Page, path: str, name: str) -> None:
    await page.goto(path)
    await look(page, f"organisation-{name}")
    await page.click("text=阿卜杜热合曼")
    await look(page, f"person-{name}")
    await page.check("input[value=owner]")
    await page.click("main form .btn-primary")
    await page.wait_for_url("**done=changed")
    for part in ("name", "leave", "close"):
        await page.goto(f"{path}/{part}")
        await look(page, f"organisation-{part}-{name}")


async def claim(page: Page, path: str, address: str, name: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        booked = [await Booker(client).book() for _n in range(2)]
    await page.goto(f"{path}/claim")
    await page.click("main form .btn-primary")
    await look(page, f"claim-wrong-{name}")
    for each in booked:
        await page.goto(f"{path}/claim")
        await page.fill("#f-reference", each["reference"])
        await page.fill("#f-code", each["access_code"])
        await page.press("#f-code", "Enter")
        await page.wait_for_url("**done=claimed")
    await look(page, f"organisation-claimed-{name}")


async def own_data(page: Page, address: str, name: str) -> None:
    await page.goto(f"{address}/account/data")
    await look(page, f"data-{name}")
    async with page.expect_download() as started:
        await page.click("main form .btn-primary")
    download = await started.value
    assert download.suggested_filename.endswith(".json")


async def close(page: Page, path: str, address: str, name: str) -> None:
    await page.goto(f"{address}/account/close")
    await page.click(".btn-danger")
    await look(page, f"close-account-wrong-{name}")
    await page.fill("#f-proof", PASSWORD)
    await page.check("#f-sure")
    await page.click(".btn-danger")
    await page.wait_for_selector("a[href='/']")
    await expect(page.locator("form[action='/account/close'], #f-proof")).to_have_count(0)
    await look(page, f"closed-{name}")
    await page.goto(path)
    assert "/sign-in" in page.url
