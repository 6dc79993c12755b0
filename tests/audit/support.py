"""A record to be touched: entries written as the application writes them, and hands that the triggers don't stop."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Identifier

from app.audit.rules import Sealed, text
from app.audit.service import Actor, Object, entry
from app.audit.statements import RECORD
from app.audit.verifying import AFTER, Kept, Verdict, verify
from app.kit.embedded import PORTAL

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
FORGET: LiteralString = """
DO $$ BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    DELETE FROM audit_entry;
    DELETE FROM audit_chain;
    INSERT INTO audit_chain (chain, n, hash, first_n, first_previous)
    SELECT chain, 0, decode(repeat('00', 32), 'hex'), 1, decode(repeat('00', 32), 'hex')
    FROM generate_series(0, 15) chain;
END $$
"""
SOMEBODY = Actor("person", name="officer.wh-jh-01", address="192.0.2.7", via="session-1")
Connection = psycopg.Connection[tuple[Any, ...]]


def forget(connection: Connection) -> None:
    """An empty record."""
    connection.execute(FORGET)


def write(connection: Connection, count: int, *, start: datetime = START) -> int:
    """So many entries in one transaction, a minute apart, hence in one chain: which one."""
    with connection.transaction():
        for n in range(count):
            on = Object("request", f"WH-{n}", station_id=n)
            given = entry(
                SOMEBODY, "request.changed", on, at=start + timedelta(minutes=n),
                before={"status": "booked"}, after={"status": "done", "n": n}, reason="因为",
            )  # fmt: skip
            connection.execute(RECORD, given)
        [(chain,)] = connection.execute("SELECT DISTINCT chain FROM audit_entry WHERE xmin = pg_current_xact_id()::xid")
    return int(chain)


@contextmanager
def held(url: str, *chains: int) -> Iterator[None]:
    """As long as the block runs, chains that somebody else's transaction holds: writers take others."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1 FROM audit_chain WHERE chain = ANY (%s) FOR UPDATE", (list(chains),))
        yield
        connection.rollback()


@contextmanager
def as_owner(url: str) -> Iterator[Connection]:
    """A connection that can do what an owner can: go around every trigger."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def as_portal(url: str) -> str:
    """The URL of the same database for the role that the portal serves as, which a server of one's own has to make."""
    parts = urlsplit(url)
    if parts.hostname:
        with psycopg.connect(url, autocommit=True) as connection, suppress(errors.DuplicateObject):
            connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'portal'").format(Identifier(PORTAL)))
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{PORTAL}:portal@{place}"))


def sealed(connection: Connection, chain: int) -> list[Sealed]:
    rows = connection.execute(AFTER, (chain, 0, 1000)).fetchall()
    return [Sealed(chain, n, at, tuple(fields), before, own) for _, n, at, before, own, *fields in rows]


def rehash(connection: Connection, chain: int, since: int) -> None:
    """Give every entry from `since` on the hash that fits, and the head too: what a careful owner would do."""
    entries = sealed(connection, chain)
    previous = next(each.previous_hash for each in entries if each.n == since)
    last = entries[-1]
    for each in entries:
        if each.n >= since:
            own = hashlib.sha256(previous + text(each).encode()).digest()
            connection.execute(
                "UPDATE audit_entry SET previous_hash = %s, hash = %s WHERE chain = %s AND n = %s",
                (previous, own, chain, each.n),
            )
            previous = own
    connection.execute("UPDATE audit_chain SET n = %s, hash = %s WHERE chain = %s", (last.n, previous, chain))


async def verdict(url: str, kept: Kept | None = None) -> Verdict:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return await verify(connection, kept)
