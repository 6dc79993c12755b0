"""Open data: everybody may take it along, and every file that the page names is there."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.coverage.pages.open import DATASETS
from tests.coverage.conftest import Asker

KINDS = {"CSV": "text/csv", "JSON": "application/json", "GeoJSON": "geo+json", "XLSX": "spreadsheetml"}


async def test_every_file_of_the_page_is_there_for_everybody(client: httpx.AsyncClient):
    page = await client.get("/open-data", headers={"Accept-Language": "en"})
    files = re.findall(r'<a href="([^"]+)" aria-label="[^"]+, (CSV|JSON|GeoJSON|XLSX)"', page.text)
    assert len(files) >= 12
    for href, kind in files:
        answer = await client.get(href.replace("&amp;", "&"))
        assert answer.status_code == 200, href
        assert KINDS[kind] in answer.headers["content-type"]


async def test_open_coverage_says_what_the_matrix_says(app: FastAPI, asker: Asker):
    lines = (await asker.client.get("/open-data/coverage.csv")).content.decode("utf-8-sig").splitlines()
    cells = [cell for row in (await asker.json("/matrix"))["cells"] for cell in row]
    named = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    assert len(named) == len(cells) == 42
    for row, cell in zip(named, cells, strict=True):
        assert (row["county"], row["category"]) == (cell["row"], cell["column"])
        assert float(row["share_within"]) == cell["share_within"]
        assert int(row["capable"]) == cell["capable"]


@pytest.mark.parametrize("kind", ["pdf", "exe", "csv.zip"])
async def test_other_kinds_are_not_there(client: httpx.AsyncClient, kind: str):
    assert (await client.get(f"/open-data/coverage.{kind}")).status_code in {404, 422}


async def test_the_file_of_coverage_is_sent_again_only_when_it_has_changed(client: httpx.AsyncClient):
    first = await client.get("/open-data/coverage.csv")
    again = await client.get("/open-data/coverage.csv", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_column_of_every_file_has_its_meaning_and_no_other_is_described(client: httpx.AsyncClient):
    for dataset in DATASETS:
        href = next(href for kind, href in dataset.files if kind == "CSV")
        heads = (await client.get(href)).content.decode("utf-8-sig").splitlines()[0].split(",")
        assert [name for names in dataset.columns for name in names.split(", ")] == heads


async def test_the_page_tells_how_to_fetch_only_what_has_changed(client: httpx.AsyncClient):
    page = (await client.get("/open-data", headers={"Accept-Language": "en"})).text
    assert "--etag-compare" in page
    assert "CC BY 4.0" in page
