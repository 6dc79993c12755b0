"""Many writers at once: every entry has its place in one chain, none is skipped, and nobody waits for ever."""

import asyncio
from datetime import timedelta
from random import Random

import psycopg
import pytest

from app.audit.service import Object, entry, record
from app.audit.statements import RECORD
from app.kit.db import Database
from tests.audit.support import SOMEBODY, START, held, verdict

pytestmark = [pytest.mark.anyio, pytest.mark.race]
WRITERS, EACH = 16, 25
GAPS = """
SELECT h.chain FROM audit_chain h LEFT JOIN audit_entry e USING (chain)
GROUP BY h.chain, h.n, h.first_n HAVING count(e.n) <> h.n - h.first_n + 1 OR coalesce(max(e.n), 0) <> h.n
"""
COUNT = "SELECT count(*) FROM audit_entry WHERE action = 'request.changed'"


async def writer(database: Database, name: int) -> int:
    """Transactions of one to three entries; every third is undone, some after a savepoint that was. Entries kept."""
    random = Random(name)  # noqa: S311 - which transactions are undone is no secret
    kept = 0
    for turn in range(EACH):
        async with database.writer() as session:
            count = random.randint(1, 3)
            for n in range(count):
                on = Object("request", f"{name}-{turn}-{n}")
                await record(session, SOMEBODY, "request.changed", on, at=START + timedelta(seconds=turn))
            async with session.begin_nested() as undone:
                await record(session, SOMEBODY, "request.changed", Object("request", "undone"), at=START)
                await undone.rollback()
            await asyncio.sleep(random.random() / 500)
            if turn % 3:
                await session.commit()
                kept += count
    return kept


async def test_sixteen_writers_with_rollbacks_leave_chains_without_a_gap(private_database: str) -> None:
    database = Database(private_database, pool_size=WRITERS)
    await database.open()
    kept = await asyncio.gather(*(writer(database, name) for name in range(WRITERS)))
    assert await database.fetch(COUNT, ()) == [(sum(kept),)]
    assert await database.fetch(GAPS, ()) == []
    await database.close()
    proven = await verdict(private_database)
    assert proven.first is None
    assert proven.entries >= sum(kept)


async def test_hot_statements_at_once_leave_chains_without_a_gap(private_database: str) -> None:
    database = Database(private_database, pool_size=WRITERS)
    await database.open()
    given = entry(SOMEBODY, "request.changed", Object("request", "1"), at=START)
    await asyncio.gather(*(database.fetch(RECORD, given) for _ in range(400)))
    assert await database.fetch(COUNT, ()) == [(400,)]
    assert await database.fetch(GAPS, ()) == []
    await database.close()
    assert (await verdict(private_database)).first is None


async def test_nobody_waits_while_one_chain_is_free(private_database: str) -> None:
    with held(private_database, *range(1, 16)), psycopg.connect(private_database) as connection:
        connection.execute("SET lock_timeout = '1s'")
        for n in range(5):
            connection.execute(RECORD, entry(SOMEBODY, "request.changed", Object("request", str(n)), at=START))
        connection.commit()
        chains = connection.execute(
            "SELECT DISTINCT chain FROM audit_entry WHERE action = 'request.changed'"
        ).fetchall()
    assert chains == [(0,)]


async def test_a_record_is_proven_while_others_write(private_database: str) -> None:
    database = Database(private_database, pool_size=4)
    await database.open()
    writing = asyncio.gather(*(writer(database, name) for name in range(4)))
    while not writing.done():
        assert (await verdict(private_database)).first is None
    await writing
    await database.close()
