"""New weekly hours, and desks taken out of use: whom it concerns, what is in force then, and what races with it."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.closing.conftest import STATION, Json, Office
from tests.closing.test_closing import at, chosen_of, desk_of, left_behind, shown
from tests.requests.booking import SERVICE
from tests.support.people import Signed

MORNINGS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-11:30")
FROM_THURSDAY = {"first": "2026-12-03", "reason": "hours", **MORNINGS}
HOURS = """
    SELECT h.iso_weekday, to_char(h.opens, 'HH24:MI'), to_char(h.closes, 'HH24:MI'), h.valid_from, h.valid_until
    FROM opening_hours h JOIN station s ON s.id = h.station_id WHERE s.code = %s ORDER BY 1, 4 NULLS FIRST, 2
"""


async def test_only_who_comes_outside_of_the_new_hours_is_moved(office: Office):
    morning, afternoon = await office.book(at(9).isoformat()), await office.book(at(15).isoformat())
    form = await office.check("/week", **FROM_THURSDAY)
    assert chosen_of(form).keys() == {afternoon["reference"]}
    assert (await office.post("/week", form)).status_code == 303
    assert (await shown(office, morning))["appointment"]["start"] == at(9).isoformat()
    moved = datetime.fromisoformat((await shown(office, afternoon))["appointment"]["start"])
    assert moved >= at(15)
    assert await left_behind(office, at(11, 30), at(23)) == 0
    assert all(start[11:16] < "11:30" for start in await office.free())


async def test_hours_for_a_season_end_and_those_of_before_hold_again(office: Office):
    before = await office.rows(HOURS, STATION)
    form = await office.check("/week", **FROM_THURSDAY, last="2026-12-04")
    assert (await office.post("/week", form)).status_code == 303
    thursdays: list[tuple[Any, ...]] = [row[1:] for row in await office.rows(HOURS, STATION) if row[0] == 4]
    assert ("08:30", "11:30", date(2026, 12, 3), date(2026, 12, 4)) in thursdays
    first, *_rest = (row[1:3] for row in before if row[0] == 4)
    assert (*first, None, date(2026, 12, 2)) in thursdays
    assert (*first, date(2026, 12, 5), None) in thursdays
    [(changed,)] = await office.rows("SELECT after FROM audit_entry WHERE action = 'hours.changed'")
    assert changed["change"]["week"][3] == ["08:30-11:30"]
    page = (await office.get("")).text
    assert "From 3 Dec 2026" in page


async def test_a_place_held_by_the_old_hours_is_not_booked(office: Office):
    office.client.cookies.clear()
    held = await office.booker.hold(STATION, at(15).isoformat())
    assert (await office.post("/week", await office.check("/week", **FROM_THURSDAY))).status_code == 303
    office.client.cookies.clear()
    assert (await office.booker.send(await office.booker.filled_in(held))).status_code == 409
    answer = await office.client.post("/api/v1/holds", json=office.booker.wish(STATION, at(15, 30).isoformat()))
    assert (answer.status_code, answer.json()["code"]) == (422, "outside_hours")


async def test_holds_that_race_with_new_hours_are_by_the_new_ones_or_given_back(office: Office):
    form = await office.check("/week", **FROM_THURSDAY)
    office.client.cookies.clear()
    starts = [start for start in await office.free() if start[11:13] >= "14"]

    async def hold(start: str) -> int:
        return (await office.client.post("/api/v1/holds", json=office.booker.wish(STATION, start))).status_code

    async def change() -> int:
        await asyncio.sleep(0.005)
        return (await office.post("/week", form)).status_code

    first, *others = await asyncio.gather(change(), *(hold(start) for start in starts))
    assert first == 303
    assert set(others) <= {201, 409, 422}
    assert await left_behind(office, at(11, 30), at(23)) == 0


async def test_of_two_who_change_the_hours_at_once_one_looks_again(office: Office):
    form = await office.check("/week", **FROM_THURSDAY)
    answers = await asyncio.gather(*(office.post("/week", form) for _n in range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    days = [row for row in await office.rows(HOURS, STATION) if row[3] == date(2026, 12, 3)]
    assert len(days) == len(MORNINGS)


async def test_a_cancelled_appointment_is_not_taken_up_again_at_a_time_that_is_closed_now(office: Office):
    booked = await office.book(at(15).isoformat())
    office.client.cookies.clear()
    assert (await office.booker.cancel(booked)).status_code == 200
    assert (await office.post("/week", await office.check("/week", **FROM_THURSDAY))).status_code == 303
    answer = await office.client.post(
        f"/api/v1/requests/{booked['reference']}/actions/restore",
        json={"reason": "他又打电话来了"},
        headers={**office.manager.bearer},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["appointment"]["status"] == "cancelled"
    assert await left_behind(office, at(11, 30), at(23)) == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("first", "2026-11-30", "New hours begin today at the earliest."),
        ("last", "2026-12-01", "The end has to come after the beginning."),
        ("last", "9999-12-31", "Choose a day within the next ten years."),
        ("mon", "morning", "Write the hours as 08:30-11:30, 14:00-17:00."),
        ("mon", "11:30-08:30", "The station has to close after it opens."),
        ("mon", "08:31-11:30", "Hours are on steps of five minutes."),
        ("mon", "08:30-11:30, 11:00-12:00", "These hours overlap."),
    ],
)
async def test_wrong_hours_are_named_by_their_day(office: Office, field: str, value: str, words: str):
    answer = await office.get("/week/check", **FROM_THURSDAY | {field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert words in answer.text


async def test_a_desk_out_of_use_leaves_nobody_behind_and_can_be_used_again(office: Office):
    booked = await office.book(at(9).isoformat())
    far = await office.book((at(9) + timedelta(days=5)).isoformat())
    desk = await desk_of(office, booked)
    path = f"/desks/{desk}/retire"
    form = await office.check(path, reason="equipment")
    concerned = {each["reference"] for each in (booked, far) if await desk_of(office, each) == desk}
    assert booked["reference"] in concerned
    assert chosen_of(form).keys() == concerned
    assert (await office.post(path, form)).status_code == 303
    [(left,)] = await office.rows(
        "SELECT count(*) FROM reservation r JOIN desk d ON d.id = r.desk_id WHERE r.active AND NOT d.active"
    )
    assert left == 0
    assert await desk_of(office, booked) != desk
    assert (await office.get(path)).status_code == 404
    assert (await office.post(f"/desks/{desk}/use", {})).headers["location"].endswith("done=used_again")
    assert (await office.get(path)).status_code == 200


async def test_a_desk_at_which_somebody_sits_is_not_taken_away(office: Office):
    clerk = await office.people.staff("window", station=STATION)
    sat = await office.client.post(f"/api/v1/desk/{STATION}/sessions", json={"desk": "01"}, headers={**clerk.bearer})
    assert sat.status_code == 204, sat.text
    form = await office.check("/desks/01/retire", reason="equipment")
    answer = await office.post("/desks/01/retire", form)
    assert answer.status_code == 409
    assert "Somebody sits at this desk" in answer.text
    assert await office.rows("SELECT count(*) FROM desk WHERE NOT active") == [(0,)]


async def test_who_waits_for_the_desk_that_closes_waits_for_any(office: Office):
    clerk, other = [await office.people.staff("window", station=STATION) for _n in range(2)]
    made = await desk_call(office, clerk, f"/desk/{STATION}/tickets", service_codes=[SERVICE])
    await desk_call(office, other, f"/desk/{STATION}/sessions", desk="03")
    await desk_call(office, clerk, f"/tickets/{made['ticket_id']}/transfer", desk="03")
    form = await office.check("/close", desk="03", first="2026-12-01", since="08:30", reason="equipment")
    assert (await office.post("/close", form)).status_code == 303
    assert await office.rows("SELECT for_desk_id, events FROM ticket") == [(None, 3)]
    await desk_call(office, clerk, f"/desk/{STATION}/sessions", desk="01")
    called = await desk_call(office, clerk, f"/desk/{STATION}/call-next", desk="01")
    assert called["ticket_id"] == made["ticket_id"]


async def desk_call(office: Office, who: Signed, path: str, **body: object) -> Json:
    answer = await office.client.post(f"/api/v1{path}", json=body, headers={**who.bearer})
    assert answer.status_code in {200, 201, 204}, answer.text
    return answer.json() if answer.content else {}
