"""Questions are counted: what each came to, where, and that no process's count gets lost."""

import asyncio
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from fastapi import FastAPI

from app.demand import counting
from app.demand.boundaries import NOWHERE, counties_of, county_codes
from app.demand.counting import Questions
from app.demand.queries import asked_points
from app.demand.retention import RULES
from app.demand.rules import Asked, Outcome, cell_of
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.geo import Point, contains, rings_of
from app.kit.retention import apply
from app.stations.directory import DirectoryStore
from app.stations.snapshot import NetworkStore
from tests.conftest import Clock

pytestmark = pytest.mark.anyio
CALIPER = "MET-GEO-001"
TODAY = date(2026, 12, 1)
PLACE = {"lon": 118.3849, "lat": 31.3251}
CELL = (11838, 3133)


async def counts(app: FastAPI) -> dict[tuple[str, str, str], int]:
    """What is written down so far: number by service, mode and outcome."""
    await app.state.questions.write()
    rows = await app.state.database.fetch(
        "SELECT s.code, q.mode, q.outcome, sum(q.n) FROM question_count q JOIN service s ON s.id = q.service_id"
        " GROUP BY 1, 2, 3",
        (),
    )
    return {(code, mode, outcome): n for code, mode, outcome, n in rows}


async def ask(client: httpx.AsyncClient, *services: str, **more: Any) -> None:
    answer = await client.get("/api/v1/routes", params={"service": list(services), **PLACE, **more})
    assert answer.status_code == 200, answer.text


async def test_a_question_is_counted_once_for_each_service_with_its_place_and_day(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    for _time in range(3):
        await ask(client, CALIPER)
    await ask(client, CALIPER, "MET-GEO-002")
    assert await counts(app) == {(CALIPER, "station", "routed"): 4, ("MET-GEO-002", "station", "routed"): 1}
    rows = await app.state.database.fetch("SELECT DISTINCT day, x, y, county_adcode FROM question_count", ())
    assert rows == [(TODAY, *CELL, "340202")]


async def test_a_refused_question_is_not_counted(app: FastAPI, client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/routes", params={"service": "NO-SUCH", **PLACE})).status_code == 422
    assert await counts(app) == {}


async def test_what_stood_in_the_way_is_told_apart(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> None:
    await ask(client, CALIPER, within_km=0.001)
    clock.move(datetime(2026, 12, 6, 9, tzinfo=LOCAL))  # a Sunday
    await ask(client, CALIPER, days=1)
    found = await counts(app)
    assert found == {(CALIPER, "station", "beyond_reach"): 1, (CALIPER, "station", "closed"): 1}


async def test_of_several_services_each_has_its_own_outcome(app: FastAPI, client: httpx.AsyncClient) -> None:
    """One that nobody does at the station, with one that many do."""
    [(online,)] = await app.state.database.fetch(
        "SELECT code FROM service WHERE active AND NOT 'station' = ANY(modes) ORDER BY code LIMIT 1", ()
    )
    await ask(client, CALIPER, online, mode="station")
    found = await counts(app)
    assert found[CALIPER, "station", "routed"] == 1
    assert found[online, "station", "mode_not_offered"] == 1


async def test_the_stations_of_the_wizard_are_questions_too(app: FastAPI, client: httpx.AsyncClient) -> None:
    begun = await client.get("/book", params={"service": CALIPER}, follow_redirects=True)
    draft = begun.url.path.split("/")[2]
    await client.post(f"/book/{draft}/what", data={"go": "1", "use": "other", "mode": "station"})
    await client.post(f"/book/{draft}/where", data={**{k: str(v) for k, v in PLACE.items()}, "crs": "wgs84"})
    page = await client.get(f"/book/{draft}/where")
    assert page.status_code == 200
    assert await counts(app) == {(CALIPER, "station", "routed"): 1}


async def test_searches_are_only_counted_and_their_words_are_kept_nowhere(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    for words in ("caliper", "qzxvwkj"):
        await client.get("/api/v1/services", params={"q": words})
        await client.get("/services", params={"q": words})
    await app.state.questions.write()
    rows = await app.state.database.fetch("SELECT day, found, n FROM search_count ORDER BY found", ())
    assert rows == [(TODAY, False, 2), (TODAY, True, 2)]


async def test_what_was_asked_is_given_by_place_and_service(app: FastAPI, client: httpx.AsyncClient) -> None:
    await ask(client, CALIPER)
    await ask(client, CALIPER, within_km=0.001)
    await app.state.questions.write()
    [(service_id,)] = await app.state.database.fetch("SELECT id FROM service WHERE code = %s", (CALIPER,))
    async with app.state.database.reader() as session:
        assert await asked_points(session, TODAY, TODAY) == [(*CELL, service_id, 2)]
        assert await asked_points(session, TODAY, TODAY, service_id + 1) == []
        assert await asked_points(session, date(2026, 12, 2), TODAY) == []


def store(database: Database) -> DirectoryStore:
    async def version() -> int:
        [(found,)] = await database.fetch("SELECT version FROM network_state", ())
        number: int = found
        return number

    return DirectoryStore(database, NetworkStore(database, version))


async def now() -> datetime:
    return datetime(2026, 12, 1, 9, tzinfo=LOCAL)


def alike(n: int) -> Asked:
    return Asked(TODAY, 1 + n % 7, "station", 11830 + n % 40, 3130, Outcome.ROUTED if n % 3 else Outcome.CLOSED)


@pytest.mark.race
async def test_processes_that_write_the_same_cells_at_once_lose_nothing(private_database: str) -> None:
    databases = [Database(private_database, pool_size=2) for _process in range(4)]
    for database in databases:
        await database.open()
    processes = [Questions(database, store(database), now) for database in databases]
    expected: Counter[Asked] = Counter()
    for turn in range(5):
        for place, process in enumerate(processes):
            order = range(840) if (place + turn) % 2 else reversed(range(840))
            for n in order:
                process.count(alike(n))
                expected[alike(n)] += 1
        await asyncio.gather(*(process.write() for process in processes))
    rows = await databases[0].fetch("SELECT day, service_id, mode, x, y, outcome, n FROM question_count", ())
    assert {Asked(*key): n for *key, n in rows} == expected
    for database in databases:
        await database.close()


async def test_a_database_that_is_away_loses_nothing_that_fits(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_CELLS", 30)
    monkeypatch.setattr(counting, "AT_ONCE", 10)
    questions: Questions = app.state.questions
    pool = app.state.database.pool
    for n in range(40):
        questions.count(alike(n)._replace(x=n))
        questions.count(alike(n)._replace(x=n))
    questions.searched(found=False)
    app.state.database.pool = Away()
    with pytest.raises(psycopg.OperationalError):
        await questions.write()
    questions.count(alike(0)._replace(x=0))
    questions.count(alike(0)._replace(x=35))
    app.state.database.pool = pool
    await questions.write()
    rows = await app.state.database.fetch("SELECT count(*), sum(n) FROM question_count", ())
    assert rows == [(30, 61)]
    assert await app.state.database.fetch("SELECT n FROM search_count", ()) == [(1,)]


class Away:
    """A pool whose server has gone; no connection is ever had from it."""

    def connection(self) -> Any:
        raise psycopg.OperationalError("gone")

    async def check(self) -> None: ...


async def test_the_end_of_a_process_writes_what_is_left(private_database: str, tmp_path: Path) -> None:
    database = Database(private_database, pool_size=2)
    await database.open()
    questions = Questions(database, store(database), now)
    await questions.start()
    questions.count(alike(1))
    await questions.stop()
    assert await database.fetch("SELECT n FROM question_count", ()) == [(1,)]
    await database.close()


async def test_counts_go_after_three_years(app: FastAPI) -> None:
    questions: Questions = app.state.questions
    questions.count(alike(1)._replace(day=date(2023, 11, 29)))
    questions.count(alike(1))
    await questions.write()
    done = await apply(app.state.database, RULES, await now())
    assert {each.rule.key: each.count for each in done} == {
        "question_counts": 1, "search_counts": 0, "registers_looked_at": 0
    }  # fmt: skip
    assert await app.state.database.fetch("SELECT day FROM question_count", ()) == [(TODAY,)]


def test_a_cell_is_a_hundredth_of_a_degree() -> None:
    assert cell_of(Point(118.3849, 31.3251)) == CELL
    assert cell_of(Point(-0.004, -0.006)) == (0, -1)


async def test_many_points_lie_where_each_of_them_does(app: FastAPI) -> None:
    atlas = (await app.state.directory.current()).atlas
    chance = np.random.default_rng(6)
    corners = np.array([at for each in atlas.divisions for ring in rings_of(each.geometry) for at in ring])
    lons = np.concatenate([chance.uniform(117.4, 118.9, 400), corners[:, 0]])
    lats = np.concatenate([chance.uniform(30.6, 31.6, 400), corners[:, 1]])
    expected = [
        next((n for n, each in enumerate(atlas.divisions) if contains(rings_of(each.geometry), Point(*at))), NOWHERE)
        for at in zip(lons.tolist(), lats.tolist(), strict=True)
    ]
    assert counties_of(atlas, lons, lats).tolist() == expected
    assert len(set(expected)) == len(atlas.divisions) + 1
    assert county_codes(atlas, np.array([118.38, 0.0]), np.array([31.33, 0.0])) == ["340202", None]
    assert county_codes(atlas, np.array([]), np.array([])) == []
