"""The staff's pages of requests, and booking with an account, in a real Chromium: two widths, two languages, axe."""

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.booking.walk import Walk, fill_in
from tests.requests.booking import Booker, Json
from tests.support.people import People
from tests.support.portal import Portal
from tests.web.browser import (
    AT_A_DESK,
    DESK,
    ON_A_PHONE,
    PHONE,
    look,
    open_as,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LONG_NAME = "芜湖经济技术开发区长江之南新材料与智能装备联合实验室（筹备）有限责任公司第二分公司"


@pytest.fixture
def staff(portal: Portal) -> People:
    return portal.people


@pytest.fixture
async def booked(address: str) -> list[Json]:
    async with httpx.AsyncClient(base_url=address) as client:
        booker = Booker(client)
        body = await booker.filled_in(await booker.hold())
        body["applicant"] |= {"organisation_name": LONG_NAME, "mobile": "0553-5881234-801"}
        long = (await booker.send(body)).json()
        cancelled = await booker.book()
        await booker.cancel(cancelled)
        return [long, cancelled, *[await booker.book() for _number in range(4)]]


@pytest.mark.parametrize(("locale", "width"), AT_A_DESK)
async def test_an_officer_finds_reveals_and_cancels(
    *, browser: Browser, address: str, staff: People, booked: list[Json], locale: str, width: int
):
    station = booked[0]["appointment"]["station_code"]
    page = await open_as(browser, address, await staff.staff("officer", station=station), locale=locale, width=width)
    name = f"{locale}-{width}"
    await page.goto(f"{address}/office/requests")
    await look(page, f"office-requests-{name}")
    await page.fill("#f-q", LONG_NAME[:12])
    await page.press("#f-q", "Enter")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto(f"{address}/office/requests/{booked[0]['reference']}")
    await expect(page.locator("[data-map][data-ready]")).to_have_count(1)
    await look(page, f"office-request-{name}")
    await page.click("details.more > summary")
    await page.click("details form button[type=submit]")
    await look(page, f"office-reveal-wrong-{name}")
    await page.check("input[name=why][value=call]")
    await page.click("details form button[type=submit]")
    await expect(page.locator("text=0553-5881234-801")).to_be_visible()
    await look(page, f"office-revealed-{name}")
    await page.click("a[href$='/reschedule']")
    await look(page, f"office-move-{name}")
    await page.goto(f"{address}/office/requests/{booked[0]['reference']}/cancel")
    await page.click(".btn-danger")
    await look(page, f"office-cancel-wrong-{name}")
    await page.fill("textarea", "设备检修，请改约下周")
    await page.click(".btn-danger")
    await page.wait_for_url("**changed=cancelled")
    await look(page, f"office-cancelled-{name}")
    await page.goto(f"{address}/office/requests?q=nobody")
    await look(page, f"office-requests-none-{name}")


async def test_an_administrator_chooses_among_all_stations_and_an_auditor_only_reads(
    browser: Browser, address: str, staff: People, booked: list[Json]
):
    page = await open_as(browser, address, await staff.staff("city_admin"), locale="zh-CN", width=DESK)
    await page.goto(f"{address}/office/requests")
    assert await page.locator("#f-station option").count() > 70
    await look(page, "office-requests-city")
    page = await open_as(browser, address, await staff.staff("auditor"), locale="en", width=PHONE)
    await page.goto(f"{address}/office/requests/{booked[0]['reference']}")
    await look(page, "office-request-auditor")


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_a_member_books_for_the_own_organisation_and_finds_it_without_a_code(
    *, browser: Browser, address: str, staff: People, locale: str, width: int
):
    page = await open_as(browser, address, await staff.enterprise(), locale=locale, width=width)
    name = f"{locale}-{width}"
    walk = Walk(page, name, javascript=True)
    await page.goto(f"{address}/book?service=MET-MEC-015")
    await walk.choose_what()
    await walk.choose_where()
    await walk.choose_when()
    await expect(page.locator("input[name='applicant.uscc']")).to_be_hidden()
    await look(page, f"details-own-{name}")
    await page.check("input[name='applicant.organisation'][value=other]")
    await fill_in(page)
    await page.fill("input[name='applicant.uscc']", "91350211M0000XUF46")
    await walk.go_on()
    await expect(page.locator("a[href='/organisation/new']")).to_be_visible()
    await look(page, f"details-doubted-{name}")
    await page.locator("input[name='applicant.organisation']").first.check()
    await page.check("input[name=consent_version]")
    await walk.go_on()
    await page.wait_for_url("**/check")
    await walk.go_on()
    await page.wait_for_url("**/done")
    await look(page, f"done-own-{name}")
    reference = await page.locator(".reference__code").text_content()
    await page.context.clear_cookies(name="onestop_opened")
    await page.goto(f"{address}/r/{reference}")
    await expect(page.locator(".reference__code")).to_have_text(reference or "")
    await look(page, f"follow-own-{name}")
