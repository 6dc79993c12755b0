"""A kiosk in a real Chromium: it goes on while there is no network, and hands in what it gave out, once."""

import json
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from app.hall.rules.handing_in import LEASED
from tests.conftest import Clock
from tests.hall.conftest import STATION
from tests.hall.kiosk import secret_of_new
from tests.hall.line import Line, line_to
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, assert_accessible, look, new_page, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
TICKETS = "SELECT id::text, number, letter FROM ticket ORDER BY number"
LEASES = "SELECT count(*) FROM number_lease"
HAND_IN_AGAIN = """async ([key, tickets]) => {
    const headers = { "Content-Type": "application/json", "X-Kiosk-Key": key };
    const body = JSON.stringify({ tickets });
    const answer = await fetch("/api/v1/kiosks/hand-ins", { method: "POST", headers, body });
    return (await answer.json()).items.map((each) => each.outcome);
}"""


async def kiosk_base(portal: Portal, url: str = "") -> str:
    network = await portal.app.state.network.current()
    station = network.stations[network.station_index[STATION]]
    return f"{url or portal.url}/kiosk/{await secret_of_new(portal.database, station.id, portal.clock())}"


async def take(page: Page, nth: int = 0) -> str:
    """Choose by touch, from the start; the number that is shown."""
    await page.get_by_role("link", name="取号").click()
    await page.locator(".kiosk__field summary").nth(nth).click()
    await page.locator(".kiosk__field[open] .kiosk__box").first.click()
    await page.get_by_role("button", name="取号并排队").click()
    await page.wait_for_url(lambda url: "/tickets/" in url or "/paper" in url)
    number = page.locator(".kiosk__number")
    await expect(number).not_to_have_text("–")
    return await number.inner_text()


async def back(page: Page) -> None:
    await page.get_by_role("link", name="我已拿到").click()
    await expect(page.get_by_role("link", name="我有预约")).to_be_visible()


async def test_a_kiosk_goes_on_without_a_network_and_hands_in_once(browser: Browser, portal: Portal):
    async with line_to(portal.url) as line:
        await goes_on(browser, portal, line)


async def goes_on(browser: Browser, portal: Portal, line: Line) -> None:
    base = await kiosk_base(portal, line.url)
    page = await new_page(browser, width=DESK, locale="zh-CN", own=True)
    await page.goto(base + "?lang=zh-CN")
    await expect(page.locator("body[data-kept=yes]")).to_be_attached(timeout=15000)
    await expect(page.locator("[data-kiosk-state]")).to_have_text("网络正常")
    first = await take(page)
    await back(page)

    handed: list[str] = []
    page.on("request", lambda sent: handed.append(sent.post_data or "") if "hand-ins" in sent.url else None)
    await line.cut()
    await page.context.set_offline(True)
    numbers = []
    for n in range(3):
        numbers.append(await take(page, n))
        await expect(page.locator("[data-kiosk-state]")).to_contain_text(f"待上传 {n + 1} 个")
        await back(page)
    assert [each[1:] for each in (first, *numbers)] == ["001", "002", "003", "004"]
    await expect(page.locator("[data-kiosk-state]")).to_contain_text("起网络中断，仍可照常取号")
    await page.get_by_role("link", name="我有预约").click()
    await expect(page.locator("[data-kiosk-cut]")).to_be_visible()
    assert [row[1] for row in await portal.database.fetch(TICKETS, ())] == [1]

    await line.mend()
    await page.context.set_offline(False)
    await expect(page.locator("[data-kiosk-state]")).to_have_text("网络正常 · 已上传 3 个")
    rows = await portal.database.fetch(TICKETS, ())
    assert [f"{letter}{number:03}" for _id, number, letter in rows] == [first, *numbers]
    tickets = [each for sent in handed for each in json.loads(sent)["tickets"]]
    assert {each["ticket_id"] for each in tickets} == {row[0] for row in rows[1:]}
    key = base.rpartition("/")[2]
    assert set(await page.evaluate(HAND_IN_AGAIN, [key, tickets])) == {"known"}
    await page.reload()
    await page.goto(base + "?lang=zh-CN")
    assert (await take(page))[1:] == "005"
    assert [row[1] for row in await portal.database.fetch(TICKETS, ())] == [1, 2, 3, 4, 5]
    assert await portal.database.fetch(LEASES, ()) == [(1,)]
    assert LEASED > 5
    await page.context.close()


async def test_a_kiosk_is_read_and_used_by_everybody_in_both_languages(browser: Browser, portal: Portal, clock: Clock):
    base = await kiosk_base(portal)
    for locale, width in (("zh-CN", PHONE), ("en", DESK)):
        page = await new_page(browser, width=width, locale=locale, own=True)
        for name in ("", "/new", "/arrive"):
            await page.goto(f"{base}{name}?lang={locale}")
            await expect(page.locator("[data-kiosk-state]")).not_to_be_empty()
            await look(page, f"kiosk-{name[1:] or 'start'}-{locale}-{width}")
        await page.locator("[data-kiosk-key=Z]").click()
        await page.locator("[data-kiosk-key=T]").click()
        await expect(page.locator("#f-reference")).to_have_value("ZT")
        await page.keyboard.press("Tab")
        await page.locator("#f-reference").press("Enter")
        await expect(page.locator("#f-reference-error")).to_be_visible()
        await screenshot(page, f"kiosk-arrive-wrong-{locale}-{width}")
        await page.goto(f"{base}/new?lang={locale}")
        await page.locator("form .kiosk__go").click()
        await expect(page.locator("[data-kiosk-none]")).not_to_be_empty()
        await page.locator(".kiosk__field summary").first.click()
        await page.locator(".kiosk__field[open] .kiosk__box").nth(1).click()
        await screenshot(page, f"kiosk-chosen-{locale}-{width}")
        await assert_accessible(page)
        await page.locator("form .kiosk__go").click()
        await page.wait_for_url("**/tickets/**")
        await look(page, f"kiosk-ticket-{locale}-{width}")
        await page.emulate_media(media="print")
        await expect(page.locator(".slip__number")).to_be_visible()
        await expect(page.locator(".kiosk__main")).to_be_hidden()
        await screenshot(page, f"kiosk-slip-{locale}-{width}")
    plain = await new_page(browser, width=DESK, locale="en", javascript=False)
    await plain.goto(f"{base}/new?lang=en")
    await plain.locator(".kiosk__field summary").first.click()
    await plain.locator(".kiosk__field[open] .kiosk__box").first.click()
    await plain.get_by_role("button", name="Take the ticket").click()
    await expect(plain.locator(".kiosk__number")).not_to_be_empty()
    await opens_by_itself(browser, portal, clock)


async def opens_by_itself(browser: Browser, portal: Portal, clock: Clock) -> None:
    """A kiosk that stood closed over night: nobody is there who would load its page again."""
    opened = clock()
    clock.move(opened.replace(hour=22))
    base = await kiosk_base(portal)
    page = await new_page(browser, width=DESK, locale="en", own=True)
    await page.goto(base + "?lang=en")
    await expect(page.get_by_text("The hall is closed now")).to_be_visible()
    await look(page, "kiosk-closed-en-1440")
    clock.move((opened + timedelta(days=1)).replace(hour=8))
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("link", name="I have an appointment")).to_be_visible()
    await page.context.close()
