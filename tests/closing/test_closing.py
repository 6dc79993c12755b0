"""A station closes with people booked: where each of them goes, what they are told, and what refuses to go along."""

import asyncio
import re
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.kit.clock import LOCAL
from tests.closing.conftest import DAY, STATION, Json, Office
from tests.conftest import Clock
from tests.requests.booking import code

WHOLE_DAY = {"first": DAY.isoformat(), "reason": "staff"}
ACTIVE_THEN = """
    SELECT count(*) FROM reservation r JOIN station s ON s.id = r.station_id
    WHERE s.code = %s AND r.active AND r.during && tstzrange(%s, %s)
"""
DOUBLES = """
    SELECT count(*) FROM reservation a JOIN reservation b ON a.desk_id = b.desk_id AND a.id < b.id
    WHERE a.active AND b.active AND a.during && b.during
"""
LETTERS = "SELECT about, count(*) FROM message WHERE kind = %s GROUP BY about"


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


async def left_behind(office: Office, starts: datetime, ends: datetime) -> int:
    [(count,)] = await office.rows(ACTIVE_THEN, STATION, starts, ends)
    return int(count)


def chosen_of(form: dict[str, str]) -> dict[str, list[str]]:
    """What is offered first, by reference: kind, station, start, desk."""
    return {name.removeprefix("to."): value.split("~") for name, value in form.items() if name.startswith("to.")}


async def shown(office: Office, booked: Json) -> Json:
    answer = await office.client.get(booked["links"]["self"], headers=code(booked))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_forty_people_are_moved_when_the_station_closes_and_each_is_told(office: Office):
    booked = await office.fill(40)
    form = await office.check("/close", **WHOLE_DAY)
    chosen = chosen_of(form)
    assert chosen.keys() == {each["reference"] for each in booked}
    assert len({(station, start, desk) for _kind, station, start, desk in chosen.values()}) == 40
    assert {kind for kind, *_rest in chosen.values()} == {"time"}
    answer = await office.post("/close", form)
    assert answer.status_code == 303, answer.text

    assert await left_behind(office, at(0), at(0) + timedelta(days=1)) == 0
    assert await office.rows(DOUBLES) == [(0,)]
    for each in booked:
        now = await shown(office, each)
        assert now["appointment"]["start"] == chosen[each["reference"]][2]
        assert now["status"] == "submitted"
        assert "工作人员临时缺岗" in now["timeline"][-1]["text_zh"]
    assert dict(await office.rows(LETTERS, "request.moved")) == {f"request:{r}": 1 for r in chosen}
    [(subject, text)] = await office.rows(
        "SELECT subject, body FROM message WHERE kind = 'request.moved' AND about = %s", f"request:{next(iter(chosen))}"
    )
    assert subject.startswith("预约已改期：12月")
    assert "工作人员临时缺岗" in text
    [(after, reason)] = await office.rows("SELECT after, reason FROM audit_entry WHERE action = 'closure.entered'")
    assert sorted(chosen) == after["requests"]
    assert after["moved"] == {"time": 40}
    assert "缺岗" in reason
    assert await office.free() == []


async def test_who_cannot_be_served_soon_is_offered_a_capable_neighbour(office: Office):
    booked = await office.fill(3)
    form = await office.check("/close", first=DAY.isoformat(), last="2026-12-25", reason="works")
    chosen = chosen_of(form)
    assert {kind for kind, *_rest in chosen.values()} == {"station"}
    assert STATION not in {station for _kind, station, *_rest in chosen.values()}
    designated = set(await office.booker.designated())
    assert {station for _kind, station, *_rest in chosen.values()} <= designated
    assert (await office.post("/close", form)).status_code == 303
    for each in booked:
        now = await shown(office, each)
        assert now["appointment"]["station_code"] == chosen[each["reference"]][1]
        assert now["appointment"]["status"] == "confirmed"
    texts = [text for (text,) in await office.rows("SELECT body FROM message WHERE kind = 'request.moved'")]
    assert len(texts) == 3
    assert all("请不要再去" in text for text in texts)


async def desk_of(office: Office, booked: Json) -> str:
    [(desk,)] = await office.rows(
        "SELECT d.code FROM request q JOIN reservation r ON r.id = q.reservation_id JOIN desk d ON d.id = r.desk_id "
        "WHERE q.reference = %s AND r.active",
        booked["reference"],
    )
    return str(desk)


async def test_a_closed_desk_leaves_people_their_time_at_another_one_and_they_hear_nothing(office: Office):
    booked = [await office.book(at(9, 30).isoformat()), await office.book(at(9, 30).isoformat())]
    before = [await desk_of(office, each) for each in booked]
    form = await office.check("/close", desk=before[0], since="09:00", until="12:00", **WHOLE_DAY)
    [(kind, *_rest)] = chosen_of(form).values()
    assert kind == "desk"
    assert (await office.post("/close", form)).status_code == 303
    after = [await desk_of(office, each) for each in booked]
    assert after[1] == before[1]
    assert after[0] not in before
    for each in booked:
        assert (await shown(office, each))["appointment"]["start"] == at(9, 30).isoformat()
    assert await office.rows(LETTERS, "request.moved") == []


async def test_whoever_gets_no_other_time_keeps_the_request_and_chooses_one(office: Office):
    booked = await office.book(at(10).isoformat(), applicant=await without_mail(office))
    form = await office.check("/close", **WHOLE_DAY)
    form |= {name: "ask" for name in form if name.startswith("to.")}
    answer = await office.post("/close", form)
    assert answer.status_code == 303
    assert booked["reference"] in answer.headers["location"]
    page = (await office.client.get(answer.headers["location"])).text
    assert "Please call them" in page
    assert f"/office/requests/{booked['reference']}" in page

    now = await shown(office, booked)
    assert (now["status"], now["appointment"]["status"]) == ("submitted", "cancelled")
    held = await office.booker.hold(STATION, (await office.booker.starts(STATION))[0])
    office.client.cookies.clear()
    moved = await office.booker.move(booked, held)
    assert moved.status_code == 200, moved.text
    assert moved.json()["appointment"]["status"] == "confirmed"


async def without_mail(office: Office) -> Json:
    held = await office.booker.hold(STATION, (await office.booker.starts(STATION))[-1])
    applicant: Json = (await office.booker.filled_in(held))["applicant"]
    await office.client.delete(f"/api/v1/holds/{held['hold_id']}", headers={"X-Hold-Token": held["hold_token"]})
    return {name: value for name, value in applicant.items() if name != "email"}


async def test_the_applicant_sees_why_and_that_another_time_can_be_chosen(office: Office):
    moved, asked = await office.book(at(9).isoformat()), await office.book(at(10).isoformat())
    form = await office.check("/close", **WHOLE_DAY)
    form[f"to.{asked['reference']}"] = "ask"
    assert (await office.post("/close", form)).status_code == 303
    office.client.cookies.clear()
    for booked, words in ((moved, "The station has moved your appointment"), (asked, "Please choose a new time")):
        address = f"/r/{booked['reference']}"
        await office.client.post(address, data={"code": booked["access_code"]})
        page = (await office.client.get(address)).text
        assert words in page
        assert "Staff are absent." in page or "工作人员临时缺岗" in page
        assert f'href="{address}/reschedule"' in page
        assert (await office.client.get(f"{address}/reschedule")).status_code == 200


async def test_who_has_booked_since_the_list_was_made_is_shown_before_anything_is_saved(office: Office):
    await office.book(at(9).isoformat())
    form = await office.check("/close", **WHOLE_DAY)
    late = await office.book(at(11).isoformat())
    answer = await office.post("/close", form)
    assert answer.status_code == 409
    assert "Somebody has booked, moved or cancelled since" in answer.text
    assert late["reference"] in answer.text
    assert await office.rows("SELECT count(*) FROM closure") == [(0,)]
    assert await left_behind(office, at(0), at(23)) == 2


async def test_a_place_that_was_offered_and_is_taken_meanwhile_is_offered_anew(office: Office):
    await office.book(at(9).isoformat())
    form = await office.check("/close", **WHOLE_DAY)
    [(_kind, _station, start, _desk)] = chosen_of(form).values()
    office.client.cookies.clear()
    await office.booker.fill(STATION, start)
    answer = await office.post("/close", form)
    assert answer.status_code == 409
    assert await office.rows("SELECT count(*) FROM closure") == [(0,)]
    again = await office.check("/close", **WHOLE_DAY)
    [(_kind, _station, other, _desk)] = chosen_of(again).values()
    assert other != start
    assert (await office.post("/close", again)).status_code == 303


async def test_who_is_here_already_is_named_and_not_moved(office: Office, clock: Clock):
    booked = await office.book(at(9).isoformat())
    clock.move(at(9, 5))
    office.manager = await office.people.sign_in(office.manager.id)
    page = (await office.get("/close/check", since="09:05", **WHOLE_DAY)).text
    assert "Here or under way already" in page
    assert booked["reference"] in page
    assert chosen_of(await office.check("/close", since="09:05", **WHOLE_DAY)) == {}


async def test_what_is_only_held_is_given_back(office: Office):
    office.client.cookies.clear()
    held = await office.booker.hold(STATION, at(9).isoformat())
    assert (await office.post("/close", await office.check("/close", **WHOLE_DAY))).status_code == 303
    assert await left_behind(office, at(0), at(23)) == 0
    answer = await office.booker.send(await office.booker.filled_in(held))
    assert answer.status_code == 409


async def test_a_closure_is_taken_back_and_the_time_can_be_booked_again(office: Office):
    assert (await office.post("/close", await office.check("/close", **WHOLE_DAY))).status_code == 303
    page = (await office.get("")).text
    [path] = re.findall(r'action="/office/hours/WH-YJ-01(/closures/\d+/reopen)"', page)
    assert (await office.post(path, {})).headers["location"].endswith("done=taken_back")
    assert await office.free()
    assert (await office.post(path, {})).status_code == 404


async def test_many_book_while_the_station_closes_and_nobody_is_left_behind(office: Office):
    """Twenty applicants and two managers at once: a booking is moved, refused, or makes the manager look again."""
    starts = await office.free()
    await office.book(starts[0])
    form = await office.check("/close", **WHOLE_DAY)
    office.client.cookies.clear()
    bodies = [await office.booker.filled_in(await office.booker.hold(STATION, start)) for start in starts[2:22:2]]

    async def close() -> int:
        return (await office.post("/close", form)).status_code

    sent = (office.booker.send(body) for body in bodies)
    *answers, first, second = await asyncio.gather(*sent, close(), close())
    assert {answer.status_code for answer in answers if not isinstance(answer, int)} <= {201, 409}
    if 303 not in (first, second):
        assert {first, second} == {409}
        assert (await office.post("/close", await office.check("/close", **WHOLE_DAY))).status_code == 303
    assert await office.rows("SELECT count(*) FROM closure") == [(1,)]
    assert await left_behind(office, at(0), at(23)) == 0
    assert await office.rows(DOUBLES) == [(0,)]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({}, "first", "Choose a day."),
        ({"first": "2026-12-40"}, "first", "day"),
        ({"first": "2026-11-02"}, "first", "That is over already."),
        ({"first": "2026-12-03", "last": "2026-12-02"}, "last", "The end has to come after the beginning."),
        ({"first": "2026-12-03", "last": "9999-12-31"}, "last", "A closure lasts a year at most."),
        ({"first": "2026-12-03", "since": "25:99"}, "since", "Write the time as 08:30."),
        ({"first": "2026-12-03", "since": "12:00", "until": "09:00"}, "until", "The end has to come after"),
        ({"first": "2026-12-03", "desk": "99"}, "desk", "The station has no desk with this code in use."),
        ({"first": "2026-12-03", "reason": "other"}, "reason_zh", "Say why, in Chinese or English."),
        ({"first": "2026-12-03", "reason": "nonsense"}, "reason", "Choose a reason."),
    ],
)
async def test_a_wrong_field_is_named_with_what_to_do(office: Office, given: dict[str, str], field: str, words: str):
    answer = await office.get("/close/check", **{"reason": "staff", **given})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert words in answer.text


async def test_only_who_answers_for_the_station_changes_its_time(office: Office):
    others = [
        (await office.people.staff("window", station=STATION), 200),
        (await office.people.staff("officer", station=STATION), 200),
        (await office.people.staff("manager", station="WH-JH-01"), 404),
    ]
    for (who, looks), path in product(others, ("/close", "/week", "/desks/01/retire")):
        office.manager = who
        assert (await office.get("")).status_code == looks
        assert (await office.get(path)).status_code in {403, 404}
        assert (await office.post(path, dict(WHOLE_DAY))).status_code in {403, 404}
    assert await office.rows("SELECT count(*) FROM closure") == [(0,)]


async def test_who_answers_for_several_stations_chooses_one_first(office: Office):
    office.manager = await office.people.staff("county_admin", county="340202")
    office.manager.browse(office.client)
    office.client.headers["Accept-Language"] = "en"
    for path, words in (("/office/hours", "Hours of which station?"), ("/office/hall", "Which counter?")):
        page = (await office.client.get(path)).text
        assert words in page
        assert f'href="{path}/WH-JH-01"' in page
