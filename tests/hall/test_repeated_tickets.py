"""A ticket asked for twice under one Idempotency-Key is one ticket; and what is kept of tickets for how long."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.hall.retention import RULES
from app.kit.retention import apply, count_due
from tests.conftest import Clock
from tests.hall.conftest import Hall, Json
from tests.hall.test_hall_api import at_counter
from tests.requests.booking import Booker

pytestmark = pytest.mark.anyio


async def ask(hall: Hall, what: str, body: Json, key: str, *, desk: str = "") -> httpx.Response:
    who = await hall.by(desk or hall.desks[0])
    path = f"/api/v1/desk/{hall.station.code}/{what}"
    return await hall.client.post(path, json=body, headers={**who.bearer, "Idempotency-Key": key})


async def tickets(app: FastAPI) -> int:
    [(count,)] = await app.state.database.fetch("SELECT count(*) FROM ticket", ())
    return int(count)


async def test_a_walk_in_sent_again_gets_the_same_ticket_as_it_was_then(hall: Hall, app: FastAPI):
    body = {"service_codes": hall.services[:1]}
    first = await ask(hall, "tickets", body, "k-1")
    assert (await hall.step(first.json(), "leave")).status_code == 200
    again = await ask(hall, "tickets", body, "k-1")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    other = await ask(hall, "tickets", {"service_codes": hall.services[1:2]}, "k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    somebody_else = await ask(hall, "tickets", body, "k-1", desk=hall.desks[1])
    assert somebody_else.json()["number"] != first.json()["number"]
    assert await tickets(app) == 2


async def test_of_five_at_once_under_one_key_one_takes_a_number(hall: Hall, app: FastAPI):
    body = {"service_codes": hall.services[:1]}
    await hall.by(hall.desks[0])
    answers = await asyncio.gather(*(ask(hall, "tickets", body, "k-2") for _n in range(5)))
    assert [each.status_code for each in answers] == [201] * 5
    assert len({each.content for each in answers}) == 1
    assert await tickets(app) == 1
    assert (await hall.issue())["number"].endswith("002")


async def test_a_refused_one_leaves_the_key_free(hall: Hall):
    refused = await ask(hall, "tickets", {"service_codes": ["NO-SUCH"]}, "k-3")
    assert refused.status_code == 422
    assert (await ask(hall, "tickets", {"service_codes": hall.services[:1]}, "k-3")).status_code == 201


async def test_a_check_in_sent_again_is_no_second_arrival(hall: Hall, app: FastAPI, booker: Booker):
    booked = await booker.book()
    await at_counter(hall, booked)
    body = {"reference": booked["reference"]}
    await hall.by(hall.desks[0])
    answers = await asyncio.gather(*(ask(hall, "check-ins", body, "k-4") for _n in range(2)))
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert (await ask(hall, "check-ins", body, "k-5")).json()["code"] == "already_checked_in"
    assert await tickets(app) == 1


async def test_after_its_time_a_ticket_names_nobody_and_still_says_how_long_it_took(
    hall: Hall, app: FastAPI, clock: Clock, booker: Booker
):
    booked = await booker.book()
    await at_counter(hall, booked)
    desk = next(each.code for each in hall.station.desks if each.skills == max(d.skills for d in hall.station.desks))
    await hall.sit(desk)
    reason = {"priority": "urgent", "priority_reason": "奶奶住院"}
    path = f"/desk/{hall.station.code}/check-ins"
    ticket = (await hall.post(path, {"reference": booked["reference"], **reason})).json()
    await app.state.database.fetch(
        "INSERT INTO turn_mail SELECT id, 'a@example.com', 'en', issued_at FROM ticket RETURNING 1", ()
    )
    assert (await hall.next(desk)).json()["ticket_id"] == ticket["ticket_id"]
    await hall.step(ticket, "start", desk=desk)
    clock.move(timedelta(minutes=7))
    await hall.step(ticket, "finish", desk=desk)
    who = await hall.by(desk)
    await hall.client.delete(f"/api/v1/desk/{hall.station.code}/sessions/{desk}", headers={**who.bearer})

    due = {each.rule.key: each.count for each in await count_due(app.state.database, RULES, clock())}
    assert set(due.values()) == {0}
    clock.move(timedelta(days=181))
    due = {each.rule.key: each.count for each in await count_due(app.state.database, RULES, clock())}
    assert due == {"turn_mails": 1, "ticket_people": 1, "ticket_steps": 4, "servings": 1, "desk_sessions": 0}
    assert {each.rule.key: each.count for each in await apply(app.state.database, RULES, clock())} == due
    clock.move(timedelta(days=1096))
    done = {each.rule.key: each.count for each in await apply(app.state.database, RULES, clock())}
    assert done == {**dict.fromkeys(due, 0), "desk_sessions": 1}
    [left] = await app.state.database.fetch(
        "SELECT state, kind, priority, request_id, priority_reason, person_id, serving.ended_at - serving.started_at "
        "FROM ticket JOIN serving ON ticket_id = id",
        (),
    )
    assert left == ("done", "appointment", "urgent", None, "", None, timedelta(minutes=7))
