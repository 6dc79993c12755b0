"""Rates: counted by the database for all processes together, and forgotten with the minute."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.kit.db import Database
from app.kit.problems import TooMany
from app.kit.rates import Rates

NOW = datetime(2026, 12, 1, 1, 0, 10, tzinfo=UTC)


async def test_one_more_than_the_limit_is_refused_until_the_minute_is_over(database: Database) -> None:
    rates = Rates(database, {"hold": 2})
    await rates.count("a", "hold", NOW)
    await rates.count("a", "hold", NOW)
    with pytest.raises(TooMany) as refused:
        await rates.count("a", "hold", NOW)
    assert refused.value.headers["Retry-After"] == "50"
    await rates.count("a", "hold", NOW + timedelta(seconds=50))


async def test_callers_and_things_are_counted_apart(database: Database) -> None:
    rates = Rates(database, {"hold": 1, "follow": 1})
    await rates.count("a", "hold", NOW)
    await rates.count("b", "hold", NOW)
    await rates.count("a", "follow", NOW)


async def test_a_thing_without_a_limit_costs_no_statement(database: Database) -> None:
    await Rates(database, {}).count("a", "hold", NOW)
    assert await database.fetch("SELECT count(*) FROM rate", ()) == [(0,)]


async def test_calls_that_race_are_all_counted(database: Database) -> None:
    rates = Rates(database, {"hold": 5})
    answers = await asyncio.gather(*(rates.count("a", "hold", NOW) for _ in range(20)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 5
    assert all(isinstance(answer, TooMany) for answer in answers if answer is not None)


async def test_minutes_that_are_over_are_swept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.kit.rates.SWEEP_EVERY", 2)
    rates = Rates(database, {"hold": 9})
    await rates.count("a", "hold", NOW)
    await rates.count("a", "hold", NOW + timedelta(minutes=5))
    assert await database.fetch("SELECT sum(hits) FROM rate", ()) == [(1,)]
