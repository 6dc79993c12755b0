"""Kept figures are what was recorded: random histories, counted by plain Python and by the one definition."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from app.kit.db import Database
from app.performance import service
from app.performance.models import PerformanceDay
from app.retention import RULES
from app.stations.snapshot import Network, StationFacts, load_network
from tests.performance.history import MINUTE, MONDAY, History, Sent

DAYS = 8
HOUR = 60 * MINUTE
AFTER = MONDAY + timedelta(days=DAYS + 2)
COLUMNS = [column.name for column in PerformanceDay.__table__.columns]
COUNTED_FROM = {"request", "request_event", "request_item", "reservation", "ticket", "serving", "rating"}


@pytest.fixture
async def history(database: Database, network: Network) -> AsyncIterator[History]:
    def worked(day: date) -> bool:
        return network.calendar.kind(day).worked

    one, other = network.stations[3], network.stations[40]
    yield History(database, [place(one), place(other)], worked)


def place(station: StationFacts) -> tuple[int, str, int]:
    return station.id, station.code, station.desks[0].id


async def kept(database: Database) -> dict[tuple[date, int, int], dict[str, Any]]:
    """What is kept, zeros left out."""
    rows = await database.fetch(f"SELECT {', '.join(COLUMNS)} FROM performance_day", ())  # type: ignore[arg-type]
    return {row[:3]: {n: v for n, v in zip(COLUMNS[3:], row[3:], strict=True) if v} for row in rows}


async def some_past(history: History, network: Network, random: Random) -> list[Sent]:
    """Requests that go on as requests may, visits and appointments, spread over the days."""
    services = [each.id for each in network.services[:4]]
    sent = []
    for _ in range(random.randint(1, 5)):
        at = MONDAY + random.randint(0, 5) * timedelta(days=1) + random.randint(0, 400) * MINUTE
        sent.append(await history.submit(random.randint(0, 1), random.sample(services, random.randint(1, 3)), at))
        await go_on(history, sent, random, at)
    for n in range(random.randint(0, 6)):
        at = MONDAY + random.randint(0, 5) * timedelta(days=1) + 60 * n * MINUTE
        given_up = random.choice([None, None, -HOUR, HOUR])
        mode = random.choice(["station", "onsite"])
        await history.appointment(random.randint(0, 1), random.sample(services, 2), at, given_up, mode)
        parts = [(random.randint(0, 30), random.random() < 0.3) for _ in range(random.randint(0, 3))]
        await history.visit(
            random.randint(0, 1), random.sample(services, random.randint(1, 2)), at, random.randint(0, 60), parts,
            booked=random.choice([None, None, 10, -10]), continues=random.random() < 0.2,
        )  # fmt: skip
    return sent


async def go_on(history: History, sent: list[Sent], random: Random, at: Any) -> None:
    """What becomes of the last request, over the days after."""
    one = sent[-1]
    for _ in range(random.randint(0, 5)):
        at += random.randint(1, 2000) * MINUTE
        late = random.random() < 0.3
        kind = random.choice(["accepted", "returned", "no_show", "checked_in", "move", "split", "finish"])
        if kind == "move":
            await history.move(one, at, random.choice(["rerouted", "escalated"]))
        elif kind == "split" and len(one.services) > 1:
            sent.append(await history.split(one, at))
        elif kind == "finish":
            await history.finish(one, at, late=late)
        elif kind != "split":
            await history.answer(one, kind, at, late=late)
    if random.random() < 0.5:
        await history.rate(one, random.randint(1, 5), at + HOUR)


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_kept_is_what_happened_also_after_something_came_late(
    history: History, database: Database, seed: int
) -> None:
    random, network = Random(seed), await load_network(database)
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
