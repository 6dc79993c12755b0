"""Applicant and officer, each in a window of their own in a real Chromium, from sending to done.

Neither window is ever loaded again by hand: what one does is seen by the other.
"""

import re
from datetime import datetime

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.booking.walk import Walk, fill_in
from tests.conftest import Clock
from tests.inbox.test_inbox_browser import look
from tests.support.people import Signed
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, new_page

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


async def sent(browser: Browser, address: str) -> Page:
    """The page on which the applicant follows what was just sent from a phone."""
    page = await new_page(browser, width=PHONE, locale="zh-CN")
    walk = Walk(page, "two-windows", javascript=True)
    await page.goto(address)
    await walk.find("压力表校验", "MET-MEC-015")
    await walk.choose_what()
    await walk.choose_where()
    await walk.choose_when()
    await fill_in(page)
    await walk.go_on()
    await walk.go_on()
    await page.locator(".only-screen a[href^='/r/']").click()
    await page.wait_for_url("**/r/ZT-*")
    return page


async def sit_down(page: Page, address: str, officer: Signed) -> None:
    await page.context.add_cookies([{"name": "onestop_session", "value": officer.cookie, "url": address}])
    await page.goto(f"{address}/office/requests")


def step(panel: Locator, name: str) -> Locator:
    """The button or the link of a step."""
    return panel.locator(f"form[action$='/step/{name}'] button, a[href$='/step/{name}']").first


async def test_what_one_does_the_other_sees_from_sending_to_done(browser: Browser, portal: Portal, clock: Clock):
    address, people = portal.url, portal.people
    applicant = await sent(browser, address)
    reference = applicant.url.rpartition("/")[2].partition("?")[0]
    [(code, starts)] = await portal.database.fetch(
        "SELECT station.code, visit_starts FROM request JOIN reservation ON reservation.id = reservation_id "
        "JOIN station ON station.id = request.station_id WHERE reference = %s",
        (reference,),
    )
    officer = await people.staff("officer", station=code)
    office = await new_page(browser, width=DESK, locale="en")
    await sit_down(office, address, officer)
    await returned_and_corrected(applicant, office, reference)
    clock.move(datetime.fromtimestamp(starts * 300, clock.now.tzinfo))
    await sit_down(office, address, await people.sign_in(officer.id))
    await worked_on(applicant, office, reference)


async def returned_and_corrected(applicant: Page, office: Page, reference: str) -> None:
    """The officer asks for the serial number, the applicant corrects it, the officer accepts."""
    panel, row = office.locator("#panel"), office.locator(f"#row-{reference}")
    await row.locator("a[data-open]").click()
    await step(panel, "return").click()
    await panel.locator("[name='wanted.items.1.inputs.serial_no']").fill("请填写铭牌上的完整编号。")
    await panel.locator("button[type=submit]").click()
    await expect(row).to_contain_text("To be corrected")
    await expect(panel.locator("#routing-part")).to_be_visible()
    await expect(office).not_to_have_title(re.compile("Why this station"))
    await expect(applicant.locator("#live-part")).to_contain_text("待补正")
    await look(applicant, "two-windows-returned")
    await applicant.locator("a[href$='/correct']").first.click()
    await expect(applicant.locator("main")).to_contain_text("请填写铭牌上的完整编号。")
    await applicant.locator("[name$='inputs.serial_no']").fill("A-17-2026")
    await applicant.locator(".sticky-action button, main button[type=submit]").first.click()
    await applicant.wait_for_url(f"**/r/{reference}?**")
    await expect(row).to_contain_text("Received")
    await step(panel, "accept").click()
    await expect(row).to_contain_text("Time set")
    await expect(applicant.locator("main")).to_contain_text("服务站已受理")


async def worked_on(applicant: Page, office: Page, reference: str) -> None:
    """On the day: checked in, handed in, begun, done; the applicant reads each step as it is taken."""
    panel, row = office.locator("#panel"), office.locator(f"#row-{reference}")
    await row.locator("a[data-open]").click()
    for name, shown in (
        ("check-in", "Checked in"),
        ("receive", "Handed in"),
        ("start", "In progress"),
    ):
        await step(panel, name).click()
        await expect(row).to_contain_text(shown)
    await expect(applicant.locator("main")).to_contain_text("已开始办理。")
    await panel.locator("a[href$='/results']").first.click()
    await panel.locator("a[href$='/enter']").click()
    await expect(panel.locator("[name=done_on]")).to_be_visible()
    await panel.locator("[name=passed][value=yes]").check()
    await panel.locator("[name='rows.0.point']").fill("0.40")
    await panel.locator("[name='rows.0.up']").fill("0.402")
    await panel.locator(".sticky-action button").click()
    await expect(panel).to_contain_text("Somebody else at the station has to verify it.")
    await expect(row).to_contain_text("Result entered")
    await expect(applicant.locator("main ol li").filter(has_text="由另一人核验")).to_have_count(1)
    await look(applicant, "two-windows-done")
    await look(office, "two-windows-office")
