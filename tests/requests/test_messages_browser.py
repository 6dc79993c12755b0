"""Messages in a real Chromium, by keyboard: empty, long, with five files, with a wrong one; both sides, two widths."""

import httpx
import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.files.samples import PDF
from tests.requests.booking import Booker
from tests.requests.test_staff_browser import look, open_as
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE, new_page

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


def files(*names: str, data: bytes = PDF) -> list[FilePayload]:
    return [{"name": name, "mimeType": "application/pdf", "buffer": data} for name in names]


async def test_applicant_and_officer_write_to_each_other(browser: Browser, portal: Portal):
    address = portal.url
    async with httpx.AsyncClient(base_url=address) as client:
        booked = await Booker(client).book()
    path = f"{address}/r/{booked['reference']}"
    page = await new_page(browser, width=PHONE, locale="zh-CN")
    await page.goto(path)
    await page.fill("input[name=code]", booked["access_code"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages")).to_be_visible()
    await look(page, "messages-empty")
    await page.fill("#f-text", "很长" * 200 + "x" * 500)
    await page.set_input_files("#f-files", files(*[f"第{n}份证书{'长' * 60}.pdf" for n in range(5)]))
    await page.focus("#f-text")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message__files a")).to_have_count(5)
    await look(page, "messages-five-files")
    await page.fill("#f-text", "再看一份")
    await page.set_input_files("#f-files", files("a.pdf", data=b"<html>"))
    await page.click(".thread form button[type=submit]")
    await expect(page.locator("#f-text")).to_have_value("再看一份")
    await look(page, "messages-wrong-file")
    officer = await portal.people.staff("officer", station=booked["appointment"]["station_code"])
    page = await open_as(browser, address, officer, locale="en", width=DESK)
    await page.goto(f"{address}/office/requests/{booked['reference']}")
    await page.click(".thread details > summary")
    await page.fill("#f-note", "Call first.")
    await page.click(".thread details button[type=submit]")
    await expect(page.locator(".message--inside")).to_be_visible()
    await look(page, "messages-office")
