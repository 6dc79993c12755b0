"""Groups are told by their robots: set up by the pages, said in plain words, and only what is taken counts."""

from datetime import timedelta

import pytest

from app.webhooks.lanes import REST
from tests.conftest import Clock
from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.webhooks.chats import (
    DINGTALK,
    DINGTALK_TOKEN,
    FEISHU,
    FEISHU_TOKEN,
    LARK,
    SIGN,
    WECOM,
    WECOM_KEY,
    Chats,
    says,
)
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import answers, hangs_up, receiving, writes


async def tell_group(hooks: Hooks, robot: str, **more: object) -> str:
    """The path of a new one below the list."""
    form = {"to": "group", "name": "设备部", "robot": robot, "language": "zh-CN"} | more
    answer = await hooks.post("", **form)
    assert answer.status_code == 303, answer.text
    return "/" + answer.headers["location"].rpartition("/")[2].partition("?")[0]


async def faults(hooks: Hooks) -> list[tuple[int | None, str | None]]:
    rows = await hooks.database.fetch("SELECT status, fault FROM webhook_attempt ORDER BY id", ())
    return [(status, fault) for status, fault in rows]


@pytest.mark.parametrize(
    ("robot", "line"),
    [
        (WECOM, f"POST /cgi-bin/webhook/send?key={WECOM_KEY} HTTP/1.1"),
        (DINGTALK, f"POST /robot/send?access_token={DINGTALK_TOKEN} HTTP/1.1"),
        (FEISHU, f"POST /open-apis/bot/v2/hook/{FEISHU_TOKEN}/ HTTP/1.1"),
        (LARK, f"POST /open-apis/bot/v2/hook/{FEISHU_TOKEN} HTTP/1.1"),
    ],
)
async def test_a_booking_is_said_to_the_group_in_a_plain_sentence(
    owner: Hooks, booker: Booker, chats: Chats, robot: str, line: str
):
    await tell_group(owner, robot)
    booked = await booked_by(booker, owner.who)
    assert await owner.sender().deliver() == 1
    assert chats.lines == [line]
    reference = booked["reference"]
    [station] = await owner.database.fetch(
        "SELECT name_zh FROM station WHERE code = %s", (booked["appointment"]["station_code"],)
    )
    assert chats.texts == [f"{reference} 申请已提交 · {station[0]} http://127.0.0.1:8000/r/{reference}"]
    assert await owner.states() == ["delivered"]
    assert await faults(owner) == [(200, None)]


async def test_the_sentence_is_in_the_language_of_the_group_and_leads_staff_to_the_office(
    admin: Hooks, owner: Hooks, booker: Booker, chats: Chats
):
    await tell_group(admin, WECOM, language="en")
    booked = await booked_by(booker, owner.who)
    await admin.sender().deliver()
    [text] = chats.texts
    assert text.startswith(f"{booked['reference']} Sent in · ")
    assert text.endswith(f"http://127.0.0.1:8000/office/requests/{booked['reference']}")


async def test_dingtalks_secret_signs(owner: Hooks, booker: Booker, chats: Chats):
    path = await tell_group(owner, DINGTALK, sign=SIGN)
    await owner.post(f"{path}/test")
    await owner.sender().deliver()
    [line] = chats.lines
    assert "&timestamp=" in line
    assert "&sign=" in line
    assert SIGN not in line
    assert "测试" in chats.texts[0]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says(errcode=40058, errmsg="text content is empty"), (None, "code:40058")),
        (says(errcode=310000, errmsg="keywords not in content"), (None, "code:310000")),
        (says(code=19021, msg="sign match fail"), (None, "code:19021")),
        (says(StatusCode=11232), (None, "code:11232")),
        (says(400, code=9499, msg="Bad Request"), (None, "code:9499")),
        (answers(200), (None, "protocol")),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html>Hello!"), (None, "protocol")),
        (says(429), (429, None)),
        (says(500), (500, None)),
        (says(204, errcode=0), (None, "protocol")),
        (hangs_up, (None, "connection")),
    ],
)
async def test_what_is_refused_is_not_counted_as_delivered(  # noqa: PLR0917 - fixtures
    owner: Hooks, booker: Booker, chats: Chats, clock: Clock, answer, fault
):
    await tell_group(owner, WECOM)
    await booked_by(booker, owner.who)
    chats.answer(answer)
    await owner.sender().deliver()
    assert await owner.states() == ["waiting"]
    assert await faults(owner) == [fault]
    chats.answer(says(errcode=0))
    clock.move(clock() + timedelta(minutes=11))
    await owner.sender().deliver()
    assert await owner.states() == ["delivered"]


async def test_no_redirect_is_followed(owner: Hooks, booker: Booker, chats: Chats):
    async with receiving() as within:
        chats.answer(answers(307, f"Location: {within.url}"))
        await tell_group(owner, WECOM)
        await booked_by(booker, owner.who)
        await owner.sender().deliver()
        assert within.taken == []
    assert await faults(owner) == [(307, None)]
    assert await owner.states() == ["waiting"]


async def test_who_sent_too_much_leaves_the_group_alone_for_a_while(
    owner: Hooks, booker: Booker, chats: Chats, clock: Clock
):
    await tell_group(owner, DINGTALK)
    await booked_by(booker, owner.who)
    chats.answer(says(errcode=130101, errmsg="send too fast, exceed 20 times per minute"))
    await owner.sender().deliver()
    clock.move(clock() + timedelta(minutes=9))
    await booked_by(booker, owner.who)
    assert await owner.sender().deliver() == 0
    clock.move(clock() + timedelta(minutes=1))
    assert await owner.sender().deliver() == 2
    assert [len(text.split("\n")) for text in chats.texts] == [1, 2]


async def test_a_burst_comes_in_one_message_and_the_next_after_a_rest(
    owner: Hooks, booker: Booker, chats: Chats, clock: Clock
):
    await tell_group(owner, WECOM)
    first = await booked_by(booker, owner.who)
    second = await booked_by(booker, owner.who)
    assert await owner.sender().deliver() == 2
    [text] = chats.texts
    assert [line.split(" ")[0] for line in text.split("\n")] == [first["reference"], second["reference"]]
    await booker.cancel(first)
    assert await owner.sender().deliver() == 0
    clock.move(clock() + REST)
    assert await owner.sender().deliver() == 1
    assert len(chats.texts) == 2
    assert await owner.states() == ["delivered"] * 3


async def test_a_robot_that_was_deleted_ends_but_not_by_a_test(
    owner: Hooks, booker: Booker, chats: Chats, clock: Clock
):
    path = await tell_group(owner, WECOM)
    chats.answer(says(errcode=93000, errmsg="invalid webhook url"))
    await owner.post(f"{path}/test")
    await owner.sender().deliver()
    shown = (await owner.get(path)).text
    assert "There is no robot with this address any more (code 93000)" in shown
    assert "It has ended" not in shown
    await booked_by(booker, owner.who)
    clock.move(clock() + REST)
    await owner.sender().deliver()
    shown = (await owner.get(path)).text
    assert "the group chat answered that there is no such robot any more" in shown
    assert await owner.states() == ["dead", "dead"]
    rows = await owner.database.fetch("SELECT kind FROM message WHERE kind LIKE 'webhook%%'", ())
    assert rows == [("webhook.ended",)]


async def test_another_robot_gets_what_still_waits(owner: Hooks, booker: Booker, chats: Chats, clock: Clock):
    path = await tell_group(owner, WECOM)
    await booked_by(booker, owner.who)
    chats.answer(says(500))
    await owner.sender().deliver()
    assert (await owner.post(f"{path}/rotate", robot="https://example.com/")).status_code == 422
    answer = await owner.post(f"{path}/rotate", robot=FEISHU)
    assert answer.status_code == 303
    chats.answer(says(code=0))
    clock.move(clock() + timedelta(minutes=1))
    await owner.sender().deliver()
    assert FEISHU_TOKEN in chats.lines[-1]
    assert await owner.states() == ["delivered"]
    assert "open.feishu.cn/…f00d" in (await owner.get(path)).text


async def test_of_a_robot_that_has_ended_nothing_is_kept(owner: Hooks):
    path = await tell_group(owner, WECOM)
    await owner.post(f"{path}/end")
    assert await owner.database.fetch("SELECT secret, length(url) > 9 FROM webhook_subscription", ()) == [(b"", True)]
    assert (await owner.post(f"{path}/rotate", robot=FEISHU)).status_code == 409


async def test_name_language_and_kinds_are_changed_without_the_address(owner: Hooks, chats: Chats):
    path = await tell_group(owner, WECOM)
    answer = await owner.post(f"{path}/change", name="客服", language="en", types=["request.accepted"], to="group")
    assert answer.status_code == 303
    await owner.post(f"{path}/test")
    await owner.sender().deliver()
    assert WECOM_KEY in chats.lines[0]
    assert "This is a test" in chats.texts[0]
    assert (await owner.post(f"{path}/change", name="客服", language="fr")).status_code == 422
