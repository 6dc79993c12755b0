from collections.abc import AsyncIterator

import pytest

from app.kit.db import Database
from tests.notify.postbox import Server, Ticking, listening


@pytest.fixture
async def mails(database: Database) -> AsyncIterator[Database]:
    """The worker's database, whose outbox is emptied after the test."""
    yield database
    await database.fetch("DELETE FROM message", ())


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening(Server()) as server:
        yield server
