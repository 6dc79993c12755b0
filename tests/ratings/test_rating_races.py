"""Two managers with one bad rating at the same moment, on a database of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings
from tests.ratings.test_ratings_room import rate
from tests.reception.conftest import finish
from tests.requests.booking import Booker
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
ROUNDS = 4


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app


async def test_of_two_who_answer_at_once_one_does_and_calls_are_numbered(crowded: FastAPI, clock: Clock):
    people = People(crowded.state.database, clock, crowded.state.callers.timeouts)
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        who = (await people.staff("city_admin")).bearer
        for _round in range(ROUNDS):
            booked = await Booker(client).book()
            await finish(crowded.state.database, booked["reference"], clock.now)
            assert sorted(
                answer.status_code for answer in await asyncio.gather(*(rate(client, booked, 1) for _each in range(2)))
            ) == [201, 409]
            path = f"/api/v1/ratings/{booked['reference']}"
            calls = (client.post(f"{path}/calls", json={"reached": True}, headers=who) for _each in range(2))
            assert [answer.status_code for answer in await asyncio.gather(*calls)] == [201, 201]
            answers = (client.post(f"{path}/answer", json={"words": f"答复 {n}"}, headers=who) for n in range(2))
            answered = await asyncio.gather(*answers)
            assert sorted(answer.status_code for answer in answered) == [201, 409]
            whole = (await client.get(path, headers=who)).json()
            assert [call["n"] for call in whole["calls"]] == [1, 2]
