"""The pages of results in a real Chromium: entered wrong and right, verified, issued, checked, corrected, withdrawn."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.test_life_api import Life
from tests.results.conftest import begun
from tests.support.portal import Portal
from tests.web.browser import LOOKS, look, new_page, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


async def submit(page: Page, action: str) -> None:
    await page.locator(f"form[action$='{action}'] button").first.click()


async def enter(page: Page, name: str) -> None:
    """Nothing typed, then a value that is none, then what is right."""
    await page.locator("a[href$='/enter']").first.click()
    await page.locator(".sticky-action button").click()
    await look(page, f"{name}-wrong")
    await page.locator("input[name=passed][value=yes]").check()
    for n, (point, up, down) in enumerate((("0.40", "0.402", "0.405"), ("0.80", "viel", "0.80"))):
        for key, value in (("point", point), ("up", up), ("down", down)):
            await page.locator(f"[name='rows.{n}.{key}']").fill(value)
    await page.locator("button[name=more_rows]").click()
    await expect(page.locator("[name^='rows.'][name$='.up']")).to_have_count(7)
    await page.locator(".sticky-action button").click()
    await expect(page.locator("#f-rows-1-up-error")).to_be_visible()
    await page.locator("[name='rows.1.up']").fill("0.798")
    await page.locator("[name=environment]").fill("20 ℃，50 %RH")
    await page.locator(".sticky-action button").click()
    await page.wait_for_url("**/results?changed=entered")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_from_what_was_read_to_a_document_that_anybody_checks(
    browser: Browser, portal: Portal, clock: Clock, locale: str, width: int
):
    people, options = portal.people, {"locale": locale, "width": width}
    async with httpx.AsyncClient(base_url=portal.url) as client:
        booker = Booker(client)
        life = await begun(Life(booker, people, clock, await booker.book()))
    station, reference = life.booked["appointment"]["station_code"], life.booked["reference"]
    path, name = f"{portal.url}/office/requests/{reference}", f"results-{locale}-{width}"
    window = await open_as(browser, portal.url, await people.staff("window", station=station), **options)
    await window.goto(path)
    await window.locator(".next-steps a[href$='/results']").click()
    await look(window, f"{name}-empty")
    await enter(window, f"{name}-enter")
    await look(window, f"{name}-entered")
    officer = await open_as(browser, portal.url, await people.staff("officer", station=station), **options)
    await officer.goto(f"{path}/results")
    await look(officer, f"{name}-verify")
    await submit(officer, "/verify")
    await look(officer, f"{name}-verified")
    await submit(officer, "/issue")
    await look(officer, f"{name}-issued")
    await followed(browser, portal, life, name, options)
    await officer.locator("details", has=officer.locator("form[action$='/withdraw']")).locator("summary").click()
    await submit(officer, "/withdraw")
    await expect(officer.locator(".error-summary")).to_be_visible()
    await look(officer, f"{name}-withdraw-wrong")
    await officer.locator("[name=reason]").fill("标准器超出有效期")
    await submit(officer, "/withdraw")
    await look(officer, f"{name}-withdrawn")


async def followed(browser: Browser, portal: Portal, life: Life, name: str, options: dict[str, object]) -> None:
    """The applicant opens the page, saves the PDF and checks the document, which a mistyped code doesn't find."""
    page = await new_page(browser, **options)  # type: ignore[arg-type]  # width and language
    await page.goto(f"{portal.url}/r/{life.booked['reference']}")
    await page.locator("[name=code]").fill(life.booked["access_code"])
    await page.locator("main button[type=submit]").click()
    await look(page, f"{name}-follow")
    await page.locator("a[href$='/results']").click()
    await look(page, f"{name}-applicant")
    async with page.expect_download() as saving:
        await page.locator("a[href$='.pdf']").click()
    saved = await saving.value
    assert re.fullmatch(r"WH-.*-00001-v1\.pdf", saved.suggested_filename)
    await page.locator("a[href^='/check?']").click()
    await look(page, f"{name}-check")
    await page.goto(f"{portal.url}/check?number=WH-1-2026-00001&code=AAAA-AAAA")
    await look(page, f"{name}-check-wrong")
