"""What is wrong with this installation, in plain words."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.audit.guard import guarded
from app.config import Settings, SettingsError, load_settings
from app.kit.db import libpq_url
from app.kit.embedded import PORTAL, EmbeddedPostgres

OLDEST_POSTGRES = 150000
LEAST_FREE_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and a sentence that says what to do when it isn't."""

    well: bool
    sentence: str


def examine() -> list[Finding]:
    """Everything that can be looked at without changing anything."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Finding(well=False, sentence=str(error))]
    return [*_machine(settings), *_database(settings)]


def _machine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version}; 3.11 or newer is needed.")
    yield Finding(well=True, sentence=f"Settings are readable; this is a {settings.web.env} installation.")
    home = _existing(settings.home)
    yield Finding(os.access(home, os.W_OK), f"{settings.home} must be writable (set ONESTOP_HOME to move it).")
    free = shutil.disk_usage(home).free // 2**20
    yield Finding(free >= LEAST_FREE_MB, f"{free} MB of disk are free there; {LEAST_FREE_MB} are the least.")
    yield Finding(settings.limits.on, "Limits must be on, except in a load test (ONESTOP_LIMITS).")


def _database(settings: Settings) -> Iterator[Finding]:
    url = settings.database.database_url
    if url is None:
        server = EmbeddedPostgres(settings.home)
        running = server.running()
        yield Finding(well=True, sentence=f"The embedded PostgreSQL is {'running' if running else 'not running now'}.")
        if not running:
            return
        url = server.url(user=PORTAL)
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=5) as connection:
            yield from _reached(connection, settings)
    except psycopg.OperationalError as error:
        yield Finding(well=False, sentence=f"The database can't be reached: {str(error).splitlines()[0]}")


def _reached(connection: "psycopg.Connection[tuple[object, ...]]", settings: Settings) -> Iterator[Finding]:
    version = connection.info.server_version
    yield Finding(version >= OLDEST_POSTGRES, f"PostgreSQL {version // 10000}; 15 or newer is needed.")
    encoding = connection.info.parameter_status("server_encoding")
    yield Finding(encoding == "UTF8", f"The database's encoding is {encoding}; it must be UTF8.")
    migrated = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() == (True,)
    yield Finding(migrated, "The schema must be there (onestop migrate).")
    if not migrated:
        return
    row = connection.execute("SELECT count(*) FROM station WHERE active").fetchone()
    stations = row[0] if row else 0
    yield Finding(bool(stations), f"{stations} stations in use; an empty network can be filled by `onestop demo`.")
    found = connection.execute("SELECT max(year) >= extract(year FROM now()) FROM calendar_year").fetchone()
    yield Finding(
        found == (True,), "This year's holidays must be known (workdays.json), else deadlines are provisional."
    )
    yield _record(connection, settings)


def _record(connection: "psycopg.Connection[tuple[object, ...]]", settings: Settings) -> Finding:
    """Whether what is on record is out of the portal's reach; for a trial at home triggers are enough."""
    if connection.execute("SELECT to_regclass('audit_entry') IS NULL").fetchone() == (True,):
        return Finding(well=False, sentence="The schema is older than this program (onestop migrate).")
    if guarded(connection):
        return Finding(well=True, sentence="The portal's role can add to the record, and can't change what is there.")
    return Finding(
        well=not settings.production,
        sentence="The record is guarded by triggers only, because the portal's role owns its table or can become "
        "who does: give the owner by DATABASE_OWNER_URL and the portal a role of its own (docs/audit.md).",
    )


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
