"""Several senders at once, and one that dies: every event arrives, and while nobody dies each once."""

import asyncio
from datetime import timedelta

import pytest

from app.webhooks.lanes import LEASE, Ledger
from tests.conftest import Clock
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio
SENDERS, BOOKINGS = 6, 4


async def test_of_several_senders_one_sends_each_event(owner: Hooks, booker: Booker, receiver: Receiver):
    await owner.make(receiver.url)
    booked = [await booked_by(booker, owner.who) for _ in range(BOOKINGS)]
    for each in booked:
        assert (await booker.cancel(each)).status_code == 200
    senders = [owner.sender() for _ in range(SENDERS)]
    sent = await asyncio.gather(*(each.deliver() for each in senders))
    assert sum(sent) == 2 * BOOKINGS
    ids = [taken.headers["webhook-id"] for taken in receiver.taken]
    assert len(ids) == len(set(ids)) == 2 * BOOKINGS
    assert await owner.states() == ["delivered"] * 2 * BOOKINGS


async def test_what_a_sender_took_that_died_is_sent_by_the_next_when_its_lease_ends(
    owner: Hooks, booker: Booker, clock: Clock, receiver: Receiver
):
    await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    state = owner.app.state
    taken = await Ledger(state.database, state.letterhead).claim([], 1, clock())
    assert [len(keys) for keys in taken.values()] == [1]
    assert await owner.sender().deliver() == 0
    clock.move(clock() + LEASE + timedelta(seconds=1))
    assert await owner.sender().deliver() == 1
    assert receiver.types == ["request.submitted"]
