"""What letters to applicants say: every kind in both languages, the right link, nothing that is anybody else's."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.kit.clock import LOCAL
from app.kit.i18n import use_locale
from app.notify.letters import Letterhead
from app.policy.letters import LETTERS, REMINDERS, LetterKind
from app.requests.letters import Facts, News, letter
from app.requests.letters.reminders import reminders
from app.requests.letters.wording import SHOW_THE_VISIT
from app.requests.queries import CANCELLED, CONFIRMED, Appointment, Item
from app.requests.rules import Way
from tests.requests.facts import service, station

HEAD = Letterhead("芜湖市质量基础设施一站式服务", "Wuhu one-stop services", "https://onestop.example")
START = datetime(2026, 12, 2, 9, tzinfo=LOCAL)
HERE, THERE = station(1, "东街服务站", "East Street station"), station(2, "南门服务站", "South Gate station")
GAUGE = service("MET-MEC-015", "压力表检定", "Pressure gauge verification")
INPUTS = {"instrument_name": "压力表", "serial_no": "20260001"}
REFERENCE = "ZT-7K3M-9QXD-J"
FAULTS = (
    {"field": "items.2.inputs.serial_no", "wanted": "请按铭牌填写"},
    {"field": "items.2.inputs.quantity", "wanted": "3"},
)
ITEM = Item(2, GAUGE, "returned", INPUTS, Way.HANDED_IN, faults=FAULTS)  # type: ignore[arg-type]  # has what is asked of it


def facts(status: str = CONFIRMED, **more: Any) -> Facts:
    visit = Appointment(THERE, START, START + timedelta(minutes=45), status)
    return Facts(**{"reference": REFERENCE, "mode": "station", "visit": visit, "answers": [(GAUGE, INPUTS)]} | more)


def news(kind: LetterKind, **more: Any) -> News:
    old = Appointment(HERE, START - timedelta(days=1), START, CONFIRMED)
    return News(kind, **{"reason": "铅封已破", "old": old} | more)


def written(kind: LetterKind, locale: str, own: str = "", of: Facts | None = None, **more: Any) -> tuple[str, str]:
    with use_locale(locale):
        found = letter(of or facts(), news(kind, **more), own)
        return found.subject, found.text(HEAD)


def test_a_confirmation_says_what_when_where_and_what_to_bring():
    subject, text = written(LetterKind.CONFIRMED, "en", "The gate is in East Street.")
    assert subject == "Booking confirmed: Wed 2 Dec, 09:00, South Gate station"
    assert text.partition("\n-- \n")[0] == (
        "Your request ZT-7K3M-9QXD-J was sent, and this time is booked.\n\n"
        "When: Wednesday 2 December 2026 09:00–09:45\n"
        "Where: South Gate station, 长江路 2 号\n"
        "What: Pressure gauge verification\n\n"
        "Please bring:\n"
        "- The instrument: 压力表, no. 20260001\n\n"
        "The gate is in East Street.\n\n"
        "You can follow, move or cancel it on the page of your request:\n\n"
        "https://onestop.example/r/ZT-7K3M-9QXD-J\n\n"
        "The page may ask for the access code that you were given with the reference.\n"
    )


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", LetterKind)
def test_every_kind_has_one_line_above_and_leads_to_the_request(kind: LetterKind, locale: str):
    subject, text = written(kind, locale, "门口有铃。")
    assert "\n" not in subject
    assert len(subject) <= 200
    assert f"\nhttps://onestop.example/r/{REFERENCE}\n" in text
    assert "门口有铃。" in text
    assert "{" not in subject + text
    assert ("2026" in text) or kind not in SHOW_THE_VISIT
    name = LETTERS[kind].msgid
    assert (name in subject) is (locale == "en" and kind not in REMINDERS)


def test_a_return_lists_every_field_at_fault_as_the_form_calls_it():
    _subject, text = written(LetterKind.RETURNED, "zh-CN", faults=((ITEM, GAUGE),), items=(ITEM,))
    assert "- 出厂编号：请按铭牌填写\n- quantity：3\n" in text
    assert "您预约的 12月2日 周三 09:00 仍为您保留" in text


def test_who_has_moved_it_is_said_and_nobody_is_sent_to_the_old_door():
    subject, by_station = written(LetterKind.MOVED, "en", by_station=True)
    assert subject == "Appointment moved: Wed 2 Dec, 09:00, South Gate station"
    assert "Please don't go to East Street station any more, but to South Gate station." in by_station
    assert "The station has moved the appointment of your request ZT-7K3M-9QXD-J from Tue 1 Dec, 09:00" in by_station
    same = Appointment(THERE, START - timedelta(days=1), START, CONFIRMED)
    _subject, own = written(LetterKind.MOVED, "en", old=same)
    assert "was moved from Tue 1 Dec, 09:00 to this time" in own
    assert "any more" not in own
    _subject, first = written(LetterKind.MOVED, "en", old=None)
    assert "This time is booked for your request" in first


def test_what_ended_says_why_and_what_can_be_done():
    _subject, cancelled = written(LetterKind.CANCELLED, "en", of=facts(CANCELLED), by_station=True)
    assert "The station has cancelled your request ZT-7K3M-9QXD-J: 铅封已破" in cancelled
    _subject, own = written(LetterKind.CANCELLED, "en", of=facts(CANCELLED), reason="")
    assert "If that was not you, please tell the station." in own
    assert "is free for others again" in own
    _subject, some = written(LetterKind.DECLINED, "en", items=(ITEM,))
    assert "It concerns only:\n- 2. Pressure gauge verification · 20260001\n" in some
    _subject, done = written(LetterKind.DONE, "en")
    assert "Please fetch what you handed in, at South Gate station, 长江路 2 号." in done
    _subject, gone = written(LetterKind.RESTORED, "en", of=facts(CANCELLED))
    assert "The time that you had is not free any more." in gone
    assert "When:" not in gone


@pytest.mark.parametrize(
    ("mode", "site", "where"),
    [
        ("onsite", "", "at your site; South Gate station comes to you"),
        ("onsite", "中山路 8 号", "中山路 8 号; South Gate station comes to you"),
        ("online", "", "online, with South Gate station"),
    ],
)
def test_where_it_is_depends_on_how_it_is_done(mode: str, site: str, where: str):
    _subject, text = written(LetterKind.CONFIRMED, "en", of=facts(mode=mode, site=site))
    assert f"Where: {where}" in text
    assert "Please have ready:" in text


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-30T09:00", ["1201T1700-1202T0000", "1202T0700-1202T0900"]),
        ("2026-12-01T16:00", ["1201T1700-1202T0000", "1202T0700-1202T0900"]),
        ("2026-12-01T16:01", ["1202T0700-1202T0900"]),
        ("2026-12-02T06:00", ["1202T0700-1202T0900"]),
        ("2026-12-02T06:01", []),
        ("2026-12-02T09:01", []),
    ],
)
def test_reminders_are_due_the_evening_before_and_two_hours_before_if_that_is_still_to_come(
    now: str, expected: list[str]
):
    found = reminders(START, datetime.fromisoformat(f"{now}+08:00"))
    assert [f"{each.due:%m%dT%H%M}-{each.expires:%m%dT%H%M}" for each in found] == expected


def test_the_evening_before_is_the_networks_also_over_the_turn_of_the_year():
    start = datetime(2027, 1, 1, 0, 30, tzinfo=LOCAL)
    [evening, soon] = reminders(start, start - timedelta(days=9))
    assert (evening.due.date(), evening.due.hour) == (date(2026, 12, 31), 17)
    assert soon.due == datetime(2026, 12, 31, 22, 30, tzinfo=LOCAL)
    assert evening.expires == datetime(2027, 1, 1, tzinfo=LOCAL)
