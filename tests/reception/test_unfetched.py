"""Who hasn't fetched what is ready is written to once, by whichever worker; not about what was given back."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.furnishing import letterhead
from app.reception.unfetched import Unfetched
from tests.conftest import Clock
from tests.reception.conftest import Counter, finish
from tests.reception.test_reception_races import crowd as crowd  # noqa: PLC0414 - a fixture
from tests.reception.test_reception_races import crowded as crowded  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.anyio
FRIDAY = 4


def job(app: FastAPI, clock: Clock) -> Unfetched:
    async def now() -> Any:
        return clock()

    return Unfetched(app.state.database, letterhead(app.state.settings), now)


async def mails(app: FastAPI) -> Sequence[tuple[Any, ...]]:
    asked = """SELECT recipient, subject, body, withdrawn_at IS NOT NULL FROM message
        WHERE kind = 'request.unfetched' ORDER BY id"""
    return list(await app.state.database.fetch(asked, ()))


async def ready(app: FastAPI, counter: Counter, clock: Clock, days: float) -> list[str]:
    """Three things that lie there and were ready so many days ago."""
    things = await counter.label()
    counter.arrive()
    for each in things:
        assert (await counter.act(each, "receive", condition="sound", place="A-1")).status_code == 200
    await finish(app.state.database, counter.reference, clock.now)
    clock.move(timedelta(days=days))
    while clock.now.weekday() > FRIDAY:
        clock.move(timedelta(days=1))
    return things


async def test_one_mail_comes_when_ten_working_days_are_over_and_no_other(counter: Counter, app: FastAPI, clock: Clock):
    things = await ready(app, counter, clock, 0)
    told = []
    for day in range(1, 30):
        clock.move(timedelta(days=1))
        if await job(app, clock).look():
            told.append(day)
    assert len(told) == 1
    assert 14 < told[0] < 18
    [(recipient, subject, body, _withdrawn)] = await mails(app)
    assert (recipient, counter.reference in subject) == ("wang@example.com", True)
    assert all(code in body for code in things)
    assert f"/r/{counter.reference}" in body


async def test_what_was_given_back_is_not_told_of_and_takes_back_its_mail(counter: Counter, app: FastAPI, clock: Clock):
    things = await ready(app, counter, clock, 17)
    await counter.act(things[0], "return", taker="王芳", condition="sound")
    assert await job(app, clock).look() == 1
    [(_to, _subject, body, _withdrawn)] = await mails(app)
    assert (things[0] in body, things[1] in body) == (False, True)
    await counter.act(things[1], "return", taker="王芳", condition="sound")
    assert not (await mails(app))[0][3]  # one is still there
    await counter.act(things[2], "return", taker="王芳", condition="sound")
    assert (await mails(app))[0][3]
    assert await job(app, clock).look() == 0


async def test_without_an_address_nothing_is_posted(counter: Counter, app: FastAPI, clock: Clock):
    await ready(app, counter, clock, 17)
    await app.state.database.fetch("UPDATE request SET email = NULL RETURNING id", ())
    assert await job(app, clock).look() == 0
    assert await mails(app) == []


@pytest.mark.race
async def test_of_many_workers_one_writes_and_what_is_given_back_meanwhile_takes_it_back(
    crowd: Counter, crowded: FastAPI, clock: Clock
):
    things = await ready(crowded, crowd, clock, 17)
    for each in things[1:]:
        await crowd.act(each, "return", taker="王芳", condition="sound")
    await crowd.bearer()
    *counts, returned = await asyncio.gather(
        *(job(crowded, clock).look() for _worker in range(4)),
        crowd.act(things[0], "return", taker="王芳", condition="sound"),
    )
    assert returned.status_code == 200
    assert sum(counts) <= 1
    waiting = "SELECT count(*) FROM message WHERE kind = 'request.unfetched' AND withdrawn_at IS NULL"
    assert await crowded.state.database.fetch(waiting, ()) == [(0,)]


@pytest.mark.race
async def test_of_many_workers_at_once_one_writes(crowd: Counter, crowded: FastAPI, clock: Clock):
    await ready(crowded, crowd, clock, 17)
    assert sum(await asyncio.gather(*(job(crowded, clock).look() for _worker in range(6)))) == 1
    assert len(await mails(crowded)) == 1
