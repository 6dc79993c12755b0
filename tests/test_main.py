"""The application as a whole: alive, ready, measured, and calm when something fails."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from app.kit.db import Database
from app.main import create_app
from tests.conftest import make_settings


async def test_it_is_ready_when_the_schema_is_this_programs(client: httpx.AsyncClient, app: FastAPI) -> None:
    answer = await client.get("/readyz")
    assert answer.json() == {"status": "ready", "migration": app.state.migration_head}


async def test_it_is_alive_but_not_ready_with_another_schema(client: httpx.AsyncClient, app: FastAPI) -> None:
    app.state.migration_head = "of-another-release"
    assert (await client.get("/healthz")).json() == {"status": "live"}
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["code"] == "unavailable"


async def test_metrics_count_answers_by_the_endpoint_that_gave_them(client: httpx.AsyncClient) -> None:
    async def count(handler: str) -> float:
        text = (await client.get("/metrics")).text
        return float(
            (
                re.search(rf"^http_request_duration_seconds_count{{{re.escape(handler)}}} (\S+)$", text, re.MULTILINE)
                or [0, 0]
            )[1]
        )

    found, nothing = (
        f'handler="{handler}",method="GET",status="{status}"'
        for handler, status in (("app.catalogue.api.get_services", "2xx"), ("none", "4xx"))
    )
    before = await count(found), await count(nothing)
    await client.get("/api/v1/services")
    await client.get("/api/v1/nothing/here")
    assert (await count(found), await count(nothing)) == (before[0] + 1, before[1] + 1)


async def test_the_log_has_neither_query_strings_nor_addresses(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.get("/api/v1/routes?service=MET-GEO-001&lon=118.3712&lat=31.3301")
    [line] = [line for line in lines if line["event"] == "request"]
    assert line["path"] == "/api/v1/routes"
    assert "118.3712" not in str(lines)


async def test_every_answer_carries_the_requests_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_what_nobody_expected_is_a_calm_answer_without_a_trace(
    client: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    async def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(app.state.network, "current", fail)
    answer = await client.get("/stations", headers={"accept": accept, "accept-language": "en"})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "content-security-policy" in answer.headers
    assert answer.headers["content-language"] == "en"


async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    client: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Database, "fetch", lost)
    answer = await client.get("/api/v1/stations/WH-ET-01/availability?service=MET-GEO-001")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_a_form_on_another_site_cannot_act_for_a_visitor(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/holds", json={}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


async def test_a_huge_body_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/holds", content=b"x" * 2_000_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_a_huge_body_that_announces_no_length_is_refused_too(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await client.post("/api/v1/holds", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_a_wrong_content_type_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/holds", content=b"a=1", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


@pytest.mark.parametrize(("language", "sentence"), [("en", "Some of what was sent"), ("zh-CN", "提交的内容有误")])
async def test_an_error_speaks_the_callers_language(client: httpx.AsyncClient, language: str, sentence: str) -> None:
    answer = await client.post("/api/v1/holds", json={"station": 1}, headers={"accept-language": language})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(sentence)
    assert {error["field"] for error in answer.json()["errors"]} >= {"station", "station_code"}


async def test_it_starts_without_its_database_and_says_so(tmp_path: Path) -> None:
    settings = make_settings("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    app = create_app(settings)
    app.state.database.pool.timeout = 0.2
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503
