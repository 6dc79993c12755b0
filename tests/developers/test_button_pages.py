"""The page on which a button is made, and its script: by address alone, with sentences for what can't be."""

import html
import re

import httpx
import pytest

from tests.developers.test_snippets import NASTY

GAUGE, STATION = "MET-MEC-015", "WH-YJ-01"
ENGLISH = {"Accept-Language": "en"}


async def made(client: httpx.AsyncClient, **asked: str) -> httpx.Response:
    return await client.get("/embed", params=asked, headers=ENGLISH)


def snippet(page: httpx.Response) -> str:
    return html.unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)[0])


async def test_at_first_one_looks_for_a_service(client: httpx.AsyncClient):
    page = await made(client)
    assert page.status_code == 200
    assert "Which service is it for?" in page.text
    assert "<pre" not in page.text


async def test_words_find_services_of_which_one_is_chosen(client: httpx.AsyncClient):
    page = await made(client, q="scale")
    [first, *_] = re.findall(r'<a href="(/embed\?service=[^"]+)"', page.text)
    chosen = await client.get(first, headers=ENGLISH)
    assert snippet(chosen).startswith("<onestop-book service=")


@pytest.mark.parametrize("asked", [{"service": GAUGE}, {"service": "met-mec-015"}, {"q": GAUGE}])
async def test_a_code_leads_to_the_button_at_once(client: httpx.AsyncClient, asked: dict[str, str]):
    assert snippet(await made(client, **asked)).startswith(f'<onestop-book service="{GAUGE}" lang="en">')


async def test_station_language_background_and_words_are_in_the_snippet(client: httpx.AsyncClient):
    page = await made(client, service=GAUGE, station=STATION, language="zh-CN", theme="dark", label="立即预约")
    assert snippet(page).startswith(f'<onestop-book service="{GAUGE}" station="{STATION}" lang="zh-CN" theme="dark">')
    assert ">立即预约</a>" in snippet(page)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"service": "NOPE-1"}, "There is no service “NOPE-1” at present."),
        ({"q": "qqqqqqqq"}, "Nothing was found for “qqqqqqqq”."),
        ({"service": GAUGE, "station": "WH-XX-99"}, "No station “WH-XX-99” does this at present."),
        ({"service": GAUGE, "label": "x" * 61}, "60"),
        ({"service": GAUGE, "theme": "pink"}, "Please choose one of"),
        ({"q": "x" * 101}, "100"),
    ],
)
async def test_what_can_not_be_gets_a_sentence(client: httpx.AsyncClient, asked: dict[str, str], sentence: str):
    page = await made(client, **asked)
    assert page.status_code == 422
    assert sentence in page.text
    assert "error-summary" in page.text


async def test_a_wrong_station_is_left_out_of_the_snippet(client: httpx.AsyncClient):
    assert "station" not in snippet(await made(client, service=GAUGE, station="WH-XX-99")).partition(">")[0]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ["label", "station", "service", "q", "theme"])
async def test_nothing_that_is_typed_is_markup_of_our_page(client: httpx.AsyncClient, field: str, text: str):
    page = await made(client, **({"service": GAUGE} | {field: text} if field != "q" else {"q": text}))
    ours = re.findall(r"<script[^>]*>", page.text)
    assert all(' src="/' in script for script in ours)
    assert "<img src=x" not in page.text
    assert "<b>" not in page.text


async def test_the_script_may_be_fetched_by_pages_of_others_and_is_kept(client: httpx.AsyncClient):
    first = await client.get("/embed/v1.js")
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.headers["cache-control"].startswith("public, max-age=86400")
    assert "set-cookie" not in first.headers
    again = await client.get("/embed/v1.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(first.content) < 6000


async def test_the_script_asks_nobody_stores_nothing_and_makes_no_markup_of_strings(client: httpx.AsyncClient):
    code = (await client.get("/embed/v1.js")).text
    for word in ("fetch(", "XMLHttpRequest", "sendBeacon", "cookie", "localStorage", "innerHTML", "new Image", "eval("):
        assert word not in code.replace("no cookies", "")


async def test_the_page_about_the_client_names_this_portal_and_leads_on(client: httpx.AsyncClient):
    page = await client.get("/docs/python", headers=ENGLISH)
    assert page.status_code == 200
    assert "make client" in page.text
    for href in ("/docs/webhooks", "/open-data", "/embed"):
        assert f'href="{href}"' in page.text
        assert f'href="{href}"' in (await client.get("/docs", headers=ENGLISH)).text
