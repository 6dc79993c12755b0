"""The pages of one's own account in a real Chromium: full, empty and wrong, both languages, phone and desk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page

from app.accounts.models import Person
from app.accounts.service.sessions import Device, begin
from app.kit import clock as app_clock
from app.kit.passwords import Passwords
from app.main import create_app
from tests.accounts.own import STEP
from tests.accounts.test_sso_forged import Liar, honest
from tests.conftest import Clock, empty, make_settings
from tests.support.people import PASSWORD, People, Signed
from tests.web.browser import (
    DESK,
    LOOKS,
    PHONE,
    Server,
    assert_accessible,
    assert_no_sideways_scroll,
    errors_of,
    new_page,
    open_browser,
    running,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
LOCALES = ("zh-CN", "en")
CHROMIUM = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile MicroMessenger/8.0.50"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@dataclass(frozen=True)
class Portal:
    """The running application, and an officer who is signed in on a phone and by a program too."""

    server: Server
    signed: Signed
    clock: Clock


@pytest.fixture
async def portal(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Portal]:
    app = create_app(make_settings(database_url, tmp_path))
    app.dependency_overrides[app_clock.now] = clock
    app.state.passwords = Passwords(passes=1, memory_kib=64, lanes=1)
    app.state.sso = Liar(honest).provider()
    async with running(app) as server:
        yield Portal(server, await officer(app, clock), clock)
        await empty(app.state.database)


async def officer(app: FastAPI, clock: Clock) -> Signed:
    signed = await People(app.state.database, clock, app.state.callers.timeouts).staff("officer")
    async with app.state.database.writer() as session:
        person = await session.get_one(Person, signed.id)
        person.name, person.email = "欧阳明月", "mingyue.ouyang@example.com"
        person.password_hash = await app.state.passwords.hash(PASSWORD)
        await begin(session, person.id, Device("2001:db8::17", WECHAT), app.state.callers.timeouts, clock.now)
        await session.commit()
    await app.state.database.fetch("UPDATE signin_session SET agent = %s WHERE agent = 'Tests'", (CHROMIUM,))
    return signed


async def signed_in(browser: Browser, portal: Portal, *, width: int = DESK, locale: str = "zh-CN",
                    javascript: bool = True) -> Page:  # fmt: skip
    page = await new_page(browser, width=width, locale=locale, javascript=javascript)
    cookie = {"name": "onestop_session", "value": portal.signed.cookie, "url": portal.server.url}
    await page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


async def looked_at(page: Page, name: str, width: int, locale: str) -> None:
    await assert_no_sideways_scroll(page)
    await assert_accessible(page)
    assert errors_of(page) == []
    await screenshot(page, f"{name}-{locale}-{width}")


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_account_sessions_and_keys_read_well(browser: Browser, portal: Portal, width: int, locale: str) -> None:
    page = await signed_in(browser, portal, width=width, locale=locale)
    for path in ("", "/name", "/password", "/address", "/sessions", "/sessions/others/end", "/keys", "/keys/new"):
        await page.goto(f"{portal.server.url}/account{path}")
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
    await page.context.close()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_second_factor_is_set_up_by_hand(browser: Browser, portal: Portal, width: int, locale: str) -> None:
    page = await signed_in(browser, portal, width=width, locale=locale)
    await page.goto(f"{portal.server.url}/account/second-factor")
    await looked_at(page, "factor-off", width, locale)
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator("button.btn-primary").click()
    await page.locator("summary").click()
    await looked_at(page, "factor-set-up", width, locale)
    seed = (await page.locator(".secret-text").inner_text()).replace(" ", "")
    await page.locator("#f-code").fill("000000")
    await page.locator("button.btn-primary").click()
    await looked_at(page, "factor-wrong", width, locale)
    portal.clock.move(2 * STEP)
    await page.locator("#f-code").fill(pyotp.TOTP(seed).at(portal.clock.now))
    await page.locator("button.btn-primary").click()
    assert await page.locator(".codes li").count() == 10
    await looked_at(page, "factor-codes", width, locale)
    async with page.expect_download() as download:
        await page.locator("form[action$='codes.txt'] button").click()
    assert (await download.value).suggested_filename == "recovery-codes.txt"
    await page.goto(f"{portal.server.url}/account/second-factor")
    await looked_at(page, "factor-on", width, locale)
    await page.context.close()


async def test_it_works_by_keyboard_alone_and_without_scripts(browser: Browser, portal: Portal) -> None:
    page = await signed_in(browser, portal, javascript=False)
    await page.goto(f"{portal.server.url}/account/name")
    await page.locator("#f-name").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("欧阳清")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account?changed=name*")
    assert "欧阳清" in await page.locator("main").inner_text()
    await page.context.close()


@pytest.mark.parametrize("locale", LOCALES)
async def test_large_text_breaks_nothing(browser: Browser, portal: Portal, locale: str) -> None:
    page = await signed_in(browser, portal, width=PHONE, locale=locale)
    await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": portal.server.url}])
    for path in ("", "/sessions", "/keys", "/second-factor"):
        await page.goto(f"{portal.server.url}/account{path}")
        await looked_at(page, f"account-large{path.replace('/', '-')}", PHONE, locale)
    await page.context.close()


@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_a_sign_on_that_failed_says_what_to_do(browser: Browser, portal: Portal, width: int, locale: str) -> None:
    page = await new_page(browser, width=width, locale=locale)
    answer = await page.goto(f"{portal.server.url}/sign-in/sso/callback?state=x")
    assert answer
    assert answer.status == 400
    await assert_no_sideways_scroll(page)
    await assert_accessible(page)
    await screenshot(page, f"sso-failed-{locale}-{width}")
    await page.context.close()
