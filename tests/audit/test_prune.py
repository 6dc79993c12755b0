"""Removing what is old: only whole beginnings of chains, never what is young, and on record."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.audit.retention import Pruned, TooYoungError, prune
from app.audit.rules import Fault, heads_text, read_heads
from app.audit.verifying import Kept, heads
from tests.audit.support import Connection, as_owner, held, verdict, write

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
YEARS_AGO = NOW - timedelta(days=1200)
BEFORE = NOW - timedelta(days=1096)


@pytest.fixture
def chain(record_url: str, owner: Connection) -> int:
    """A chain with four old entries and three of today; another with two old ones only; a third with two of today."""
    taken = [write(owner, 4, start=YEARS_AGO)]
    with held(record_url, *(chain for chain in range(16) if chain != taken[0])):
        assert write(owner, 3, start=NOW) == taken[0]
    for start in (YEARS_AGO, NOW):
        with held(record_url, *taken):
            taken.append(write(owner, 2, start=start))
    return taken[0]


async def pruned(url: str, before: datetime = BEFORE, *, dry_run: bool = False) -> Pruned:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return await prune(connection, before, now=NOW, dry_run=dry_run)


async def printed(url: str) -> Kept:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return read_heads(heads_text(await heads(connection), NOW))


async def test_what_is_left_is_still_proven_and_the_pruning_is_on_record(
    record_url: str, owner: Connection, chain: int
) -> None:
    assert await pruned(record_url) == Pruned(6, 2)
    found = await verdict(record_url)
    assert (found.entries, found.first) == (7, None)
    told = owner.execute(
        "SELECT object_id, after ->> 'removed' FROM audit_entry WHERE action = 'audit.pruned'"
    ).fetchall()
    assert (str(chain), "4") in told
    assert len(told) == 2


async def test_a_dry_run_says_the_same_and_removes_nothing(record_url: str, owner: Connection, chain: int) -> None:
    assert await pruned(record_url, dry_run=True) == Pruned(6, 2)
    assert owner.execute("SELECT count(*) FROM audit_entry").fetchone() == (11,)


async def test_pruning_twice_removes_nothing_more(record_url: str, chain: int) -> None:
    await pruned(record_url)
    assert await pruned(record_url) == Pruned(0, 0)
    assert (await verdict(record_url)).first is None


async def test_an_old_entry_behind_a_young_one_stays(record_url: str, owner: Connection, chain: int) -> None:
    with held(record_url, *(other for other in range(16) if other != chain)):
        write(owner, 1, start=YEARS_AGO)
    assert await pruned(record_url) == Pruned(6, 2)


async def test_what_is_younger_than_180_days_is_not_removed(record_url: str, chain: int) -> None:
    with pytest.raises(TooYoungError, match="180"):
        await pruned(record_url, NOW - timedelta(days=179))


async def test_tampering_after_a_pruning_is_found(record_url: str, chain: int) -> None:
    await pruned(record_url)
    with as_owner(record_url) as hand:
        hand.execute("DELETE FROM audit_entry WHERE chain = %s AND n = 5", (chain,))
    found = (await verdict(record_url)).first
    assert found is not None
    assert (found.chain, found.n, found.fault) == (chain, 5, Fault.MISSING)


async def test_heads_printed_before_a_pruning_are_compared_as_far_as_they_can_be(record_url: str, chain: int) -> None:
    kept = await printed(record_url)
    await pruned(record_url)
    assert (await verdict(record_url, kept)).first is None
    assert (await verdict(record_url, {**kept, chain: (2, bytes(32))})).uncompared == (chain,)
    assert (await verdict(record_url, {**kept, chain: (4, bytes(32))})).first is not None
