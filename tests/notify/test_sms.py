"""Text messages, from the booking by the doors to the operator's gateway."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI

from app.config import MailSettings, SettingsError, load_settings
from app.jobs import CARRIERS
from app.kit import gateways
from app.notify.delivery import Deliverer
from app.notify.letters import Letter, Letterhead
from app.notify.relaying import relay as relaying
from app.notify.relaying.relay import Relay
from app.notify.rules import MOST_OF_SMS, SMS
from app.notify.sms import SmsCarrier
from tests.booking.filled import booking
from tests.conftest import Clock, make_settings
from tests.notify.postbox import START, Ticking, state, take_back, write
from tests.requests.booking import Booker, Json
from tests.requests.mailing import mails, pending
from tests.requests.test_life_api import Life
from tests.support.people import People
from tests.webhooks.receiver import Receiver, answers, hangs, hangs_up, receiving

pytestmark = pytest.mark.anyio
MOBILE = "13812345678"
HEAD = Letterhead("芜湖市质量基础设施一站式服务", "Wuhu one-stop services", "https://onestop.example", sms=True)


@pytest.fixture
async def gateway() -> AsyncIterator[Receiver]:
    async with receiving(answers(200)) as receiver:
        yield receiver


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    relay = Relay()
    yield relay
    await relay.stop()


def address(gateway: Receiver) -> str:
    return gateway.url.replace("http://", "json://").partition("/hooks")[0] + "/send/?:phone={to}"


@pytest.fixture
def sends(app: FastAPI, gateway: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has set a gateway."""
    mail = MailSettings(deliver="off", sms_url=address(gateway))  # type: ignore[arg-type]  # pydantic makes a SecretStr
    monkeypatch.setattr(app.state.settings, "mail", mail)


async def book(booker: Booker, **applicant: Any) -> Json:
    """Two days ahead, so that both reminders are still to come."""
    station = (await booker.designated())[0]
    start = next(each for each in await booker.starts(station) if each.startswith("2026-12-03T"))
    body = await booker.filled_in(await booker.hold(station, start))
    answer = await booker.send(body | {"applicant": body["applicant"] | applicant})
    assert answer.status_code == 201, answer.text
    booked: Json = answer.json()
    return booked


def deliverer(app: FastAPI, gateway: Receiver, relay: Relay, now: Ticking) -> Deliverer:
    return Deliverer(app.state.database, SmsCarrier(address(gateway), relay), now, SMS)


@pytest.mark.usefixtures("sends")
async def test_who_has_a_mobile_and_no_mail_address_gets_one_short_sentence_and_the_link(
    app: FastAPI, client: httpx.AsyncClient, gateway: Receiver, relay: Relay
):
    booked = await book(Booker(client), email=None)
    found = await pending(app, booked)
    assert set(found) == {"request.confirmed", "request.reminder"}
    assert {(each.channel, each.to) for each in found.values()} == {("sms", MOBILE)}
    assert await deliverer(app, gateway, relay, Ticking()).deliver() == 1
    [taken] = gateway.taken
    assert taken.line == "POST /send/ HTTP/1.1"
    assert taken.event["phone"] == MOBILE
    text = taken.event["message"]
    assert text == f"{found['request.confirmed'].subject} http://testserver/r/{booked['reference']}"
    assert text.startswith("预约确认：12月3日 周四 ")
    assert len(text) <= MOST_OF_SMS
    for personal in ("王芳", "芜湖长江", MOBILE, booked["access_code"]):
        assert personal not in text
    [(to, body, sent)] = await app.state.database.fetch(
        "SELECT recipient, body, sent_at FROM message WHERE kind = 'request.confirmed'", ()
    )
    assert (to, body, sent) == ("***", None, START)


@pytest.mark.usefixtures("sends")
@pytest.mark.parametrize(
    ("applicant", "channels"),
    [
        ({}, {"mail"}),
        ({"email": None, "mobile": "0553-5881234"}, set()),
        ({"mobile": "0553-5881234"}, {"mail"}),
    ],
)
async def test_a_mail_address_is_enough_and_a_landline_gets_nothing(
    app: FastAPI, client: httpx.AsyncClient, applicant: dict[str, Any], channels: set[str]
):
    booked = await book(Booker(client), **applicant)
    assert {each.channel for each in await mails(app, booked)} == channels


async def test_without_a_gateway_no_text_message_is_written(app: FastAPI, client: httpx.AsyncClient):
    booked = await book(Booker(client), email=None)
    assert await mails(app, booked) == []
    assert CARRIERS[SMS](make_settings("postgresql://x", app.state.settings.home), Relay()) is None


@pytest.mark.usefixtures("sends")
async def test_what_is_no_longer_true_is_withdrawn_and_the_decision_told(
    app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock, *, gateway: Receiver, relay: Relay
):
    booker = Booker(client)
    life = Life(booker, people, clock, await book(booker, email=None))
    await life.go(("officer", "decline"), n=None, reason="不在授权范围")
    found = await pending(app, life.booked)
    assert set(found) == {"request.declined"}
    assert await deliverer(app, gateway, relay, Ticking(clock.now)).deliver() == 1
    assert life.booked["reference"] in gateway.taken[0].event["message"]
    assert "授权范围" not in gateway.taken[0].event["message"]


@pytest.mark.usefixtures("sends")
async def test_what_is_only_a_step_of_the_work_is_not_told(
    app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock
):
    booker = Booker(client)
    life = Life(booker, people, clock, await book(booker, email=None))
    await life.go(("officer", "accept"), n=None)
    assert set(await pending(app, life.booked)) == {"request.confirmed", "request.reminder"}


@pytest.mark.usefixtures("sends")
async def test_who_cancels_is_not_told_of_it(app: FastAPI, client: httpx.AsyncClient):
    booker = Booker(client)
    booked = await book(booker, email=None)
    await booker.cancel(booked)
    assert await pending(app, booked) == {}


@pytest.mark.parametrize(
    ("answer", "ended", "error"),
    [
        (answers(400), True, "gateway 400"),
        (answers(422), True, "gateway 422"),
        (answers(401), False, "gateway 401"),
        (answers(429), False, "gateway 429"),
        (answers(500), False, "gateway 500"),
        (answers(302, "Location: http://127.0.0.1:9/"), False, "gateway 302"),
        (hangs_up, False, "ConnectionError"),
    ],
)
async def test_what_is_not_taken_is_tried_again_or_dead(
    app: FastAPI, gateway: Receiver, relay: Relay, *, answer, ended, error
):
    await write(app.state.database, to=MOBILE, channel=SMS)
    gateway.answer = answer
    now = Ticking()
    sender = deliverer(app, gateway, relay, now)
    with structlog.testing.capture_logs() as logs:
        assert await sender.deliver() == 1
    found = await state(app.state.database)
    assert (found["dead_at"] is not None, found["last_error"], found["attempts"]) == (ended, error, 1)
    assert found["recipient"] == MOBILE
    assert MOBILE not in str(logs)
    gateway.answer = answers(200)
    now.move(timedelta(minutes=1))
    assert await sender.deliver() == (0 if ended else 1)


async def test_a_gateway_that_hangs_is_tried_again_later(
    app: FastAPI, gateway: Receiver, relay: Relay, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(relaying, "TOTAL_SECONDS", 1.5)
    await write(app.state.database, to=MOBILE, channel=SMS)
    gateway.answer = hangs
    await deliverer(app, gateway, relay, Ticking()).deliver()
    found = await state(app.state.database)
    assert (found["sent_at"], found["last_error"]) == (None, "ConnectionError")


async def test_withdrawn_expired_and_odd_ones_are_not_sent(app: FastAPI, gateway: Receiver, relay: Relay):
    database = app.state.database
    await write(database, key="taken-back", to=MOBILE, channel=SMS, about="request:ZT-1")
    await write(database, key="too-late", to=MOBILE, channel=SMS, expires=START + timedelta(hours=1))
    await write(database, key="odd", to="0553-5881234", channel=SMS)
    await write(database, key="a-mail", channel="mail")
    await take_back(database, "request:ZT-1")
    now = Ticking()
    now.move(timedelta(hours=2))
    await deliverer(app, gateway, relay, now).deliver()
    assert gateway.taken == []
    assert (await state(database, "taken-back"))["recipient"] == "***"
    assert (await state(database, "too-late"))["withdrawn_at"] is not None
    assert (await state(database, "odd"))["last_error"] == "no mobile number"
    assert (await state(database, "a-mail"))["attempts"] == 0


async def test_an_address_that_the_library_does_not_know_waits_for_the_operator(app: FastAPI, relay: Relay):
    await write(app.state.database, to=MOBILE, channel=SMS)
    await Deliverer(app.state.database, SmsCarrier("nonsense://x/{to}", relay), Ticking(), SMS).deliver()
    found = await state(app.state.database)
    assert (found["dead_at"], found["last_error"]) == (None, "relay")


@pytest.mark.parametrize("subject", ["预约确认", "预约" * 100])
def test_the_link_is_never_cut(subject: str):
    text = Letter(subject, [], link="/r/ZT-7K3M-9QXA").short(HEAD)
    assert text.endswith(" https://onestop.example/r/ZT-7K3M-9QXA")
    assert len(text) <= MOST_OF_SMS
    assert Letter(subject, []).short(HEAD)[:4] == subject[:4]


@pytest.mark.parametrize(
    "wrong", ["jsons://sms.example.cn/", "{to}", "jsons://sms.example.cn/ {to}", "http//x/{to}", "json://x/{to}{to}"]
)
def test_an_address_without_one_place_for_the_number_is_refused_at_start(wrong: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONESTOP_SMS_URL", wrong)
    with pytest.raises(SettingsError, match=r"ONESTOP_SMS_URL: .*\{to\}"):
        load_settings()


def test_without_the_library_a_gateway_is_refused_at_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateways, "find_spec", lambda _name: None)
    monkeypatch.setenv("ONESTOP_SMS_URL", "jsons://sms.example.cn/?:phone={to}")
    with pytest.raises(SettingsError, match=r"ONESTOP_SMS_URL: .*onestop\[channels\]"):
        load_settings()


@pytest.mark.parametrize(
    ("email", "gateway_is_set", "sentence"),
    [
        ("wang@example.com", True, "goes to your mail address"),
        ("wang@example.com", False, "goes to your mail address"),
        ("", True, "goes to your mobile phone as a text message"),
        ("", False, "You gave no mail address: nothing is sent to you"),
    ],
)
async def test_the_pages_of_booking_say_what_one_will_get(  # noqa: PLR0917 - fixtures
    app: FastAPI,
    client: httpx.AsyncClient,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    email: str,
    sentence: str,
    *,
    gateway_is_set: bool,
):
    url = "jsons://sms.example.cn/?:phone={to}" if gateway_is_set else None
    monkeypatch.setattr(app.state.settings, "mail", MailSettings(deliver="off", sms_url=url))  # type: ignore[arg-type]  # pydantic
    english = {"Accept-Language": "en"}
    made = await booking(app, client, clock)
    asked = (await made.get("details", headers=english)).text
    assert ("without it, by text message" in asked) is gateway_is_set
    assert ("Without it nothing is sent to you" in asked) is not gateway_is_set
    await made.details(applicant__email=email)
    await made.post("send")
    assert sentence in (await made.get("done", headers=english)).text
