"""A real Chromium for tests: finding it, pages at two widths, screenshots, axe-core with findings one can read.

    async with open_browser() as browser:
        page = await new_page(browser, width=PHONE, locale="en")
        await page.goto(server.url + "/")
        await assert_accessible(page)
        await screenshot(page, "home-en-390")

`running(app)` serves an ASGI app on a free loopback port for the length of a block. Screenshots are written when
``ONESTOP_SCREENSHOTS`` names a folder, so that an ordinary run leaves nothing behind.
"""

import asyncio
import os
import re
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from tests.support.people import Signed

PHONE, DESK = 390, 1440
HEIGHTS = {PHONE: 844, DESK: 900}
# Every language and every width, in two looks; `ONESTOP_LOOKS=all` (as `make sure` has it) crosses them.
EVERYTHING = os.environ.get("ONESTOP_LOOKS") == "all"
CROSSED = (("zh-CN", DESK), ("en", PHONE)) if EVERYTHING else ()
LOOKS: tuple[tuple[str, int], ...] = (("zh-CN", PHONE), ("en", DESK), *CROSSED)
# A long way through many pages is gone once, on a phone or at a desk; in every look when all is asked for.
ON_A_PHONE, AT_A_DESK = (LOOKS, LOOKS) if EVERYTHING else (LOOKS[:1], LOOKS[1:2])
AXE = next((Path(__file__).resolve().parents[1] / "vendor").glob("axe-core-*/axe.min.js"))
# Known to every page of a context from its first look on, and begun only where it is asked for.
AXE_LATER = f"window.loadAxe = function () {{ {AXE.read_text(encoding='utf-8')} }}"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RUN = """([context, options]) => {
    if (!window.axe) loadAxe();
    return axe.run(context, options).then((result) => result.violations);
}"""
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Kind = tuple[int, str, bool]  # of a page: its width, its language, whether it runs scripts
_idle: defaultdict[Kind, list[Page]] = defaultdict(list)
_second_looks: list[str] = []  # tests that are at work whose pages axe-core has seen in the look before
_lent: dict[Page, Kind] = {}


def chromium_path() -> str | None:
    """The system's Chromium (or what ONESTOP_CHROMIUM names); None leaves the choice to Playwright's own."""
    named = os.environ.get("ONESTOP_CHROMIUM")
    candidates = (named,) if named else ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for name in candidates if (path := shutil.which(name))), None)


def launch_options() -> dict[str, Any]:
    """Keyword arguments of Playwright's ``chromium.launch``, sync or async."""
    path = chromium_path()
    return {"args": CHROMIUM_ARGS, **({"executable_path": path} if path else {})}


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        try:
            yield browser
        finally:
            await browser.close()


async def new_page(
    browser: Browser,
    *,
    width: int = DESK,
    locale: str = "zh-CN",
    javascript: bool = True,
    own: bool = False,
    **options: Any,
) -> Page:
    """A page like one that has never been used; what is an error on its console is kept in `errors_of(page)`.

    A new context costs more than a look, so tests hand them on, emptied: see `take_back`. Listeners, scripts for every
    page, clocks and service workers can't be taken off again: who brings these asks for a page of its `own`.
    """
    kind = (width, locale, javascript)
    shared = not (own or options)
    page = _idle[kind].pop() if shared and _idle[kind] else await _made(browser, width, locale, javascript, **options)
    if shared:
        _lent[page] = kind
    return page


async def _made(browser: Browser, width: int, locale: str, javascript: bool, **options: Any) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        locale=locale,
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        has_touch=width == PHONE,
        **options,
    )
    page = await context.new_page()
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if _is_fault(message) else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    _errors[page] = found
    return page


async def take_back(browser: Browser) -> None:
    """What a test has opened ends with it: pages that others may use after it are emptied, all else is closed; also
    what can't be emptied, since it is just about to go elsewhere."""
    for page, kind in list(_lent.items()):
        with suppress(PlaywrightError):
            await _empty(page, kind)
            _idle[kind].append(page)
    _lent.clear()
    _same.clear()
    kept = {page.context for pages in _idle.values() for page in pages}
    for context in browser.contexts:
        if context not in kept:
            await context.close()


async def _empty(page: Page, kind: Kind) -> None:
    """Nothing of what was done in the page is left: not the page, what it stored, how it was looked at."""
    context, (width, _locale, javascript) = page.context, kind
    for other in context.pages:
        if other is not page:
            await other.close()
    await page.unroute_all()
    origin = await page.evaluate("sessionStorage.clear(), origin") if javascript and page.url.startswith("http") else ""
    await page.goto("about:blank")
    if origin:
        session = await context.new_cdp_session(page)
        await session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        await session.detach()
    await context.clear_cookies()
    await page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
    await page.emulate_media(media="null")
    _errors[page].clear()


async def open_as(browser: Browser, url: str, who: Signed, **options: Any) -> Page:
    """A page, by the options of `new_page`, of somebody who has signed in at the portal of that address."""
    page = await new_page(browser, **options)
    await page.context.add_cookies([{"name": "onestop_session", "value": who.cookie, "url": url}])
    return page


async def same_page(browser: Browser, url: str, who: Signed | None = None, *, width: int, locale: str) -> Page:
    """The page that this person was given before, if it is still open: for tests that look at address after address.

    Ask the fixture `chromium`: what was opened stays so until a test has asked for `browser`.
    """
    key = (url, who.cookie if who else "", width, locale)
    page = _same.get(key)
    if page is None or page.is_closed():
        look: dict[str, Any] = {"width": width, "locale": locale}
        page = await (open_as(browser, url, who, **look) if who else new_page(browser, **look))
        _same[key] = page
    _errors[page].clear()
    return page


_same: dict[tuple[str, str, int, str], Page] = {}
_errors: dict[Page, list[str]] = {}


def _is_fault(message: ConsoleMessage) -> bool:
    """An error, but not that a form came back with 422 or a place was taken (409): that is an answer."""
    return message.type == "error" and not re.search(r"status of (409|422)", message.text)


def errors_of(page: Page) -> list[str]:
    """What the console of the page has complained of: failed scripts, refused inline code, missing files."""
    return _errors[page]


@contextmanager
def looking(node: pytest.Item) -> Iterator[None]:
    """A test that goes through LOOKS has axe-core look in the first alone, and in all when all is asked for.

    Names, roles and colours come from the same templates and styles in each; to look takes half of such a test.
    """
    looks = [mark.args[1] for mark in node.iter_markers("parametrize")]
    parameters = node.callspec.params if hasattr(node, "callspec") else {}
    again = LOOKS in looks and (parameters["locale"], parameters["width"]) != LOOKS[0] and not EVERYTHING
    _second_looks.extend([node.nodeid] if again else [])
    try:
        yield
    finally:
        _second_looks.clear()


async def assert_accessible(page: Page, *, exclude: tuple[str, ...] = ()) -> None:
    """Run axe-core (WCAG 2.2 AA and best practice) and fail with each finding, its place and how to mend it."""
    if _second_looks:
        return
    if not await page.evaluate("typeof window.loadAxe === 'function'"):
        await page.context.add_init_script(AXE_LATER)
        await page.evaluate(AXE_LATER)
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    context = {"exclude": [[selector] for selector in exclude]} if exclude else {"include": [["html"]]}
    violations = await page.evaluate(AXE_RUN, [context, options])
    findings = [_finding(violation) for violation in violations]
    assert not findings, f"axe found {len(findings)} kinds of fault on {page.url}\n" + "\n".join(findings)


def _finding(violation: dict[str, Any]) -> str:
    places = [f"    {' '.join(map(str, node['target']))}\n      {_summary(node)}" for node in violation["nodes"][:5]]
    return f"  {violation['id']}: {violation['help']} ({violation['helpUrl']})\n" + "\n".join(places)


def _summary(node: dict[str, Any]) -> str:
    return str(node.get("failureSummary", "")).replace("\n", "\n      ") + f"\n      {node['html'][:200]}"


async def assert_no_sideways_scroll(page: Page) -> None:
    """Nothing sticks out of the window: the page scrolls in one direction only (WCAG 1.4.10)."""
    wide = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{page.url} is {wide[0]} px wide in a window of {wide[1]} px"


async def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page that is open; `name` is for its screenshot.

    Large text changes sizes and no name, role or colour: in it axe-core looks at the gallery of all parts, and at every
    page when all is asked for.
    """
    await screenshot(page, name)
    await assert_no_sideways_scroll(page)
    if EVERYTHING or await page.locator("html[data-text=large]").count() == 0:
        await assert_accessible(page)
    assert errors_of(page) == []


async def screenshot(page: Page, name: str, *, full_page: bool = True) -> None:
    folder = os.environ.get("ONESTOP_SCREENSHOTS")
    if folder:  # to hide the caret would leave empty style attributes, which the policy refuses when parts are swapped
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page, caret="initial")


@dataclass(frozen=True)
class Server:
    url: str


@asynccontextmanager
async def running(app: Any, port: int = 0, **options: Any) -> AsyncIterator[Server]:
    """Serve `app` on loopback, on a free port unless one is named, until the block ends; `options` are uvicorn's."""
    ours = {"log_level": "warning", "timeout_graceful_shutdown": 5} | options
    config = uvicorn.Config(app, host="127.0.0.1", port=port, **ours)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                task.result()
                raise RuntimeError("the server ended before it had started")
            await asyncio.sleep(0.02)
        yield Server(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        await task
