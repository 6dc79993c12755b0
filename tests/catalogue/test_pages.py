"""Finding a service on pages: by words, by kind, and each service's own page."""

import re

import httpx
import pytest
from playwright.async_api import Browser

from tests.web.browser import (
    LOOKS,
    PHONE,
    assert_accessible,
    look,
    new_page,
)

PAGES = {
    "services": "/services",
    "category": "/services?category=metrology",
    "found": "/services?q=压力表校验",
    "unsure": "/services?q=yalibaio",
    "nothing": "/services?q=量子纠缠仪",
    "refused": "/services?category=magic&q=a",
    "service": "/services/MET-MEC-015",
    "certificate": "/services/CRT-001",
}


async def text(client: httpx.AsyncClient, path: str, *, language: str = "zh-CN", status: int = 200) -> str:
    """The page's words, without tags and with single blanks."""
    response = await client.get(path, headers={"Accept-Language": language, "Accept": "text/html"})
    assert response.status_code == status, response.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


async def hrefs(client: httpx.AsyncClient, path: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', (await client.get(path)).text)


async def test_the_first_page_asks_one_question_and_shows_all_kinds(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services")
    assert "您要办什么？" in page
    for kind, number in (
        ("计量", 75),
        ("标准", 20),
        ("认证认可", 26),
        ("检验检测", 33),
        ("知识产权", 19),
        ("品牌培育", 20),
    ):
        assert re.search(rf"{kind} .*? {number} 项", page), kind


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_example_finds_something(client: httpx.AsyncClient, language: str) -> None:
    response = await client.get("/services", headers={"Accept-Language": language})
    examples = re.findall(r'class="chip"\s+href="([^"]+)"', response.text)
    assert len(examples) == 5
    for example in examples:
        found = await text(client, example.replace("&amp;", "&"), language="en")
        assert re.search(r"\d+ services? for", found), example


async def test_what_is_found_leads_to_the_service_and_to_booking_it(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services?q=yalibiao")
    assert "有 2 项与“yalibiao”相关" in page
    assert "30 分钟 · 到站办理、上门服务 · 21 个服务站可办 部分用途须强制检定" in page
    links = await hrefs(client, "/services?q=yalibiao")
    assert "/services/MET-MEC-015" in links
    assert "/book?service=MET-MEC-015" in links


async def test_found_services_can_be_narrowed_to_a_kind(client: httpx.AsyncClient) -> None:
    everything = await text(client, "/services?q=检测", language="en")
    narrowed = await text(client, "/services?q=检测&category=testing", language="en")
    assert "28 services for “检测”" in everything
    assert "19 services for “检测” in Inspection &amp; testing" in narrowed


async def test_many_are_shown_page_by_page(client: httpx.AsyncClient) -> None:
    first, second = ("/services?q=检定", "/services?q=检定&page=2")
    assert any("page=2" in href for href in await hrefs(client, first))
    shown = [{href for href in await hrefs(client, page) if href.startswith("/services/")} for page in (first, second)]
    assert len(shown[0]) == 30
    assert shown[1]
    assert not shown[0] & shown[1]


async def test_nothing_found_helps_on(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services?q=量子纠缠仪")
    assert "没有找到与“量子纠缠仪”相关的事项" in page
    assert "可能属于这些类别 计量" in page
    assert "例如： 压力表校验" in page


async def test_a_slip_is_forgiven_and_said(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services?q=yalibaio", language="en")
    assert "Not quite sure. Did you mean:" in page
    assert "General pressure gauge verification" in page


async def test_a_category_lists_its_branches(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services?category=metrology", language="en")
    for branch in ("Dimensional", "Thermal", "Mechanical"):
        assert page.count(branch) >= 2  # in the jump links, and as a heading
    assert "Caliper verification/calibration" in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/services?category=magic", "There is no category “magic”."),
        ("/services?q=" + "x" * 101, "Use at most 100 characters"),
        ("/services?q=%00", "Remove the control character"),
    ],
)
async def test_what_cannot_be_asked_brings_the_form_again(client: httpx.AsyncClient, path: str, sentence: str) -> None:
    page = await text(client, path, language="en", status=422)
    assert sentence in page
    assert "What do you need done?" in page


async def test_words_are_text_and_never_markup(client: httpx.AsyncClient) -> None:
    for path in ("/services", "/services/suggestions"):
        answer = await client.get(path, params={"q": "<script>alert(1)</script>压力表"})
        assert "<script>alert" not in answer.text


async def test_a_services_page_says_what_when_where_and_how(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services/MET-MEC-015", language="en")
    for words in (
        "What you get Verification certificate; notice of verification result if failed",
        "Where At the station, at your site",
        "Appointment about 30 min",
        "Valid for at most 6 months",
        "Basis JJG 52-2013",
        "21 stations may do this today",
        "Only a designated station may take it",
        "It costs you nothing.",
        "The instrument with its accessories",
        "Serial number",
    ):
        assert words in page, words
    links = await hrefs(client, "/services/MET-MEC-015")
    assert {"/book?service=MET-MEC-015", "/stations?service=MET-MEC-015"} <= set(links)


async def test_a_page_shows_nothing_that_is_not_known(client: httpx.AsyncClient) -> None:
    page = await text(client, "/services/MET-GEO-001", language="en")
    assert "Basis" not in page  # of medium confidence
    assert "mandatory" not in page.lower()


async def test_an_unknown_service_is_a_page_not_found(client: httpx.AsyncClient) -> None:
    assert "没有代码为 NOPE 的服务事项" in await text(client, "/services/NOPE", status=404)


async def test_suggestions_are_options_with_the_typed_part_marked(client: httpx.AsyncClient) -> None:
    answer = await client.get("/services/suggestions?q=压力")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.count('role="option"') == 5
    assert 'data-href="/services/MET-MEC-015"' in answer.text
    assert "<b>压力</b>表" in answer.text
    assert (await client.get("/services/suggestions")).text.strip() == ""


# --- In a browser ----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "width"), LOOKS)
async def test_pages_are_accessible_and_fit_the_window(address: str, browser: Browser, width: int, locale: str) -> None:
    page = await new_page(browser, width=width, locale=locale)
    for name, path in PAGES.items():
        await page.goto(address + path)
        await look(page, f"{name}-{locale}-{width}")


@pytest.mark.browser
async def test_a_service_is_reached_by_typing_and_the_arrow_key(address: str, browser: Browser) -> None:
    page = await new_page(browser, locale="en")
    await page.goto(f"{address}/services")
    await page.get_by_label("What do you need done?").press_sequentially("pressure gau")
    await page.get_by_role("option").first.wait_for()
    await assert_accessible(page)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/services/MET-MEC-015")
    assert await page.get_by_role("link", name="Book this").get_attribute("href") == "/book?service=MET-MEC-015"


@pytest.mark.browser
async def test_searching_works_without_javascript(address: str, browser: Browser) -> None:
    page = await new_page(browser, width=PHONE, javascript=False)
    await page.goto(f"{address}/services")
    await page.get_by_label("您要办什么？").fill("压力表")
    await page.get_by_role("button", name="查找").click()
    await page.get_by_role("link", name="弹性元件式一般压力表检定", exact=True).click()
    assert await page.get_by_role("heading", level=1).inner_text() == "弹性元件式一般压力表检定"
