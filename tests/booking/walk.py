"""Walking through the wizard in a browser, and looking at every page on the way."""

from dataclasses import dataclass

from playwright.async_api import Page

from tests.web.browser import assert_accessible, assert_no_sideways_scroll, errors_of, screenshot

DETAILS = {
    "items.0.inputs.instrument_name": "压力表",
    "items.0.inputs.model_spec": "Y-100",
    "items.0.inputs.serial_no": "A-17",
    "items.0.inputs.install_location": "锅炉房",
    "applicant.organisation_name": "芜湖𠮷祥阀门有限公司",
    "applicant.uscc": "91110000600037341L",
    "applicant.contact_name": "王𬭎",
    "applicant.mobile": "138 1234 5678",
}
LONG = "第二生产车间三号锅炉房东侧管廊压力监测点"
MOST_TABS = 200


async def fill_in(page: Page, *, long: bool = False) -> None:
    """The details of a gauge's verification, and the consent."""
    for name, value in DETAILS.items():
        await page.fill(f"[name='{name}']", value + LONG if long and name.startswith("items.") else value)
    region = page.locator("select[name='items.0.inputs.use_region_code']")
    if not await region.input_value():
        await region.select_option(index=1)
    await page.check("input[name=consent_version]")


@dataclass
class Walk:
    """One visitor. `name` is for the screenshots."""

    page: Page
    name: str
    javascript: bool
    twin: Page | None = None

    async def look(self, name: str, *, again: bool = True) -> None:
        """Nothing wrong with the page that is open. axe-core needs scripts: where they are off, it looks at the same
        page in another tab whose own scripts are blocked; `again` is False when the address doesn't show it again."""
        page = self.page
        await screenshot(page, f"way-{name}-{self.name}")
        await assert_no_sideways_scroll(page)
        assert errors_of(page) == []
        if self.javascript:
            await assert_accessible(page)
        elif again:
            await self._look_in_a_twin()

    async def _look_in_a_twin(self) -> None:
        if self.twin is None:
            browser = self.page.context.browser
            assert browser is not None
            language = await self.page.locator("html").get_attribute("lang")
            context = await browser.new_context(viewport=self.page.viewport_size, locale=language)
            await context.route("**/*.js", lambda route: route.abort())
            self.twin = await context.new_page()
        await self.twin.context.add_cookies(await self.page.context.cookies())  # type: ignore[arg-type]  # the same kind
        await self.twin.goto(self.page.url)
        await assert_accessible(self.twin)

    async def find(self, words: str, code: str) -> None:
        """From the first page to the booking of a service: by a suggestion, or by the page of results."""
        await self.page.fill("#f-q", words)
        if self.javascript:
            await self.page.locator(f"[role=option][data-href$='{code}']").click()
        else:
            await self.page.press("#f-q", "Enter")
            await self.look("found")
            await self.page.click(f"a[href='/book?service={code}']")
        await self.page.wait_for_url("**/what")

    async def choose_what(self) -> None:
        await self.look("what")
        await self.page.check("input[name=use][value=safety_protection]")
        if await self.page.locator("input[name=mode]").count():
            await self.page.check("input[name=mode][value=station]")
        await self.go_on()

    async def choose_where(self) -> None:
        await self.look("place")
        await self.page.select_option("select[name=town]", index=1)
        await self.go_on()
        await self.page.wait_for_selector("button[name=station]")
        await self.look("where")
        await self.page.locator("button[name=station]").first.click()

    async def choose_when(self) -> None:
        await self.page.wait_for_url("**/when")
        await self.look("when")
        await self.page.locator("button.time").first.click()
        await self.page.wait_for_url("**/details")

    async def go_on(self) -> None:
        """Press the page's one primary button, and wait for what comes."""
        async with self.page.expect_navigation():
            await self.page.locator(".sticky-action button").first.click()

    async def change_and_cancel(self) -> None:
        """From the confirmation to the request, to another time, and out of it.

        With scripts these pages are looked at elsewhere: see tests/requests/test_follow_browser.py.
        """
        page = self.page
        await page.locator(".only-screen a[href^='/r/']").click()
        await self.look_if_plain("follow")
        await page.locator("a[href$='/reschedule']").first.click()
        await self.look_if_plain("move")
        await page.locator("button.time").nth(1).click()
        await self.look_if_plain("move-check")
        await self.go_on()
        await page.wait_for_url("**changed=moved")
        await self.look_if_plain("moved")
        await page.locator("a[href$='/cancel']").first.click()
        await self.look_if_plain("cancel")
        await page.locator(".btn-danger").click()
        await page.wait_for_url("**changed=cancelled")
        await self.look_if_plain("cancelled")

    async def look_if_plain(self, name: str) -> None:
        if not self.javascript:
            await self.look(name)

    async def tab_to(self, selector: str) -> None:
        """Go forward with Tab until what fits the selector has the focus."""
        for _press in range(MOST_TABS):
            if await self.page.evaluate("css => document.activeElement.matches(css)", selector):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} can't be reached with Tab on {self.page.url}")

    async def type_into(self, selector: str, text: str) -> None:
        await self.tab_to(selector)
        await self.page.keyboard.type(text)

    async def press_button(self, selector: str) -> None:
        await self.tab_to(selector)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")
