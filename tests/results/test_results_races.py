"""Four eyes and numbers, raced on a database of their own."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from app.kit.db import Database
from app.results.service.issuing import NEXT
from tests.conftest import Clock, furnished, make_settings
from tests.requests.booking import Booker, Json
from tests.requests.test_life_api import Life
from tests.results.conftest import begun
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
ROUNDS, WRITERS, EACH = 5, 16, 12


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


@pytest.fixture
async def people(crowded: FastAPI, clock: Clock) -> People:
    return People(crowded.state.database, clock, crowded.state.callers.timeouts)


async def at_work(people: People, crowd: Booker, clock: Clock) -> Life:
    clock.now = Clock().now
    return await begun(Life(crowd, people, clock, await crowd.book()))


async def people_of(life: Life, *roles: str) -> list[Mapping[str, str]]:
    station = life.booked["appointment"]["station_code"]
    names = [f"{role}.{life.booked['reference'].lower()}.{n}" for n, role in enumerate(roles)]
    return [
        dict((await life.people.staff(role, station=station, username=name)).bearer)
        for role, name in zip(roles, names, strict=True)
    ]


async def at_once(life: Life, *calls: tuple[str, Json, Mapping[str, str]]) -> list[httpx.Response]:
    path = f"{life.booked['links']['self']}/items/1"
    client = life.booker.client
    return await asyncio.gather(*(client.post(f"{path}/{verb}", json=sent, headers=who) for verb, sent, who in calls))


async def test_nobody_verifies_a_result_of_their_own_however_two_enter_and_verify_at_once(
    crowded: FastAPI, crowd: Booker, people: People, clock: Clock
):
    """Two enter what both verify at the same moment, while a third sends it back."""
    for _round in range(ROUNDS):
        life = await at_work(people, crowd, clock)
        one, two, three = await people_of(life, "manager", "officer", "officer")
        found = await life.found()
        enter = [("record-result", found, one), ("record-result", found, two)]
        look = [("verify", {}, one), ("verify", {}, two), ("refuse-result", {"reason": "请复核数据"}, three)]
        calls = [*enter, *look, *look]
        random.shuffle(calls)
        answers = await at_once(life, *calls)
        assert {answer.status_code for answer in answers} <= {200, 403, 409}
    own = "SELECT count(*) FROM result WHERE verified_by = entered_by"
    assert await crowded.state.database.fetch(own, ()) == [(0,)]


async def test_of_two_who_verify_one_does_and_of_two_who_issue_one_document_comes(
    crowded: FastAPI, crowd: Booker, people: People, clock: Clock
):
    for _round in range(ROUNDS):
        life = await at_work(people, crowd, clock)
        await life.go(("window", "record-result"), **await life.found())
        staff = await people_of(life, "officer", "officer", "manager")
        for verb in ("verify", "issue"):
            answers = await at_once(life, *((verb, {}, who) for who in staff))
            assert sorted(answer.status_code for answer in answers) == [200, 409, 409], verb
    numbers = "SELECT count(*), count(DISTINCT number), max(place) FROM issued_document GROUP BY station_id"
    assert await crowded.state.database.fetch(numbers, ()) == [(ROUNDS, ROUNDS, ROUNDS)]


async def test_the_database_itself_refuses_four_eyes_that_are_two(
    crowded: FastAPI, crowd: Booker, people: People, clock: Clock
):
    life = await at_work(people, crowd, clock)
    await life.go(("window", "record-result"), **await life.found())
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        await crowded.state.database.fetch("UPDATE result SET verified_by = entered_by, verified_at = now()", ())
    assert refused.value.diag.constraint_name == "result_four_eyes_check"


class FailedError(Exception):
    """Something that comes after the number was taken."""


def _break(fail: bool) -> None:
    if fail:
        raise FailedError


async def test_sixteen_writers_of_which_a_third_fail_leave_no_gap(crowded: FastAPI):
    """Each takes a number and goes on for a moment with it; what fails then gives the number back."""
    database: Database = crowded.state.database
    [(station_id,)] = await database.fetch("SELECT min(id) FROM station", ())
    kept: list[int] = []
    dice = random.Random(7)  # noqa: S311 - no secret

    async def write(fails: list[bool]) -> None:
        for fail in fails:
            try:
                async with database.writer() as session:
                    place = await session.scalar(NEXT, {"station_id": station_id, "year": 2026})
                    await asyncio.sleep(dice.random() / 500)
                    _break(fail)
                    await session.commit()
                    kept.append(int(place))
            except FailedError:
                continue

    plans = [[dice.random() < 1 / 3 for _ in range(EACH)] for _ in range(WRITERS)]
    await asyncio.gather(*(write(plan) for plan in plans))
    written = sum(not fail for plan in plans for fail in plan)
    assert 0 < written < WRITERS * EACH
    assert sorted(kept) == list(range(1, written + 1))


async def test_sixteen_documents_issued_at_once_have_numbers_without_a_gap_though_some_fail(
    crowded: FastAPI, crowd: Booker, people: People, clock: Clock
):
    """By the API: a listener that fails undoes the issuing, also of its number."""
    lives = []
    for _each in range(WRITERS // 2):
        life = await at_work(people, crowd, clock)
        await life.go(("window", "record-result"), **await life.found())
        await life.go(("officer", "verify"))
        lives.append((life, *await people_of(life, "officer", "officer")))
    clock.now = max(datetime.fromisoformat(life.booked["appointment"]["start"]) for life, *_rest in lives)
    failing: set[UUID] = set()

    async def listen(_session: Any, issued: Any) -> None:
        if issued.request_id not in failing:
            failing.add(issued.request_id)
            raise FailedError

    crowded.state.issue_listeners = (listen,)
    late = {"late_reason": "演练"}
    for _try in range(3):
        await asyncio.gather(*(at_once(life, ("issue", late, one), ("issue", late, two)) for life, one, two in lives))
    places = "SELECT station_id, array_agg(place ORDER BY place) FROM issued_document GROUP BY station_id"
    rows = await crowded.state.database.fetch(places, ())
    assert sum(len(taken) for _station, taken in rows) == len(lives)
    assert all(taken == list(range(1, len(taken) + 1)) for _station, taken in rows)
