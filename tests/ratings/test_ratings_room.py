"""Bad ratings are called back and answered, once; applicants are asked once, and managers hear what is due."""

import asyncio
import re
from collections.abc import Awaitable
from datetime import date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.ratings.asking import RatingRounds
from app.ratings.retention import RULES
from app.ratings.rules import due_on, remind_until
from tests.conftest import Clock
from tests.reception.conftest import finish
from tests.requests.booking import Booker, Json, code
from tests.requests.test_deadlines import CALENDAR
from tests.support.people import People, Signed

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def done(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> Json:
    booked = await Booker(client).book()
    await finish(app.state.database, booked["reference"], clock.now)
    return booked


@pytest.fixture
async def manager(done: Json, people: People, app: FastAPI) -> Signed:
    who = await people.staff("manager", station=done["appointment"]["station_code"])
    await app.state.database.fetch("UPDATE person SET email = 'm@example.com' WHERE id = %s", (who.id,))
    return who


def rate(client: httpx.AsyncClient, booked: Json, level: int, **more: object) -> Awaitable[httpx.Response]:
    path = f"/api/v1/requests/{booked['reference']}/rating"
    return client.post(path, json={"level": level, **more}, headers=code(booked) | ENGLISH)


def rounds(app: FastAPI, clock: Clock) -> RatingRounds:
    async def now() -> datetime:
        return clock.now

    return RatingRounds(app.state.database, app.state.letterhead, now)


async def mails(database: Database, kind: str) -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT recipient, key FROM message WHERE kind = %s ORDER BY key", (kind,))
    return [(to, key) for to, key in rows]


def test_an_answer_is_due_after_15_working_days_and_told_three_before():
    rated_at = datetime(2026, 12, 1, 16, tzinfo=LOCAL)
    assert due_on(rated_at, CALENDAR)[0] == date(2026, 12, 22)
    assert remind_until(date(2026, 12, 17), CALENDAR) == date(2026, 12, 22)


async def test_single_sides_are_rated_as_far_as_one_likes(done: Json, client: httpx.AsyncClient):
    for wrong in ({"attitude": 6}, {"price": 3}, {"speed": "5"}):
        assert (await rate(client, done, 4, indicators=wrong)).status_code == 422
    said = await rate(client, done, 4, indicators={"attitude": 5, "fees": 3})
    assert (said.status_code, said.json()["indicators"]) == (201, {"attitude": 5, "fees": 3})


async def test_the_page_takes_them_too(done: Json, client: httpx.AsyncClient, app: FastAPI):
    page = f"/r/{done['reference']}"
    await client.post(page, data={"code": done["access_code"]})
    asked = (await client.get(f"{page}/rate", headers=ENGLISH)).text
    assert "Open about fees" in asked
    again = await client.post(f"{page}/rate", data={"speed": "2"}, headers=ENGLISH)
    assert again.status_code == 422
    assert re.search(r'selected\s+value="2"', again.text)
    await client.post(f"{page}/rate", data={"level": "2", "speed": "2", "clarity": "9"})
    assert await app.state.database.fetch("SELECT level, indicators FROM rating", ()) == [(2, {"speed": 2})]


async def test_a_bad_one_is_called_back_then_answered_and_the_rater_reads_it(
    done: Json, manager: Signed, client: httpx.AsyncClient, app: FastAPI
):
    await rate(client, done, 1, words="态度差，电话 13812345678")
    path = f"/api/v1/ratings/{done['reference']}"
    [task] = (await client.get("/api/v1/ratings?waiting=true", headers=manager.bearer)).json()["items"]
    assert (task["reference"], task["due"], task["overdue"]) == (done["reference"], "2026-12-22", False)
    assert "13812345678" not in task["words"]
    early = await client.post(f"{path}/answer", json={"words": "已道歉"}, headers=manager.bearer)
    assert (early.status_code, early.json()["code"]) == (409, "not_called_yet")
    called = {"reached": False, "words": "无人接听"}
    assert (await client.post(f"{path}/calls", json=called, headers=manager.bearer)).status_code == 201
    answered = await client.post(
        f"{path}/answer", json={"words": "已向您致歉，并调整窗口安排。"}, headers=manager.bearer
    )
    assert (answered.status_code, answered.json()["due"]) == (201, None)
    for what, body in (("answer", {"words": "又"}), ("calls", {"reached": True})):
        late = await client.post(f"{path}/{what}", json=body, headers=manager.bearer)
        assert (late.status_code, late.json()["code"]) == (409, "rating_answered")
    assert (await client.get("/api/v1/ratings?waiting=true", headers=manager.bearer)).json()["items"] == []
    page = f"/r/{done['reference']}"
    await client.post(page, data={"code": done["access_code"]})
    shown = (await client.get(page)).text
    assert "已向您致歉" in shown
    assert "无人接听" not in shown
    assert await mails(app.state.database, "rating.answered") == [
        ("wang@example.com", f"rating.answered:{done['reference']}")
    ]


async def test_a_good_one_opens_no_task(done: Json, manager: Signed, client: httpx.AsyncClient):
    await rate(client, done, 3)
    refused = await client.post(
        f"/api/v1/ratings/{done['reference']}/calls", json={"reached": True}, headers=manager.bearer
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_answer")


async def test_who_answers_for_another_station_sees_nothing(done: Json, client: httpx.AsyncClient, people: People):
    await rate(client, done, 1)
    other = await people.staff("manager", station="WH-WZ-01")
    assert (await client.get("/api/v1/ratings", headers=other.bearer)).json()["items"] == []
    assert (await client.get(f"/api/v1/ratings/{done['reference']}", headers=other.bearer)).status_code == 404
    officer = await people.staff("officer", station=done["appointment"]["station_code"])
    assert (await client.get("/api/v1/ratings", headers=officer.bearer)).status_code == 403


async def test_managers_do_it_by_the_pages(done: Json, manager: Signed, client: httpx.AsyncClient, clock: Clock):
    await rate(client, done, 2, words="太<b>慢", indicators={"speed": 1})
    manager.browse(client)
    page = f"/office/ratings/{done['reference']}"
    listed = (await client.get("/office/ratings", headers=ENGLISH)).text
    assert "太&lt;b&gt;慢" in listed
    assert "Answer owed" in listed
    assert (await client.post(f"{page}/calls", data={}, headers=ENGLISH)).status_code == 422
    assert (
        "Call the applicant back"
        in (await client.post(f"{page}/answer", data={"answer_words": "x"}, headers=ENGLISH)).text
    )
    called = await client.post(f"{page}/calls", data={"reached": "yes", "call_words": "说明情况"}, headers=ENGLISH)
    assert called.headers["location"] == f"{page}?done=called"
    assert (await client.post(f"{page}/answer", data={"answer_words": " "}, headers=ENGLISH)).status_code == 422
    answered = await client.post(f"{page}/answer", data={"answer_words": "已整改"}, headers=ENGLISH)
    assert answered.headers["location"] == f"{page}?done=answered"
    assert "已整改" in (await client.get(page, headers=ENGLISH)).text
    clock.move(timedelta(days=30))
    manager.browse(client)


async def test_everybody_is_asked_once_also_by_two_workers(done: Json, app: FastAPI, clock: Clock):
    database, one, other = app.state.database, rounds(app, clock), rounds(app, clock)
    assert await one.look() == 0  # not on the spot
    clock.move(timedelta(days=1, hours=1))
    assert sum(await asyncio.gather(one.look(), other.look())) == 1
    assert await mails(database, "request.rating_asked") == [
        ("wang@example.com", f"request.rating_asked:{done['reference']}")
    ]
    clock.move(timedelta(days=1))
    assert await one.look() == 0


@pytest.mark.parametrize("later", [timedelta(days=3, minutes=1), timedelta(days=1, hours=13)])
async def test_nobody_is_asked_after_three_days_or_at_night(done: Json, app: FastAPI, clock: Clock, later: timedelta):
    clock.move(later)
    assert await rounds(app, clock).look() == 0


async def test_who_has_said_it_is_not_asked(done: Json, app: FastAPI, clock: Clock, client: httpx.AsyncClient):
    await rate(client, done, 5)
    clock.move(timedelta(days=2))
    assert await rounds(app, clock).look() == 0


async def test_managers_hear_of_a_bad_one_and_of_what_is_due(
    done: Json, manager: Signed, app: FastAPI, clock: Clock, client: httpx.AsyncClient
):
    database = app.state.database
    await rate(client, done, 1)
    one, other = rounds(app, clock), rounds(app, clock)
    assert sum(await asyncio.gather(one.look(), other.look())) == 1
    assert [to for to, _key in await mails(database, "station.rating")] == ["m@example.com"]
    clock.move(datetime(2026, 12, 16, 9, tzinfo=LOCAL))
    assert await one.look() == 0
    for day in (17, 23):  # three working days before, and when it is overdue
        clock.move(datetime(2026, 12, day, 9, tzinfo=LOCAL))
        assert sum(await asyncio.gather(one.look(), other.look())) == 1
    clock.move(datetime(2026, 12, 26, 9, tzinfo=LOCAL))  # a Saturday
    assert await one.look() == 0
    texts = await database.fetch("SELECT body FROM message WHERE kind = 'station.rating_due' ORDER BY created_at", ())
    assert ["已逾期" in text for (text,) in texts] == [False, True]


async def test_words_go_with_the_contact_data(
    done: Json, manager: Signed, client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await rate(client, done, 1)
    path = f"/api/v1/ratings/{done['reference']}"
    await client.post(f"{path}/calls", json={"reached": True, "words": "王女士"}, headers=manager.bearer)
    await client.post(f"{path}/answer", json={"words": "答复"}, headers=manager.bearer)
    places = {"before": clock.now + timedelta(days=1), "most": 10, "now": clock.now}
    for rule in RULES:
        assert len(await app.state.database.fetch(rule.apply, places)) == 1
        assert await app.state.database.fetch(rule.apply, places) == []
