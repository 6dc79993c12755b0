"""Plans between several workers, and what comes between: one answers, the others find nothing; who is stopped stops."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.siting import planner as job
from app.siting.rules.states import Failure
from app.siting.statements import MOST_ATTEMPTS, Leases
from tests.conftest import Clock
from tests.siting.conftest import Json, Planning, planner_of

FOR_EVER = (sys.executable, "-c", "import time; print(0.5, flush=True); time.sleep(600)")
NONSENSE = (sys.executable, "-c", "raise SystemExit('out of order')")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, planning: Planning, app: FastAPI, clock: Clock) -> None:
    planning.planner = planner_of(app, clock)
    monkeypatch.setattr(job, "SAYS_AFTER", 0.05)


async def until(plan: Callable[[], Awaitable[Json]], fits: Callable[[Json], bool]) -> Json:
    for _look in range(600):
        if fits(found := await plan()):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_of_two_workers_one_answers_a_plan(planning: Planning, app: FastAPI, clock: Clock):
    plans = [await planning.ask() for _n in range(2)]
    workers = [planner_of(app, clock) for _n in range(3)]
    assert sorted(await asyncio.gather(*(each.work() for each in workers))) == [False, True, True]
    for plan in plans:
        assert (await planning.plan(plan))["status"] == "done"
    rows = await app.state.database.fetch("SELECT attempts FROM coverage_plan", ())
    assert rows == [(1,)] * 2


@pytest.mark.parametrize("end", ["cancel", "delete"])
async def test_a_plan_that_is_stopped_or_deleted_stops_its_process(
    planning: Planning, monkeypatch: pytest.MonkeyPatch, end: str
):
    monkeypatch.setattr(job, "COMMAND", FOR_EVER)
    plan = await planning.ask()
    working = asyncio.create_task(planning.planner.work())
    running = await until(lambda: planning.plan(plan), lambda found: found["progress"] > 0)
    assert (running["status"], running["progress"]) == ("running", 0.5)
    if end == "cancel":
        await planning.post(f"/{plan['id']}/cancel")
    else:
        await planning.client.delete(running["links"]["self"], headers=planning.who.bearer)
    assert await asyncio.wait_for(working, 5)
    assert (await planning.plan(plan))["status"] == {"cancel": "cancelled", "delete": 404}[end]


async def test_of_a_stop_and_an_answer_the_first_counts(planning: Planning, app: FastAPI, clock: Clock):
    leases = Leases(app.state.database)
    stopped = await planning.ask()
    taken = await leases.take(clock.now)
    assert taken is not None
    await planning.post(f"/{stopped['id']}/cancel")
    assert not await leases.hand_in(taken, {}, clock.now)
    assert not await leases.fail(taken, Failure.TOO_LARGE, clock.now)
    assert (await planning.plan(stopped))["status"] == "cancelled"
    both = await planning.ask()
    taken = await leases.take(clock.now)
    assert taken is not None
    answer = (await planning.answered())["id"]
    [(result,)] = await app.state.database.fetch("SELECT result FROM coverage_plan WHERE id = %s", (answer,))
    handed, stop = await asyncio.gather(
        leases.hand_in(taken, result, clock.now), planning.post(f"/{both['id']}/cancel")
    )
    assert (handed, stop.status_code) in {(True, 409), (False, 200)}
    assert (await planning.plan(both))["status"] == ("done" if handed else "cancelled")


async def test_the_plan_of_a_worker_that_died_is_taken_up_again(planning: Planning, app: FastAPI, clock: Clock):
    plan = await planning.ask()
    dead = await Leases(app.state.database).take(clock.now)
    assert dead is not None
    assert not await planning.planner.work()
    clock.move(timedelta(seconds=31))
    assert await planning.planner.work()
    assert (await planning.plan(plan))["status"] == "done"
    assert not await Leases(app.state.database).renew(dead, 0.9, clock.now)


async def test_a_plan_that_kills_its_workers_is_given_up(planning: Planning, app: FastAPI, clock: Clock):
    plan = await planning.ask()
    for _time in range(MOST_ATTEMPTS):
        assert await Leases(app.state.database).take(clock.now)
        clock.move(timedelta(seconds=31))
    assert await planning.planner.work()
    found = await planning.plan(plan)
    assert (found["status"], found["error"]) == ("failed", "gave_up")


async def test_a_process_that_breaks_fails_its_plan(planning: Planning, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "COMMAND", NONSENSE)
    found = await planning.answered()
    assert (found["status"], found["error"]) == ("failed", "gave_up")


async def test_what_is_too_large_says_so(planning: Planning, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "COMMAND", (sys.executable, "-c", f"raise SystemExit({job.EXIT_TOO_LARGE})"))
    found = await planning.answered()
    assert (found["status"], found["error"]) == ("failed", "too_large")


async def test_a_worker_that_is_told_to_end_gives_its_plan_back(planning: Planning, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "COMMAND", FOR_EVER)
    plan = await planning.ask()
    await planning.planner.start()
    await until(lambda: planning.plan(plan), lambda found: found["progress"] > 0)
    await planning.planner.stop()
    found = await planning.plan(plan)
    assert (found["status"], found["progress"]) == ("queued", 0)


async def test_a_service_that_is_gone_meanwhile_fails_the_plan(planning: Planning, app: FastAPI):
    plan = await planning.ask()
    await app.state.database.fetch(
        """UPDATE coverage_plan SET question = jsonb_set(question, '{service_codes}', '["GONE"]')""", ()
    )
    await planning.planner.work()
    assert (await planning.plan(plan))["error"] == "network_changed"
