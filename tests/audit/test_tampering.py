"""Whatever an owner of the database does to the record, the first entry touched is found and named."""

from collections.abc import Iterator
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from app.audit.commands import report
from app.audit.rules import Fault, heads_text, read_heads
from app.audit.verifying import Kept, heads
from tests.audit.support import START, Connection, as_owner, held, rehash, verdict, write

pytestmark = pytest.mark.anyio
OTHER: dict[str, LiteralString] = {
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'system'",
    "actor_id": "gen_random_uuid()",
    "actor_name": "''",
    "actor_via": "actor_via || ' '",
    "address": "'192.0.2.8'",
    "action": "'request.changed.'",
    "object_kind": "'station'",
    "object_id": "'WH-33'",
    "station_id": "NULL",
    "organisation_id": "gen_random_uuid()",
    "before": "NULL",
    "after": """'{"n": 3.0, "status": "done"}'""",
    "reason": "'因為'",
    "trace": "'x'",
    "previous_hash": "sha256('x')",
    "hash": "sha256('x')",
}


@pytest.fixture
def chain(record_url: str, owner: Connection) -> int:
    """A chain of seven entries; another has three that nobody touches."""
    chain = write(owner, 7)
    with held(record_url, chain):
        write(owner, 3, start=START + timedelta(days=1))
    return chain


@pytest.fixture
def hand(record_url: str, chain: int) -> Iterator[Connection]:
    with as_owner(record_url) as connection:
        yield connection


@pytest.fixture
async def kept(record_url: str, chain: int) -> Kept:
    """What was printed before anything was touched."""
    async with await psycopg.AsyncConnection.connect(record_url, autocommit=True) as connection:
        return read_heads(heads_text(await heads(connection), START))


async def found(url: str, kept: Kept | None = None) -> list[tuple[int, int, Fault]]:
    return [(each.chain, each.n, each.fault) for each in (await verdict(url, kept)).touched]


async def test_an_untouched_record_is_proven(record_url: str, chain: int, kept: Kept) -> None:
    proven = await verdict(record_url, kept)
    assert (proven.entries, proven.first) == (10, None)
    assert report(proven) == ["The record is as it was written: 10 entries proven."]


@pytest.mark.parametrize("n", [1, 4, 7])
@pytest.mark.parametrize("column", OTHER)
async def test_a_change_of_any_column_of_any_entry_is_named(
    record_url: str, chain: int, hand: Connection, column: str, n: int
) -> None:
    change = SQL("UPDATE audit_entry SET {} = {} WHERE chain = {} AND n = {}")
    hand.execute(change.format(Identifier(column), SQL(OTHER[column]), Literal(chain), Literal(n)))
    assert await found(record_url) == [(chain, n, Fault.CHANGED)]


@pytest.mark.parametrize("n", [1, 4, 7])
async def test_a_change_with_a_fitting_hash_is_found_by_the_entry_after_it(
    record_url: str, chain: int, hand: Connection, n: int
) -> None:
    hand.execute("UPDATE audit_entry SET reason = 'nothing' WHERE chain = %s AND n = %s", (chain, n))
    hand.execute(
        "UPDATE audit_entry e SET hash = sha256(previous_hash || convert_to(audit_text(e), 'UTF8')) "
        "WHERE chain = %s AND n = %s",
        (chain, n),
    )
    assert await found(record_url) == [(chain, n, Fault.CHANGED)]


@pytest.mark.parametrize("n", [1, 4, 7])
async def test_a_removed_entry_is_missed(record_url: str, chain: int, hand: Connection, n: int) -> None:
    hand.execute("DELETE FROM audit_entry WHERE chain = %s AND n = %s", (chain, n))
    assert await found(record_url) == [(chain, n, Fault.MISSING)]


@pytest.mark.parametrize("n", [1, 4, 6])
async def test_a_removed_entry_is_missed_also_when_those_after_it_move_up(
    record_url: str, chain: int, hand: Connection, n: int
) -> None:
    hand.execute("DELETE FROM audit_entry WHERE chain = %s AND n = %s", (chain, n))
    for each in range(n, 7):
        hand.execute("UPDATE audit_entry SET n = %s WHERE chain = %s AND n = %s", (each, chain, each + 1))
    hand.execute("UPDATE audit_chain SET n = 6 WHERE chain = %s", (chain,))
    assert await found(record_url) == [(chain, n, Fault.MISSING)]


@pytest.mark.parametrize("fitting", [False, True])
async def test_an_inserted_entry_is_named(record_url: str, chain: int, hand: Connection, fitting: bool) -> None:
    hand.execute("UPDATE audit_chain SET n = 8 WHERE chain = %s", (chain,))
    for n in range(7, 3, -1):
        hand.execute("UPDATE audit_entry SET n = %s WHERE chain = %s AND n = %s", (n + 1, chain, n))
    copy_entry(hand, chain, 3, 4)
    if fitting:
        hand.execute(
            "UPDATE audit_entry e SET previous_hash = p.hash, "
            "hash = sha256(p.hash || convert_to(audit_text(e), 'UTF8')) "
            "FROM audit_entry p WHERE p.chain = e.chain AND p.n = 3 AND e.chain = %s AND e.n = 4",
            (chain,),
        )
    else:
        hand.execute("UPDATE audit_entry SET object_id = 'WH-34' WHERE chain = %s AND n = 4", (chain,))
    assert await found(record_url) == [(chain, 4, Fault.INSERTED)]


async def test_an_entry_after_the_last_is_named(record_url: str, chain: int, hand: Connection) -> None:
    copy_entry(hand, chain, 7, 8)
    assert await found(record_url) == [(chain, 8, Fault.INSERTED)]


async def test_an_entry_before_the_first_is_named(record_url: str, chain: int, hand: Connection) -> None:
    copy_entry(hand, chain, 1, 0)
    assert await found(record_url) == [(chain, 0, Fault.INSERTED)]


async def test_an_entry_in_a_chain_that_does_not_exist_is_named(record_url: str, chain: int, hand: Connection) -> None:
    hand.execute("UPDATE audit_entry SET chain = 99 WHERE chain = %s AND n = 7", (chain,))
    assert await found(record_url) == [(chain, 7, Fault.MISSING), (99, 7, Fault.INSERTED)]


@pytest.mark.parametrize(("one", "other"), [(1, 7), (3, 4), (2, 6)])
async def test_entries_that_change_places_are_named(
    record_url: str, chain: int, hand: Connection, one: int, other: int
) -> None:
    for now, then in ((one, 100), (other, one), (100, other)):
        hand.execute("UPDATE audit_entry SET n = %s WHERE chain = %s AND n = %s", (then, chain, now))
    assert await found(record_url) == [(chain, one, Fault.MOVED)]


async def test_a_cut_tail_is_missed(record_url: str, chain: int, hand: Connection) -> None:
    hand.execute("DELETE FROM audit_entry WHERE chain = %s AND n > 4", (chain,))
    assert await found(record_url) == [(chain, 5, Fault.MISSING)]


async def test_a_cut_tail_with_a_fitting_head_is_missed_by_what_was_printed(
    record_url: str, chain: int, hand: Connection, kept: Kept
) -> None:
    hand.execute("DELETE FROM audit_entry WHERE chain = %s AND n > 4", (chain,))
    rehash(hand, chain, 4)
    assert await found(record_url) == []
    assert await found(record_url, kept) == [(chain, 5, Fault.MISSING)]


async def test_a_chain_rewritten_with_fitting_hashes_is_found_by_what_was_printed(
    record_url: str, chain: int, hand: Connection, kept: Kept
) -> None:
    hand.execute("UPDATE audit_entry SET reason = 'nothing' WHERE chain = %s AND n = 2", (chain,))
    rehash(hand, chain, 2)
    assert await found(record_url) == []
    assert await found(record_url, kept) == [(chain, 7, Fault.REWRITTEN)]


@pytest.mark.parametrize("column", ["hash", "first_previous"])
async def test_a_changed_head_is_noticed(record_url: str, chain: int, hand: Connection, column: str) -> None:
    change = SQL("UPDATE audit_chain SET {} = sha256('x') WHERE chain = {}")
    hand.execute(change.format(Identifier(column), Literal(chain)))
    expected = (chain, 7, Fault.CHANGED) if column == "hash" else (chain, 1, Fault.HEAD)
    assert await found(record_url) == [expected]


async def test_a_removed_head_is_noticed(record_url: str, chain: int, hand: Connection) -> None:
    hand.execute("DELETE FROM audit_chain WHERE chain = %s", (chain,))
    assert await found(record_url) == [(chain, 1, Fault.HEAD)]


async def test_a_time_that_no_calendar_has_is_a_change_and_no_trace(
    record_url: str, chain: int, hand: Connection
) -> None:
    hand.execute("UPDATE audit_entry SET at = 'infinity' WHERE chain = %s AND n = 2", (chain,))
    assert await found(record_url) == [(chain, 2, Fault.CHANGED)]


async def test_of_several_chains_the_first_touched_by_time_is_named_first(
    record_url: str, owner: Connection, chain: int, hand: Connection
) -> None:
    with held(record_url, chain):
        earlier = write(owner, 2, start=START - timedelta(days=1))
    for touched in (chain, earlier):
        hand.execute(
            "UPDATE audit_entry SET reason = '' WHERE chain = %s AND at = (SELECT max(at) FROM audit_entry "
            "WHERE chain = %s)",
            (touched, touched),
        )
    lines = report(await verdict(record_url))
    assert lines[0] == "THE RECORD WAS TOUCHED."
    assert lines[1].endswith("(request.changed 2026-11-30 01:01:00 UTC) was changed after it was written.")
    assert len(lines) == 3


def copy_entry(hand: Connection, chain: int, n: int, to: int) -> None:
    hand.execute(
        """
        INSERT INTO audit_entry SELECT (copied).* FROM (
            SELECT jsonb_populate_record(e, jsonb_build_object('n', %s::bigint)) copied
            FROM audit_entry e WHERE chain = %s AND n = %s
        ) rows
        """,
        (to, chain, n),
    )
