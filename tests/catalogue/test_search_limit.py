"""Searching is free for people and slowed down for whoever copies the catalogue."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, empty, furnished, make_settings


@pytest.fixture
async def caller(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Of a portal that allows three searches a minute."""
    app = furnished(make_settings(database_url, tmp_path, limits=LimitSettings(searches_per_min=3)))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        await empty(app.state.database)  # all tests call from one address, in one minute of their clock
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client
        await empty(app.state.database)


@pytest.mark.parametrize(
    "path", ["/api/v1/suggest?q=压力", "/api/v1/services?q=压力", "/services?q=压力", "/services/suggestions?q=压力"]
)
async def test_who_searches_too_often_waits_for_the_next_minute(caller: httpx.AsyncClient, path: str) -> None:
    statuses = [(await caller.get(path)).status_code for _time in range(6)]
    assert statuses[:3] == [200] * 3
    assert 429 in statuses[3:]
    assert (await caller.get("/services/MET-MEC-015")).status_code == 200
