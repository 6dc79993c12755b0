"""Mails for later: not before their time, not after it, and not at all once withdrawn."""

import asyncio
from datetime import timedelta

import pytest

from app.kit.db import Database
from app.notify.delivery import Deliverer
from app.notify.outbox import LEASE, Outbox
from app.notify.rules import masked
from app.notify.service import post, withdraw
from tests.notify.postbox import START, Server, Ticking, listening, state, take_back, write

HOUR = timedelta(hours=1)
ABOUT = "request:ZT-1"


@pytest.fixture
def deliverer(mails: Database, server: Server, ticking: Ticking) -> Deliverer:
    return Deliverer(mails, server.carrier(), ticking)


async def test_a_reminder_leaves_at_its_time(mails: Database, deliverer: Deliverer, ticking: Ticking):
    await write(mails, due=START + HOUR, about=ABOUT)
    assert await deliverer.deliver() == 0
    ticking.move(HOUR)
    assert await deliverer.deliver() == 1


async def test_a_withdrawn_one_never_leaves_and_keeps_neither_text_nor_address(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking
):
    await write(mails, due=START + HOUR, about=ABOUT)
    await write(mails, "other", due=START + HOUR, about="request:ZT-2")
    assert await take_back(mails, ABOUT) == 1
    assert await take_back(mails, ABOUT) == 0
    ticking.move(HOUR)
    assert await deliverer.deliver() == 1
    found = await state(mails)
    assert (found["withdrawn_at"], found["body"], found["recipient"]) == (START, None, "z***@example.com")
    assert len(server.mails) == 1


async def test_only_the_kinds_that_are_named_are_withdrawn(mails: Database):
    await write(mails, "a", about=ABOUT, kind="request.reminder")
    await write(mails, "b", about=ABOUT, kind="request.cancelled")
    assert await take_back(mails, ABOUT, kinds=("request.reminder",)) == 1
    assert (await state(mails, "b"))["withdrawn_at"] is None


async def test_withdrawing_takes_dead_ones_along_and_leaves_sent_ones(
    mails: Database, server: Server, deliverer: Deliverer
):
    await write(mails, "sent", about=ABOUT)
    await deliverer.deliver()
    server.at_data = "550 no"
    await write(mails, "dead", about=ABOUT)
    await deliverer.deliver()
    assert await take_back(mails, ABOUT) == 1
    assert (await state(mails, "sent"))["withdrawn_at"] is None
    found = await state(mails, "dead")
    assert (found["dead_at"], found["withdrawn_at"]) == (None, START)


async def test_what_is_rolled_back_is_not_withdrawn(mails: Database, deliverer: Deliverer):
    await write(mails, about=ABOUT)
    async with mails.writer() as session:
        await withdraw(session, ABOUT, at=START)
    assert await deliverer.deliver() == 1


async def test_withdrawing_everything_by_mistake_is_refused(mails: Database):
    async with mails.writer() as session:
        with pytest.raises(ValueError, match="thing"):
            await withdraw(session, "", at=START)


async def test_the_key_of_a_withdrawn_one_stays_used(mails: Database, server: Server, deliverer: Deliverer):
    await write(mails, about=ABOUT)
    await take_back(mails, ABOUT)
    await write(mails, about=ABOUT, text="again")
    assert await deliverer.deliver() == 0
    assert server.mails == []


async def test_a_reminder_that_could_not_leave_in_time_is_dropped(mails: Database, ticking: Ticking):
    server = Server()
    async with listening(server):
        pass
    deliverer = Deliverer(mails, server.carrier(), ticking)
    await write(mails, expires=START + timedelta(seconds=20))
    assert await deliverer.deliver() == 1
    ticking.move(timedelta(seconds=20))
    async with listening(server):
        assert await deliverer.deliver() == 0
    found = await state(mails)
    assert (found["withdrawn_at"], found["last_error"]) == (START + timedelta(seconds=20), "Expired")
    assert server.mails == []


async def test_one_that_becomes_too_late_between_claim_and_send_does_not_leave(mails: Database):
    outbox = Outbox(mails)
    await write(mails, expires=START + HOUR)
    [mine] = await outbox.claim(START)
    assert await outbox.hold([mine], START + HOUR) == {mine: None}


async def test_of_a_batch_that_is_claimed_a_withdrawn_one_does_not_leave(mails: Database, server: Server):
    """Withdrawn after the claim, while the one before it is being sent."""

    deliverer = Deliverer(mails, server.carrier(), Ticking())
    answer = server.handle_DATA

    async def withdrawing(*given):
        if not server.received:
            await take_back(mails, ABOUT)
        return await answer(*given)

    server.handle_DATA = withdrawing  # type: ignore[method-assign]
    await write(mails, "first")
    await write(mails, "second", about=ABOUT)
    assert await deliverer.deliver() == 2
    assert len(server.mails) == 1
    assert (await state(mails, "second"))["withdrawn_at"] == START


async def test_the_one_under_way_at_that_moment_arrives_and_counts_as_sent(mails: Database, server: Server):
    deliverer = Deliverer(mails, server.carrier(), Ticking())
    answer = server.handle_DATA

    async def withdrawing(*given):
        await take_back(mails, ABOUT)
        return await answer(*given)

    server.handle_DATA = withdrawing  # type: ignore[method-assign]
    await write(mails, about=ABOUT)
    await deliverer.deliver()
    found = await state(mails)
    assert (found["sent_at"], found["withdrawn_at"]) == (START, None)
    assert len(server.mails) == 1


async def test_who_lost_the_lease_may_not_send(mails: Database):
    outbox = Outbox(mails)
    await write(mails)
    [slow] = await outbox.claim(START)
    [quick] = await outbox.claim(START + LEASE)
    assert await outbox.hold([slow], START + LEASE) == {slow: None}
    assert await outbox.hold([quick], START + LEASE) == {quick: 1}


async def test_a_claim_alone_is_no_attempt(mails: Database):
    """A process that dies with a hundred claimed has not tried a hundred times."""
    outbox = Outbox(mails)
    await write(mails)
    await outbox.claim(START)
    assert (await state(mails))["attempts"] == 0


async def test_another_channel_is_left_to_its_own_deliverer(mails: Database, deliverer: Deliverer):
    await write(mails)
    await mails.fetch("UPDATE message SET channel = 'sms'", ())
    assert await deliverer.deliver() == 0
    assert len(await Outbox(mails, "sms").claim(START)) == 1


@pytest.mark.parametrize("address", ["zhang.san@example.com", "z***@example.com", "@example.com", "nobody", "a@b@c.d"])
async def test_the_database_masks_as_the_portal_does(mails: Database, address: str):
    await write(mails, about=ABOUT, to=address)
    await take_back(mails, ABOUT)
    assert (await state(mails))["recipient"] == masked(address)


@pytest.mark.race
async def test_withdrawing_against_deliverers_leaves_nothing_half_done(private_database: str, server: Server):
    """Each message is either withdrawn and never arrives, or arrives once and counts as sent."""
    databases = [Database(private_database, pool_size=3) for _ in range(3)]
    for database in databases:
        await database.open()
    for n in range(60):
        await write(databases[0], key=f"k{n}", to=f"p{n}@example.com", about=f"request:{n}")
    deliverers = [Deliverer(database, server.carrier(), Ticking()) for database in databases[:2]]

    async def withdrawn(n: int) -> int:
        await asyncio.sleep(n * 0.004)
        return await take_back(databases[2], f"request:{59 - n}")

    *_, counts = await asyncio.gather(*(each.deliver() for each in deliverers), _all(withdrawn, 60))
    for deliverer in deliverers:
        await deliverer.deliver()
    arrived = sorted(str(mail["To"]) for mail in server.mails)
    states = await databases[0].fetch(
        "SELECT key, sent_at IS NOT NULL, withdrawn_at IS NOT NULL, body IS NULL FROM message", ()
    )
    assert sorted(f"p{key[1:]}@example.com" for key, sent, *_ in states if sent) == arrived
    assert all(wiped and sent != taken for _, sent, taken, wiped in states)
    assert sum(counts) > 0
    for database in databases:
        await database.close()


async def _all(withdrawn, count: int) -> list[int]:
    return list(await asyncio.gather(*map(withdrawn, range(count))))


@pytest.mark.race
async def test_a_withdrawal_that_lingers_holds_nobody_up(mails: Database, server: Server):
    """Others go on; the one in question stays until it is known."""
    outbox, deliverer = Outbox(mails), Deliverer(mails, server.carrier(), Ticking())
    await write(mails, "k1", about=ABOUT)
    await write(mails, "k2")
    async with mails.writer() as session:
        claimed = await outbox.claim(START)
        await withdraw(session, ABOUT, at=START)
        async with asyncio.timeout(5):
            held = await outbox.hold(claimed, START)
        assert sorted(str(attempt) for attempt in held.values()) == ["1", "None"]
        await session.commit()
    assert await deliverer.deliver() == 0


@pytest.mark.race
async def test_of_many_posts_of_one_key_at_once_one_stays(private_database: str, server: Server):
    database = Database(private_database, pool_size=10)
    await database.open()

    async def once(n: int) -> None:
        async with database.writer() as session:
            words = {"kind": "x", "key": "same", "to": "a@example.com", "subject": "s", "text": str(n)}
            await post(session, at=START, about=ABOUT, **words)  # type: ignore[arg-type]  # words are words
            await asyncio.sleep(0.02)
            await session.commit()

    await asyncio.gather(*map(once, range(20)))
    assert await Deliverer(database, server.carrier(), Ticking()).deliver() == 1
    assert len(server.mails) == 1
    await database.close()
