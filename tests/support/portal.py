"""The whole application on a real port, for browsers: started once for a process, with a clock that each test sets."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI

from app.config import Settings
from app.kit import clock as app_clock
from app.kit.db import Database
from app.kit.passwords import Passwords
from app.main import create_app
from tests.support.people import People
from tests.web.browser import running


@dataclass
class Portal:
    """The running application; `clock` is what it takes for now."""

    app: FastAPI
    url: str
    clock: Callable[[], datetime]

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    @property
    def people(self) -> People:
        """Makes staff and enterprises, signed in."""
        return People(self.database, self.clock, self.app.state.callers.timeouts)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Portal]:
    """A portal until the block ends. Passwords cost it little, so that tests don't wait for them."""
    app = create_app(settings)
    app.state.passwords = Passwords(passes=1, memory_kib=64, lanes=1)
    portal = Portal(app, "", lambda: datetime.now(app_clock.LOCAL))

    async def now() -> datetime:
        return portal.clock()

    app.dependency_overrides[app_clock.now] = now
    async with running(app) as server:
        portal.url = server.url
        yield portal
