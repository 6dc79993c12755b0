"""A package in a real Chromium: chosen, begun, a step left out, the first visit booked, and followed."""

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.booking.walk import Walk
from tests.bundles.bundling import Bundling
from tests.requests.booking import Booker
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, look, new_page, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
WORDS = {
    "zh-CN": {"package": "机器人企业", "begun": "服务包已开始", "left_out": "这一步已设为不办", "next": "下一步"},
    "en": {
        "package": "A maker of robots",
        "begun": "The package is begun",
        "left_out": "The step is left out",
        "next": "What to do next",
    },
}
APPLICANT = {
    "applicant.organisation_name": "芜湖长江机器人有限公司",
    "applicant.uscc": "91110000600037341L",
    "applicant.contact_name": "王芳",
    "applicant.mobile": "138 1234 5678",
}


async def fill_in(page: Page) -> None:
    """Whatever the forms of the steps ask that must be answered, and who asks."""
    for name, value in APPLICANT.items():
        await page.fill(f"[name='{name}']", value)
    await answer_texts(page)
    for chosen in await page.locator("select[required]").all():
        if not await chosen.input_value():
            await chosen.select_option(index=1)
    for group in await page.locator("fieldset:has(input[type=radio][required])").all():
        if not await group.locator("input:checked").count():
            await group.locator("input[type=radio]").first.check()
    await page.check("input[name=consent_version]")


async def answer_texts(page: Page) -> None:
    for box in await page.locator("input.form-control[required]:not([name^='applicant'])").all():
        if not await box.input_value():
            kind = await box.get_attribute("inputmode")
            await box.fill("2026-12-01" if await box.get_attribute("type") == "date" else "1" if kind else "协作机器人")
    for area in await page.locator("textarea[required]").all():
        await area.fill("负载 10 kg 的协作机器人")


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", PHONE), ("en", DESK)])
async def test_a_package_is_begun_and_its_first_step_booked(*, browser: Browser, address: str, locale: str, width: int):
    page, said = await new_page(browser, width=width, locale=locale), WORDS[locale]
    walk = Walk(page, f"{locale}-{width}", javascript=True)
    await page.goto(f"{address}/packages")
    await walk.look("packages")
    await page.get_by_role("link", name=said["package"], exact=True).click()
    await walk.look("package")
    await page.locator("form[method=post] button[type=submit]").last.click()
    await expect(page.locator(".error-summary, .field__error").first).to_be_visible()
    await walk.look("package-wrong")
    await page.select_option("#f-town", index=2)
    await walk.go_on()
    await expect(page.get_by_text(said["begun"])).to_be_visible()
    await walk.look("bundle")
    await page.locator("a[href$='/steps/climate']").click()
    await walk.look("bundle-step")
    await page.fill("[name=reason]", "只在室内使用")
    await page.locator("form[action$='/leave-out'] button").click()
    await expect(page.get_by_text(said["left_out"])).to_be_visible()
    await walk.look("bundle-left-out")
    reference = (await page.locator(".reference__code").inner_text()).strip()
    await page.locator(f"section[aria-labelledby=next] form[action='/book/bundle/{reference}'] button").click()
    await page.wait_for_url("**/book/**")
    if page.url.endswith("/what"):
        await page.check("input[name=mode][value=station]")
        await walk.go_on()
    await walk.look("bundle-where")
    await page.locator("button[name=station]").first.click()
    await walk.choose_when()
    await fill_in(page)
    await walk.go_on()
    await page.wait_for_url("**/check")
    await walk.look("bundle-check")
    await walk.go_on()
    await page.wait_for_url("**/done")
    await page.locator(f"a[href='/bundles/{reference}']").click()
    await expect(page.get_by_role("heading", name=said["next"])).to_be_visible()
    await expect(page.locator(".bundle-steps__booked a[href^='/r/']").first).to_be_visible()
    await walk.look("bundle-booked")
    await page.locator("form[action$='/close'] button").click()
    await page.goto(f"{address}/bundles/{reference}")
    await walk.look("bundle-code")


async def test_an_enterprise_has_it_in_its_overview_and_staff_see_the_line(
    browser: Browser, address: str, portal: Portal
):
    owner = await portal.people.enterprise()
    async with httpx.AsyncClient(base_url=address) as client:
        bundling = Bundling(portal.app, client, Booker(client))
        bundle = await bundling.begin(headers=owner.bearer, organisation_id=str(owner.organisation_id))
        request = await bundling.booked("TST-025", owner.bearer)
        sent = {"reference": request["reference"]}
        assert (await bundling.post(bundle, "valves", "link", owner.bearer, **sent)).status_code == 200
        await bundling.post(bundle, "gas", "leave-out", owner.bearer, reason="没有燃气")
    page = await open_as(browser, address, owner, width=PHONE, locale="zh-CN")
    await page.goto(f"{address}/organisation/{owner.organisation_id}")
    await expect(page.get_by_role("link", name="新厂投产", exact=True)).to_be_visible()
    await look(page, "bundle-overview")
    await page.get_by_role("link", name="新厂投产", exact=True).click()
    await look(page, "bundle-of-organisation")
    await page.goto(f"{address}/r/{request['reference']}")
    await expect(page.locator(f"a[href='/bundles/{bundle['reference']}']")).to_be_visible()
    await look(page, "bundle-on-request")
    officer = await portal.people.staff("officer", station=request["appointment"]["station_code"])
    desk = await open_as(browser, address, officer, width=DESK, locale="en")
    await desk.goto(f"{address}/office/requests/{request['reference']}")
    await expect(desk.get_by_text("Part of a package: A new plant goes into operation (1 step of it)")).to_be_visible()
    await look(desk, "bundle-for-staff")
