"""What is told in a transaction is heard by who waits, on commit, and nothing is missed unnoticed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import LiteralString

import pytest

from app.config import Settings
from app.kit.db import Database, libpq_url
from app.kit.exits import before_exit
from app.kit.live import ANYTHING, MOST_REMEMBERED, MOST_WAITING, Live, LiveEndedError, Subscription, tell
from app.main import create_app

pytestmark = pytest.mark.anyio
SOON, NOT_YET = 5.0, 0.3
CUT: LiteralString = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND (query = 'LISTEN onestop_live' OR query = 'SELECT 1')
"""


@pytest.fixture
async def live(database: Database) -> AsyncIterator[Live]:
    live = Live(libpq_url(database.url))
    live.start()
    await listening(live)
    yield live
    await live.stop()


async def listening(live: Live, *, unlike: str = "") -> None:
    async with asyncio.timeout(SOON):
        while not live.mark or live.mark.partition(".")[0] == unlike.partition(".")[0]:  # noqa: ASYNC110 - it tells nobody else
            await asyncio.sleep(0.01)


async def say(database: Database, *topics: str, commit: bool = True) -> None:
    async with database.writer() as session:
        await tell(session, *topics)
        await (session.commit() if commit else session.rollback())


async def heard(subscription: Subscription, seconds: float = SOON) -> set[str]:
    change = await subscription.next(seconds)
    return set(change.topics) if change else set()


async def test_a_commit_is_heard_by_who_waits_for_its_topic_and_by_nobody_else(live: Live, database: Database):
    one_, two_, every_ = (live.subscribe({topic}) for topic in ("request:1", "request:2", "station:*"))
    with one_ as one, two_ as two, every_ as every:
        await say(database, "request:1", "station:7")
        assert await heard(one) == {"request:1"}
        assert await heard(every) == {"station:7"}
        assert await heard(two, NOT_YET) == set()
    assert live.readers == 0


async def test_a_rollback_is_silent(live: Live, database: Database):
    with live.subscribe({"request:1"}) as one:
        await say(database, "request:1", commit=False)
        assert await heard(one, NOT_YET) == set()


async def test_nothing_is_heard_before_the_commit_and_the_same_said_twice_once(live: Live, database: Database):
    before = live.mark
    with live.subscribe({"request:1"}) as one:
        async with database.writer() as session:
            await tell(session, "request:1")
            await tell(session, "request:1", "request:1")
            assert await heard(one, NOT_YET) == set()
            await session.commit()
        assert await heard(one) == {"request:1"}
        assert await heard(one, NOT_YET) == set()
    assert int(live.mark.partition(".")[2]) == int(before.partition(".")[2]) + 1


async def test_many_hear_the_same(live: Live, database: Database):
    held = [live.subscribe({"request:1", f"request:{n + 2}"}) for n in range(500)]
    readers = [each.__enter__() for each in held]
    await say(database, "request:1")
    assert await asyncio.gather(*map(heard, readers)) == [{"request:1"}] * 500
    for each in held:
        each.__exit__(None, None, None)
    assert live.readers == 0


async def test_who_reads_slowly_is_told_to_look_again_and_takes_no_memory(live: Live):
    with live.subscribe({"station:*"}) as slow:
        for n in range(10_000):
            live.hear(f"station:{n}")
        assert len(slow._waiting) <= MOST_WAITING
        assert await heard(slow) == {ANYTHING}
        live.hear("station:1")
        assert await heard(slow) == {"station:1"}


async def test_what_is_remembered_is_bounded_and_what_is_forgotten_counts_as_missed(live: Live):
    mark = live.mark
    for n in range(MOST_REMEMBERED + 10):
        live.hear(f"request:{n}")
    assert len(live._heard) == MOST_REMEMBERED
    with live.subscribe({"request:x"}, since=mark) as reader:
        assert await heard(reader, 0) == {ANYTHING}


async def test_who_comes_back_looks_again_only_when_something_can_have_been_missed(live: Live, database: Database):
    with live.subscribe({"request:1"}) as reader:
        await say(database, "request:1")
        change = await reader.next(SOON)
    assert change
    with live.subscribe({"request:1"}, since=change.id) as back:
        assert await heard(back, 0) == set()
    with live.subscribe({"request:9"}) as witness:
        await say(database, "request:1", "request:9")
        await heard(witness)
    with live.subscribe({"request:1"}, since=change.id) as back:
        assert await heard(back, 0) == {ANYTHING}
    for unknown in ("", "other.3", "nonsense", f"{live.mark.partition('.')[0]}.²"):
        with live.subscribe({"request:1"}, since=unknown) as back:
            assert await heard(back, 0) == {ANYTHING}


async def test_a_connection_that_was_cut_is_made_again_and_everybody_looks_again(live: Live, database: Database):
    before = live.mark
    with live.subscribe({"request:1"}) as one, live.subscribe({"station:*"}) as two:
        await cut(database)
        assert await heard(one) == {ANYTHING}
        assert await heard(two) == {ANYTHING}
        await listening(live, unlike=before)
        await say(database, "request:1")
        assert await heard(one) == {"request:1"}
    with live.subscribe({"request:1"}, since=before) as back:
        assert await heard(back, 0) == {ANYTHING}


async def cut(database: Database) -> None:
    await database.fetch(CUT, ())


async def test_the_end_ends_every_stream_at_once(live: Live):
    async def read() -> None:
        with live.subscribe({"request:1"}) as reader:
            async for _change in reader:
                pytest.fail("nothing was said")

    tasks = [asyncio.create_task(read()) for _ in range(50)]
    await asyncio.sleep(0.05)
    assert live.readers == 50
    async with asyncio.timeout(1):
        live.end()
        await asyncio.gather(*tasks)
    with live.subscribe({"request:1"}) as late, pytest.raises(LiveEndedError):
        await late.next()


async def test_the_application_starts_and_stops_it(settings: Settings):
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await listening(app.state.live)
        with app.state.live.subscribe({"request:1"}) as reader:
            await say(app.state.database, "request:1")
            assert await heard(reader) == {"request:1"}


async def test_a_signal_is_told_of_first_and_then_whoever_was_told_before():
    told: list[str] = []
    old = signal.signal(signal.SIGTERM, lambda *_: told.append("server"))
    try:
        with before_exit(lambda: told.append("streams")):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)
        assert sorted(told) == ["server", "streams"]
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.05)
        assert sorted(told) == ["server", "server", "streams"]
    finally:
        signal.signal(signal.SIGTERM, old)
