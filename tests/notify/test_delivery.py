"""Mails of the outbox reach a real SMTP server: once as a rule, again after a failure, and then leave no text."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from app.kit.db import Database
from app.notify.delivery import Deliverer
from app.notify.mail import Outgoing
from app.notify.outbox import LEASE, Outbox
from app.notify.rules import MOST_ATTEMPTS
from app.notify.service import post
from tests.notify.postbox import START, Server, Ticking, listening, state, write

NIGHT = timedelta(hours=6)


@pytest.fixture
def deliverer(mails: Database, server: Server, ticking: Ticking) -> Deliverer:
    return Deliverer(mails, server.carrier(), ticking)


async def test_a_mail_arrives_with_its_words_and_its_origin(mails: Database, server: Server, deliverer: Deliverer):
    await write(mails, subject="请确认您的邮箱", text="您好\n\nhttps://onestop.example/confirm?token=abc\n")
    assert await deliverer.deliver() == 1
    [mail] = server.mails
    assert server.received[0].rcpt_tos == ["zhang.san@example.com"]
    assert server.received[0].mail_from == "noreply@onestop.example"
    assert mail["Subject"] == "请确认您的邮箱"
    assert mail["From"] == "质站通 <noreply@onestop.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == START
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == ["您好", "", "https://onestop.example/confirm?token=abc"]


async def test_a_sent_mail_leaves_neither_text_nor_address(mails: Database, deliverer: Deliverer):
    await write(mails)
    await deliverer.deliver()
    found = await state(mails)
    assert (found["body"], found["recipient"], found["sent_at"]) == (None, "z***@example.com", START)
    assert await deliverer.deliver() == 0


async def test_what_is_rolled_back_is_never_sent(mails: Database, server: Server, deliverer: Deliverer):
    async with mails.writer() as session:
        await post(session, kind="x", key="k1", to="a@example.com", subject="s", text="t", at=START)
    assert await deliverer.deliver() == 0
    assert server.mails == []


async def test_the_same_key_is_written_once(mails: Database, server: Server, deliverer: Deliverer):
    await write(mails, text="first")
    await write(mails, text="second")
    await deliverer.deliver()
    await write(mails, text="third")
    assert await deliverer.deliver() == 0
    assert [mail.get_content().strip() for mail in server.mails] == ["first"]


async def test_a_mail_is_not_sent_before_its_time(mails: Database, deliverer: Deliverer, ticking: Ticking):
    await write(mails, at=START + timedelta(hours=1))
    assert await deliverer.deliver() == 0
    ticking.move(timedelta(hours=1))
    assert await deliverer.deliver() == 1


@pytest.mark.parametrize("step", ["at_recipient", "at_data"])
async def test_a_refusal_for_now_is_tried_again_later(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking, step: str
):
    setattr(server, step, "451 4.7.1 <zhang.san@example.com> please come back")
    await write(mails)
    await deliverer.deliver()
    found = await state(mails)
    assert found["last_error"].endswith("451 4.7.1")
    assert (found["next_attempt_at"] - START, found["dead_at"]) == (timedelta(seconds=30), None)
    setattr(server, step, "")
    assert await deliverer.deliver() == 0
    ticking.move(timedelta(seconds=30))
    await deliverer.deliver()
    assert len(server.mails) == 1
    assert (await state(mails))["last_error"] is None


@pytest.mark.parametrize("step", ["at_recipient", "at_data"])
async def test_a_refusal_for_good_ends_it_and_keeps_the_text_to_be_seen(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking, step: str
):
    setattr(server, step, "550 5.1.1 <zhang.san@example.com> unknown")
    await write(mails)
    await write(mails, key="k2", at=START + timedelta(seconds=1))
    await deliverer.deliver()
    found = await state(mails)
    assert (found["dead_at"], found["sent_at"], found["body"]) == (START, None, "Hello")
    assert found["last_error"].endswith("550 5.1.1")
    assert "zhang" not in found["last_error"]
    setattr(server, step, "")
    ticking.move(NIGHT)
    assert await deliverer.deliver() == 1, "the other one"


async def test_after_eight_attempts_a_mail_is_dead(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking
):
    server.at_data = "452 4.2.2 full"
    await write(mails)
    for _ in range(MOST_ATTEMPTS):
        assert (await state(mails))["dead_at"] is None
        assert await deliverer.deliver() == 1
        ticking.move(NIGHT)
    found = await state(mails)
    assert (found["attempts"], found["last_error"]) == (MOST_ATTEMPTS, "SMTPDataError 452 4.2.2")
    assert found["dead_at"] is not None
    assert await deliverer.deliver() == 0


async def test_a_server_that_was_away_gets_the_mails_when_it_is_back(mails: Database, ticking: Ticking):
    server = Server()
    async with listening(server):
        pass
    deliverer = Deliverer(mails, server.carrier(), ticking)
    for n in range(3):
        await write(mails, key=f"k{n}")
    await deliverer.deliver()
    assert (await state(mails, "k2"))["last_error"] == "SMTPConnectError"
    ticking.move(timedelta(seconds=30))
    async with listening(server):
        assert await deliverer.deliver() == 3
    assert len(server.mails) == 3


async def test_a_server_that_hangs_up_half_way_gets_the_rest_later(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking
):
    for n in range(3):
        await write(mails, key=f"k{n}")
    server.at_data = "421 4.3.2 closing"
    await deliverer.deliver()
    server.at_data = ""
    ticking.move(timedelta(seconds=30))
    await deliverer.deliver()
    assert len(server.mails) == 3


class Died(BaseException):
    pass


class Dying(Outbox):
    """A process that ends after the server's "250" and before the mark."""

    async def sent(self, batch: Sequence[Outgoing], now: object) -> None:
        raise Died


async def test_a_crash_before_the_mark_sends_it_again_under_the_same_id(
    mails: Database, server: Server, deliverer: Deliverer, ticking: Ticking
):
    """At least once, not exactly once: nobody can commit in two places. The id makes the second one harmless."""
    dying = Deliverer(mails, server.carrier(), ticking)
    dying._outbox = Dying(mails)
    await write(mails)
    with pytest.raises(Died):
        await dying.deliver()
    assert await deliverer.deliver() == 0, "the lease still runs"
    ticking.move(LEASE)
    assert await deliverer.deliver() == 1
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert (await state(mails))["body"] is None


async def test_a_mail_on_which_every_process_dies_is_given_up(mails: Database, deliverer: Deliverer):
    await write(mails)
    await mails.fetch("UPDATE message SET attempts = %s", (MOST_ATTEMPTS,))
    await deliverer.deliver()
    assert (await state(mails))["dead_at"] == START


async def test_who_lost_the_lease_changes_nothing(mails: Database, ticking: Ticking):
    outbox = Outbox(mails)
    await write(mails)
    [slow] = await outbox.claim(START)
    [quick] = await outbox.claim(START + LEASE)
    await outbox.sent([quick], START + LEASE)
    await outbox.postpone(slow, START + LEASE, "late")
    await outbox.bury(slow, START + LEASE, "late")
    found = await state(mails)
    assert (found["sent_at"], found["dead_at"], found["last_error"]) == (START + LEASE, None, None)
