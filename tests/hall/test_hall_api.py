"""The counter by the API: tickets, calling, each step, and what is refused by name."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.hall.conftest import Hall, Json
from tests.requests.booking import Booker
from tests.support.people import People


async def test_numbers_of_a_day_have_no_gap_and_letters_are_those_of_the_category(hall: Hall, clock: Clock):
    numbers = [(await hall.issue(service))["number"] for service in hall.services[:3]]
    assert [number[1:] for number in numbers] == ["001", "002", "003"]
    assert len({number[0] for number in numbers}) == min(3, len({each[0] for each in numbers}))
    refused = await hall.post(f"/desk/{hall.station.code}/tickets", {"service_codes": ["NONE-1"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "service_codes.0")
    assert (await hall.issue())["number"][1:] == "004"
    clock.move(timedelta(days=1))
    assert (await hall.issue())["number"][1:] == "001"


async def test_somebody_is_called_served_and_done(hall: Hall):
    service = hall.services[0]
    desk = hall.desk_for(service)
    await hall.sit(desk)
    ticket = await hall.issue(service)
    assert [each["number"] for each in (await hall.board())["waiting"]] == [ticket["number"]]
    called = (await hall.next(desk)).json()
    assert (called["ticket_id"], called["state"], called["desk"]) == (ticket["ticket_id"], "called", desk)
    for verb, state in (("start", "serving"), ("finish", "done")):
        moved = await hall.step(ticket, verb, desk=desk)
        assert (moved.status_code, moved.json()["state"]) == (200, state), moved.text
    board = await hall.board()
    assert [each["ticket_id"] for each in board["done"]] == [ticket["ticket_id"]]
    assert board["waiting"] == board["called"] == board["serving"] == []
    assert (await hall.next(desk)).status_code == 204


async def test_a_desk_calls_only_with_somebody_at_it_who_has_no_break_and_no_other_ticket(hall: Hall):
    service = hall.services[0]
    desk = hall.desk_for(service)
    await hall.issue(service)
    await hall.issue(service)
    assert (await hall.next(desk)).json()["code"] == "desk_unattended"
    await hall.sit(desk)
    rest = f"/desk/{hall.station.code}/sessions/{desk}/break"
    await hall.post(rest, desk=desk)
    assert (await hall.next(desk)).json()["code"] == "on_break"
    await hall.post(rest, desk=desk)
    first = (await hall.next(desk)).json()
    assert (await hall.next(desk)).json()["code"] == "desk_busy"
    assert (await hall.step(first, "requeue", desk=desk)).json()["state"] == "waiting"
    assert (await hall.next(desk)).json()["ticket_id"] == first["ticket_id"]  # with its old place


async def test_one_is_called_by_choice_only_to_the_desk_where_one_sits(hall: Hall):
    service = hall.services[0]
    desk, other = hall.desk_for(service), next(each for each in hall.desks if each != hall.desk_for(service))
    await hall.issue(service)
    chosen = await hall.issue(service)
    path = f"/tickets/{chosen['ticket_id']}/call"
    nowhere = await hall.post(path, desk=desk)
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "desk")
    await hall.sit(desk, other)
    assert (await hall.post(path, {"desk": other}, desk=desk)).json()["code"] == "desk_unattended"
    await hall.post(f"/desk/{hall.station.code}/sessions/{desk}/break", desk=desk)
    assert (await hall.post(path, {"desk": desk}, desk=desk)).json()["code"] == "on_break"
    await hall.post(f"/desk/{hall.station.code}/sessions/{desk}/break", desk=desk)
    called = (await hall.post(path, {"desk": desk}, desk=desk)).json()
    assert (called["ticket_id"], called["desk"]) == (chosen["ticket_id"], desk)


async def test_a_desk_has_one_person_and_a_person_one_desk(hall: Hall, clock: Clock):
    one, two = hall.desks[:2]
    await hall.sit(one)
    sessions = f"/desk/{hall.station.code}/sessions"
    taken = await hall.post(sessions, {"desk": one}, desk=two)
    assert (taken.status_code, taken.json()["code"]) == (409, "desk_taken")
    assert (await hall.post(sessions, {"desk": two}, desk=one)).json()["code"] == "elsewhere_signed_in"
    assert (await hall.post(sessions, {"desk": "D99"}, desk=one)).json()["code"] == "desk_unknown"
    wrong = await hall.post(sessions, {"desk": one, "categories": ["poetry"]}, desk=one)
    assert wrong.json()["errors"][0]["field"] == "categories.0"
    clock.move(timedelta(days=1))
    assert (await hall.post(sessions, {"desk": one}, desk=two)).status_code == 204  # nobody has sat there since


async def test_nobody_leaves_a_desk_at_which_somebody_stands(hall: Hall):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    ticket = await hall.issue()
    await hall.next(desk)
    who = await hall.by(desk)
    path = f"/api/v1/desk/{hall.station.code}/sessions/{desk}"
    assert (await hall.client.delete(path, headers={**who.bearer})).json()["code"] == "desk_busy"
    await hall.step(ticket, "no-show", desk=desk)
    assert (await hall.client.delete(path, headers={**who.bearer})).status_code == 204
    assert (await hall.client.delete(path, headers={**who.bearer})).json()["code"] == "desk_unattended"


async def test_three_calls_and_whoever_comes_back_finds_the_old_place(hall: Hall):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    ticket = await hall.issue()
    await hall.next(desk)
    assert [(await hall.step(ticket, "recall", desk=desk)).status_code for _n in range(3)] == [200, 200, 409]
    assert (await hall.step(ticket, "no-show", desk=desk)).json()["state"] == "no_show"
    await hall.issue()
    assert (await hall.step(ticket, "come-back", desk=desk)).json()["state"] == "waiting"
    assert (await hall.next(desk)).json()["ticket_id"] == ticket["ticket_id"]


async def test_what_can_not_be_done_names_the_state(hall: Hall):
    ticket = await hall.issue()
    for verb in ("recall", "start", "finish", "no-show", "park", "resume", "requeue", "come-back"):
        refused = (await hall.step(ticket, verb)).json()
        assert (refused["code"], refused["state"], refused["number"]) == (
            "invalid_transition",
            "waiting",
            ticket["number"],
        )
    assert (await hall.step(ticket, "explode")).status_code == 422
    lost = {"ticket_id": "0192f0a0-0000-7000-8000-000000000000"}
    assert (await hall.step(lost, "leave")).json()["code"] == "ticket_unknown"


async def test_the_last_step_can_be_taken_back_for_a_minute_and_only_once(hall: Hall, clock: Clock):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    ticket = await hall.issue()
    await hall.next(desk)
    await hall.step(ticket, "start", desk=desk)
    done = (await hall.step(ticket, "finish", desk=desk)).json()
    back = (await hall.step(ticket, "undo", desk=desk)).json()
    assert (done["state"], back["state"], back["desk"], back["ended_at"]) == ("done", "serving", desk, None)
    assert back["open_service_codes"] == ticket["service_codes"]
    assert (await hall.step(ticket, "undo", desk=desk)).json()["code"] == "too_late_to_undo"
    assert (await hall.step(ticket, "finish", desk=desk)).json()["state"] == "done"
    clock.move(timedelta(seconds=61))
    assert (await hall.step(ticket, "undo", desk=desk)).json()["code"] == "too_late_to_undo"


async def test_a_call_is_taken_back_but_not_to_a_desk_that_is_anothers_now(hall: Hall):
    desk = hall.desk_for(hall.services[0])
    await hall.sit(desk)
    first, second = await hall.issue(), await hall.issue()
    await hall.next(desk)
    assert (await hall.step(first, "undo", desk=desk)).json()["state"] == "waiting"
    await hall.next(desk)
    await hall.step(first, "park", desk=desk)
    assert (await hall.next(desk)).json()["ticket_id"] == second["ticket_id"]
    assert (await hall.step(first, "undo", desk=desk)).json()["code"] == "desk_busy"


async def test_a_visit_for_two_things_is_timed_one_by_one(hall: Hall, app: FastAPI, clock: Clock):
    one, two = hall.services[:2]
    await hall.sit(*{hall.desk_for(one), hall.desk_for(two)})
    ticket = await hall.issue(one, two)
    for service in (one, two):
        desk = hall.desk_for(service)
        assert (await hall.next(desk)).json()["ticket_id"] == ticket["ticket_id"]
        await hall.step(ticket, "start", desk=desk, service_codes=[service])
        clock.move(timedelta(minutes=7))
        last = (await hall.step(ticket, "finish", desk=desk)).json()
    assert (last["state"], last["open_service_codes"]) == ("done", [])
    rows = await app.state.database.fetch(
        "SELECT n, cardinality(service_ids), extract(epoch FROM ended_at - started_at)::int FROM serving ORDER BY n", ()
    )
    assert rows == [(1, 1, 420), (2, 1, 420)]


async def test_what_was_really_done_counts_also_what_nobody_had_asked_for(hall: Hall):
    one, *others = hall.services
    desk = hall.desk_for(one)
    await hall.sit(desk)
    ticket = await hall.issue(one, others[0])
    await hall.next(desk)
    await hall.step(ticket, "start", desk=desk)
    done = (await hall.step(ticket, "finish", desk=desk, done=[others[1]], rest="leave")).json()
    assert (done["state"], done["service_codes"]) == ("done", [one, others[0], others[1]])


async def test_one_is_passed_on_to_a_desk_which_alone_calls_it(hall: Hall):
    service = hall.services[0]
    desk, other = hall.desk_for(service), next(each for each in hall.desks if each != hall.desk_for(service))
    await hall.sit(desk, other)
    ticket = await hall.issue(service)
    await hall.next(desk)
    nowhere = await hall.step(ticket, "transfer", desk=desk)
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "desk")
    passed = (await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"desk": other}, desk=desk)).json()
    assert (passed["state"], passed["for_desk"]) == ("waiting", other)
    assert (await hall.next(desk)).status_code == 204


async def test_one_is_passed_on_to_another_station_with_the_place_kept(hall: Hall, app: FastAPI, clock: Clock):
    ticket = await hall.issue()
    there = await station_for(hall, ticket["service_codes"][0])
    clock.move(timedelta(minutes=20))
    moved = await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"station": there})
    assert (moved.status_code, moved.json()["station_code"]) == (200, there), moved.text
    [before, after] = await app.state.database.fetch(
        "SELECT state, rank_at, first_from, day, moved_from FROM ticket ORDER BY issued_at", ()
    )
    assert (before[0], after[0], before[1:4]) == ("moved", "waiting", after[1:4])
    assert str(after[4]) == ticket["ticket_id"]
    itself = await hall.post(f"/tickets/{ticket['ticket_id']}/transfer", {"station": hall.station.code})
    assert itself.json()["errors"][0]["field"] == "station"


async def station_for(hall: Hall, service: str) -> str:
    answer = await hall.client.get("/api/v1/stations", params={"service": service, "limit": 200})
    return next(each["code"] for each in answer.json()["items"] if each["code"] != hall.station.code)


async def test_two_with_one_ticket_go_separate_ways(hall: Hall):
    one, two = hall.services[:2]
    ticket = await hall.issue(one, two)
    refused = await hall.step(ticket, "split", service_codes=[one, two])
    assert refused.json()["errors"][0]["field"] == "service_codes"
    new = (await hall.step(ticket, "split", service_codes=[two])).json()
    assert (new["number"][1:], new["service_codes"]) == ("002", [two])
    waiting = {each["number"]: each["service_codes"] for each in (await hall.board())["waiting"]}
    assert waiting == {ticket["number"]: [one], new["number"]: [two]}


async def test_priority_has_a_reason_and_a_place(hall: Hall, clock: Clock):
    first = await hall.issue()
    clock.move(timedelta(minutes=10))
    second = await hall.issue()
    without = await hall.step(second, "prioritise", priority="urgent")
    assert without.json()["errors"][0]["field"] == "priority_reason"
    await hall.step(second, "prioritise", priority="elderly")
    assert [each["number"] for each in (await hall.board())["waiting"]] == [second["number"], first["number"]]


async def test_no_more_walk_ins_than_the_station_gives_out(hall: Hall, app: FastAPI):
    service = hall.services[0]
    await app.state.database.fetch(
        "INSERT INTO contingent (station_id, service_id, per_day) SELECT %s, id, 2 FROM service WHERE code = %s",
        (hall.station.id, service),
    )
    await hall.issue(service)
    await hall.issue(service)
    refused = await hall.post(f"/desk/{hall.station.code}/tickets", {"service_codes": [service]})
    assert (refused.status_code, refused.json()["code"]) == (409, "contingent_exhausted")
    other = await hall.issue(next(each for each in hall.services if each != service))
    assert other["number"][1:] == "003"  # the number of whoever was refused is not lost


async def at_counter(hall: Hall, booked: Json) -> Hall:
    code = booked["appointment"]["station_code"]
    hall.station = hall.network.stations[hall.network.station_index[code]]
    hall.clock.move(datetime.fromisoformat(booked["appointment"]["start"]) - timedelta(minutes=3))
    return hall


async def test_who_has_an_appointment_checks_in_and_the_request_goes_along(hall: Hall, booker: Booker):
    booked = await booker.book()
    await at_counter(hall, booked)
    walk_in = await hall.issue()
    path = f"/desk/{hall.station.code}/check-ins"
    ticket = (await hall.post(path, {"reference": booked["reference"].lower()})).json()
    assert (ticket["kind"], ticket["reference"]) == ("appointment", booked["reference"])
    assert (await booker.show(booked)).json()["status"] == "checked_in"
    again = (await hall.post(path, {"reference": booked["reference"]})).json()
    assert (again["code"], again["number"]) == ("already_checked_in", ticket["number"])
    desk = hall.desk_for(booked["items"][0]["service_code"])
    await hall.sit(desk)
    assert (await hall.next(desk)).json()["ticket_id"] == ticket["ticket_id"]  # before who came without
    await hall.step(ticket, "start", desk=desk)
    await hall.step(ticket, "finish", desk=desk)
    assert (await booker.show(booked)).json()["status"] == "received"
    assert (await hall.step(ticket, "undo", desk=desk)).json()["code"] == "too_late_to_undo"
    assert walk_in["number"] in [each["number"] for each in (await hall.board())["waiting"]]


async def test_an_appointment_elsewhere_or_on_another_day_is_named(hall: Hall, booker: Booker, people: People):
    booked = await booker.book()
    await at_counter(hall, booked)
    hall.clock.move(timedelta(days=-1))
    path = f"/desk/{hall.station.code}/check-ins"
    early = (await hall.post(path, {"reference": booked["reference"]})).json()
    assert (early["code"], early["start"][:10]) == ("other_day", booked["appointment"]["start"][:10])
    assert (await hall.post(path, {"reference": "ZT-0000-0000-0"})).json()["code"] == "request_unknown"


async def test_another_stations_counter_answers_as_if_it_were_not_there(hall: Hall, people: People):
    ticket = await hall.issue()
    stranger = await people.staff(
        "window", station=next(each.code for each in hall.network.stations if each.code != hall.station.code)
    )
    board = await hall.client.get(f"/api/v1/desk/{hall.station.code}/board", headers={**stranger.bearer})
    assert (board.status_code, board.json()["code"]) == (404, "station_unknown")
    for call in (
        hall.client.get(f"/api/v1/tickets/{ticket['ticket_id']}", headers={**stranger.bearer}),
        hall.client.post(f"/api/v1/tickets/{ticket['ticket_id']}/leave", json={}, headers={**stranger.bearer}),
    ):
        assert (await call).json()["code"] == "ticket_unknown"


@pytest.mark.parametrize("role", ["auditor"])
async def test_who_only_reads_calls_nobody(hall: Hall, people: People, role: str):
    reader = await people.staff(role)
    board = await hall.client.get(f"/api/v1/desk/{hall.station.code}/board", headers={**reader.bearer})
    assert board.status_code == 200
    body = {"desk": hall.desks[0]}
    called = await hall.client.post(f"/api/v1/desk/{hall.station.code}/call-next", json=body, headers={**reader.bearer})
    assert called.status_code == 403
