"""What tests of this room share: a network that may be changed."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings


@pytest.fixture
async def changed(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    """The application on a database of its own, to change the network under it."""
    app = furnished(make_settings(private_database, tmp_path))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def visitor(changed: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(changed), base_url="http://testserver") as client:
        yield client
