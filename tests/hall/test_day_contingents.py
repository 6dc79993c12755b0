"""Contingents on their page and by the API; and the day's other doors for programs."""

import re

import httpx
from fastapi import FastAPI

from tests.hall.conftest import STATION, Hall
from tests.hall.test_board_pages import Clerk
from tests.support.people import People


def fields(html: str) -> dict[str, str | list[str]]:
    """The form as it stands on the page."""
    return dict(re.findall(r'name="((?:was|limit)\.[^"]+)"\s+value="([^"]*)"', html))


async def limits(app: FastAPI) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = await app.state.database.fetch(
        "SELECT code, per_day FROM contingent JOIN service ON service.id = service_id ORDER BY code", ()
    )
    return found


async def test_a_manager_sets_how_many_walk_ins_there_are_and_sees_what_is_used(
    hall: Hall, people: People, app: FastAPI
):
    manager = Clerk(hall, await people.staff("manager", station=STATION))
    one, two, *_ = hall.services
    await hall.issue(one)
    page = (await manager.get("/day/contingents")).text
    form = fields(page)
    assert len(form) == 2 * len(hall.services)
    wrong = await manager.post("/day/contingents", form | {f"limit.{one}": "some", f"limit.{two}": "-1"})
    assert (wrong.status_code, wrong.text.count("enter a whole number")) == (422, 2)
    assert f'href="#f-limit-{one}"' in wrong.text
    assert await limits(app) == []
    saved = await manager.does("/day/contingents", form | {f"limit.{one}": "\uff11", f"limit.{two}": "0"})
    assert "The contingents are saved." in saved
    assert "used up" in saved
    assert await limits(app) == sorted([(one, 1), (two, 0)])
    for service in (one, two):
        full = await hall.post(f"/desk/{STATION}/tickets", {"service_codes": [service]})
        assert full.json()["code"] == "contingent_exhausted"
    # A colleague's page is older: what they don't touch stays as it is.
    other = await manager.does("/day/contingents", form | {f"limit.{hall.services[2]}": "7"})
    assert "saved" in other
    await manager.does("/day/contingents", {f"was.{one}": "1", f"limit.{one}": ""})
    assert await limits(app) == sorted([(two, 0), (hall.services[2], 7)])
    rows = await app.state.database.fetch(
        "SELECT before, after FROM audit_entry WHERE action = 'hall.contingents_changed' ORDER BY at", ()
    )
    assert rows[0] == ({one: None, two: None}, {one: 1, two: 0})
    assert rows[-1] == ({one: 1}, {one: None})
    clerk = Clerk(hall, await people.staff("window", station=STATION))
    assert fields((await clerk.get("/day/contingents")).text) == {}
    assert (await clerk.post("/day/contingents", form)).status_code == 403


async def test_programs_close_stop_and_limit_as_managers_do(hall: Hall, people: People, app: FastAPI):
    manager = await people.staff("manager", station=STATION)
    desk = f"/api/v1/desk/{STATION}"

    async def call(method: str, path: str, body: object = None) -> httpx.Response:
        return await hall.client.request(method, desk + path, json=body, headers={**manager.bearer})

    one = hall.services[0]
    assert (await hall.post(f"/desk/{STATION}/close")).status_code == 403
    await hall.issue(one)
    day = (await call("GET", "/day")).json()
    assert (day["walk_ins"], day["waiting"], day["wait_p50_min"]) == (1, 1, None)
    assert [hour["walk_ins"] for hour in day["hours"] if hour["start"].startswith("2026-12-01T09:00")] == [1]
    assert (await call("GET", "/day?day=2026-11-30")).json()["walk_ins"] == 0
    for path, field in (("/close", "closed_at"), ("/halt", "halted_at")):
        body = {"reason": "failure"} if path == "/halt" else None
        assert (await call("POST", path, body)).status_code == 204
        assert (await call("GET", "/opening")).json()[field].startswith("2026-12-01T")
    for path, field in (("/open", "closed_at"), ("/go-on", "halted_at")):
        assert (await call("POST", path)).status_code == 204
        assert (await call("GET", "/opening")).json()[field] is None
    silent = await call("POST", "/halt", {"reason": "other"})
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "words")
    unknown = await call("PATCH", "/contingents", {"contingents": [{"service_code": "NONE-1", "per_day": 1}]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "contingents.0.service_code")
    assert (
        await call("PATCH", "/contingents", {"contingents": [{"service_code": one, "per_day": 3}]})
    ).status_code == 204
    [known] = [
        each for each in (await call("GET", "/contingents")).json()["contingents"] if each["service_code"] == one
    ]
    assert (known["per_day"], known["used_today"]) == (3, 1)
