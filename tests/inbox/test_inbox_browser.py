"""The list of staff in a real Chromium: a request beside it, steps without leaving it, keys, at two widths with axe."""

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.requests.booking import Booker, Json, code
from tests.support.people import Signed
from tests.support.portal import Portal
from tests.web.browser import (
    DESK,
    PHONE,
    look,
    open_as,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]


@pytest.fixture
async def booked(address: str) -> list[Json]:
    async with httpx.AsyncClient(base_url=address) as client:
        booker = Booker(client)
        made = [await booker.book() for _n in range(4)]
        path = f"{made[2]['links']['self']}/messages"
        await client.post(path, json={"text": "需要带证书吗？"}, headers=code(made[2]))
        return made


@pytest.fixture
async def officer(portal: Portal, booked: list[Json]) -> Signed:
    return await portal.people.staff("officer", station=booked[0]["appointment"]["station_code"])


async def opened(browser: Browser, address: str, who: Signed, locale: str, width: int) -> Page:
    page = await open_as(browser, address, who, width=width, locale=locale)
    await page.goto(f"{address}/office/requests")
    return page


async def test_an_officer_moves_each_request_on_without_leaving_the_list(
    browser: Browser, address: str, officer: Signed, booked: list[Json]
):
    page = await opened(browser, address, officer, "en", DESK)
    references = [each["reference"] for each in booked]
    await by_keys(page, address, references)
    await with_a_form(page, references[2])
    await all_at_once(page, references[0], references[3])
    await keys_off(page, address, references[0])
    phone = await opened(browser, address, officer, "zh-CN", PHONE)
    await on_a_phone(phone, address, references[2])


def row(page: Page, reference: str) -> Locator:
    return page.locator(f"#row-{reference}")


async def by_keys(page: Page, address: str, references: list[str]) -> None:
    """The second request is opened beside the list and accepted, then the next one opened."""
    first, second, third, _last = references
    panel = page.locator("#panel")
    await look(page, "inbox-list")
    await page.keyboard.press("j")
    await expect(row(page, first).locator("a[data-open]")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("o")
    await expect(panel.locator("#request-title")).to_contain_text(second)
    await expect(page).to_have_url(f"{address}/office/requests?open={second}")
    await expect(panel.locator("[data-map][data-ready]")).to_have_count(1)
    await look(page, "inbox-panel")
    await page.keyboard.press("a")
    await expect(panel.locator(".notice--good")).to_be_visible()
    await expect(row(page, second)).to_contain_text("Time set")
    await row(page, first).locator("a[data-open]").focus()
    await page.keyboard.press("n")
    await expect(panel.locator("#request-title")).to_contain_text(third)
    await expect(panel.locator("#messages .tag")).to_contain_text("1 new")
    await panel.locator("textarea[name=text]").fill("八点半开门。")
    await panel.locator("form[action$='/messages'] button").click()
    await expect(panel.locator(".message--own")).to_contain_text("八点半开门。")
    await expect(row(page, third).locator(".tag--info[href]")).to_have_count(0)


async def with_a_form(page: Page, reference: str) -> None:
    """A step that needs something asks beside the list, says there what is wrong, and hears no keys meanwhile."""
    panel, field = page.locator("#panel"), page.locator("#panel [name='wanted.items.1.inputs.serial_no']")
    await row(page, reference).locator("a[data-open]").focus()
    await page.keyboard.press("r")
    await expect(field).to_be_visible()
    await panel.locator("button[type=submit]").click()
    await expect(panel.locator(".error-summary")).to_be_focused()
    await page.keyboard.press("x")
    assert await page.locator("[name=reference]:checked").count() == 0
    await look(page, "inbox-panel-wrong")
    await field.press_sequentially("x j k a r ?")
    await expect(page.locator("dialog.keys")).to_be_hidden()
    await panel.locator("button[type=submit]").click()
    await expect(row(page, reference)).to_contain_text("To be corrected")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(row(page, reference).locator("a[data-open]")).to_be_focused()


async def all_at_once(page: Page, one: str, other: str) -> None:
    """Two are selected, by mouse and by key, and accepted together."""
    await row(page, one).locator("input").check()
    await row(page, other).locator("a[data-open]").focus()
    await page.keyboard.press("x")
    await expect(page.locator("[data-chosen]")).to_have_text("2 selected")
    await page.locator("#bulk button").click()
    await look(page, "inbox-bulk")
    await page.locator("form[method=post][action='/office/requests/bulk'] button").click()
    await expect(page.locator(".notice--good")).to_contain_text("2 requests have taken the step.")


async def keys_off(page: Page, address: str, reference: str) -> None:
    """An address with a request in it opens with it; the keys can be seen, and switched off."""
    await page.goto(f"{address}/office/requests?open={reference}")
    await expect(page.locator("#panel #request-title")).to_contain_text(reference)
    dialog = page.locator("dialog.keys")
    await page.locator("body").press("?")
    await expect(dialog).to_be_visible()
    await look(page, "inbox-keys")
    await dialog.locator("[data-keys-off]").check()
    await page.keyboard.press("Escape")
    await page.locator("body").press("?")
    await expect(dialog).to_be_hidden()


async def on_a_phone(page: Page, address: str, reference: str) -> None:
    await look(page, "inbox-list-phone")
    await page.click(f"#row-{reference} a[data-open]")
    await page.wait_for_url(f"{address}/office/requests/{reference}")
    await look(page, "inbox-request-phone")
    await page.goto(f"{address}/office/requests?open={reference}")
    await expect(page.locator(".inbox__list")).to_be_hidden()
