"""Performance by mail: of the days before, within what its reader reaches when it is written."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.stations.snapshot import load_network
from tests.conftest import Clock
from tests.coverage.conftest import Asker
from tests.performance.conftest import place
from tests.performance.history import History
from tests.reports.test_reports import ENGLISH, PAGE, job
from tests.support.people import People

TUESDAY = datetime(2026, 12, 1, 7, 30, tzinfo=LOCAL)
YESTERDAY = datetime(2026, 11, 30, 9, tzinfo=LOCAL)


@pytest.fixture
async def manager(app: FastAPI, asker: Asker, people: People) -> Asker:
    """Of the one of two stations at which something happens."""
    network = await load_network(asker.database)
    own, other = network.stations[3], network.stations[40]
    history = History(asker.database, [place(own), place(other)], lambda _day: True)
    for _n in range(3):
        await history.visit(0, [1], YESTERDAY, 12, [(20, False)])
    await history.visit(1, [1], YESTERDAY, 2, [(5, False)])
    await history.submit(0, [1], YESTERDAY - timedelta(days=1))
    asker.who = await people.staff("manager", station=own.code)
    await asker.database.fetch("UPDATE person SET email = 'chief@example.com' WHERE id = %s", (asker.who.id,))
    asker.who.browse(asker.client)
    return asker


async def ask(reader: Asker, status: int = 303, every: str = "day", **question: str) -> None:
    data = {"view": "performance", "every": every, "from": "2026-01-01", **question}
    answer = await reader.client.post(PAGE, data=data, headers=ENGLISH)
    assert answer.status_code == status


async def bodies(reader: Asker) -> list[str]:
    return [body for (body,) in await reader.database.fetch("SELECT body FROM message ORDER BY created_at, id", ())]


async def test_a_manager_hears_every_morning_of_the_own_station_and_of_the_day_before(
    app: FastAPI, manager: Asker, clock: Clock
):
    clock.move(YESTERDAY)
    page = (await manager.client.get("/office/performance", headers=ENGLISH)).text
    assert '<input type="hidden" name="view" value="performance">' in page
    await ask(manager, by="station")
    await ask(manager, by="station")  # still one
    assert "Performance: All services" in (await manager.client.get(PAGE, headers=ENGLISH)).text
    clock.move(TUESDAY)
    assert await job(app, clock).look() == 1
    assert await job(app, clock).look() == 0
    [body] = await bodies(manager)
    assert "Served: 3\n" in body
    assert "Requests: 0\n" in body
    assert "3 served, 0 requests" in body
    assert "/office/performance?by=station&from=2026-11-30&to=2026-11-30" in body
    clock.move(TUESDAY + timedelta(days=1))
    assert await job(app, clock).look() == 1
    assert "Nothing happened in these days." in (await bodies(manager))[1]


async def test_what_somebody_may_see_is_judged_when_it_is_written(app: FastAPI, manager: Asker, clock: Clock):
    clock.move(YESTERDAY)
    await ask(manager)
    moved = "UPDATE role_grant SET station_id = %s WHERE person_id = %s"
    network = await load_network(manager.database)
    await manager.database.fetch(moved, (network.stations[40].id, manager.who.id))
    clock.move(TUESDAY)
    assert await job(app, clock).look() == 1
    assert "Served: 1\n" in (await bodies(manager))[0]
    await manager.database.fetch("DELETE FROM role_grant WHERE person_id = %s", (manager.who.id,))
    clock.move(TUESDAY + timedelta(days=1))
    assert await job(app, clock).look() == 0
    [(next_on,)] = await manager.database.fetch("SELECT next_on FROM mail_report", ())
    assert next_on == (TUESDAY + timedelta(days=2)).date()  # it keeps nobody waiting


async def test_what_is_out_of_reach_or_no_view_is_not_kept(manager: Asker):
    network = await load_network(manager.database)
    await ask(manager, 422, station=network.stations[40].code)
    await ask(manager, 422, by="colour")
    await ask(manager, 404, view="weather")
    assert await manager.database.fetch("SELECT count(*) FROM mail_report", ()) == [(0,)]
