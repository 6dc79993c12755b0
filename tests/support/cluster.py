"""One throw-away PostgreSQL for all tests of this checkout, and databases copied from a migrated, loaded template.

With `TEST_DATABASE_URL` that server is used instead; its user must be allowed to create databases.
"""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from app.config import PROJECT, default_home
from app.database import load_reference_network, migrate
from app.kit.embedded import EmbeddedPostgres

UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
MADE_OF = (
    "migrations/**/*.py",
    "app/data/**/*",
    "app/*/models.py",
    "app/*/models/*.py",
    "app/audit/*.py",
    "app/stations/transfer/**/*.py",
    "app/database.py",
)


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of the server's maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = EmbeddedPostgres(default_home() / "test", options=UNSAFE_BUT_FAST)
    with server:
        yield server.url("postgres")


def on(url: str, database: str) -> str:
    """The same server's other database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def template(server: str) -> str:
    """The name of a database with the schema and the reference network of this very code; made once, kept."""
    name = f"onestop_template_{_fingerprint()}"
    lock = default_home() / "test-template.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not _exists(server, name):
            _drop_old_templates(server)
            making = f"{name}_making"
            drop(server, making)
            _execute(server, "CREATE DATABASE {}", making)
            migrate(on(server, making))
            asyncio.run(load_reference_network(on(server, making)))
            _execute(server, "ALTER DATABASE {} RENAME TO {}", making, name)
    return name


@contextmanager
def copy(server: str, source: str) -> Iterator[str]:
    """The URL of a database of one's own, copied from the template and dropped at the end."""
    name = f"onestop_{uuid4().hex[:12]}"
    _execute(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, source)
    try:
        yield on(server, name)
    finally:
        drop(server, name)


def drop(server: str, name: str) -> None:
    _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(server: str, statement: str, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL(statement).format(*map(Identifier, names)))  # type: ignore[arg-type]


def _exists(server: str, name: str) -> bool:
    with psycopg.connect(server, autocommit=True) as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def _drop_old_templates(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        old = connection.execute(
            r"SELECT datname FROM pg_database WHERE datname LIKE 'onestop\_template\_%'"
        ).fetchall()
    for (name,) in old:
        drop(server, name)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in MADE_OF:
        for path in sorted(PROJECT.glob(pattern)):
            if path.is_file():
                digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
