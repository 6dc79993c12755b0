"""The pages of one's own account in a real Chromium: full, empty and wrong, both languages, phone and desk."""

import pyotp
import pytest
from playwright.async_api import Browser, Page

from app.accounts.models import Person
from app.accounts.service.sessions import Device, begin
from tests.accounts.own import STEP
from tests.accounts.test_sso_forged import Liar, honest
from tests.conftest import Clock
from tests.support.people import PASSWORD, Signed
from tests.support.portal import Portal
from tests.web.browser import (
    AT_A_DESK,
    LOOKS,
    ON_A_PHONE,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    look,
    new_page,
    open_as,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LOCALES = ("zh-CN", "en")
CHROMIUM = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile MicroMessenger/8.0.50"


@pytest.fixture
async def officer(portal: Portal, clock: Clock) -> Signed:
    """Somebody who is signed in on a phone and by a program too."""
    app, signed = portal.app, await portal.people.staff("officer")
    async with app.state.database.writer() as session:
        person = await session.get_one(Person, signed.id)
        person.name, person.email = "欧阳明月", "mingyue.ouyang@example.com"
        person.password_hash = await app.state.passwords.hash(PASSWORD)
        await begin(session, person.id, Device("2001:db8::17", WECHAT), app.state.callers.timeouts, clock.now)
        await session.commit()
    await app.state.database.fetch("UPDATE signin_session SET agent = %s WHERE agent = 'Tests'", (CHROMIUM,))
    return signed


async def looked_at(page: Page, name: str, width: int, locale: str) -> None:
    await look(page, f"{name}-{locale}-{width}")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_account_sessions_and_keys_read_well(
    *, browser: Browser, address: str, officer: Signed, width: int, locale: str
) -> None:
    page = await open_as(browser, address, officer, width=width, locale=locale)
    for path in ("", "/name", "/password", "/address", "/sessions", "/sessions/others/end", "/keys", "/keys/new"):
        await page.goto(f"{address}/account{path}")
        await looked_at(page, f"account{path.replace('/', '-')}", width, locale)
    await page.locator("button.btn-primary").click()
    await looked_at(page, "account-keys-new-wrong", width, locale)
    await page.get_by_label("用途" if locale == "zh-CN" else "What is it for?").fill("计量实验室台账同步")
    await page.locator("input[type=checkbox]").first.check()
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator("button.btn-primary").click()
    assert (await page.locator(".secret-text").first.inner_text()).startswith("osk_")
    await looked_at(page, "account-keys-made", width, locale)
    await page.locator(".sticky-action a").click()
    await looked_at(page, "account-keys-one", width, locale)


@pytest.mark.parametrize(("locale", "width"), AT_A_DESK)
async def test_a_second_factor_is_set_up_by_hand(
    *, browser: Browser, address: str, officer: Signed, clock: Clock, width: int, locale: str
) -> None:
    page = await open_as(browser, address, officer, width=width, locale=locale)
    await page.goto(f"{address}/account/second-factor")
    await looked_at(page, "factor-off", width, locale)
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator("button.btn-primary").click()
    await page.locator("summary").click()
    await looked_at(page, "factor-set-up", width, locale)
    seed = (await page.locator(".secret-text").inner_text()).replace(" ", "")
    await page.locator("#f-code").fill("000000")
    await page.locator("button.btn-primary").click()
    await looked_at(page, "factor-wrong", width, locale)
    clock.move(2 * STEP)
    await page.locator("#f-code").fill(pyotp.TOTP(seed).at(clock.now))
    await page.locator("button.btn-primary").click()
    assert await page.locator(".codes li").count() == 10
    await looked_at(page, "factor-codes", width, locale)
    async with page.expect_download() as download:
        await page.locator("form[action$='codes.txt'] button").click()
    assert (await download.value).suggested_filename == "recovery-codes.txt"
    await page.goto(f"{address}/account/second-factor")
    await looked_at(page, "factor-on", width, locale)


async def test_it_works_by_keyboard_alone_and_without_scripts(browser: Browser, address: str, officer: Signed) -> None:
    page = await open_as(browser, address, officer, javascript=False)
    await page.goto(f"{address}/account/name")
    await page.locator("#f-name").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("欧阳清")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account?changed=name*")
    assert "欧阳清" in await page.locator("main").inner_text()


@pytest.mark.parametrize("locale", LOCALES)
async def test_large_text_breaks_nothing(browser: Browser, address: str, officer: Signed, locale: str) -> None:
    page = await open_as(browser, address, officer, width=PHONE, locale=locale)
    await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": address}])
    for path in ("", "/sessions", "/keys", "/second-factor"):
        await page.goto(f"{address}/account{path}")
        await looked_at(page, f"account-large{path.replace('/', '-')}", PHONE, locale)


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_a_sign_on_that_failed_says_what_to_do(
    *, browser: Browser, portal: Portal, monkeypatch: pytest.MonkeyPatch, width: int, locale: str
) -> None:
    monkeypatch.setitem(portal.app.state._state, "sso", Liar(honest).provider())
    page = await new_page(browser, width=width, locale=locale)
    answer = await page.goto(f"{portal.url}/sign-in/sso/callback?state=x")
    assert answer
    assert answer.status == 400
    await assert_no_sideways_scroll(page)
    await assert_accessible(page)
    await screenshot(page, f"sso-failed-{locale}-{width}")
