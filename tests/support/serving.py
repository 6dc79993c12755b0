"""The whole application on a real port, for a browser, on a database of its own and with a clock of our own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from app.config import Settings
from app.kit import clock
from tests.conftest import furnished
from tests.web.browser import Server, running


@asynccontextmanager
async def served(settings: Settings, time: Callable[[], Awaitable[datetime]]) -> AsyncIterator[Server]:
    """Serve until the block ends; `time` is what the application takes for now."""
    app = furnished(settings)
    app.dependency_overrides[clock.now] = time
    async with running(app) as server:
        yield server
