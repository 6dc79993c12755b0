"""Finding entries: by every filter, page by page, and all of them for a file."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit import queries
from app.audit.queries import CursorError, Filters, export, search
from app.audit.service import Actor, Object, record
from app.kit.db import Database, ReadSession
from tests.audit.support import START, forget

pytestmark = pytest.mark.anyio
PERSON = UUID("018f0000-0000-7000-8000-000000000001")
FIRM = UUID("018f0000-0000-7000-8000-000000000002")
OFFICER = Actor("person", PERSON, "Officer.wh-jh-01", "192.0.2.7", "session-1")
VISITOR = Actor("visitor", address="2001:db8::1")


@pytest.fixture
async def reading(database: Database, database_url: str) -> AsyncIterator[ReadSession]:
    """Five entries, told apart by their objects: the first at the beginning of a day of the network."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        forget(connection)
    midnight = datetime(2026, 12, 1, 16, tzinfo=UTC)  # the 2nd in Shanghai
    async with database.writer() as session:
        for actor, action, on, at, told in (
            (VISITOR, "request.submitted", Object("request", "A", 3, FIRM), START, {"status": "booked"}),
            (OFFICER, "contact.revealed", Object("request", "A", 3), midnight, {"mobile": "138****8000"}),
            (OFFICER, "request_draft.left", Object("draft", "B", 4), midnight, {"名": "100% 江南"}),
            (VISITOR, "person.signed_in", Object("person", "C"), midnight - timedelta(microseconds=1), None),
            (OFFICER, "request.changed", Object("request", "D", 4), midnight + timedelta(days=1), None),
        ):
            await record(session, actor, action, on, at=at, after=told, reason=f"因为 {on.id}_")
        await session.commit()
    async with database.reader() as session:
        yield session


@pytest.mark.parametrize(
    ("filters", "actions"),
    [
        (Filters(actor=str(PERSON)), "contact.revealed request_draft.left request.changed"),
        (Filters(actor="officer.WH-jh-01"), "contact.revealed request_draft.left request.changed"),
        (Filters(actor="officer"), ""),
        (Filters(action="request."), "request.submitted request.changed"),
        (Filters(action="request_"), "request_draft.left"),
        (Filters(object_kind="request", object_id="A"), "request.submitted contact.revealed"),
        (Filters(object_id="B"), "request_draft.left"),
        (Filters(station_id=4), "request_draft.left request.changed"),
        (Filters(organisation_id=FIRM), "request.submitted"),
        (Filters(since=date(2026, 12, 2), until=date(2026, 12, 2)), "contact.revealed request_draft.left"),
        (Filters(until=date(2026, 12, 1)), "request.submitted person.signed_in"),
        (Filters(since=date(2026, 12, 3), until=date.max), "request.changed"),
        (Filters(address="2001:db8::1"), "request.submitted person.signed_in"),
        (Filters(text="江南"), "request_draft.left"),
        (Filters(text="100%"), "request_draft.left"),
        (Filters(text="因为 d_"), "request.changed"),
        (Filters(text="_"), "request.submitted contact.revealed request_draft.left person.signed_in request.changed"),
        (Filters(text="138*"), "contact.revealed"),
        (Filters(text="\0", actor="\0", action="\0"), ""),
    ],
)
async def test_every_filter_finds_what_it_says(reading: ReadSession, filters: Filters, actions: str) -> None:
    found = await search(reading, filters, None, 50)
    assert sorted(entry.action for entry in found.entries) == sorted(actions.split())
    assert found.next is None
    exported = [entry async for entry in export(reading, filters)]
    assert exported == found.entries[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
async def test_pages_together_are_everything_once_newest_first(reading: ReadSession, limit: int) -> None:
    seen, cursor = [], None
    while True:
        page = await search(reading, Filters(), cursor, limit)
        seen += page.entries
        cursor = page.next
        if cursor is None:
            break
        assert len(page.entries) == limit
    assert len(seen) == 5
    assert seen == sorted(seen, key=lambda entry: (entry.at, entry.chain, entry.n), reverse=True)
    assert len({(entry.chain, entry.n) for entry in seen}) == 5


async def test_an_entry_is_a_row_for_a_file(reading: ReadSession) -> None:
    [entry] = (await search(reading, Filters(object_id="B"), None, 5)).entries
    row = entry.as_row()
    assert (row["actor_name"], row["after"], row["station_id"]) == ("Officer.wh-jh-01", {"名": "100% 江南"}, 4)


async def test_an_export_of_more_than_is_read_at_once_is_whole(database: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        forget(connection)
        connection.execute(
            "INSERT INTO audit_entry (at, actor_kind, actor_name, actor_via, address, action, object_kind, object_id, "
            "reason, trace) SELECT now() + n * interval '1 s', 'system', '', '', '', 'a.b', 'a', n::text, '', '' "
            "FROM generate_series(1, 2500) n"
        )
    async with database.reader() as session:
        ids = [entry.object_id async for entry in export(session, Filters())]
    assert ids == [str(n) for n in range(1, 2501)]


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "=" * 24, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "f" * 24, "é"])
async def test_a_cursor_that_is_not_ours_is_refused(reading: ReadSession, cursor: str) -> None:
    with pytest.raises(CursorError):
        await search(reading, Filters(), cursor, 5)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 15), st.integers(1, 2**62))
def test_a_cursor_is_read_as_it_was_written(at: datetime, chain: int, n: int) -> None:
    entry = queries.Entry(
        chain, n, at, "system", None, "", "", "", "a.b", "a", "", None, None, None, None, "", ""
    )  # fmt: skip
    assert queries._read(queries._written(entry)) == (at, chain, n)
