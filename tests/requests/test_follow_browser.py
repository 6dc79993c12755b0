"""The pages of a request in a real Chromium: at two widths, in two languages, with and without scripts, by keyboard."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.requests.booking import Booker, Json
from tests.web.browser import (
    DESK,
    ON_A_PHONE,
    PHONE,
    errors_of,
    look,
    new_page,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LONG = {
    "organisation_name": "芜湖经济技术开发区长江之南新材料与智能装备联合实验室（筹备）有限责任公司第二分公司" * 2,
    "uscc": "91110000600037341L",
    "contact_name": "阿卜杜热合曼·买买提吐尔逊",
    "mobile": "0553-5881234-801",
    "email": "a.very.long.address.for.a.mailbox@verification-and-calibration.example.com",
}


@pytest.fixture
async def booked(address: str) -> Json:
    """A request with the longest words that are taken."""
    async with httpx.AsyncClient(base_url=address) as client:
        return await Booker(client).book(applicant=LONG, note="请提前电话联系，厂区需登记车牌。" * 20)


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_a_booking_is_found_moved_and_cancelled(
    browser: Browser, address: str, booked: Json, locale: str, width: int
):
    page = await new_page(browser, width=width, locale=locale)
    name = f"{locale}-{width}"
    await page.goto(f"{address}/find")
    await look(page, f"find-{name}")
    await page.click(".btn-primary >> nth=-1")
    await look(page, f"find-wrong-{name}")
    await page.fill("#f-reference", booked["reference"].lower())
    await page.fill("#f-code", booked["access_code"])
    await page.press("#f-code", "Enter")
    await expect(page.locator(".reference__code")).to_have_text(booked["reference"])
    await look(page, f"follow-{name}")
    await page.locator(".more > summary").first.click()
    await look(page, f"follow-open-{name}")
    await page.click("a[href$='/reschedule']")
    await look(page, f"move-{name}")
    await page.locator(".day--open").nth(1).click()
    await page.locator("button.time").nth(2).click()
    await look(page, f"move-check-{name}")
    await page.locator("main form button.btn-primary").click()
    await page.wait_for_url("**changed=moved")
    await look(page, f"moved-{name}")
    await page.click("a[href$='/cancel']")
    await look(page, f"cancel-{name}")
    await page.fill("textarea", "计划有变")
    await page.click(".btn-danger")
    await page.wait_for_url("**changed=cancelled")
    await look(page, f"cancelled-{name}")
    await page.locator("form[action$='/close'] button").click()
    await page.goto(f"{address}/r/{booked['reference']}")
    await look(page, f"code-{name}")


async def test_a_code_opens_it_without_scripts(browser: Browser, address: str, booked: Json):
    page = await new_page(browser, width=PHONE, javascript=False)
    await page.goto(f"{address}/r/{booked['reference']}")
    await page.fill("#f-code", booked["access_code"])
    await page.press("#f-code", "Enter")
    await expect(page.locator("a[href$='/reschedule']")).to_be_visible()
    assert errors_of(page) == []


async def test_it_is_found_by_keyboard(browser: Browser, address: str, booked: Json):
    page = await new_page(browser, width=DESK)
    await page.goto(f"{address}/find")
    await tab_to(page, "#f-reference")
    await page.keyboard.type(booked["reference"])
    await page.keyboard.press("Tab")
    await page.keyboard.type(booked["access_code"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/r/**")


async def tab_to(page: Page, selector: str) -> None:
    for _press in range(80):
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


async def test_the_page_prints_on_one_sheet(browser: Browser, address: str, booked: Json):
    page = await new_page(browser, width=DESK)
    await page.goto(f"{address}/r/{booked['reference']}")
    await page.fill("#f-code", booked["access_code"])
    await page.press("#f-code", "Enter")
    await page.wait_for_selector(".reference__code")
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 700, "height": 1000})
    await screenshot(page, "print")
    assert len(re.findall(rb"/Type\s*/Page\b", await page.pdf(format="A4"))) == 1
