"""Bringing a database up: the server when none is given, its schema, and the reference network when it is empty.

Two roles use it. The owner migrates, imports and prunes; the portal serves. Where one role is given for both, the
record of what was done is guarded by triggers only, and `onestop doctor` says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.exc import ProgrammingError

from app.audit.guard import grant
from app.audit.service import Actor, Object, record_on
from app.config import PROJECT, Settings, SettingsError
from app.kit.clock import now
from app.kit.db import Database, driver_url, libpq_url, sqlstate
from app.kit.embedded import PORTAL, EmbeddedPostgres
from app.stations.transfer import Report, import_network

REFERENCE = Path(__file__).resolve().parent / "data" / "reference"
MIGRATING = 715000  # the advisory lock under which one process migrates while others wait
NOT_ALLOWED = "42501"


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The owner's URL, for tools: the given one, or that of the embedded server, which runs as long as the block."""
    group = settings.database
    if group.database_url:
        yield group.database_owner_url or group.database_url
        return
    if group.database_owner_url:
        raise SettingsError("DATABASE_OWNER_URL is set and DATABASE_URL isn't: name the portal's role too.")
    with EmbeddedPostgres(settings.home) as url:
        yield url


def portal_url(settings: Settings) -> str:
    """The URL by which the portal serves: the same database as the role that may not touch what is on record."""
    return settings.database.database_url or EmbeddedPostgres(settings.home).url(user=PORTAL)


def migrate(url: str, portal: str | None = None) -> None:
    """Bring the schema to this program's version; several at once take turns.

    With `portal`, the URL by which the portal serves, its role is granted what it needs, unless it is the owner.
    Raises SettingsError when the role of `url` doesn't own the tables and the schema is older.
    """
    engine = create_engine(driver_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATING})")
        connection.commit()
        _upgrade(connection)
        if portal:
            _grant(url, portal)
        connection.commit()
    engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except ProgrammingError as error:
        if sqlstate(error) != NOT_ALLOWED:
            raise
        raise SettingsError(
            "The schema is older than this program, and the role of DATABASE_URL doesn't own it. "
            "Run `onestop migrate` with DATABASE_OWNER_URL."
        ) from error
    connection.commit()


def _grant(url: str, portal: str) -> None:
    with psycopg.connect(libpq_url(portal)) as connection:
        role = connection.info.user
    with psycopg.connect(libpq_url(url)) as connection:
        if connection.info.user != role:
            grant(connection, role)


async def load_network(url: str, folder: Path, *, deactivate_missing: bool = False, by: str) -> Report:
    """Import a network and put on record that the command `by` did so, both or neither. Raises ImportRefused."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        async with database.pool.connection() as connection, connection.transaction():
            report = await import_network(connection, folder, deactivate_missing=deactivate_missing)
            counts = {kind: asdict(count) for kind, count in report.counts.items()}
            on = Object("network", folder.name)
            await record_on(connection, Actor("system", name=by), "network.imported", on, at=await now(), after=counts)
            return report
    finally:
        await database.close()


async def load_reference_network(url: str) -> Report | None:
    """Load the shipped network into a database without stations; None when there are some already."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        if await database.fetch("SELECT 1 FROM station LIMIT 1", ()):
            return None
    finally:
        await database.close()
    return await load_network(url, REFERENCE, by="onestop demo")
