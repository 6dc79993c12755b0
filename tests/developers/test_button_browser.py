"""The button on a page of somebody else: another origin, a strict policy, by keyboard, and without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app.developers.snippets import Button
from tests.web.browser import (
    DESK,
    LOOKS,
    PHONE,
    Server,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    look,
    new_page,
    running,
    screenshot,
)

pytestmark = pytest.mark.browser
GAUGE, STATION = "MET-MEC-015", "WH-YJ-01"
HOST = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Park</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><main><h1>Park</h1>{markup}</main></body></html>"""
POLICY = "default-src 'none'; script-src {portal}; img-src data:; require-trusted-types-for 'script'; trusted-types"


@asynccontextmanager
async def host(portal: str, *markups: str, lang: str = "zh-CN") -> AsyncIterator[Server]:
    """A website of somebody else, on another port, that allows nothing but the portal's script."""

    async def show(_request: Request) -> HTMLResponse:
        text = HOST.format(lang=lang, markup="\n".join(f"<div>{markup}</div>" for markup in markups))
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY.format(portal=portal)})

    async with running(Starlette(routes=[Route("/", show)]), lifespan="off") as server:
        yield server


def button(portal: str, **changes: str) -> Button:
    own = {"address": portal, "service": GAUGE, "name": "压力表检定", "station": STATION}
    return Button(**own | changes)


async def pressed(page: Page) -> Page:
    """What opens when the link that has the focus is followed."""
    async with page.context.expect_page() as opened:
        await page.keyboard.press("Enter")
    booking = await opened.value
    await booking.wait_for_load_state()
    return booking


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_on_another_website_it_leads_to_the_booking_by_keyboard(browser: Browser, address: str, width: int):
    async with host(address, button(address).markup) as there:
        page = await new_page(browser, width=width, own=True)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(there.url)
        link = page.locator("onestop-book").get_by_role("link", name=re.compile("预约：压力表检定 ?（在新窗口打开）"))
        await expect(link).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(link).to_be_focused()
        outline = await link.evaluate("e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]")
        assert outline == ["solid", "3px"]
        box = await link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        await screenshot(page, f"button-{width}")
        assert [url for url in asked if url.startswith(address)] == [f"{address}/embed/v1.js"]
        booking = await pressed(page)
        await expect(booking.locator(".trip, .summary").first).to_contain_text("压力表")
        assert await booking.evaluate("window.opener") is None
        assert await booking.evaluate("document.referrer") == ""
        assert errors_of(page) == []


async def test_it_is_readable_on_light_and_dark_grounds(browser: Browser, address: str):
    markups = [button(address, theme=theme).markup for theme in ("light", "dark", "auto")]
    async with host(address, *markups) as there:
        for scheme in ("light", "dark"):
            page = await new_page(browser, width=PHONE, own=True, color_scheme=scheme, bypass_csp=True)
            await page.goto(there.url)
            await expect(page.get_by_role("link", name=re.compile("新窗口")).first).to_be_visible()
            await assert_accessible(page)
            await assert_no_sideways_scroll(page)
            await screenshot(page, f"button-grounds-{scheme}")


async def test_where_scripts_do_not_run_the_plain_link_leads_there(browser: Browser, address: str):
    async with host(address, button(address, lang="en", name="Gauges").markup, lang="en") as there:
        page = await new_page(browser, javascript=False, own=True)
        await page.goto(there.url)
        await expect(page.get_by_role("link", name="Book: Gauges")).to_be_visible()
        await page.keyboard.press("Tab")
        booking = await pressed(page)
        await expect(booking.locator("html")).to_have_attribute("lang", "en")
        assert re.search(r"/book/[^/]+/what$", booking.url)


async def test_a_page_that_allows_no_script_of_ours_still_has_the_link(browser: Browser, address: str):
    async with host("'none'", button(address).markup) as there:
        page = await new_page(browser, own=True)
        await page.goto(there.url)
        await expect(page.get_by_role("link", name="预约：压力表检定")).to_be_visible()


async def test_what_a_page_changes_on_it_shows_at_once_and_is_never_markup(browser: Browser, address: str):
    async with host(address, button(address).markup) as there:
        page = await new_page(browser, own=True)
        await page.goto(there.url)
        element, link = page.locator("onestop-book"), page.locator("onestop-book").get_by_role("link")
        await element.evaluate(
            "e => { e.setAttribute('label', '<b>x</b>'); e.setAttribute('service', 'A B&station=C'); }"
        )
        await expect(link).to_contain_text("<b>x</b>")
        href = await link.get_attribute("href")
        assert href == f"{address}/book?service=A&service=B%26station%3DC&station={STATION}&lang=zh-CN"
        await element.evaluate(
            "e => { e.querySelector('a').href = 'javascript:alert(1)'; e.setAttribute('lang', 'en'); }"
        )
        assert (await link.get_attribute("href") or "").startswith(f"{address}/book?")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_button_is_made_and_copied(browser: Browser, address: str, locale: str, width: int):
    page = await new_page(browser, width=width, locale=locale)
    await page.goto(f"{address}/embed")
    await look(page, f"embed-{locale}-{width}")
    await page.locator("#f-q").fill("yalibiao")
    await page.keyboard.press("Escape")
    await page.goto(f"{address}/embed?q=yalibiao")
    await look(page, f"embed-found-{locale}-{width}")
    await page.locator(f"a[href$='{GAUGE}']").click()
    await page.locator("[name=label]").fill("<b>&\"'")
    await expect(page.locator("#button pre").first).to_contain_text("&lt;b&gt;&amp;")
    await page.locator("[name=theme][value=dark]").check()
    await expect(page.locator("#button onestop-book")).to_have_attribute("theme", "dark")
    await page.locator("[name=station]").select_option(STATION)
    await expect(page.locator("#button onestop-book")).to_have_attribute("station", STATION)
    await expect(page.locator("#button onestop-book a").last).to_contain_text("<b>")
    await look(page, f"embed-made-{locale}-{width}")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_pages_for_developers_are_accessible(browser: Browser, address: str, locale: str, width: int):
    page = await new_page(browser, width=width, locale=locale)
    for name in ("docs/python", "open-data"):
        await page.goto(f"{address}/{name}")
        for summary in await page.locator("details > summary").all():
            await summary.click()
        await look(page, f"{name.replace('/', '-')}-{locale}-{width}")


async def test_a_button_is_made_without_scripts(browser: Browser, address: str):
    page = await new_page(browser, locale="en", javascript=False)
    await page.goto(f"{address}/embed?service={GAUGE}")
    await page.locator("[name=station]").select_option(STATION)
    await page.get_by_role("button", name="Show the button").click()
    await expect(page.locator("#button pre").first).to_contain_text(f'station="{STATION}"')
