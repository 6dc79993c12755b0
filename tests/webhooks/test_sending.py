"""What happens with a request is told to whoever subscribed, signed, tried for three days, and given up out loud."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.webhooks.rules.sending import PAUSES, TRIED_FOR, next_try
from tests.conftest import Clock
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.support.people import People
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import Receiver, Taken, answers, hangs_up, receiving


def verified(taken: Taken, secret: str) -> bool:
    """By the specification's own library; the tests' clock stands still, so age is not its matter here."""
    hook, headers = Webhook(secret), taken.headers
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    own = hook.sign(headers["webhook-id"], at, taken.body.decode())
    return own in headers["webhook-signature"].split(" ")


async def test_a_booking_is_told_without_anything_personal(owner: Hooks, booker: Booker, receiver: Receiver):
    _path, secret = await owner.make(receiver.url)
    assert secret.startswith("whsec_")
    booked = await booked_by(booker, owner.who)
    assert await owner.sender().deliver() == 1
    [taken] = receiver.taken
    assert verified(taken, secret)
    assert not verified(taken, "whsec_" + "A" * 44)
    event = taken.event
    assert (event["type"], event["timestamp"]) == ("request.submitted", "2026-12-01T01:00:00Z")
    assert event["data"] == {
        "reference": booked["reference"],
        "n": 1,
        "status": "submitted",
        "station_code": booked["appointment"]["station_code"],
        "items": [{"n": 1, "service_code": "MET-MEC-015", "status": "submitted"}],
        "links": {
            "self": f"http://127.0.0.1:8000/api/v1/requests/{booked['reference']}",
            "page": f"http://127.0.0.1:8000/r/{booked['reference']}",
        },
    }
    for personal in ("王芳", "13812345678", "wang@example.com", "芜湖长江", "91110000600037341L"):
        assert personal not in taken.body.decode()
    assert await owner.states() == ["delivered"]
    assert await owner.sender().deliver() == 0


async def test_a_real_library_takes_what_is_sent_now_and_refuses_what_was_changed(
    owner: Hooks, clock: Clock, receiver: Receiver
):
    path, secret = await owner.make(receiver.url)
    clock.move(datetime.now(UTC))
    owner.who = await People(owner.database, clock, owner.app.state.callers.timeouts).sign_in(
        owner.who.id, organisation_id=owner.who.organisation_id
    )
    assert (await owner.post(f"{path}/test")).status_code == 303
    await owner.sender().deliver()
    [taken] = receiver.taken
    assert Webhook(secret).verify(taken.body, taken.headers)["type"] == "webhook.ping"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(taken.body.replace(b"ping", b"pong"), taken.headers)


async def test_the_steps_of_a_request_are_told_with_their_place_and_only_the_kinds_that_are_wanted(
    owner: Hooks, booker: Booker, receiver: Receiver
):
    async with receiving() as second:
        await owner.make(receiver.url)
        await owner.make(second.url, types=["request.cancelled"])
        booked = await booked_by(booker, owner.who)
        assert (await booker.cancel(booked)).status_code == 200
        await owner.sender().deliver()
        first, then = sorted((each.event for each in receiver.taken), key=lambda event: event["data"]["n"])
        assert (first["type"], first["data"]["n"]) == ("request.submitted", 1)
        assert (then["type"], then["data"]["n"]) == ("request.cancelled", 2)
        assert then["data"]["items"][0]["status"] == "cancelled"
        assert second.types == ["request.cancelled"]
        [cancelled] = [each for each in receiver.taken if each.event["data"]["n"] == 2]  # they overtake each other
        assert cancelled.headers["webhook-id"] == second.taken[0].headers["webhook-id"]


async def test_what_is_rolled_back_is_not_told(owner: Hooks, booker: Booker, receiver: Receiver):
    await owner.make(receiver.url)
    booked = await booked_by(booker, owner.who)
    insert = """
        INSERT INTO request_event (request_id, station_id, n, at, kind)
        SELECT id, station_id, 2, now(), 'accepted' FROM request WHERE reference = %s"""
    async with owner.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        await connection.execute(insert, (booked["reference"],))
    await owner.sender().deliver()
    assert receiver.types == ["request.submitted"]


async def test_others_and_requests_without_an_account_are_not_told_to_an_organisation(
    owner: Hooks, booker: Booker, people: People, receiver: Receiver
):
    await owner.make(receiver.url)
    owner.client.cookies.clear()
    await booker.book()
    stranger = await people.enterprise(uscc="91340200MA2MXTEM0X", name="别的公司")
    await booked_by(booker, stranger)
    assert await owner.sender().deliver() == 0


async def test_it_is_tried_for_three_days_and_then_mailed_once_a_day(
    owner: Hooks, booker: Booker, clock: Clock, receiver: Receiver
):
    await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    receiver.answer = answers(500)
    begun = clock()
    sender = owner.sender()
    for pause in (timedelta(), *PAUSES):
        clock.move(pause)
        assert await owner.states() == ["waiting"]
        assert await sender.deliver() == 1
    assert len({each.headers["webhook-id"] for each in receiver.taken}) == 1
    assert len({each.body for each in receiver.taken}) == 1
    assert len(receiver.taken) == len(PAUSES) + 1
    assert TRIED_FOR - timedelta(hours=1) < clock() - begun <= TRIED_FOR
    assert await owner.states() == ["dead"]
    [(to, subject)] = await owner.database.fetch(
        "SELECT recipient, subject FROM message WHERE kind = 'webhook.dead'", ()
    )
    assert to.endswith("@example.com")
    assert "ERP" in subject


async def test_a_receiver_that_asks_for_time_gets_it(owner: Hooks, booker: Booker, clock: Clock, receiver: Receiver):
    await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    receiver.answer = answers(429, "Retry-After: 3600")
    sender = owner.sender()
    await sender.deliver()
    clock.move(timedelta(minutes=59))
    assert await sender.deliver() == 0
    clock.move(timedelta(minutes=1))
    receiver.answer = answers(200)
    assert await sender.deliver() == 1
    assert await owner.states() == ["delivered"]


async def test_gone_ends_it_and_its_owners_are_told(owner: Hooks, booker: Booker, receiver: Receiver):
    path, _secret = await owner.make(receiver.url)
    booked = await booked_by(booker, owner.who)
    receiver.answer = answers(410)
    await owner.sender().deliver()
    await booker.cancel(booked)
    assert await owner.sender().deliver() == 0
    assert len(receiver.taken) == 1
    assert "answered that it is gone" in (await owner.get(path)).text
    kinds = await owner.database.fetch("SELECT kind FROM message WHERE kind LIKE 'webhook.%%'", ())
    assert kinds == [("webhook.ended",)]
    assert (await owner.post(f"{path}/test")).status_code == 409


async def test_both_secrets_sign_for_a_day_after_a_new_one(
    owner: Hooks, clock: Clock, receiver: Receiver, people: People
):
    path, old = await owner.make(receiver.url)
    new = (await owner.post(f"{path}/rotate")).text.split('translate="no">')[1].split("<")[0]
    await owner.post(f"{path}/test")
    await owner.sender().deliver()
    assert verified(receiver.taken[0], old)
    assert verified(receiver.taken[0], new)
    clock.move(timedelta(hours=24))
    owner.who = await people.sign_in(owner.who.id, organisation_id=owner.who.organisation_id)
    await owner.post(f"{path}/test")
    await owner.sender().deliver()
    assert not verified(receiver.taken[1], old)
    assert verified(receiver.taken[1], new)


async def test_secrets_are_kept_under_seal(owner: Hooks, receiver: Receiver):
    path, secret = await owner.make(receiver.url)
    [(kept,)] = await owner.database.fetch("SELECT secret FROM webhook_subscription", ())
    assert secret.encode() not in bytes(kept)
    assert secret not in (await owner.get(path)).text


async def test_a_test_is_sent_once_and_mailed_to_nobody(owner: Hooks, receiver: Receiver):
    path, _secret = await owner.make(receiver.url)
    receiver.answer = hangs_up
    assert (await owner.post(f"{path}/test")).status_code == 303
    assert (await owner.post(f"{path}/test")).status_code == 409
    await owner.sender().deliver()
    assert await owner.states() == ["dead"]
    assert await owner.database.fetch("SELECT 1 FROM message", ()) == []
    assert (await owner.post(f"{path}/test")).status_code == 303


async def test_one_or_all_since_a_day_are_sent_again_under_their_ids(owner: Hooks, booker: Booker, receiver: Receiver):
    path, _secret = await owner.make(receiver.url)
    booked = await booked_by(booker, owner.who)
    await booker.cancel(booked)
    await owner.sender().deliver()
    [(event,)] = await owner.database.fetch("SELECT id FROM webhook_event ORDER BY n LIMIT 1", ())
    answer = await owner.post(f"{path}/again", event=str(event))
    assert answer.headers["location"].endswith("?done=replayed")
    await owner.sender().deliver()
    assert receiver.types[2:] == ["request.submitted"]
    assert (await owner.post(f"{path}/again", since="2026-12-01")).status_code == 303
    await owner.sender().deliver()
    assert sorted(receiver.types[3:]) == ["request.cancelled", "request.submitted"]
    ids = [each.headers["webhook-id"] for each in receiver.taken]
    assert len(ids) == 5
    assert set(ids[3:]) == set(ids[:2])
    answer = await owner.post(f"{path}/again", since="2026-12-02")
    assert answer.headers["location"].endswith("?done=nothing")
    assert (await owner.post(f"{path}/again", since="tomorrow")).status_code == 422


@pytest.mark.parametrize("attempts", range(1, len(PAUSES) + 2))
def test_no_attempt_comes_later_than_three_days(attempts: int):
    begun = datetime(2026, 12, 1, tzinfo=UTC)
    spent = sum(PAUSES[: attempts - 1], timedelta())
    due = next_try(attempts, begun, begun + spent, asked=timedelta(days=1))
    assert (due is None) == (attempts > len(PAUSES))
    assert due is None or begun + spent < due <= begun + TRIED_FOR
