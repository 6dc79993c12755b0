"""Plans by the API: their figures are those of coverage, questions are checked, plans are listed, stopped, deleted."""

from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from app.coverage.reach import Asked, reached
from app.coverage.supply import capable
from app.kit import clock as app_clock
from app.siting.service import MOST_OPEN
from tests.conftest import Clock, empty, furnished, make_settings
from tests.siting.conftest import API, GAUGE, QUESTION, Planning
from tests.support.people import People


async def test_a_plan_begins_with_the_figures_of_coverage_and_ends_with_what_it_chose(planning: Planning):
    plan = await planning.answered(name="Gauges", new_stations=2)
    asked = {"service": GAUGE, "within_km": 10}
    summary = (
        await planning.client.get(API.replace("plans", "summary"), params=asked, headers=planning.who.bearer)
    ).json()
    before, after = plan["before"], plan["after"]
    assert before["share_within"] == summary["share_within"]
    assert before["distance_km"] == summary["distance_km"]
    assert before["weight"] == summary["demand_weight"]
    assert after["share_within"] > before["share_within"]
    assert (plan["status"], plan["method"], plan["optimality_gap"]) == ("done", "exact", 0.0)
    assert plan["best"] == after["share_within"]
    assert [each["share_within"] for each in plan["chosen"]][-1] == after["share_within"]
    assert plan["chosen"][0]["share_added"] >= plan["chosen"][1]["share_added"] > 0
    assert sum(county["after"]["weight_within"] for county in plan["counties"]) == pytest.approx(after["weight_within"])
    assert plan["created_by"]
    assert plan["name"] == "Gauges"


async def test_what_a_plan_of_capabilities_promises_is_what_coverage_counts_once_they_are_there(
    planning: Planning, app: FastAPI, clock: Clock
):
    codes = [GAUGE, "MET-MEC-016"]
    plan = await planning.answered(kind="capabilities", service_codes=codes, new_stations=4, objective="min_distance")
    directory = await app.state.directory.current()
    network, on = directory.network, app_clock.local_date(clock.now)
    services = tuple(network.service_index[code] for code in codes)
    choices = capable(network, services, on)
    for each in plan["chosen"]:
        station = network.station_index[each["code"]]
        lacked = [code for code, may in zip(codes, choices[:, station], strict=True) if not may]
        assert each["gives"] == lacked
        choices[:, station] = True
    demand = await app.state.demand.current(directory, "residents", on, clock.now)
    then = reached(network, demand.demand.of(None), Asked(services, 10.0, None, on), choices, None)
    assert plan["after"]["share_within"] == round(then.share_within() or 0, 6)
    assert plan["after"]["distance_km"]["mean"] == round(then.distance().mean or 0, 4)


async def test_desks_go_where_there_is_no_time_soon_enough(planning: Planning, clock: Clock):
    none = await planning.answered(kind="desks", within_days=5)
    assert (none["chosen"], none["candidates_compared"]) == ([], 0)
    clock.move(timedelta(hours=10))  # nobody has time today any more
    planning.who = await planning.people.sign_in(planning.who.id, strong=True)
    plan = await planning.answered(kind="desks", within_days=0, new_stations=2)
    assert plan["before"]["share_within"] == 0
    assert len(plan["chosen"]) == 2
    assert plan["after"]["share_within"] > 0


async def test_places_are_given_in_any_system_and_only_those_of_the_county_count(planning: Planning):
    points = [{"code": "B", "lon": 118.3, "lat": 31.0, "crs": "gcj02"}, {"lon": 118.1, "lat": 31.1}]
    plan = await planning.answered(candidates=points)
    assert {each["code"] for each in plan["chosen"]} == {"B", "0002"}
    assert next(each["lon"] for each in plan["chosen"] if each["code"] == "B") == pytest.approx(118.2948, abs=1e-3)
    within = await planning.answered(candidates=points, county="南陵县")
    assert (within["county"], within["chosen"]) == ("340223", [])
    assert {county["county"] for county in within["counties"]} == {"340223"}
    towns = await planning.answered(county="340223", objective="min_distance")
    assert {each["county"] for each in towns["chosen"]} == {"340223"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"service_codes": ["NO-SUCH"]}, "service_codes.0"),
        ({"service_codes": []}, "service_codes"),
        ({"new_stations": 0}, "new_stations"),
        ({"within_km": 0}, "within_km"),
        ({"candidates": "stations"}, "candidates"),
        ({"candidates": []}, "candidates"),
        ({"candidates": [{"lon": 2.35, "lat": 48.85}]}, "candidates.0"),
        (
            {"candidates": [{"code": "A", "lon": 118, "lat": 31}, {"code": "A", "lon": 118, "lat": 31}]},
            "candidates.1.code",
        ),
        ({"kind": "capabilities", "candidates": "towns"}, "candidates"),
        ({"kind": "desks"}, "within_days"),
        ({"county": "atlantis"}, "county"),
        ({"more": 1}, "more"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_at_its_field(planning: Planning, wrong: dict, field: str):
    answer = await planning.post(**(QUESTION | wrong))
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert (await planning.get()).json()["items"] == []


async def test_plans_are_listed_newest_first_page_by_page(planning: Planning, clock: Clock):
    made = []
    for n in range(3):
        clock.move(timedelta(minutes=1))
        made.append((await planning.ask(name=f"Plan {n}"))["id"])
    first = (await planning.get(limit=2)).json()
    assert [each["id"] for each in first["items"]] == made[:0:-1]
    second = (await planning.get(limit=2, cursor=first["next"])).json()
    assert ([each["id"] for each in second["items"]], second["next"]) == (made[:1], None)
    assert (await planning.get(cursor="nonsense")).status_code == 422


async def test_a_plan_is_stopped_once_and_deleted_by_whom_it_belongs_to(planning: Planning, app: FastAPI):
    plan = await planning.ask()
    other = await planning.people.staff("county_admin", county="340202")
    for path in (f"{API}/{plan['id']}/cancel",):
        assert (await planning.client.post(path, headers=other.bearer)).status_code == 403
    assert (await planning.client.delete(f"{API}/{plan['id']}", headers=other.bearer)).status_code == 403
    for _again in range(2):
        stopped = await planning.post(f"/{plan['id']}/cancel")
        assert (stopped.status_code, stopped.json()["status"]) == (200, "cancelled")
    assert not await planning.planner.work()
    done = await planning.answered()
    refused = await planning.post(f"/{done['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_ended")
    own = {**QUESTION, "name": "Theirs"}
    theirs = (await planning.client.post(API, json=own, headers=other.bearer)).json()
    assert (await planning.client.delete(f"{API}/{theirs['id']}", headers=planning.who.bearer)).status_code == 204
    assert (await planning.get(f"/{theirs['id']}")).json()["code"] == "plan_unknown"
    rows = await app.state.database.fetch(
        "SELECT action FROM audit_entry WHERE object_kind = 'plan' ORDER BY at, n", ()
    )
    assert sorted({action for (action,) in rows}) == ["plan.cancelled", "plan.deleted", "plan.made"]


async def test_who_may_look_may_not_plan(planning: Planning):
    plan = await planning.answered()
    manager = await planning.people.staff("auditor")
    assert (await planning.client.get(f"{API}/{plan['id']}", headers=manager.bearer)).json() == plan
    assert (await planning.client.post(API, json=QUESTION, headers=manager.bearer)).status_code == 403


async def test_the_same_call_under_the_same_key_makes_one_plan(planning: Planning):
    planning.headers["Idempotency-Key"] = "once"
    first, second = await planning.ask(), await planning.ask()
    assert first["id"] == second["id"]
    assert (await planning.post(**(QUESTION | {"new_stations": 9}))).json()["code"] == "idempotency_key_reused"
    assert len((await planning.get()).json()["items"]) == 1


async def test_one_person_has_only_so_many_plans_under_way(planning: Planning):
    for _n in range(MOST_OPEN):
        await planning.ask()
    answer = await planning.post(**QUESTION)
    assert (answer.status_code, answer.json()["code"]) == (409, "plans_full")


async def test_where_the_portal_works_itself_a_small_plan_is_answered_in_the_same_call(
    database_url: str, tmp_path: Path, clock: Clock
):
    app = furnished(make_settings(database_url, tmp_path, jobs="on"))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        people = People(app.state.database, clock, app.state.callers.timeouts)
        admin = await people.staff("city_admin")
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            answer = await client.post(API, json=QUESTION, headers=admin.bearer, timeout=30)
            assert answer.status_code in {201, 202}
            body = answer.json()
            if answer.status_code == 201:  # a busy machine may be slower than the call waits
                assert body["status"] == "done"
                assert np.isfinite(body["seconds"])
            assert answer.headers["location"] == f"{API}/{body['id']}"
        await empty(app.state.database)
