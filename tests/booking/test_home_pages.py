"""The home page: the question, the kinds of services, the stations near by, the way back to a booking."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import counted, words

pytestmark = pytest.mark.anyio


async def home(client: httpx.AsyncClient, **query: str) -> str:
    answer = await client.get("/", params=query)
    assert answer.status_code == 200
    return answer.text


async def test_one_question_with_a_field_that_works_without_scripts(client: httpx.AsyncClient):
    page = await home(client)
    assert "您要办什么？" in page
    assert "What do you need?" in page
    assert re.search(r'<form method="get"\s+action="/services"', page)
    assert re.search(r'name="q"', page)
    assert 'data-suggest-href="/book?service={code}"' in page


async def test_the_examples_lead_to_services_that_exist(client: httpx.AsyncClient):
    examples = re.findall(r'href="(/book\?service=[^"{]+)"', await home(client))
    assert len(examples) == 5
    for address in examples:
        answer = await client.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/book/")


async def test_each_kind_of_service_has_its_letter_and_its_number(client: httpx.AsyncClient):
    page = words(await home(client))
    for kind in ("计 计量 75 项", "标 标准 20 项", "认 认证认可 26 项", "检 检验检测 33 项", "知 知识产权 19 项", "品"):
        assert kind in page


async def test_once_it_is_known_where_the_nearest_stations_come_first(client: httpx.AsyncClient):
    page = await home(client, lon="118.38", lat="31.34")
    assert "您附近的服务站" in page
    assert len(re.findall(r'<li class="row-item" data-station-code="', page)) == 5
    figures = [float(km) for km in re.findall(r"([\d.]+)\xa0km", page)]
    assert figures == sorted(figures)


async def test_a_point_of_another_map_is_shifted(client: httpx.AsyncClient):
    here = await home(client, lon="118.38", lat="31.34", crs="wgs84")
    baidu = await home(client, lon="118.38", lat="31.34", crs="bd09")
    point = re.compile(r'data-lon="([\d.]+)"')
    assert point.findall(here) == ["118.38"]
    assert point.findall(baidu) != point.findall(here)


@pytest.mark.parametrize(
    "query",
    [
        {"lon": "abc", "lat": "31"},
        {"lon": "118.38"},
        {"lat": "31.34", "crs": "wgs84"},
        {"lon": "31.34", "lat": "118.38"},
        {"lon": "-0.1", "lat": "51.5"},
        {"lon": "118.38", "lat": "31.34", "crs": "mars"},
        {"lon": "nan", "lat": "nan"},
        {"lon": "9" * 5000, "lat": "1"},
        {"lon": "1\0", "lat": "1"},
    ],
)
async def test_a_place_that_is_none_is_refused_on_the_same_page(client: httpx.AsyncClient, query: dict[str, str]):
    answer = await client.get("/", params=query)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert "您要办什么" in answer.text


async def test_an_empty_form_of_the_place_is_no_fault(client: httpx.AsyncClient):
    await home(client, lon="", lat="", crs="wgs84")


async def test_a_reference_leads_to_the_booking(client: httpx.AsyncClient):
    page = await home(client)
    assert re.search(r'<form method="get"\s+action="/find"', page)
    assert 'name="reference"' in page


async def test_english_is_complete(client: httpx.AsyncClient):
    page = words((await client.get("/", headers={"Accept-Language": "en"})).text)
    for part in ("What do you need?", "pressure gauge verification", "75 services", "I have a reference"):
        assert part in page


async def test_the_page_takes_few_statements(client: httpx.AsyncClient, app: FastAPI):
    await home(client)
    with counted(app) as statements:
        await home(client, lon="118.38", lat="31.34")
    assert len(statements) <= 2, statements
