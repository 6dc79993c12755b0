from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.web.browser import running
from tests.web.gallery import create_gallery


@pytest.fixture
def gallery() -> FastAPI:
    return create_gallery()


@pytest.fixture
async def visitor(gallery: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the gallery, in process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gallery), base_url="http://testserver") as client:
        yield client


@pytest.fixture(scope="session")
async def address() -> AsyncIterator[str]:
    """Where the gallery is served, for the browser."""
    async with running(create_gallery()) as server:
        yield server.url
