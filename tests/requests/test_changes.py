"""Moving and cancelling: the old place is kept until the new one is certain, and a place given up is offered again."""

from datetime import datetime, timedelta

import pytest

from app.kit.db import Database
from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker, Json, code

pytestmark = pytest.mark.anyio


async def active(database: Database) -> list[tuple[str, str]]:
    """Kind and start of every active reservation."""
    rows = await database.fetch(
        "SELECT kind, to_char(lower(during) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+08:00\"') "
        "FROM reservation WHERE active ORDER BY starts",
        (),
    )
    return [(kind, start) for kind, start in rows]


async def later(booker: Booker, booked: Json, place: int = -1, station: str = "") -> Json:
    """A hold of a later time at the same station, or at another one."""
    station = station or booked["appointment"]["station_code"]
    return await booker.hold(station, (await booker.starts(station))[place])


async def test_an_appointment_moves_to_another_time(booker: Booker, database: Database):
    booked = await booker.book()
    held = await later(booker, booked)
    moved = await booker.move(booked, held)
    assert moved.status_code == 200, moved.text
    body = moved.json()
    assert body["status"] == "submitted"
    assert (body["appointment"]["start"], body["appointment"]["status"]) == (held["start"], "confirmed")
    assert [told["kind"] for told in body["timeline"]] == ["submitted", "rescheduled"]
    assert body["timeline"][1]["text_en"].startswith("The appointment was moved from Tue 1 Dec, 10:00 at ")
    assert await active(database) == [("appointment", held["start"])]


async def test_it_may_move_to_another_station_and_takes_its_timeline_along(booker: Booker):
    booked = await booker.book()
    other = (await booker.designated())[1]
    held = await later(booker, booked, station=other)
    body = (await booker.move(booked, held)).json()
    assert body["appointment"]["station_code"] == other
    shown = (await booker.show(booked)).json()
    assert shown["items"][0]["inputs"]["serial_no"] == "20260001"
    assert [told["kind"] for told in shown["timeline"]] == ["submitted", "rescheduled"]


async def test_it_does_not_move_to_a_station_that_may_not_do_it(booker: Booker, database: Database):
    booked = await booker.book()
    query = {"service": SERVICE, "lon": 118.37, "lat": 31.33, "use": "medical"}
    passed = (await booker.client.get("/api/v1/routes", params=query)).json()["passed_over"]
    other = next(each["station_code"] for each in passed if each["reason"] == "not_designated")
    held = await later(booker, booked, station=other)
    refused = await booker.move(booked, held)
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert (fault["field"], fault["code"]) == ("hold_id", "not_designated")
    kinds = sorted(kind for kind, _start in await active(database))
    assert kinds == ["appointment", "hold"]


async def test_it_moves_only_to_a_hold_for_the_same_services(booker: Booker):
    booked = await booker.book()
    other = "MET-MEC-018"
    station = (await booker.designated(service=other))[0]
    held = await booker.hold(station, services=(other,))
    refused = await booker.move(booked, held)
    assert refused.status_code == 422
    assert [(fault["field"], fault["code"]) for fault in refused.json()["errors"]] == [("hold_id", "hold_mismatch")]


async def test_a_hold_that_is_over_leaves_the_old_time(booker: Booker, clock: Clock):
    booked = await booker.book()
    held = await later(booker, booked)
    clock.move(timedelta(minutes=10))
    refused = await booker.move(booked, held)
    assert (refused.status_code, refused.json()["code"]) == (409, "hold_expired")
    assert (await booker.show(booked)).json()["appointment"] == booked["appointment"]


async def test_moving_twice_to_the_same_hold_changes_nothing_more(booker: Booker):
    booked = await booker.book()
    held = await later(booker, booked)
    first, second = await booker.move(booked, held), await booker.move(booked, held)
    assert first.json() == second.json()


async def test_a_cancelled_requests_place_is_offered_again(booker: Booker, database: Database):
    booked = await booker.book()
    cancelled = await booker.cancel(booked, "设备送修")
    assert cancelled.status_code == 200, cancelled.text
    body = cancelled.json()
    assert (body["status"], body["appointment"]["status"]) == ("cancelled", "cancelled")
    assert {item["status"] for item in body["items"]} == {"cancelled"}
    assert (body["due_at"], body["due_provisional"]) == (None, False)
    assert [told["kind"] for told in body["timeline"]] == ["submitted", "cancelled"]
    assert await active(database) == []
    again = await booker.hold(booked["appointment"]["station_code"], booked["appointment"]["start"])
    assert again["start"] == booked["appointment"]["start"]


async def test_what_is_cancelled_is_neither_moved_nor_cancelled_again(booker: Booker):
    booked = await booker.book()
    held = await later(booker, booked)
    assert (await booker.cancel(booked)).status_code == 200
    for refused in (await booker.cancel(booked), await booker.move(booked, held)):
        assert (refused.status_code, refused.json()["code"]) == (409, "request_cancelled")


async def test_what_has_begun_is_neither_moved_nor_cancelled(booker: Booker, clock: Clock):
    booked = await booker.book()
    held = await later(booker, booked)
    clock.move(datetime.fromisoformat(booked["appointment"]["start"]))
    for refused in (await booker.cancel(booked), await booker.move(booked, held)):
        assert (refused.status_code, refused.json()["code"]) == (409, "appointment_past")


async def test_without_the_access_code_nothing_changes(booker: Booker):
    booked = await booker.book()
    stranger = booked | {"access_code": "AAAA-AAAA"}
    refused = await booker.cancel(stranger)
    assert (refused.status_code, refused.json()["code"]) == (404, "request_unknown")
    assert (await booker.show(booked)).json()["status"] == "submitted"


async def test_a_reason_with_control_characters_is_refused(booker: Booker):
    booked = await booker.book()
    refused = await booker.cancel(booked, "a\x00b")
    assert [fault["field"] for fault in refused.json()["errors"]] == ["reason"]


async def test_guessing_codes_is_slowed_down(booker: Booker):
    booked = await booker.book()
    path = booked["links"]["self"]
    wrong = {"X-Access-Code": "AAAA-AAAA"}
    for _guess in range(60):
        await booker.client.get(path, headers=wrong)
    refused = await booker.client.get(path, headers=code(booked))
    assert (refused.status_code, refused.json()["code"]) == (429, "work_needed")
    assert int(refused.headers["retry-after"]) <= 60
