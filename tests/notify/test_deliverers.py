"""Several deliverers at once, woken by what is posted, stopped in the middle."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import structlog

from app.kit.clock import now
from app.kit.db import Database
from app.notify.delivery import Deliverer
from tests.notify.postbox import START, Server, Ticking, state, write

LONG = 30


async def until(ready) -> None:
    """Wait for what another task does; fails instead of waiting for ever."""
    async with asyncio.timeout(LONG):
        while not await ready():  # noqa: ASYNC110 - the other side is a database
            await asyncio.sleep(0.01)


async def all_sent(database: Database) -> bool:
    return await database.fetch("SELECT count(*) FROM message WHERE sent_at IS NULL", ()) == [(0,)]


@pytest.mark.race
async def test_of_many_deliverers_only_one_sends_a_mail(
    private_database: str, server: Server, ticking: Ticking, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.notify.outbox.BATCH", 10)
    databases = [Database(private_database, pool_size=2) for _ in range(4)]
    for database in databases:
        await database.open()
    for n in range(100):
        await write(databases[0], key=f"k{n}", to=f"p{n}@example.com")
    deliverers = [Deliverer(database, server.carrier(), ticking) for database in databases]

    async def drain(deliverer: Deliverer) -> int:
        total = 0
        while taken := await deliverer.deliver():
            total += taken
        return total

    shares = await asyncio.gather(*map(drain, deliverers))
    assert sum(shares) == 100
    assert sum(share > 0 for share in shares) > 1
    assert set(Counter(mail["To"] for mail in server.mails).values()) == {1}
    assert len(server.mails) == 100
    assert await all_sent(databases[0])
    for database in databases:
        await database.close()


async def test_a_post_wakes_the_deliverer(mails: Database, server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.notify.delivery.POLL_SECONDS", 10 * LONG)
    deliverer = Deliverer(mails, server.carrier(), now)
    await deliverer.start()

    async def listens() -> bool:
        return bool(await mails.fetch("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN onestop%%'", ()))

    await until(listens)
    await write(mails, at=await now())

    async def sent() -> bool:
        return (await state(mails))["sent_at"] is not None

    await until(sent)
    await deliverer.stop()
    assert len(server.mails) == 1


async def test_without_a_notification_it_looks_by_itself(
    mails: Database, server: Server, monkeypatch: pytest.MonkeyPatch, ticking: Ticking
):
    monkeypatch.setattr("app.notify.delivery.POLL_SECONDS", 0.05)
    await write(mails, at=START + timedelta(hours=1))
    deliverer = Deliverer(mails, server.carrier(), ticking)
    await deliverer.start()
    ticking.move(timedelta(hours=1))
    await until(lambda: all_sent(mails))
    await deliverer.stop()


async def test_when_stopped_it_gives_back_what_it_has_not_tried(mails: Database, server: Server, ticking: Ticking):
    for n in range(3):
        await write(mails, key=f"k{n}")
    deliverer = Deliverer(mails, server.carrier(), ticking)
    deliverer._stopping = True
    assert await deliverer.deliver() == 3
    assert server.mails == []
    found = await state(mails, "k2")
    assert (found["attempts"], found["next_attempt_at"]) == (0, START)


async def test_stopping_lets_the_mail_on_its_way_arrive(mails: Database, server: Server):
    arrived, released = asyncio.Event(), asyncio.Event()
    answer = server.handle_DATA

    async def slowly(*given):
        arrived.set()
        await released.wait()
        return await answer(*given)

    server.handle_DATA = slowly  # type: ignore[method-assign]
    deliverer = Deliverer(mails, server.carrier(), now)
    await write(mails, at=await now())
    await deliverer.start()
    async with asyncio.timeout(LONG):
        await arrived.wait()
    stopping = asyncio.create_task(deliverer.stop())
    await asyncio.sleep(0)
    released.set()
    await stopping
    assert (await state(mails))["sent_at"] is not None


async def test_a_database_that_is_away_does_not_end_the_delivery(
    private_database: str, server: Server, ticking: Ticking, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.notify.delivery.POLL_SECONDS", 0.05)
    database = Database(private_database, pool_size=2)
    await database.open()
    await database.fetch("ALTER TABLE message RENAME TO message_away", ())
    deliverer = Deliverer(database, server.carrier(), ticking)
    with structlog.testing.capture_logs() as logs:
        await deliverer.start()

        async def complained() -> bool:
            return any(log["event"] == "outbox_unreachable" for log in logs)

        await until(complained)
    await database.fetch("ALTER TABLE message_away RENAME TO message", ())
    await write(database)
    await until(lambda: all_sent(database))
    await deliverer.stop()
    await database.close()


async def test_an_error_that_nobody_expected_does_not_end_the_delivery(
    mails: Database, server: Server, ticking: Ticking
):
    class Broken:
        def open(self):
            raise RuntimeError("zhang.san@example.com")

    deliverer = Deliverer(mails, Broken(), ticking)
    await write(mails)
    with structlog.testing.capture_logs() as logs:
        assert await deliverer._deliver_calmly() == 0
    assert logs[0]["event"] == "delivery_failed"
    assert "zhang" not in str(logs)


async def test_no_log_line_names_the_recipient(mails: Database, server: Server, ticking: Ticking):
    deliverer = Deliverer(mails, server.carrier(), ticking)
    with structlog.testing.capture_logs() as logs:
        await write(mails, key="sent")
        await deliverer.deliver()
        await write(mails, key="later")
        server.at_data = "450 zhang.san@example.com is busy"
        await deliverer.deliver()
        ticking.move(timedelta(hours=1))
        server.at_data = "550 zhang.san@example.com is gone"
        await deliverer.deliver()
    assert [log["event"] for log in logs] == ["mail_sent", "mail_postponed", "mail_dead"]
    assert "zhang" not in str(logs)
