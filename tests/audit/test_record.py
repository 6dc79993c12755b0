"""What is put on record, by a session and by a hot statement, and the text that is hashed of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from asgi_correlation_id import correlation_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.rules import START as NOTHING_BEFORE
from app.audit.rules import seal, text
from app.audit.service import Actor, Object, entry, record, record_on
from app.audit.statements import RECORD
from app.kit.db import Database, WriteSession
from tests.audit.support import SOMEBODY, START, Connection, forget, sealed

pytestmark = pytest.mark.anyio
PERSON = UUID("018f0000-0000-7000-8000-000000000001")
FIRM = UUID("018f0000-0000-7000-8000-000000000002")
odd = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60) | st.sampled_from(
    ["", "-", "-,", "0:,", "1:a,", "𠮷", "\u202e", "'; DROP TABLE audit_entry; --", "\\", "\r\n", "A\u030a", "\ufeff"]
)
numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
documents = st.none() | st.dictionaries(
    odd, st.recursive(st.none() | st.booleans() | numbers | odd, lambda inner: st.lists(inner, max_size=3)), max_size=4
)


@pytest.fixture
def owned(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        forget(connection)
        yield connection
        forget(connection)


async def test_an_entry_holds_who_what_where_when_and_why(session: WriteSession) -> None:
    given = correlation_id.set("trace-1")
    await record(
        session,
        Actor("key", PERSON, "sme", "192.0.2.1", "key-1"),
        "contact.revealed",
        Object("request", "WH-1", station_id=3, organisation_id=FIRM),
        at=START,
        before={"shown": False},
        after={"shown": True, "until": date(2026, 12, 2), "by": PERSON, "fee": Decimal("1.50"), "n": (1, 2)},
        reason="他打电话来了",
    )
    correlation_id.reset(given)
    made = (await session.scalars(select(AuditEntry).where(AuditEntry.at == START))).one()
    values = {column.name: getattr(made, column.name) for column in AuditEntry.__table__.columns}
    for own in ("chain", "n", "hash", "previous_hash"):
        del values[own]
    assert values == {
        "at": START, "actor_kind": "key", "actor_id": PERSON, "actor_name": "sme", "actor_via": "key-1",
        "address": "192.0.2.1", "action": "contact.revealed", "object_kind": "request", "object_id": "WH-1",
        "station_id": 3, "organisation_id": FIRM, "before": {"shown": False},
        "after": {"shown": True, "until": "2026-12-02", "by": str(PERSON), "fee": "1.50", "n": [1, 2]},
        "reason": "他打电话来了", "trace": "trace-1",
    }  # fmt: skip


async def test_whatever_somebody_tried_fits_the_record(session: WriteSession) -> None:
    odd_name = "\0" + "x" * 500
    await record(
        session, Actor("visitor", name=odd_name), "person.sign_in_refused", Object("person", odd_name), at=START,
        after={"tried\0": ["\0", {"\ud800": "\ud800"}]}, reason="\0" * 5000,
    )  # fmt: skip
    made = (await session.scalars(select(AuditEntry).where(AuditEntry.at == START))).one()
    assert made.actor_name == "\ufffd" + "x" * 119
    assert made.after == {"tried\ufffd": ["\ufffd", {"?": "?"}]}


async def test_what_is_undone_is_not_on_record(database: Database, owned: Connection) -> None:
    async with database.writer() as session:
        await record(session, SOMEBODY, "person.created", Object("person", "1"), at=START)
        await session.rollback()
    async with database.writer() as session, session.begin():
        await record(session, SOMEBODY, "person.created", Object("person", "2"), at=START)
    assert owned.execute("SELECT object_id, n FROM audit_entry").fetchall() == [("2", 1)]


async def test_a_hot_statement_makes_its_entry_or_none(database: Database, owned: Connection) -> None:
    hot: LiteralString = (
        "WITH made AS (SELECT 1 WHERE %(made)s), recorded AS (-- record\n FROM made) SELECT * FROM made"
    )
    statement = hot.replace("-- record", RECORD)
    given = entry(SOMEBODY, "request.submitted", Object("request", "WH-1", 3), at=START, after={"a": "\0"})
    assert await database.fetch(statement, {"made": False, **given}) == []
    assert await database.fetch(statement, {"made": True, **given}) == [(1,)]
    assert owned.execute("SELECT object_id, n, after FROM audit_entry").fetchall() == [("WH-1", 1, {"a": "\ufffd"})]


async def test_a_bare_connection_records_in_its_transaction(database: Database, owned: Connection) -> None:
    async with database.pool.connection() as connection:
        await record_on(
            connection, SOMEBODY, "network.imported", Object("network", "x"), at=START, before={}, reason="y"
        )
    assert owned.execute("SELECT before, after, reason FROM audit_entry").fetchall() == [({}, None, "y")]


async def test_the_first_entry_of_a_chain_follows_32_zero_bytes(owned: Connection) -> None:
    correlation_id.set("trace-2")  # a call of a test before, made in this very task, leaves its own
    owned.execute(RECORD, entry(SOMEBODY, "a.b", Object("a", "1"), at=START))
    [made] = only(owned)
    assert made.previous_hash == NOTHING_BEFORE
    assert text(made) == (
        f"onestop-audit-1,{len(str(made.chain))}:{made.chain},1:1,16:1796086800000000,6:person,-,16:officer.wh-jh-01,"
        "9:session-1,9:192.0.2.7,3:a.b,1:a,1:1,-,-,-,-,0:,7:trace-2,"
    )
    assert made.hash == seal(made)


entries = st.builds(
    entry,
    st.builds(Actor, st.just("person"), st.none() | st.uuids(), odd, odd, odd),
    odd,
    st.builds(Object, odd, odd, st.none() | st.integers(-(2**31), 2**31 - 1), st.none() | st.uuids()),
    at=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - naive by contract
    before=documents,
    after=documents,
    reason=odd,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries)
def test_python_makes_of_odd_entries_the_text_that_the_database_makes(owned: Connection, given: dict[str, Any]) -> None:
    with owned.transaction(force_rollback=True):
        owned.execute(RECORD, given)
        [made] = only(owned)
        [(theirs,)] = owned.execute("SELECT audit_text(e) FROM audit_entry e").fetchall()
        assert text(made) == theirs
        assert seal(made) == made.hash
        assert made.at == given["audit_at"]


def only(connection: Connection) -> list[Any]:
    [(chain,)] = connection.execute("SELECT chain FROM audit_entry").fetchall()
    return sealed(connection, chain)


def test_times_before_the_epoch_count_backwards(owned: Connection) -> None:
    before = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    owned.execute(RECORD, entry(SOMEBODY, "a.b", Object("a", "1"), at=before))
    [made] = only(owned)
    assert ",2:-1," in text(made)
    assert made.at == before
    assert before + timedelta(microseconds=1) == datetime(1970, 1, 1, tzinfo=UTC)
