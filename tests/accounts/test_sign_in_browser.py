"""The way in, in a real Chromium: at two widths, in two languages, with and without scripts, by keyboard."""

import re

import pyotp
import pytest
from playwright.async_api import Browser, expect

from app.config import AccountSettings
from tests.accounts.signing import PASSWORD, somebody
from tests.conftest import Clock
from tests.support.portal import Portal
from tests.web.browser import (
    AT_A_DESK,
    DESK,
    ON_A_PHONE,
    PHONE,
    assert_accessible,
    look,
    new_page,
    screenshot,
)

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
EMAIL = "a.very.long.address.for.a.mailbox@verification-and-calibration.example.com"
LINK = re.compile(r"http://\S+/(?:register|password)/\S+")
BUTTON = "main form button.btn-primary"


async def mailed(portal: Portal) -> str:
    """The link in the newest mail."""
    [(body,)] = await portal.database.fetch("SELECT body FROM message ORDER BY id DESC LIMIT 1", ())
    found = LINK.search(body)
    assert found
    return found[0]


@pytest.mark.parametrize(("locale", "width"), ON_A_PHONE)
async def test_somebody_registers_signs_out_and_in_and_forgets_the_password(
    browser: Browser, portal: Portal, locale: str, width: int
):
    page = await new_page(browser, width=width, locale=locale)
    name = f"{locale}-{width}"
    await page.goto(f"{portal.url}/register?next=/services")
    await look(page, f"register-{name}")
    await page.click(BUTTON)
    await look(page, f"register-wrong-{name}")
    await page.fill("#f-email", EMAIL)
    await page.press("#f-email", "Enter")
    await page.wait_for_selector("main form", state="detached")
    await look(page, f"register-sent-{name}")
    await page.goto(await mailed(portal))
    await look(page, f"register-finish-{name}")
    await page.click(BUTTON)
    await page.wait_for_selector(".error-summary")
    await page.locator(".more > summary").first.click()
    await look(page, f"register-finish-wrong-{name}")
    await page.fill("#f-name", "阿卜杜热合曼·买买提吐尔逊")
    await page.fill("#f-password", PASSWORD)
    await page.check("#f-consent")
    await page.click(BUTTON)
    await page.wait_for_url("**/services")
    await page.click("form[action='/sign-out'] button")
    await page.wait_for_url("**/sign-in?done=out")
    await look(page, f"signed-out-{name}")
    await page.goto(f"{portal.url}/password")
    await look(page, f"password-{name}")
    await page.fill("#f-email", EMAIL)
    await page.click(BUTTON)
    await page.wait_for_selector("main form", state="detached")
    await look(page, f"password-sent-{name}")
    link = await mailed(portal)
    await page.goto(link)
    await look(page, f"password-new-{name}")
    await page.fill("#f-password", "short")
    await page.click(BUTTON)
    await page.wait_for_selector(".error-summary")
    await look(page, f"password-new-wrong-{name}")
    await page.fill("#f-password", PASSWORD + "!")
    await page.click(BUTTON)
    await page.wait_for_url("**/sign-in?done=password")
    response = await page.goto(link)
    assert response
    assert response.status == 410
    await assert_accessible(page)
    await screenshot(page, f"link-spent-{name}")


@pytest.mark.parametrize(("locale", "width"), AT_A_DESK)
async def test_staff_sign_in_with_a_code(
    *, browser: Browser, portal: Portal, clock: Clock, monkeypatch: pytest.MonkeyPatch, locale: str, width: int
):
    person = await somebody(portal.app, clock, username="zhang.auditor", role="auditor", factor=True)
    provided = AccountSettings(sso_issuer="https://sso.example.com")  # type: ignore[arg-type]
    monkeypatch.setattr(portal.app.state.settings, "accounts", provided)
    page = await new_page(browser, width=width, locale=locale)
    name = f"{locale}-{width}"
    await page.goto(f"{portal.url}/sign-in?next=/services")
    await look(page, f"sign-in-{name}")
    await page.click(BUTTON)
    await page.wait_for_selector(".error-summary")
    await look(page, f"sign-in-missing-{name}")
    await page.fill("#f-name", "zhang.auditor")
    await page.fill("#f-password", "wrong")
    await page.press("#f-password", "Enter")
    await expect(page.locator("#f-name")).to_have_value("zhang.auditor")
    await expect(page.locator("#f-password")).to_have_value("")
    await look(page, f"sign-in-wrong-{name}")
    await page.fill("#f-password", PASSWORD)
    await page.click("[data-show-password]")
    await expect(page.locator("#f-password")).to_have_attribute("type", "text")
    await look(page, f"sign-in-shown-{name}")
    await page.click(BUTTON)
    await page.wait_for_url("**/sign-in/code?next=%2Fservices")
    await look(page, f"code-{name}")
    await page.fill("#f-code", "000000")
    await page.click(BUTTON)
    await page.wait_for_selector(".error-summary")
    await look(page, f"code-wrong-{name}")
    await page.click("main a[href*='by=recovery']")
    await page.locator(".more > summary").click()
    await look(page, f"code-recovery-{name}")
    await page.click("main a[href*='by=&']")
    await page.fill("#f-code", pyotp.TOTP(person.seed).at(clock()))
    await page.click(BUTTON)
    await page.wait_for_url("**/services")


async def test_a_lock_is_said_in_words(browser: Browser, portal: Portal):
    page = await new_page(browser, width=PHONE, locale="en")
    await page.goto(f"{portal.url}/sign-in")
    for _ in range(6):
        await page.fill("#f-name", "nobody")
        await page.fill("#f-password", "wrong")
        await page.click(BUTTON)
        await page.wait_for_load_state()
    await expect(page.locator(".error-summary")).to_contain_text("Please try again in 1 minute.")
    await assert_accessible(page)
    await screenshot(page, "sign-in-locked-en-390")


async def test_the_same_works_without_scripts(browser: Browser, portal: Portal, clock: Clock):
    person = await somebody(portal.app, clock, username="wang", factor=True)
    page = await new_page(browser, width=PHONE, javascript=False)
    await page.goto(f"{portal.url}/sign-in?next=/services")
    await expect(page.locator("[data-show-password]")).to_be_hidden()
    await page.fill("#f-name", "wang")
    await page.fill("#f-password", PASSWORD)
    await page.press("#f-password", "Enter")
    await page.fill("#f-code", pyotp.TOTP(person.seed).at(clock()))
    await page.press("#f-code", "Enter")
    await page.wait_for_url("**/services")
    await page.click("form[action='/sign-out'] button")
    await page.wait_for_url("**/sign-in?done=out")
    await page.click("main a[href='/register']")
    await page.fill("#f-email", EMAIL)
    await page.press("#f-email", "Enter")
    await page.goto(await mailed(portal))
    await page.fill("#f-name", "李工")
    await page.fill("#f-password", PASSWORD)
    await page.check("#f-consent")
    await page.press("#f-password", "Enter")
    await page.wait_for_url("**/organisation/new")


async def test_the_same_works_by_keyboard(browser: Browser, portal: Portal, clock: Clock):
    await somebody(portal.app, clock, username="wang")
    page = await new_page(browser, width=DESK)
    await page.goto(f"{portal.url}/sign-in?next=/services")
    await page.focus("#f-name")
    await page.keyboard.type("wang")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-show-password]")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.locator("#f-password")).to_have_attribute("type", "text")
    await expect(page.locator("#f-password")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{portal.url}/services")  # not the address with which it began, which ends alike


async def test_large_text_fits_on_a_phone(browser: Browser, portal: Portal, clock: Clock):
    await somebody(portal.app, clock, username="wang", factor=True)
    page = await new_page(browser, width=PHONE)
    await page.goto(f"{portal.url}/sign-in")
    await page.locator("button[name='text'][value='large']").click()
    await expect(page.locator("html")).to_have_attribute("data-text", "large")
    for path in ("register", "password", "sign-in"):
        await page.goto(f"{portal.url}/{path}")
        await look(page, f"{path}-large-390")
    await page.fill("#f-name", "wang")
    await page.fill("#f-password", PASSWORD)
    await page.click(BUTTON)
    await page.wait_for_url("**/sign-in/code")
    await look(page, "code-large-390")
