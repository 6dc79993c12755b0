"""Two people who act on one request at the same moment, on a database of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings
from tests.requests.booking import Booker, Json, code
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
ROUNDS = 6


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def crowd(crowded: FastAPI) -> AsyncIterator[Booker]:
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield Booker(client)


async def officers(app: FastAPI, clock: Clock, booked: Json, count: int = 2) -> list[dict[str, str]]:
    people = People(app.state.database, clock, app.state.callers.timeouts)
    station, reference = booked["appointment"]["station_code"], booked["reference"].lower()
    names = [f"officer.{reference}.{n}" for n in range(count)]
    return [dict((await people.staff("officer", station=station, username=name)).bearer) for name in names]


async def at_once(crowd: Booker, booked: Json, *calls: tuple[str, Json, dict[str, str]]) -> list[httpx.Response]:
    """Each call is what is done, what is sent, and by whom."""
    path = booked["links"]["self"]
    return await asyncio.gather(
        *(crowd.client.post(f"{path}/{what}", json=sent, headers=who) for what, sent, who in calls)
    )


async def test_of_two_officers_who_decide_at_once_one_decides(crowded: FastAPI, crowd: Booker, clock: Clock):
    for _round in range(ROUNDS):
        booked = await crowd.book()
        one, other = await officers(crowded, clock, booked)
        accept, decline = ("items/1/accept", {}, one), ("items/1/decline", {"reason": "不在能力范围"}, other)
        answers = await at_once(crowd, booked, accept, decline)
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409).json()
        shown = (await crowd.show(booked)).json()
        assert (lost["code"], lost["state"]) == ("invalid_transition", shown["status"])
        assert len(shown["timeline"]) == 2


async def test_the_same_step_by_two_at_once_is_taken_once(crowded: FastAPI, crowd: Booker, clock: Clock):
    booked = await crowd.book()
    staff = await officers(crowded, clock, booked, 5)
    answers = await at_once(crowd, booked, *(("items/1/accept", {}, who) for who in staff))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert len((await crowd.show(booked)).json()["timeline"]) == 2


async def test_an_applicant_who_cancels_while_it_is_accepted_is_cancelled_all_the_same(
    crowded: FastAPI, crowd: Booker, clock: Clock
):
    for _round in range(ROUNDS):
        booked = await crowd.book()
        [officer] = await officers(crowded, clock, booked, 1)
        answers = await at_once(crowd, booked, ("items/1/accept", {}, officer), ("cancel", {}, code(booked)))
        assert answers[1].status_code == 200, answers[1].text
        shown = (await crowd.show(booked)).json()
        assert (shown["status"], shown["appointment"]["status"]) == ("cancelled", "cancelled")


async def test_of_two_who_take_a_request_up_again_one_does(crowded: FastAPI, crowd: Booker, clock: Clock):
    for _round in range(ROUNDS):
        booked = await crowd.book()
        staff = await officers(crowded, clock, booked)
        await crowd.cancel(booked)
        answers = await at_once(crowd, booked, *(("items/1/restore", {"reason": "申请人来电"}, who) for who in staff))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        shown = (await crowd.show(booked)).json()
        assert [told["kind"] for told in shown["timeline"]] == ["submitted", "cancelled", "restored"]


async def test_who_takes_a_request_up_again_never_shares_its_desk(crowded: FastAPI, crowd: Booker, clock: Clock):
    """Somebody books the time that was given back at the same moment: one has the desk, nobody both."""
    for _round in range(ROUNDS):
        booked = await crowd.book()
        [officer] = await officers(crowded, clock, booked, 1)
        await crowd.cancel(booked)
        place = booked["appointment"]
        restore = at_once(crowd, booked, ("items/1/restore", {"reason": "申请人来电"}, officer))
        holds = (
            crowd.client.post("/api/v1/holds", json=crowd.wish(place["station_code"], place["start"])) for _ in range(5)
        )
        [[restored], *held] = await asyncio.gather(restore, *holds)
        assert restored.status_code == 200, restored.text
        assert {answer.status_code for answer in held} <= {201, 409}
        overlaps = await crowded.state.database.fetch(
            "SELECT count(*) FROM reservation a JOIN reservation b ON a.desk_id = b.desk_id AND a.id < b.id "
            "AND a.during && b.during WHERE a.active AND b.active",
            (),
        )
        assert overlaps == [(0,)]
        kept = (await crowd.show(booked)).json()["appointment"]["status"]
        assert kept == restored.json()["appointment"]["status"]
