"""A record of the module's own, filled anew for each test."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.audit.support import Connection, forget
from tests.support import cluster


@pytest.fixture(scope="module")
def record_url(database_server: str, database_template: str) -> Iterator[str]:
    """A database that tests of one module may spoil."""
    with cluster.copy(database_server, database_template) as url:
        yield url


@pytest.fixture
def owner(record_url: str) -> Iterator[Connection]:
    """An owner's connection to an empty record."""
    with psycopg.connect(record_url, autocommit=True) as connection:
        forget(connection)
        yield connection
