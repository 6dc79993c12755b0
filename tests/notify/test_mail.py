"""Headers can't be broken out of, and what was written is what a mail program shows."""

from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from app.kit.db import Database
from app.notify.delivery import Deliverer
from app.notify.mail import Outgoing, build, sender_address
from app.notify.rules import masked, one_line, pause
from app.notify.service import post
from tests.notify.postbox import SENDER, START, Server, Ticking, state, write

LINE_ENDS = ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00"]


def outgoing(**words: str) -> Outgoing:
    given = {"recipient": "a@example.com", "subject": "s", "body": "t"} | words
    return Outgoing(id=UUID(int=7), kind="x", attempts=1, **given)


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
@pytest.mark.parametrize("field", ["to", "subject"])
async def test_no_line_end_is_taken_into_a_header(session, field: str, end: str):
    words = {"to": "a@example.com", "subject": "s"}
    words[field] += f"{end}Bcc: everybody@example.com"
    with pytest.raises(ValueError, match="header"):
        await post(session, kind="x", key="k", text="t", at=START, **words)


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
@pytest.mark.parametrize("field", ["recipient", "subject"])
def test_no_line_end_makes_it_from_the_outbox_into_a_mail(field: str, end: str):
    with pytest.raises(ValueError, match="header"):
        build(outgoing(**{field: f"a@example.com{end}Bcc: everybody@example.com"}), SENDER, START)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.com, b@example.com",
        "a@example.com> SIZE=1 <b@example.com",
        '"a b"@example.com',
        "a@example.com b@example.com",
        "Name <a@example.com>",
        "no address",
        "",
    ],
)
async def test_a_recipient_is_one_address_or_the_mail_is_dead(
    mails: Database, server: Server, ticking: Ticking, recipient: str
):
    await write(mails, to=recipient)
    await Deliverer(mails, server.carrier(), ticking).deliver()
    assert server.received == []
    assert (await state(mails))["dead_at"] == START


@pytest.mark.parametrize(
    "subject",
    [
        "Please confirm your address",
        "请确认您在芜湖市质量基础设施一站式服务平台登记的电子邮箱地址" * 5,
        "预约 ZT-7K3M-9QXD-J 已变更：2026年12月1日（星期二） 9:00 芜湖市计量所 Wuhu Institute  of Metrology 一号窗口",
        "Station “Jiujiang” – désormais à 9 h",
        "Plain words " * 15 + "end",
        "= ?=?utf-8?q? 质站 =?=",
        "😀 质站通 😀 " * 10 + "x",
    ],
)
async def test_a_subject_of_any_length_and_script_is_shown_as_written(
    mails: Database, server: Server, ticking: Ticking, subject: str
):
    await write(mails, subject=subject)
    await Deliverer(mails, server.carrier(), ticking).deliver()
    [mail] = server.mails
    assert mail["Subject"] == subject[:200]
    assert all(len(line) <= 78 for line in (server.received[0].content or b"").split(b"\r\n"))


def test_a_text_with_long_lines_and_dots_survives():
    text = "长" * 3000 + "\n.\n..\nFrom here\n" + "x" * 3000 + "\n"
    mail = message_from_bytes(build(outgoing(body=text), SENDER, START), policy=default)
    assert mail.get_content().splitlines() == text.splitlines()


def test_a_domain_in_chinese_is_sent_as_dns_has_it():
    mail = message_from_bytes(build(outgoing(recipient="info@例子.公司"), SENDER, START))
    assert mail["To"] == "info@xn--fsqu00a.xn--55qx5d"


def test_the_id_of_a_mail_is_that_of_its_message():
    mail = message_from_bytes(build(outgoing(), SENDER, START))
    assert mail["Message-ID"] == f"<{UUID(int=7)}@onestop.example>"


@pytest.mark.parametrize(
    "text", ["", "nobody", "a@b", "A <a@example.com>\nBcc: b@example.com", "a@example.com, b@example.com"]
)
def test_only_one_address_is_a_sender(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        sender_address(text)


def test_pauses_grow_fourfold_up_to_six_hours():
    assert [pause(n).total_seconds() for n in range(1, 9)] == [30, 120, 480, 1920, 7680, 21600, 21600, 21600]


def test_a_masked_address_keeps_its_domain():
    assert masked("zhang.san@example.com") == "z***@example.com"
    assert (masked("nobody"), masked("")) == ("***", "***")


def test_an_ordinary_line_is_left_as_it_is():
    assert one_line("预约 ZT-7K3M") == "预约 ZT-7K3M"
