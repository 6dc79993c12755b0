"""Rates: counted by the database for all processes together, and forgotten with the minute."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kit.db import Database
from app.kit.problems import TooMany
from app.kit.rates import Limit, Payment, Rates

NOW = datetime(2026, 12, 1, 1, 0, 10, tzinfo=UTC)


async def test_one_more_than_the_limit_is_refused_until_the_minute_is_over(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(2)})
    await rates.count("a", "hold", NOW)
    await rates.count("a", "hold", NOW)
    with pytest.raises(TooMany) as refused:
        await rates.count("a", "hold", NOW)
    assert refused.value.headers["Retry-After"] == "50"
    await rates.count("a", "hold", NOW + timedelta(seconds=50))


async def test_callers_and_things_are_counted_apart(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(1), "follow": Limit(1)})
    await rates.count("a", "hold", NOW)
    await rates.count("b", "hold", NOW)
    await rates.count("a", "follow", NOW)


async def test_a_thing_without_a_limit_costs_no_statement(database: Database) -> None:
    await Rates(database, {}).count("a", "hold", NOW)
    assert await database.fetch("SELECT count(*) FROM rate", ()) == [(0,)]


async def test_calls_that_race_are_all_counted(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(5)})
    answers = await asyncio.gather(*(rates.count("a", "hold", NOW) for _ in range(20)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 5
    assert all(isinstance(answer, TooMany) for answer in answers if answer is not None)


async def test_minutes_that_are_over_are_swept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.kit.rates.SWEEP_EVERY", 2)
    rates = Rates(database, {"hold": Limit(9)})
    await rates.count("a", "hold", NOW)
    await rates.count("a", "hold", NOW + timedelta(minutes=5))
    assert await database.fetch("SELECT sum(hits) FROM rate", ()) == [(1,)]


async def test_an_hour_is_counted_as_an_hour_and_outlives_the_sweep(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.rates.SWEEP_EVERY", 1)
    rates = Rates(database, {"mail": Limit(2, 3600), "hold": Limit(9)})
    await rates.count("a", "mail", NOW)
    await rates.count("a", "hold", NOW + timedelta(minutes=30))
    await rates.count("a", "mail", NOW + timedelta(minutes=59))
    with pytest.raises(TooMany) as refused:
        await rates.count("a", "mail", NOW + timedelta(minutes=59, seconds=20))
    assert refused.value.headers["Retry-After"] == "30"
    await rates.count("a", "mail", NOW + timedelta(hours=1))


async def test_what_is_refused_is_not_counted(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(2)})
    for _ in range(5):
        await rates.free("a", "hold", NOW)
    assert await database.fetch("SELECT hits FROM rate", ()) == [(2,)]


def payment(n: int, level: int) -> Payment:
    return Payment(f"{n:064}", level, NOW + timedelta(minutes=5))


async def test_beyond_the_limit_each_time_has_its_price_until_there_is_no_more(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(2, payable=True)})
    assert [await rates.free("a", "hold", NOW) for _ in range(3)] == [True, True, False]
    prices = []
    for n in range(6):
        prices.append(level := await rates.price("a", "hold", NOW))
        assert await rates.paid("a", "hold", NOW, payment(n, level))
    assert prices == [0, 0, 1, 1, 2, 2]
    with pytest.raises(TooMany):
        await rates.price("a", "hold", NOW)
    assert not await rates.paid("a", "hold", NOW, payment(9, 2))


async def test_a_payment_counts_once_even_when_it_is_presented_twice_at_once(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(9, payable=True)})
    taken = await asyncio.gather(*(rates.paid("a", "hold", NOW, payment(1, 0)) for _ in range(8)))
    assert sum(taken) == 1


async def test_a_payment_from_cheaper_times_is_not_enough(database: Database) -> None:
    rates = Rates(database, {"hold": Limit(1, payable=True)})
    await rates.free("a", "hold", NOW)
    assert await rates.paid("a", "hold", NOW, payment(1, 0))
    assert not await rates.paid("a", "hold", NOW, payment(2, 0))
    assert await rates.paid("a", "hold", NOW, payment(3, 1))


async def test_what_can_not_be_paid_for_is_refused(database: Database) -> None:
    rates = Rates(database, {"mail": Limit(1, 3600)})
    await rates.free("a", "mail", NOW)
    with pytest.raises(TooMany):
        await rates.price("a", "mail", NOW)


async def test_what_is_cheap_is_written_down_in_steps_and_still_shared(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = 0
    fetch = database.fetch

    async def counted(*args: Any) -> Any:
        nonlocal statements
        statements += 1
        return await fetch(*args)

    monkeypatch.setattr(database, "fetch", counted)
    limits = {"search": Limit(40, step=10)}
    one, other = Rates(database, limits), Rates(database, limits)
    assert all([await one.free("a", "search", NOW) for _ in range(20)])
    assert all([await other.free("a", "search", NOW) for _ in range(20)])
    assert statements == 4
    assert not any([await rates.free("a", "search", NOW) for rates in (one, other) for _ in range(3)])
    assert await one.free("a", "search", NOW + timedelta(minutes=1))
