"""The appointment as a calendar file."""

from datetime import timedelta

import pytest
from icalendar import Calendar, Event

from tests.requests.booking import Booker, Json, code

pytestmark = pytest.mark.anyio
LONGEST_LINE = 75


async def fetch(booker: Booker, booked: Json) -> tuple[bytes, Calendar, Event]:
    answer = await booker.client.get(booked["links"]["calendar"], headers=code(booked))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    [event] = calendar.events
    return answer.content, calendar, event


async def test_the_event_says_when_where_and_what_in_the_language_of_the_request(booker: Booker):
    booked = await booker.book()
    content, calendar, event = await fetch(booker, booked)
    assert calendar.method == "PUBLISH"
    assert event.start.isoformat() == booked["appointment"]["start"]
    assert event.end.isoformat() == booked["appointment"]["end"]
    assert b"DTSTART;TZID=Asia/Shanghai:20261201T100000" in content
    assert b"BEGIN:VTIMEZONE" in content
    assert str(event["summary"]) == "服务站预约：弹性元件式一般压力表检定"
    assert "芜湖市" in event["location"]
    assert booked["reference"] in event["description"]
    assert str(event["url"]).endswith(f"/r/{booked['reference']}")
    assert [alarm["trigger"].dt for alarm in event.walk("VALARM")] == [timedelta(days=-1), timedelta(hours=-2)]


async def test_no_access_code_is_in_it_because_calendars_are_shared(booker: Booker):
    booked = await booker.book()
    content, _calendar, _event = await fetch(booker, booked)
    assert booked["access_code"].encode() not in content


async def test_lines_are_folded_between_characters_and_end_as_the_standard_says(booker: Booker):
    content, _calendar, _event = await fetch(booker, await booker.book())
    lines = content.split(b"\r\n")
    assert all(len(line) <= LONGEST_LINE for line in lines)
    for line in lines:
        line.decode("utf-8")
    assert b"\n" not in content.replace(b"\r\n", b"")


async def test_an_english_request_has_an_english_file(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    booked = (await booker.send(body, **{"Accept-Language": "en"})).json()
    answer = await booker.client.get(booked["links"]["calendar"], headers=code(booked))
    assert answer.headers["content-language"] == "en"
    [event] = Calendar.from_ical(answer.content).events
    assert str(event["summary"]) == "Station appointment: General pressure gauge verification"


async def test_a_change_keeps_the_uid_and_raises_the_sequence(booker: Booker):
    booked = await booker.book()
    _content, _calendar, first = await fetch(booker, booked)
    station = booked["appointment"]["station_code"]
    held = await booker.hold(station, (await booker.starts(station))[-1])
    await booker.move(booked, held)
    _content, _calendar, moved = await fetch(booker, booked)
    assert moved["uid"] == first["uid"]
    assert (first["sequence"], moved["sequence"]) == (0, 1)
    assert moved.start.isoformat() == held["start"]


async def test_a_cancelled_appointment_is_struck_from_calendars(booker: Booker):
    booked = await booker.book()
    await booker.cancel(booked)
    _content, calendar, event = await fetch(booker, booked)
    assert (calendar.method, str(event["status"]), event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert not event.walk("VALARM")
