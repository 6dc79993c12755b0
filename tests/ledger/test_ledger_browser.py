"""The ledger in a real Chromium: from an empty one by a file to a booked verification; in both languages and widths."""

from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import Clock
from tests.ledger.support import Keeper, gauge
from tests.ledger.test_files import ROW, table
from tests.support.portal import Portal
from tests.web.browser import ON_A_PHONE, look, open_as

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LONG = "高精度全自动多通道便携式本质安全型可燃有毒有害气体泄漏检测报警控制系统（含远程传输模块）" * 2


@pytest.fixture
async def keeper(portal: Portal, clock: Clock) -> Keeper:
    who = await portal.people.enterprise(name="芜湖长江阀门有限公司")
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=portal.app), base_url="http://testserver")
    return Keeper(portal.app, client, who)


@pytest.fixture
def address(portal: Portal) -> str:
    return portal.url


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_the_way_of_a_ledger(  # noqa: PLR0917 - fixtures
    browser: Browser, address: str, keeper: Keeper, tmp_path: Path, locale: str, width: int
):
    name = f"{locale}-{width}"
    page = await open_as(browser, address, keeper.who, width=width, locale=locale)
    await page.goto(address + keeper.pages)
    await look(page, f"ledger-empty-{name}")
    await by_file(page, address + keeper.pages, tmp_path, name)
    await one_by_one(page, address + keeper.pages, keeper, name)
    await rebook(page, address + keeper.pages, name)
    await page.goto(f"{address}{keeper.pages}/reminders")
    await look(page, f"ledger-reminders-{name}")


async def by_file(page: Page, here: str, folder: Path, name: str) -> None:
    await page.goto(f"{here}/import")
    await page.click("main form .btn-primary")
    await look(page, f"ledger-import-wrong-{name}")
    file = folder / "台账.csv"
    bad = ["", *ROW[1:7], "杭州市", "零", "好玩", "送检"]
    file.write_bytes(table([[*ROW[:4], f"N-{n}", *ROW[5:]] for n in range(60)] + [bad]))
    await page.set_input_files("#f-file", file)
    await page.click("main form .btn-primary")
    await page.wait_for_url("**/imports/*")
    await look(page, f"ledger-preview-{name}")
    await page.click("main form .btn-primary")
    await page.wait_for_url("**done=taken_in")
    await look(page, f"ledger-taken-in-{name}")


async def one_by_one(page: Page, here: str, keeper: Keeper, name: str) -> None:
    await page.goto(f"{here}/new")
    await page.fill("#f-quantity", "viele")
    await page.click("main form .btn-primary")
    await look(page, f"instrument-wrong-{name}")
    await page.fill("#f-instrument_name", LONG[:200])
    await page.fill("#f-quantity", "2")
    await page.fill("#f-serial_no", "X" * 120)
    await page.fill("#f-last_cert_date", "2026-01-05")
    await page.fill("#f-interval_months", "6")
    await page.press("#f-interval_months", "Enter")
    await page.wait_for_url("**done=added")
    await look(page, f"instrument-added-{name}")
    made = await keeper.add(gauge("Y-1", valid_until="2026-12-20"))
    await page.goto(f"{here}/{made['id']}/edit")
    await keeper.change(made, install_location="二号锅炉房")
    await page.fill("#f-install_location", "三号锅炉房")
    await page.press("#f-install_location", "Enter")
    await expect(page.locator(".notice--attention")).to_be_visible()
    await look(page, f"instrument-slower-{name}")
    await page.press("#f-install_location", "Enter")
    await page.wait_for_url("**done=changed")
    await look(page, f"instrument-changed-{name}")
    await page.goto(f"{here}/{made['id']}/retire")
    await look(page, f"instrument-retire-{name}")
    await page.goto(f"{here}?q=没有的")
    await look(page, f"ledger-none-{name}")


async def rebook(page: Page, here: str, name: str) -> None:
    await page.goto(here)
    await look(page, f"ledger-{name}")
    await page.click("main button.btn-primary")
    await look(page, f"rebook-nothing-{name}")
    await page.goto(here)
    for n in range(3):
        box = page.locator(".ledger-choose input").nth(n)
        await box.focus()
        await page.keyboard.press("Space")
        await expect(box).to_be_checked()
    await page.click("main button.btn-primary")
    await look(page, f"rebook-{name}")
    await page.click("main .card-box .btn-primary")
    await page.wait_for_url("**/book/*/when")
    await look(page, f"rebook-when-{name}")
