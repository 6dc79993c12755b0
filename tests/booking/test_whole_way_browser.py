"""The main job in a real Chromium: from one's own words to a confirmed desk, and through change and cancellation.

Walked in both languages and at both widths, once without scripts, and once with the keys alone. On every page of a walk
axe-core looks, nothing sticks out, and the console is silent; tests/requests/test_follow_browser.py looks at what comes
after the confirmation.
"""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.booking.walk import Walk, fill_in
from tests.web.browser import DESK, EVERYTHING, PHONE, new_page

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
REFERENCE = re.compile(r"ZT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


async def sheets(page: Page) -> int:
    """How many sheets of paper the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", await page.pdf(format="A4")))


@pytest.mark.parametrize(
    ("locale", "width", "javascript"),
    [("zh-CN", PHONE, True), ("en", PHONE, False), *([("en", DESK, True)] if EVERYTHING else [])],
)
async def test_a_gauge_is_booked_from_the_first_page_to_the_confirmation(
    *, browser: Browser, address: str, locale: str, width: int, javascript: bool
):
    page = await new_page(browser, width=width, locale=locale, javascript=javascript)
    walk = Walk(page, f"{locale}-{width}-{'js' if javascript else 'plain'}", javascript=javascript)
    await page.goto(address)
    await walk.look("home")
    await walk.find("压力表校验" if locale == "zh-CN" else "pressure gauge", "MET-MEC-015")
    await walk.choose_what()
    await walk.choose_where()
    await walk.choose_when()
    await walk.look("details")
    await walk.go_on()
    await expect(page.locator(".error-summary")).to_be_visible()
    await walk.look("details-wrong", again=False)
    await fill_in(page, long=True)
    await walk.go_on()
    await walk.look("check")
    await walk.go_on()
    await expect(page.locator(".reference__code")).to_have_text(REFERENCE)
    await expect(page.locator(".booked__code")).to_have_text(CODE)
    await walk.look("done")
    assert await sheets(page) == 1
    await walk.change_and_cancel()


async def test_the_whole_way_can_be_gone_with_the_keys_alone(browser: Browser, address: str):
    page = await new_page(browser, width=DESK, locale="zh-CN")
    walk = Walk(page, "keys", javascript=True)
    await page.goto(address)
    await walk.type_into("#f-q", "yalibiao")
    await expect(page.locator("[role=option]").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/what")
    await walk.tab_to("input[name=use]")
    await page.keyboard.press("Space")
    if await page.locator("input[name=mode]").count():
        await walk.tab_to("input[name=mode]")
        await page.keyboard.press("Space")
    await walk.press_button(".sticky-action button")
    await walk.tab_to("select[name=town]")
    await page.keyboard.press("ArrowDown")
    await walk.press_button(".sticky-action button")
    await walk.press_button("button[name=station]")
    await walk.press_button("button.time")
    for name, value in {
        "items.0.inputs.instrument_name": "pressure gauge",
        "items.0.inputs.model_spec": "Y-100",
        "items.0.inputs.serial_no": "17",
        "items.0.inputs.install_location": "boiler house",
        "applicant.organisation_name": "Wuhu Valves",
        "applicant.uscc": "91110000600037341L",
        "applicant.contact_name": "Wang",
        "applicant.mobile": "13812345678",
    }.items():
        await walk.type_into(f"[name='{name}']", value)
    await walk.tab_to("input[name=consent_version]")
    await page.keyboard.press("Space")
    await walk.press_button(".sticky-action button")
    await page.wait_for_url("**/check")
    await walk.press_button(".sticky-action button")
    await expect(page.locator(".reference__code")).to_have_text(REFERENCE)
    await walk.press_button(".only-screen a[href^='/r/']")
    await walk.press_button("a[href$='/reschedule']")
    await walk.press_button("button.time:not(.time--first)")
    await walk.press_button(".sticky-action button")
    await page.wait_for_url("**changed=moved")
    await walk.press_button("a[href$='/cancel']")
    await walk.press_button(".btn-danger")
    await page.wait_for_url("**changed=cancelled")
