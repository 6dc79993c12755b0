"""The catalogue by JSON and as a file."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from app.catalogue.schemas import CategoriesOut, ServiceDetail, ServicesOut, SuggestionsOut
from app.kit.tables import XLSX
from tests.conftest import Clock

API = "/api/v1"


async def get(client: httpx.AsyncClient, path: str, **params: object) -> Any:
    response = await client.get(f"{API}{path}", params={name: str(value) for name, value in params.items()})
    assert response.status_code == 200, response.text
    return response.json()


async def codes(client: httpx.AsyncClient, **params: object) -> list[str]:
    return [item["code"] for item in (await get(client, "/services", **params))["items"]]


async def refused(client: httpx.AsyncClient, path: str) -> tuple[int, list[tuple[str, str]]]:
    response = await client.get(f"{API}{path}")
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, [(e["field"], e["code"]) for e in response.json().get("errors", ())]


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/services?q=yalibiao", ServicesOut),
        ("/services?limit=200", ServicesOut),
        ("/services/MET-MEC-015", ServiceDetail),
        ("/services/IPR-002", ServiceDetail),
        ("/categories", CategoriesOut),
        ("/suggest?q=压力", SuggestionsOut),
    ],
)
async def test_answers_are_what_the_schema_says(client: httpx.AsyncClient, path: str, model: type) -> None:
    """They are not validated on their way out, so here."""
    body = (await client.get(f"{API}{path}")).content
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    parsed = adapter.validate_json(body, strict=False, extra="forbid")
    assert adapter.dump_python(parsed, mode="json") == (await client.get(f"{API}{path}")).json()


async def test_a_service_in_a_list_has_the_names_of_the_contract(client: httpx.AsyncClient) -> None:
    [item] = (await get(client, "/services", q="MET-MEC-015", limit=1))["items"]
    assert item == {
        "code": "MET-MEC-015",
        "category": "metrology",
        "subcategory": "MEC",
        "name_zh": "弹性元件式一般压力表检定",
        "name_en": "General pressure gauge verification",
        "modes": ["station", "onsite"],
        "duration_min": 30,
        "mandatory": True,
        "designation_required": True,
        "validity_months": 6,
        "station_count": 21,
    }


async def test_a_service_of_its_own_has_its_form_and_what_it_gives(client: httpx.AsyncClient) -> None:
    service = await get(client, "/services/met-mec-015")
    assert service["deliverable_zh"] == "检定证书;不合格时为检定结果通知书"
    assert service["inputs"][0] == {
        "key": "instrument_name",
        "label_zh": "器具名称",
        "label_en": "Instrument name",
        "type": "text",
        "required": True,
    }
    assert service["reference"] == "JJG 52-2013"


async def test_a_reference_that_is_not_sure_is_not_shown(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/services/MET-GEO-001"))["reference"] is None


@pytest.mark.parametrize(
    "q", ["压力表校验", "yalibiao", "ylb", "pressure gauge", "presure guage", "MET-MEC-015", "met mec 015"]
)
async def test_a_pressure_gauge_is_found_in_everybodys_words(client: httpx.AsyncClient, q: str) -> None:
    assert (await codes(client, q=q))[0] == "MET-MEC-015"


async def test_filters_narrow_what_is_found(client: httpx.AsyncClient) -> None:
    everything = (await get(client, "/services", q="检定", limit=200))["items"]
    ours = [s["code"] for s in everything if s["category"] == "testing"]
    assert await codes(client, q="检定", category="testing", limit=200) == ours
    mandatory = (await get(client, "/services", mandatory="true", limit=200))["items"]
    assert len(mandatory) == 31
    assert all(item["mandatory"] for item in mandatory)
    assert len(await codes(client, mandatory="false", limit=200)) == 193 - 31
    assert len(await codes(client, category="ip", limit=200)) == 19


async def test_pages_put_together_are_the_whole_list(client: httpx.AsyncClient) -> None:
    whole = await codes(client, limit=200)
    found: list[str] = []
    cursor = ""
    for _page in range(5):
        body = await get(client, "/services", limit=50, cursor=cursor)
        found += [item["code"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert len(whole) == 193
    assert found == whole


async def test_a_list_has_fifty_unless_asked_otherwise(client: httpx.AsyncClient) -> None:
    assert len(await codes(client)) == 50


async def test_nothing_found_says_what_may_have_been_meant(client: httpx.AsyncClient) -> None:
    body = await get(client, "/services", q="量子纠缠仪")
    assert body["items"] == []
    assert body["nearest"]["categories"] == ["metrology"]
    assert (await get(client, "/services", q="压力表"))["nearest"] == {"terms": [], "categories": []}


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/services?category=magic", ("category", "category_unknown")),
        ("/services?cursor=%21%21", ("cursor", "cursor_invalid")),
        ("/services?cursor=Tk9QRQ", ("cursor", "cursor_invalid")),
        ("/services?limit=0", ("limit", "greater_than_equal")),
        ("/services?limit=201", ("limit", "less_than_equal")),
        ("/services?limit=many", ("limit", "int_parsing")),
        ("/services?mandatory=perhaps", ("mandatory", "bool_parsing")),
        ("/services?categry=ip", ("categry", "extra_forbidden")),
        ("/services?format=pdf", ("format", "literal_error")),
        ("/services?q=" + "x" * 101, ("q", "text_too_long")),
        ("/services?q=%00", ("q", "text_control_character")),
        ("/suggest?q=a&limit=21", ("limit", "less_than_equal")),
        ("/suggest?query=a", ("query", "extra_forbidden")),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(
    client: httpx.AsyncClient, path: str, fault: tuple[str, str]
) -> None:
    assert await refused(client, path) == (422, [fault])


@pytest.mark.parametrize("code", ["NOPE", "MET-MEC-999", "%00", "..", "压力表"])
async def test_an_unknown_service_is_not_found(client: httpx.AsyncClient, code: str) -> None:
    response = await client.get(f"{API}/services/{code}")
    assert response.status_code == 404
    assert response.json()["code"] in ("service_unknown", "not_found")


async def test_a_refusal_speaks_the_callers_language(client: httpx.AsyncClient) -> None:
    for language, sentence in (
        ("en", "There is no service with the code NOPE."),
        ("zh-CN", "没有代码为 NOPE 的服务事项。"),
    ):
        response = await client.get(f"{API}/services/NOPE", headers={"Accept-Language": language})
        assert response.json()["detail"] == sentence


# --- Suggestions ------------------------------------------------------------


async def test_suggestions_name_what_fits_and_mark_it(client: httpx.AsyncClient) -> None:
    first = (await get(client, "/suggest", q="压力", limit=3))["items"][0]
    assert first["code"] == "MET-MEC-015"
    assert first["term"] == "压力表"
    assert [first["term"][a:b] for a, b in first["spans"]] == ["压力"]


async def test_nothing_typed_suggests_nothing(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/suggest"))["items"] == []
    assert (await get(client, "/suggest", q="  "))["items"] == []


# --- Categories ------------------------------------------------------------


async def test_categories_come_in_the_operators_order_with_their_branches(client: httpx.AsyncClient) -> None:
    items = (await get(client, "/categories"))["items"]
    counts = [(item["code"], item["service_count"], len(item["subcategories"])) for item in items]
    assert counts == [
        ("metrology", 75, 11),
        ("standards", 20, 0),
        ("certification", 26, 0),
        ("testing", 33, 0),
        ("ip", 19, 0),
        ("brand", 20, 0),
    ]


# --- How many stations ------------------------------------------------------------


async def test_a_capability_that_has_run_out_counts_no_more(client: httpx.AsyncClient, clock: Clock) -> None:
    now = (await get(client, "/services/MET-MEC-015"))["station_count"]
    clock.move(datetime(2031, 12, 1, tzinfo=UTC))
    assert now == 21
    assert (await get(client, "/services/MET-MEC-015"))["station_count"] == 0


# --- Files ------------------------------------------------------------


def rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="services.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


async def test_a_file_has_all_services_and_the_names_of_the_list(client: httpx.AsyncClient) -> None:
    found = rows(await client.get(f"{API}/services?format=csv"))
    assert len(found) == 193
    assert list(found[0]) == list((await get(client, "/services", limit=1))["items"][0])
    assert found[0]["modes"] == "station"
    assert found[0]["mandatory"] == "false"


async def test_accept_asks_for_a_file_too(client: httpx.AsyncClient) -> None:
    found = rows(await client.get(f"{API}/services?q=yalibiao", headers={"Accept": "text/csv"}))
    assert [row["code"] for row in found] == await codes(client, q="yalibiao")
    both = await client.get(f"{API}/services", headers={"Accept": "text/csv, */*"})
    assert both.headers["content-type"] == "application/json"


async def test_openapi_tells_what_the_catalogue_answers(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    services = paths[f"{API}/services"]["get"]["responses"]
    assert set(services["200"]["content"]) == {"application/json", "text/csv", XLSX}
    assert "application/problem+json" in services["422"]["content"]
    assert "404" in paths[f"{API}/services/{{code}}"]["get"]["responses"]
    schema = paths[f"{API}/suggest"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/SuggestionsOut"}
