"""Lists as files for everybody: sent only to whoever hasn't them, and never stale."""

import io
import itertools
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from app.kit import conditional
from app.kit.conditional import MOST_TAGS, Tags
from tests.conftest import Clock

API = "/api/v1"
LISTS = ("/stations", "/services", "/counties", "/towns")
FILES = [f"{path}?format={kind}" for path, kind in itertools.product(LISTS, ("csv", "xlsx"))]
Headers = dict[str, str]


async def tag_of(client: httpx.AsyncClient, path: str, **headers: str) -> str:
    answer = await client.get(API + path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


async def known(client: httpx.AsyncClient, path: str, tag: str, **headers: str) -> bool:
    """Whether it is said that the caller has it, without content and with what a whole answer would have said."""
    answer = await client.get(API + path, headers={"If-None-Match": tag, **headers})
    if answer.status_code == 200:
        return False
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "Accept" in answer.headers["vary"]
    assert "content-encoding" not in answer.headers
    return True


@pytest.mark.parametrize("path", FILES)
async def test_who_has_a_file_already_is_told_so(client: httpx.AsyncClient, path: str):
    tag = await tag_of(client, path)
    plain = tag.removeprefix("W/").replace("-gz", "")
    for given in (tag, f'"x", {tag}', plain, f"W/{plain}", "*"):
        assert await known(client, path, given)
    for given in ('"x"', "", plain.strip('"') + "0", tag.upper() + "x"):
        assert not await known(client, path, given)


@pytest.mark.parametrize("path", FILES)
async def test_to_say_so_nothing_is_made_and_nothing_asked_but_the_version(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
):
    tag = await tag_of(client, path)
    asked: list[str] = []
    database = app.state.database
    plain = database._fetch

    async def counting(statement: Any, params: Any) -> Any:
        asked.append(str(statement))
        return await plain(statement, params)

    def made(*_arguments: object) -> bytes:
        raise AssertionError("a file was made")

    monkeypatch.setattr(database, "_fetch", counting)
    monkeypatch.setattr(conditional, "csv_bytes", made)
    monkeypatch.setattr(conditional, "xlsx_bytes", made)
    assert await known(client, path, tag)
    assert set(asked) == {"SELECT version FROM network_state"}


async def test_another_question_or_kind_has_another_tag(client: httpx.AsyncClient):
    paths = (
        *FILES,
        "/stations?format=csv&county=340202",
        "/stations?format=csv&limit=3",
        "/services?format=csv&q=天平",
    )
    tags = [(await tag_of(client, path)).removeprefix("W/") for path in paths]
    csv_tags = [tag for path, tag in zip(paths, tags, strict=True) if "csv" in path]
    assert len(set(csv_tags)) == len(csv_tags)
    assert not await known(client, "/stations?format=csv", tags[paths.index("/stations?format=csv&county=340202")])


async def test_the_language_changes_nothing_in_them(client: httpx.AsyncClient):
    tag = await tag_of(client, "/services?format=csv", **{"Accept-Language": "zh-CN"})
    assert await known(client, "/services?format=csv", tag, **{"Accept-Language": "en"})


@pytest.mark.parametrize("path", [path for path in FILES if "csv" in path])
async def test_head_says_what_get_would(client: httpx.AsyncClient, path: str):
    whole = await client.get(API + path)
    head = await client.head(API + path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "cache-control", "vary", "content-type"):
        assert head.headers[name] == whole.headers[name]
    again = await client.head(API + path, headers={"If-None-Match": head.headers["etag"]})
    assert again.status_code == 304


async def test_csv_is_compressed_only_for_who_takes_that(client: httpx.AsyncClient):
    squeezed = await client.get(f"{API}/stations?format=csv", headers={"Accept-Encoding": "gzip"})
    plain = await client.get(f"{API}/stations?format=csv", headers={"Accept-Encoding": "identity"})
    assert (squeezed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert squeezed.headers["etag"] != plain.headers["etag"]
    assert squeezed.content == plain.content


async def test_a_workbook_holds_the_rows_of_the_csv(client: httpx.AsyncClient):
    book = CalamineWorkbook.from_filelike(io.BytesIO((await client.get(f"{API}/counties?format=xlsx")).content))
    lines = (await client.get(f"{API}/counties?format=csv")).content.decode("utf-8-sig").splitlines()
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == lines[0].split(",")
    assert [row[0] for row in rows[1:]] == [line.split(",")[0] for line in lines[1:]]


@pytest.mark.parametrize(
    "path", ["/stations?format=csv&county=nowhere", "/stations?format=csv&service=X", "/towns?format=csv&county=1"]
)
async def test_what_cannot_be_used_is_refused_whatever_the_caller_has(client: httpx.AsyncClient, path: str):
    assert (await client.get(API + path, headers={"If-None-Match": "*"})).status_code == 422


async def test_stations_are_others_when_one_opens_or_closes_and_after_midnight(client: httpx.AsyncClient, clock: Clock):
    path = "/stations?format=csv"
    tag = await tag_of(client, path)
    clock.move(timedelta(minutes=30))
    assert await known(client, path, tag)
    before = (await client.get(API + path)).text
    clock.move(timedelta(hours=12))
    assert not await known(client, path, tag)
    assert (await client.get(API + path)).text != before


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/stations?format=csv", "UPDATE station SET name_zh = '新名站' WHERE code = 'WH-JH-01'"),
        ("/stations?format=xlsx", "UPDATE station SET active = false WHERE code = 'WH-JH-01'"),
        ("/services?format=csv", "UPDATE service SET duration_min = 95 WHERE code = 'MET-MEC-015'"),
        ("/services?format=csv", "UPDATE station SET active = false WHERE code = 'WH-JH-01'"),
        ("/counties?format=csv", "UPDATE division SET name_en = 'Renamed' WHERE adcode = '340202'"),
        ("/towns?format=csv", "UPDATE town SET name_zh = '新名街道' WHERE code = '340202013'"),
    ],
)
async def test_a_change_of_the_network_is_in_the_next_file(
    changed: FastAPI, visitor: httpx.AsyncClient, path: str, change: str
):
    tag = await tag_of(visitor, path)
    await changed.state.database.fetch(change, ())
    assert not await known(visitor, path, tag)
    assert await known(visitor, path, await tag_of(visitor, path))


async def test_a_change_that_is_not_in_a_file_sends_nobody_anew(changed: FastAPI, visitor: httpx.AsyncClient):
    tag = await tag_of(visitor, "/counties?format=csv")
    await changed.state.database.fetch("UPDATE station SET name_zh = '新名站' WHERE code = 'WH-JH-01'", ())
    assert await known(visitor, "/counties?format=csv", tag)


def test_tags_are_forgotten_when_their_time_is_over_and_when_there_are_too_many(clock: Clock):
    tags = Tags()
    tags.keep("a", "1", clock() + timedelta(minutes=5))
    tags.keep("b", "2", None)
    assert (tags.known("a", clock()), tags.known("b", clock()), tags.known("c", clock())) == ("1", "2", None)
    clock.move(timedelta(minutes=5))
    assert (tags.known("a", clock()), tags.known("b", clock())) == (None, "2")
    for n in range(MOST_TAGS):
        tags.keep(n, "x", None)
    assert tags.known("b", clock()) is None
