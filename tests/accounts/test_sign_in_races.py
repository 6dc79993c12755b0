"""Everybody guesses at once, on a database of their own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.accounts.signing import PASSWORD, cheap, sign_in, somebody, token, traced
from tests.conftest import Clock, furnished, make_settings

pytestmark = [pytest.mark.anyio, pytest.mark.race]


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    app.state.passwords = cheap()
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def crowd(crowded: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.mark.parametrize("name", ["wang", "nobody"])
async def test_of_fifty_guesses_at_once_five_are_compared(
    crowd: httpx.AsyncClient, crowded: FastAPI, clock: Clock, name: str
):
    await somebody(crowded, clock)
    with traced(crowded) as steps:
        answers = await asyncio.gather(*(token(crowd, name, f"guess number {n}") for n in range(50)))
    assert steps.count("hash") == 5
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 45


async def test_of_many_codes_at_once_five_are_compared(crowd: httpx.AsyncClient, crowded: FastAPI, clock: Clock):
    await somebody(crowded, clock, factor=True)
    await sign_in(crowd)
    codes = [f"{n:06}" for n in range(30)]
    answers = await asyncio.gather(*(crowd.post("/sign-in/code", data={"code": code}) for code in codes))
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 25


async def test_of_many_who_give_one_code_at_once_one_comes_in(crowd: httpx.AsyncClient, crowded: FastAPI, clock: Clock):
    person = await somebody(crowded, clock, factor=True)
    await sign_in(crowd)
    given = {"code": person.code(clock())}
    answers = await asyncio.gather(*(crowd.post("/sign-in/code", data=given) for _ in range(4)))
    entered = [answer for answer in answers if answer.headers.get("location") == "/account"]
    assert len(entered) == 1
    sessions = await crowded.state.database.fetch("SELECT count(*) FROM signin_session WHERE kind = 'browser'", ())
    assert sessions == [(1,)]


async def test_right_passwords_one_after_another_leave_no_failure(
    crowd: httpx.AsyncClient, crowded: FastAPI, clock: Clock
):
    await somebody(crowded, clock)
    answers = [await token(crowd, password=PASSWORD) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {201}
    left = await crowded.state.database.fetch("SELECT coalesce(max(failures), 0) FROM sign_in_failure", ())
    assert left == [(0,)]
