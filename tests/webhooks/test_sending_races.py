"""Several senders at once, and one that dies: every event arrives, and while nobody dies each once."""

import asyncio
from datetime import timedelta

import pytest

from app.webhooks import lanes
from app.webhooks.lanes import LEASE, UNTRIED_FOR, Ledger
from tests.conftest import Clock
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.support.people import People
from tests.webhooks.chats import WECOM, Chats
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_robots import tell_group

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


async def test_what_is_given_up_and_the_mail_about_it_come_together_or_not_at_all(
    owner: Hooks, booker: Booker, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    clock.move(clock() + UNTRIED_FOR + timedelta(seconds=1))

    async def breaks(*_given: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(lanes, "tell_dead", breaks)
        with pytest.raises(ConnectionError):
            await owner.sender().deliver()
    assert await owner.states() == ["waiting"]
    await owner.sender().deliver()
    assert await owner.states() == ["dead"]
    mails = "SELECT count(*) FROM message WHERE kind = 'webhook.dead'"
    assert await owner.database.fetch(mails, ()) == [(1,)]


async def test_another_organisations_webhook_is_neither_seen_nor_changed(
    owner: Hooks, people: People, receiver: Receiver
):
    path, secret = await owner.make(receiver.url)
    stranger = await people.enterprise(uscc="91340200MA20000002", name="另一家")
    mine, theirs = owner.base, f"/organisation/{stranger.organisation_id}/webhooks"
    owner.who = stranger
    for base in (mine, theirs):
        owner.base = base
        assert (await owner.get(path)).status_code == 404
        for step in ("/test", "/rotate", "/end", "/again", "/change"):
            answer = await owner.post(f"{path}{step}", name="X", url=receiver.url, since="2026-12-01")
            assert answer.status_code == 404, (base, step)
            assert secret not in answer.text
    ended = "SELECT ended_at, old_secret FROM webhook_subscription"
    assert await owner.database.fetch(ended, ()) == [(None, None)]


async def test_of_several_senders_one_tells_a_group_and_all_of_it_at_once(owner: Hooks, booker: Booker, chats: Chats):
    await tell_group(owner, WECOM)
    for _ in range(BOOKINGS):
        await booked_by(booker, owner.who)
    senders = [owner.sender() for _ in range(SENDERS)]
    sent = await asyncio.gather(*(each.deliver() for each in senders))
    assert sorted(sent) == [*[0] * (SENDERS - 1), BOOKINGS]
    assert len(chats.texts) == 1
    assert await owner.states() == ["delivered"] * BOOKINGS
