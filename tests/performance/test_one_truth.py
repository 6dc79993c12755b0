"""Kept figures are what was recorded: random histories, counted by plain Python and by the one definition."""

import os
from asyncio import gather
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import randoms

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.performance import service
from app.performance.commands import said
from app.performance.models import PerformanceDay
from app.retention import RULES
from app.stations.snapshot import Network, load_network
from tests.conftest import empty
from tests.performance.conftest import history_of
from tests.performance.history import MONDAY, History
from tests.performance.past import some_past

DAYS = 8
AFTER = MONDAY + timedelta(days=DAYS + 2)
HISTORIES = 60 if os.environ.get("ONESTOP_LOOKS") == "all" else 4
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
COLUMNS = [column.name for column in PerformanceDay.__table__.columns]
COUNTED_FROM = {"request", "request_event", "request_item", "reservation", "ticket", "serving", "rating"}


async def kept(database: Database) -> dict[tuple[date, int, int], dict[str, Any]]:
    """What is kept, zeros left out."""
    rows = await database.fetch(f"SELECT {', '.join(COLUMNS)} FROM performance_day", ())  # type: ignore[arg-type]  # noqa: S608
    return {row[:3]: {n: v for n, v in zip(COLUMNS[3:], row[3:], strict=True) if v} for row in rows}


@given(random=randoms(use_true_random=False))
@settings(max_examples=HISTORIES, derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
async def test_what_is_kept_is_what_happened_also_after_something_came_late(
    database: Database, network: Network, random: Random
) -> None:
    """Of any history; hypothesis draws each choice in it, so that one that fails is made shorter."""
    await empty(database)
    history = history_of(database, network)
    first = await some_past(history, network, random)
    assert len(await service.settle(database, network, AFTER)) >= DAYS
    assert await kept(database) == history.expected()
    for one in first:
        await history.answer(one, "accepted", MONDAY + timedelta(days=6), late=True)
        if not one.rated:  # what is done goes nowhere any more
            await history.move(one, MONDAY + timedelta(days=6, hours=1))
    await some_past(history, network, random)
    before = await service.verify(database, network, AFTER, by="test")
    assert not before.differences, "what came late has unsettled its days"
    again = await service.settle(database, network, AFTER)
    assert again
    assert await kept(database) == history.expected()
    assert not (await service.verify(database, network, AFTER, by="test")).differences


async def test_a_figure_that_was_tampered_with_is_found_and_mended(history: History, database: Database) -> None:
    network = await load_network(database)
    await some_past(history, network, Random(3))  # noqa: S311 - a seeded past
    await service.settle(database, network, AFTER)
    tampering = """UPDATE performance_day SET requests = requests + 1 WHERE (day, station_id, service_id) =
        (SELECT day, station_id, service_id FROM performance_day WHERE service_id = 0 ORDER BY day LIMIT 1)
        RETURNING day, station_id, requests"""
    [(day, station_id, requests)] = await database.fetch(tampering, ())
    verdict = await service.verify(database, network, AFTER, by="test")
    [found] = verdict.differences
    assert (found.day, found.station_id, found.service_id) == (day, station_id, 0)
    assert found.fields == {"requests": (requests, requests - 1)}
    assert [line for line in said(verdict) if "requests is kept as" in line]
    mended = await service.verify(database, network, AFTER, by="test", mend=True)
    assert mended.mended == [day]
    assert await kept(database) == history.expected()
    checks = "SELECT differing, mended, examples FROM performance_check ORDER BY id"
    (first, _), (_, second) = [row[:2] for row in await database.fetch(checks, ())]
    assert first == 1
    assert second


async def test_what_is_written_today_unsettles_nothing_and_what_comes_late_does(
    history: History, database: Database
) -> None:
    """Today is the database's own."""
    [(today,)] = await database.fetch("SELECT date_trunc('day', now(), 'Asia/Shanghai')", ())
    days = [(today + n * timedelta(days=1)).astimezone(LOCAL).date() for n in (-1, 0)]
    await database.fetch("INSERT INTO performance_settled SELECT unnest(%s::date[]), now()", (days,))
    await write_everything(history, today + timedelta(seconds=1))
    settled = "SELECT day FROM performance_settled ORDER BY day"
    assert await database.fetch(settled, ()) == [(day,) for day in days]
    await write_everything(history, today - timedelta(hours=1))
    assert await database.fetch(settled, ()) == [(days[1],)]


async def write_everything(history: History, at: datetime) -> None:
    sent = await history.submit(0, [1], at)
    await history.answer(sent, "accepted", at)
    await history.rate(sent, 5, at)
    await history.visit(0, [1], at, 0, [(1, False)])


async def test_a_day_is_kept_once_however_many_processes_do_it(history: History, database: Database) -> None:
    network = await load_network(database)
    await some_past(history, network, Random(1))  # noqa: S311 - a seeded past
    [day, *_] = await service.open_days(database, AFTER)
    done = await gather(*(service.settle_day(database, network, day, AFTER) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]


def test_retention_removes_nothing_that_is_counted() -> None:
    """So any day can be counted anew. What goes are holds, which no figure counts."""
    removed = {rule.table: rule.over for rule in RULES if not rule.instead}
    assert {table for table in removed if table in COUNTED_FROM} == {"reservation"}
    assert removed["reservation"].startswith("kind = 'hold'")
