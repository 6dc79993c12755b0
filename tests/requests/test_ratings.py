"""Saying how it went: once, when it is done, by whoever asked; read by the station, and kept as long as the rest."""

from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.enterprise.export import export
from app.kit.db import Database
from app.requests.retention import RULES
from tests.conftest import Clock
from tests.requests.booking import Booker, Json, code
from tests.support.people import People

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def done(app: FastAPI, client: httpx.AsyncClient) -> Json:
    """A request all of whose work is done."""
    booked = await Booker(client).book()
    await finish(app.state.database, booked)
    return booked


async def finish(database: Database, booked: Json) -> None:
    ends = """WITH items AS (UPDATE request_item SET status = 'done', clock = NULL, due_at = NULL FROM request
            WHERE request.id = request_id AND reference = %(reference)s)
        UPDATE request SET status = 'done', due_at = NULL WHERE reference = %(reference)s"""
    await database.fetch(ends, {"reference": booked["reference"]})


def rate(client: httpx.AsyncClient, booked: Json, level: object, words: str = "") -> Awaitable[httpx.Response]:
    path = f"/api/v1/requests/{booked['reference']}/rating"
    return client.post(path, json={"level": level, "words": words}, headers=code(booked) | ENGLISH)


async def test_it_is_said_once_when_all_is_done(app: FastAPI, client: httpx.AsyncClient):
    booked = await Booker(client).book()
    early = await rate(client, booked, 5)
    assert (early.status_code, early.json()["code"]) == (409, "not_done_yet")
    await finish(app.state.database, booked)
    for wrong in (0, 6, "5", None):
        assert (await rate(client, booked, wrong)).status_code == 422
    said = await rate(client, booked, 2, "等得太久")
    assert (said.status_code, said.json()["level"], said.json()["words"]) == (201, 2, "等得太久")
    again = await rate(client, booked, 5)
    assert (again.status_code, again.json()["code"]) == (409, "already_rated")
    told = (await Booker(client).show(booked)).json()["timeline"][-1]
    assert (told["kind"], told["text_en"]) == ("rated", "It was rated 2 of 5.")
    on_record = "SELECT after, reason FROM audit_entry WHERE action = 'request.rated'"
    assert await app.state.database.fetch(on_record, ()) == [({"level": 2}, "")]


async def test_nobody_says_it_for_the_applicant(done: Json, client: httpx.AsyncClient, people: People):
    station = done["appointment"]["station_code"]
    officer = await people.staff("officer", station=station)
    path = f"/api/v1/requests/{done['reference']}/rating"
    assert (await client.post(path, json={"level": 5}, headers=officer.bearer)).status_code == 403
    wrong = await client.post(path, json={"level": 5}, headers={"X-Access-Code": "0000-0000"})
    assert wrong.status_code == 404


async def test_the_page_asks_and_staff_read_it(done: Json, client: httpx.AsyncClient, people: People):
    page = f"/r/{done['reference']}"
    await client.post(page, data={"code": done["access_code"]})
    assert "Say how it went" in (await client.get(page, headers=ENGLISH)).text
    unsaid = await client.post(f"{page}/rate", data={"words": "好"}, headers=ENGLISH)
    assert unsaid.status_code == 422
    assert "Please choose how satisfied you are." in unsaid.text
    assert "好" in unsaid.text
    said = await client.post(f"{page}/rate", data={"level": "4", "words": "很<b>快"}, headers=ENGLISH)
    assert (said.status_code, said.headers["location"]) == (303, f"{page}?changed=rated")
    twice = await client.post(f"{page}/rate", data={"level": "1"}, headers=ENGLISH)
    assert (twice.status_code, twice.headers["location"]) == (303, page)
    text = (await client.get(f"{page}?changed=rated", headers=ENGLISH)).text
    assert "You said: Satisfied." in text
    assert "很&lt;b&gt;快" in text
    (await people.staff("officer", station=done["appointment"]["station_code"])).browse(client)
    assert "Rating: Satisfied." in (await client.get(f"/office/requests/{done['reference']}", headers=ENGLISH)).text


async def test_words_go_with_the_contact_data_and_are_given_out_to_whoever_wrote_them(
    app: FastAPI, done: Json, client: httpx.AsyncClient, people: People, clock: Clock
):
    await rate(client, done, 1, "太慢")
    database: Database = app.state.database
    sme = await people.enterprise()
    await database.fetch("UPDATE request SET person_id = %s", (sme.id,))
    async with database.reader() as session:
        kept = await export(session, await app.state.network.current(), UUID(str(sme.id)))
    assert [(each["level"], each["words"]) for each in kept["requests"][0]["ratings"]] == [(1, "太慢")]
    [rule] = [rule for rule in RULES if rule.key == "rating_words"]
    places = {"before": clock.now + timedelta(days=1), "most": 10, "now": clock.now}
    assert len(await database.fetch(rule.apply, places)) == 1
    assert await database.fetch("SELECT level, words FROM rating", ()) == [(1, None)]
    assert await database.fetch(rule.apply, places) == []
