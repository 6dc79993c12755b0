"""The places of a plan as files: the same rows as spreadsheets and on a map, by program and from the page."""

import csv
import io
from typing import Any

import orjson
import pytest
from python_calamine import CalamineWorkbook

from tests.siting.conftest import Planning

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


def read(kind: str, content: bytes) -> list[dict[str, str]]:
    """The rows, every cell in words."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    if kind == "xlsx":
        [head, *lines] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return [{str(name): said(value) for name, value in zip(head, line, strict=True)} for line in lines]
    return [
        {name: said(value) for name, value in each["properties"].items()} for each in orjson.loads(content)["features"]
    ]


def said(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(value)
    return "" if value is None else str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


async def test_every_kind_of_file_has_the_same_places(planning: Planning):
    plan = await planning.answered(service_codes=["MET-MEC-015", "MET-MEC-016"])
    planning.who.browse(planning.client)
    found = {}
    for kind, media_type in KINDS.items():
        file = await planning.get(f"/{plan['id']}", format=kind)
        page = await planning.client.get(f"/office/plans/{plan['id']}?format={kind}")
        assert file.headers["content-type"] == page.headers["content-type"] == media_type
        assert f'filename="plan-{plan["id"]}.{kind}"' in file.headers["content-disposition"]
        found[kind] = read(kind, file.content)
        assert found[kind] == read(kind, page.content)
    rows = found["xlsx"]
    assert rows == found["geojson"]
    assert [
        {name: said(float(value)) if name in ("km_saved", "mean_km") else value for name, value in row.items()}
        for row in found["csv"]
    ] == rows
    assert [row["code"] for row in rows] == [each["code"] for each in plan["chosen"]]
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    [first, *_] = orjson.loads((await planning.get(f"/{plan['id']}", format="geojson")).content)["features"]
    assert first["geometry"]["coordinates"] == [plan["chosen"][0]["lon"], plan["chosen"][0]["lat"]]


async def test_accept_asks_for_a_file_too(planning: Planning):
    plan = await planning.answered()
    headers = planning.who.bearer | {"Accept": KINDS["xlsx"]}
    answer = await planning.client.get(f"/api/v1/coverage/plans/{plan['id']}", headers=headers)
    assert len(read("xlsx", answer.content)) == len(plan["chosen"])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_plan_without_an_answer_has_no_file(planning: Planning, kind: str):
    plan = await planning.ask()
    answer = await planning.get(f"/{plan['id']}", format=kind)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_unanswered")
