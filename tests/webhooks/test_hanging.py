"""Who hangs holds up nobody else, whether it is a system or a group's robot."""

import asyncio

import pytest

from app.kit.outbound import UnsentError
from app.notify.relaying import relay as relaying
from app.notify.relaying.relay import Relay
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.webhooks.chats import DINGTALK, DINGTALK_TOKEN, FEISHU, FEISHU_TOKEN, WECOM, WELL, Chats
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import Receiver, hangs, receiving
from tests.webhooks.test_robots import faults, tell_group

LONG = 30


async def until(ready) -> None:
    """Wait for what another task does; fails instead of waiting for ever."""
    async with asyncio.timeout(LONG):
        while not ready():  # noqa: ASYNC110 - the other side is a connection
            await asyncio.sleep(0.01)


@pytest.fixture
def hanging(chats: Chats) -> Chats:
    """Every maker but Feishu never answers."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await (WELL if FEISHU_TOKEN in chats.lines[-1] else hangs)(writer)

    chats.answer(answer)
    return chats


async def test_a_hanging_system_holds_up_no_other(owner: Hooks, booker: Booker, receiver: Receiver):
    receiver.answer = hangs
    await owner.make(receiver.url)
    async with receiving() as other:
        await owner.make(other.url)
        await booked_by(booker, owner.who)
        sender = owner.sender()
        assert await sender.look() == 2
        await until(lambda: receiver.taken and other.taken)
        async with receiving() as third:
            await owner.make(third.url)
            await booked_by(booker, owner.who)
            await sender.look()
            await until(lambda: third.taken and len(other.taken) == 2)
        assert len(receiver.taken) == 1
        for lane in list(sender._lanes.values()):
            lane.cancel()
        await asyncio.gather(*sender._lanes.values(), return_exceptions=True)


async def test_a_hanging_robot_holds_up_no_other(owner: Hooks, booker: Booker, hanging: Chats):
    await tell_group(owner, WECOM)
    await tell_group(owner, DINGTALK)
    await tell_group(owner, FEISHU)
    await booked_by(booker, owner.who)
    sender = owner.sender()
    assert await sender.look() == 3
    await until(lambda: len(hanging.lines) == 3)

    async def feishu_is_told() -> bool:
        return "delivered" in await owner.states()

    async with asyncio.timeout(LONG):
        while not await feishu_is_told():  # noqa: ASYNC110 - the other side is a database
            await asyncio.sleep(0.01)
    assert sorted(await owner.states()) == ["delivered", "waiting", "waiting"]
    await owner.relay.stop()
    await asyncio.gather(*sender._lanes.values())
    assert sorted(await faults(owner), key=str) == [(200, None), (None, "relay"), (None, "relay")]


async def test_a_robot_that_never_answers_is_given_up_after_a_while_and_the_next_order_goes_on(
    owner: Hooks, booker: Booker, hanging: Chats, monkeypatch: pytest.MonkeyPatch
):
    await owner.relay.to_robot("feishu", FEISHU_TOKEN, "", "hello")  # the process is there by now
    monkeypatch.setattr(relaying, "TOTAL_SECONDS", 0.3)
    with pytest.raises(UnsentError) as error:
        await owner.relay.to_robot("dingtalk", DINGTALK_TOKEN, "", "hello")
    assert error.value.code == "timeout"
    monkeypatch.setattr(relaying, "TOTAL_SECONDS", LONG)
    assert (await owner.relay.to_robot("feishu", FEISHU_TOKEN, "", "hello")).good


async def test_a_process_that_breaks_off_is_a_fault_and_the_next_order_begins_another(chats: Chats, relay: Relay):
    assert (await relay.to_robot("feishu", FEISHU_TOKEN, "", "hello")).good
    assert relay._process
    relay._process._process.kill()
    await relay._process.hearing
    assert (await relay.to_robot("feishu", FEISHU_TOKEN, "", "hello")).good
    broken = Relay(("/bin/false",))
    with pytest.raises(UnsentError) as error:
        await broken.to_robot("feishu", FEISHU_TOKEN, "", "hello")
    assert error.value.code == "relay"
    await broken.stop()


async def test_a_process_with_nothing_to_do_ends(chats: Chats, relay: Relay, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relaying, "IDLE_SECONDS", 0.05)
    assert (await relay.to_robot("feishu", FEISHU_TOKEN, "", "hello")).good
    process = relay._process
    assert process
    async with asyncio.timeout(LONG):
        await process.hearing
    assert relay._process is None
