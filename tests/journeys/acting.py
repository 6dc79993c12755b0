"""What people do on pages in a browser: sign in with their password, go on by a link or a button, save a file."""

import asyncio
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from playwright.async_api import Locator, Page, expect
from pypdf import PdfReader

from tests.support.people import Signed
from tests.support.portal import Portal
from tests.web.browser import Browser, look, new_page

PASSWORD = "long enough for a person to remember"


@dataclass
class Actor:
    """Somebody before their own browser. `name` is for the screenshots."""

    page: Page
    portal: Portal
    who: Signed
    name: str
    station: str = ""

    async def sign_in(self, onward: str) -> None:
        """By the form; it leads to where one wanted to go."""
        page = self.page
        await page.context.clear_cookies()
        await page.goto(f"{self.portal.url}/sign-in?next={onward}")
        await page.locator("#f-name").fill(self.who.username)
        await page.locator("#f-password").fill(PASSWORD)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page).to_have_url(self.portal.url + onward)

    async def open(self, path: str) -> None:
        await self.page.goto(self.portal.url + path)

    async def press(self, selector: str) -> None:
        """A link or a button that leads to another page."""
        await self.onward(self.page.locator(selector).first)

    async def onward(self, place: Locator) -> None:
        async with self.page.expect_navigation():
            await place.click()

    async def by_key(self, selector: str) -> None:
        """The same by keyboard: what is named has the focus, and Enter is pressed."""
        await self.page.locator(selector).first.focus()
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def look(self, what: str) -> None:
        await look(self.page, f"journey-{what}-{self.name}")

    async def save(self, selector: str) -> str:
        """What is read in the PDF that a link or a button gives."""
        async with self.page.expect_download() as saving:
            await self.page.locator(selector).first.click()
        path = await (await saving.value).path()
        return read_pdf(await asyncio.to_thread(Path(path).read_bytes))


def read_pdf(body: bytes) -> str:
    """The text of a file that says, as it must, in which language it is written."""
    reader = PdfReader(BytesIO(body))
    assert reader.root_object["/Lang"] == "zh-CN"
    return "\n".join(page.extract_text() for page in reader.pages)


async def appears(browser: Browser, portal: Portal, who: Signed, *, width: int, station: str = "") -> Actor:
    """Somebody with a password, who hasn't signed in yet."""
    hashed = await portal.app.state.passwords.hash(PASSWORD)
    await portal.database.fetch("UPDATE person SET password_hash = %s WHERE id = %s", (hashed, who.id))
    return Actor(await new_page(browser, width=width, locale="zh-CN"), portal, who, f"{width}", station)
