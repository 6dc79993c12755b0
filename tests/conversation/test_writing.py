"""Everybody writes at once: numbers have no gaps, and a request that moves to another station takes all along."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.conversation.errors import ConversationClosed
from app.conversation.queries import thread, unread
from app.conversation.rules import About, Author, Draft, Side
from app.conversation.service import mark_read, write
from app.files.store import FileStore, store_of
from app.kit import clock as app_clock
from app.kit.db import Database
from app.kit.problems import Invalid
from app.retention import run
from tests.conftest import Clock, furnished, make_settings
from tests.files.samples import PDF
from tests.requests.booking import Booker

pytestmark = [pytest.mark.anyio, pytest.mark.race]
NOW = datetime.fromisoformat("2026-12-01T09:00:00+08:00")


class Room:
    """A request on a database of its own, and where its files are."""

    def __init__(self, database: Database, store: FileStore, request_id: UUID) -> None:
        self.database = database
        self.store = store
        self.about = About("request", request_id)

    async def write(self, draft: Draft[object], side: Side = Side.APPLICANT, *, linger: float = 0) -> int:
        async with self.database.writer() as session:
            posted = await write(session, self.store, self.about, draft, author=Author(side), at=NOW)  # type: ignore[arg-type]
            await asyncio.sleep(linger)
            await session.commit()
            return posted.message.n

    async def count(self, table: str) -> int:
        rows = await self.database.fetch(f"SELECT count(*) FROM {table}", ())  # type: ignore[arg-type]  # noqa: S608
        return int(rows[0][0])


class Upload:
    filename = "a.pdf"

    def __init__(self) -> None:
        self.left = PDF

    async def read(self, _size: int = -1, /) -> bytes:
        data, self.left = self.left, b""
        return data


@pytest.fixture
async def room(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Room]:
    settings = make_settings(private_database, tmp_path)
    app = furnished(settings)
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            await Booker(client).book()
        [(request_id,)] = await app.state.database.fetch("SELECT id FROM request", ())
        yield Room(app.state.database, store_of(settings), request_id)


async def test_many_who_write_at_once_all_get_in_and_no_number_is_left_out(room: Room):
    sides = (Side.APPLICANT, Side.STATION) * 8
    numbers = await asyncio.gather(*(room.write(Draft(f"{n}"), side, linger=0.02) for n, side in enumerate(sides)))
    assert sorted(numbers) == list(range(1, 17))


async def test_one_that_fails_leaves_no_gap(room: Room):
    assert await room.write(Draft("a")) == 1
    async with room.database.writer() as session:
        await write(session, room.store, room.about, Draft("b"), author=Author(Side.APPLICANT), at=NOW)
    with pytest.raises(Invalid):
        await room.write(Draft("c", [Upload()] * 2))  # the second one is read already: empty
    assert await room.write(Draft("d")) == 2
    assert await room.count("stored_file") == 0


async def test_a_request_that_moves_while_somebody_writes_takes_everything_along(room: Room):
    await room.write(Draft("a", [Upload()]))
    await mark_read(room.database, room.about, Side.STATION, 1, NOW)

    async def move() -> None:
        await asyncio.sleep(0.01)
        await room.database.fetch(
            "WITH place AS (INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, "
            "created_at, changed_at) SELECT gen_random_uuid(), desk.station_id, desk.id, starts, ticks, kind, "
            "service_ids, created_at, changed_at FROM reservation JOIN desk ON desk.station_id <> "
            "reservation.station_id LIMIT 1 RETURNING id, station_id) "
            "UPDATE request SET reservation_id = place.id, station_id = place.station_id FROM place",
            (),
        )

    await asyncio.gather(move(), *(room.write(Draft("b"), linger=0.03) for _n in range(5)))
    assert await room.write(Draft("c", [Upload()])) == 7
    stations = await room.database.fetch(
        "SELECT DISTINCT station_id FROM (SELECT station_id FROM request UNION SELECT station_id FROM conversation "
        "UNION SELECT station_id FROM conversation_message UNION SELECT station_id FROM conversation_file UNION "
        "SELECT station_id FROM conversation_read) everything",
        (),
    )
    assert len(stations) == 1


async def test_reading_goes_forward_only_and_is_counted_per_side(room: Room):
    for text in "abc":
        await room.write(Draft(text))
    await room.write(Draft("note", inside=True), Side.STATION)
    await room.write(Draft("d"), Side.STATION)
    await mark_read(room.database, room.about, Side.STATION, 2, NOW)
    await mark_read(room.database, room.about, Side.STATION, 1, NOW)
    await mark_read(room.database, room.about, Side.STATION, 99, NOW)
    async with room.database.reader() as session:
        assert await unread(session, Side.STATION, [room.about.id]) == {room.about.id: 1}
        assert await unread(session, Side.APPLICANT, [room.about.id, UUID(int=1)]) == {room.about.id: 1}
        found = await thread(session, room.about, Side.APPLICANT)
    assert [each.n for each in found.messages] == [1, 2, 3, 5]
    assert found.unread == 1


async def test_texts_and_files_go_when_the_request_names_nobody_any_more(room: Room):
    await room.write(Draft("a", [Upload()]))
    await run(room.database, room.store, NOW + timedelta(days=1000), by="test")
    assert await room.count("conversation_message") == 1
    await run(room.database, room.store, NOW + timedelta(days=1097), by="test")
    assert await room.count("conversation_message") == 0
    assert await room.count("stored_file WHERE deleted_at IS NULL") == 0


async def test_nothing_is_written_about_what_is_not_there(room: Room):
    nobody = Room(room.database, room.store, UUID(int=9))
    with pytest.raises(ConversationClosed):
        await nobody.write(Draft("a"))
