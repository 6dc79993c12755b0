"""Bringing a database up: the server when none is given, its schema, and the reference network when it is empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, pool

from app.config import PROJECT, Settings
from app.kit.db import Database, driver_url
from app.kit.embedded import EmbeddedPostgres
from app.stations.transfer import Report, import_network

REFERENCE = Path(__file__).resolve().parent / "data" / "reference"
MIGRATING = 715000  # the advisory lock under which one process migrates while others wait


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The URL to use: the given one, or that of the embedded server, which runs as long as the block does."""
    if settings.database.database_url:
        yield settings.database.database_url
        return
    with EmbeddedPostgres(settings.home) as url:
        yield url


def migrate(url: str) -> None:
    """Bring the schema to this program's version; several at once take turns."""
    engine = create_engine(driver_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATING})")
        connection.commit()
        config = Config(PROJECT / "alembic.ini")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


async def load_reference_network(url: str) -> Report | None:
    """Load the shipped network into a database without stations; None when there are some already."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        if await database.fetch("SELECT 1 FROM station LIMIT 1", ()):
            return None
        async with database.pool.connection() as connection:
            return await import_network(connection, REFERENCE)
    finally:
        await database.close()
