"""Reception in a real Chromium: a label before its camera, the pages looked at, all of it by keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import segno
from playwright.async_api import Browser, async_playwright, expect

from tests.conftest import Clock
from tests.reception.conftest import Counter
from tests.requests.booking import Booker
from tests.support.portal import Portal
from tests.web.browser import AT_A_DESK, DESK, ON_A_PHONE, PHONE, errors_of, launch_options, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> None:
    """A film (YUV4MPEG2, 4:2:0) of a paper with a QR code, as the camera's picture."""
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(scale=7, border=4)]
    top, left = (HEIGHT - len(rows)) // 2, (WIDTH - len(rows)) // 2
    picture = bytearray(b"\xc8" * (WIDTH * HEIGHT))
    for y, row in enumerate(rows):
        start = (top + y) * WIDTH + left
        picture[start : start + len(row)] = bytes(24 if dark else 220 for dark in row)
    frame = b"FRAME\n" + bytes(picture) + b"\x80" * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\n".encode() + frame * 10)


@pytest.fixture
async def counter(portal: Portal, clock: Clock) -> AsyncIterator[Counter]:
    async with httpx.AsyncClient(base_url=portal.url) as client:
        counter = Counter(client, portal.people, clock, await Booker(client).book())
        counter.arrive()
        yield counter


async def test_a_label_before_the_camera_opens_its_thing(counter: Counter, portal: Portal, tmp_path: Path):
    [thing, *_] = await counter.label()
    film(tmp_path / "label.y4m", f"{portal.url}/w/{thing}")
    options = launch_options()
    options["args"] = [
        *options["args"],
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'label.y4m'}",
    ]
    who = await portal.people.staff("officer", station=counter.station)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**options)
        page = await open_as(chromium, portal.url, who, width=PHONE, locale="zh-CN", own=True)
        await page.goto(portal.url + counter.office)
        await page.get_by_role("button", name="用摄像头扫码").click()
        await page.wait_for_url(f"**/things/{thing}")
        assert errors_of(page) == []
        await chromium.close()


async def test_a_browser_without_a_camera_says_what_to_do(counter: Counter, portal: Portal, browser: Browser):
    who = await portal.people.staff("window", station=counter.station)
    page = await open_as(browser, portal.url, who, width=DESK, locale="en")
    await page.goto(portal.url + counter.office)
    await page.get_by_role("button", name="Scan with the camera").click()
    await expect(page.locator("[data-scan-status]")).to_contain_text("ype the code")
    await expect(page.locator("#f-scanned")).to_be_focused()


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE + AT_A_DESK)
async def test_a_thing_is_taken_in_by_keys_alone(
    counter: Counter, portal: Portal, browser: Browser, locale: str, width: int
):
    [thing, second, _third] = await counter.label()
    page = await open_as(
        browser, portal.url, await portal.people.staff("officer", station=counter.station), width=width, locale=locale
    )
    look_of = f"{locale[:2]}-{width}"
    await page.goto(portal.url + counter.office)
    await expect(page.locator("#f-scanned")).to_be_focused()
    await look(page, f"reception-empty-{look_of}")
    await page.keyboard.type(f"{portal.url}/w/{thing}\n")  # as a scanner does
    await page.wait_for_url(f"**/things/{thing}")
    await look(page, f"reception-thing-{look_of}")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")  # the button that takes it in has the focus
    await expect(page.get_by_role("status").first).to_contain_text(thing)
    await expect(page.locator("#f-scanned")).to_be_focused()
    await counter.act(
        second, "receive", condition="marked", words="表盘玻璃有一道划痕，指针正常", place="A-3", giver="王芳"
    )
    await counter.act(second, "send-on", taker="安徽省计量科学研究院", due_back="2026-12-20")
    await page.reload()
    await look(page, f"reception-lists-{look_of}")
    await page.goto(f"{portal.url}{counter.office}/things/{second}")
    await look(page, f"reception-away-{look_of}")
    await page.goto(f"{portal.url}{counter.office}/things/{thing}/return")
    await look(page, f"reception-return-{look_of}")
    await page.locator("form[action$=return] button[type=submit]").click()
    await look(page, f"reception-wrong-{look_of}")
    await page.goto(f"{portal.url}{counter.office}/requests/{counter.reference}")
    await look(page, f"reception-labels-{look_of}")
    await page.goto(f"{portal.url}/office/requests/{counter.reference}")
    await look(page, f"reception-panel-{look_of}")
    own = await open_as(browser, portal.url, await portal.people.enterprise(), width=width, locale=locale)
    await own.goto(f"{portal.url}/r/{counter.reference}")
    await own.locator("#f-code").fill(counter.booked["access_code"])
    await own.keyboard.press("Enter")
    await own.locator(".custody summary").last.click()
    await look(own, f"reception-owner-{look_of}")
