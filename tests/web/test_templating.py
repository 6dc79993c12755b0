from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from jinja2 import UndefinedError
from starlette.requests import Request

from app.web.pages import own_path
from app.web.templating import Look, Site, icon, template_folders, wants_fragment
from tests.web.gallery import SITE

APP = Path(__file__).resolve().parents[2] / "app"


def asked(path: str = "/", query: bytes = b"", **headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": pairs}
    return Request({**scope, "server": ("testserver", 80), "scheme": "http", "app": FastAPI()})


def look_of(tmp_path: Path, **templates: str) -> Look:
    for name, text in templates.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    return Look(SITE, folders={**template_folders(), "room": tmp_path})


def test_a_rooms_templates_are_named_after_the_room(tmp_path: Path):
    look = look_of(tmp_path, list="{{ words }} {{ 3.2|distance }}")
    assert look.render(asked(), "room/list.html", {"words": "<b>"}) == "&lt;b&gt; 3.2\u00a0km"


def test_an_undefined_name_is_an_error(tmp_path: Path):
    look = look_of(tmp_path, list="{{ wrods }}")
    with pytest.raises(UndefinedError):
        look.render(asked(), "room/list.html", {"words": "x"})


def test_a_block_is_rendered_alone(tmp_path: Path):
    look = look_of(tmp_path, list="page {% block results %}{{ n }} results in {{ locale }}{% endblock %} page")
    assert look.render_block(asked(), "room/list.html", "results", {"n": 3}) == "3 results in zh-CN"


def test_sentences_interpolate_and_escape_what_is_put_in(tmp_path: Path):
    look = look_of(tmp_path, list='{{ _("Step %(current)s of %(total)s", current=n, total="<i>") }}')
    assert look.render(asked(), "room/list.html", {"n": 2}) == "第 2 步，共 &lt;i&gt; 步"


def test_the_language_link_keeps_the_address_and_its_query(tmp_path: Path):
    look = look_of(tmp_path, list="{{ lang_url('en') }} {{ here }}")
    html = look.render(asked("/services", b"q=%E8%A1%A8&lang=fr"), "room/list.html", {})
    assert html == "/services?q=%E8%A1%A8&amp;lang=en /services?q=%E8%A1%A8&amp;lang=fr"


def test_the_words_beside_an_icon_carry_the_meaning():
    assert 'aria-hidden="true"' in icon("search")
    assert "sprite.svg?v=" in icon("search")


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"hx_request": "true", "hx_request_type": "partial"}, True),
        ({"hx_request": "true", "hx_request_type": "full"}, False),
        ({"hx_request_type": "partial", "hx_history_restore_request": "true"}, False),
    ],
)
def test_htmx_gets_a_part_only_when_it_replaces_a_part(headers: dict[str, str], part: bool):
    assert wants_fragment(asked(**headers)) is part


async def test_a_page_is_personal_and_speaks_the_visitors_language(visitor: httpx.AsyncClient):
    answer = await visitor.get("/gallery", headers={"Accept-Language": "en"})
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-language"] == "en"
    assert '<html lang="en" data-text="normal"' in answer.text
    assert "芜湖市" not in answer.text.partition("</header>")[0]


async def test_a_page_says_that_the_network_is_a_reference_and_whose_data_it_shows(visitor: httpx.AsyncClient):
    text = (await visitor.get("/gallery")).text
    for words in (
        "参考网络",
        "GS(2024)0650号",
        "GeoNames.org",
        "CC BY 4.0",
        "2023年6月30日",
        'href="/privacy"',
        'href="/docs"',
    ):
        assert words in text


def test_a_network_of_an_operators_own_has_no_such_notice(tmp_path: Path):
    site = Site(network_zh="芜湖", network_en="Wuhu", reference=False)
    (tmp_path / "list.html").write_text('{% extends "web/base.html" %}', encoding="utf-8")
    html = Look(site, folders={**template_folders(), "room": tmp_path}).render(asked(), "room/list.html", {})
    assert "参考网络" not in html


async def test_a_chosen_language_is_remembered(visitor: httpx.AsyncClient):
    await visitor.get("/gallery?lang=en")
    answer = await visitor.get("/gallery", headers={"Accept-Language": "zh-CN"})
    assert answer.headers["content-language"] == "en"


async def test_large_text_is_remembered_and_leads_back(visitor: httpx.AsyncClient):
    answer = await visitor.post("/preferences", data={"text": "large", "back": "/gallery?q=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/gallery?q=1")
    assert 'data-text="large"' in (await visitor.get("/gallery")).text
    await visitor.post("/preferences", data={"text": "normal", "back": "/"})
    assert 'data-text="normal"' in (await visitor.get("/gallery")).text


@pytest.mark.parametrize("text", ["huge", "", None])
async def test_another_text_size_is_refused(visitor: httpx.AsyncClient, text: str | None):
    answer = await visitor.post("/preferences", data={"text": text} if text is not None else {})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/services?q=1", "/services?q=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_never_leaves_the_site(address: str, target: str):
    assert own_path(address) == target


def test_no_template_has_inline_script_or_style():
    for path in APP.glob("*/templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        for inline in (
            " style=",
            "<style",
            " onclick=",
            " onsubmit=",
            " onchange=",
            "hx-on",
            "javascript:",
            'hx-vals="js:',
        ):
            assert inline not in text, f"{path.relative_to(APP)} has {inline}"
        for script in text.split("<script")[1:]:
            head = script.partition(">")[0]
            assert "src=" in head or 'type="application/json"' in head, f"{path.relative_to(APP)}: inline script"
