"""Fixtures of the slots tests."""

from collections.abc import AsyncIterator

import pytest

from app.kit.db import Database
from app.stations.snapshot import Network, load_network
from tests.slots.support import Place


@pytest.fixture
def place(database: Database) -> Place:
    return Place.on(database)


@pytest.fixture
async def own(private_database: str) -> AsyncIterator[Place]:
    """A process on a database of this test alone."""
    database = Database(private_database, pool_size=8)
    await database.open()
    yield Place.on(database)
    await database.close()


@pytest.fixture
async def own_network(own: Place) -> Network:
    return await load_network(own.database)
