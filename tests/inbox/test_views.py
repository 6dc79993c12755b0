"""Views that are kept: for oneself and for a station, by both doors; whose they are; two of one name at once."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.inbox.rules import MOST_OWN
from app.inbox.service import forget
from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings
from tests.requests.booking import Json
from tests.requests.rights import audited, signed_in_client
from tests.support.people import People, Signed

VIEWS, PAGE = "/api/v1/inbox/views", "/office/requests/views"
HERE, ELSEWHERE = "WH-YJ-01", "WH-ET-01"


@pytest.fixture
async def officer(people: People) -> Signed:
    return await people.staff("officer", station=HERE, username="officer.here")


@pytest.fixture
async def manager(people: People) -> Signed:
    return await people.staff("manager", station=HERE, username="manager.here")


@pytest.fixture
async def stranger(people: People) -> Signed:
    return await people.staff("manager", station=ELSEWHERE, username="manager.elsewhere")


async def keep(client: httpx.AsyncClient, who: Signed, name: str, **more: str) -> httpx.Response:
    return await client.post(VIEWS, json={"name": name, "query": "view=late", **more}, headers=who.bearer)


async def names(client: httpx.AsyncClient, who: Signed) -> list[str]:
    items: list[Json] = (await client.get(VIEWS, headers=who.bearer)).json()["items"]
    return [each["name"] for each in items]


async def test_a_view_of_ones_own_is_shown_to_nobody_else(
    client: httpx.AsyncClient, app: FastAPI, officer: Signed, manager: Signed, stranger: Signed
):
    kept = (await keep(client, officer, " 急件\u3000", query="view=late&category=metrology&q=阀门")).json()
    assert (kept["name"], kept["station"]) == ("急件", None)
    assert kept["query"] == "view=late&category=metrology&" + urlencode({"q": "阀门"})
    assert await names(client, officer) == ["急件"]
    for other in (manager, stranger):
        assert await names(client, other) == []
        path = f"{VIEWS}/{kept['id']}"
        renamed = await client.patch(path, json={"name": "我的"}, headers=other.bearer)
        deleted = await client.delete(path, headers=other.bearer)
        nowhere = await client.delete(f"{VIEWS}/{uuid4()}", headers=other.bearer)
        assert [answer.json()["code"] for answer in (renamed, deleted, nowhere)] == ["view_unknown"] * 3
        async with signed_in_client(app, other) as browser:
            for page in (PAGE, f"/office/requests?saved={kept['id']}", "/office/requests"):
                assert "急件" not in (await browser.get(page)).text
            assert (await browser.post(f"{PAGE}/first", data={"view": kept["id"]})).status_code == 404
            assert (await browser.post(f"{PAGE}/{kept['id']}/delete")).status_code == 404
    assert await names(client, officer) == ["急件"]
    assert await audited(app, "view.saved") == []


async def test_a_stations_view_is_kept_by_its_manager_for_all_who_work_there(
    client: httpx.AsyncClient, app: FastAPI, officer: Signed, manager: Signed, stranger: Signed
):
    for who in (officer, stranger):
        assert (await keep(client, who, "本站", station=HERE)).status_code == 403
    assert (await keep(client, manager, "本站", station="NO-1")).status_code == 422
    kept = (await keep(client, manager, "本站", station=HERE)).json()
    assert kept["station"] == HERE
    assert [await names(client, who) for who in (manager, officer, stranger)] == [["本站"], ["本站"], []]
    path = f"{VIEWS}/{kept['id']}"
    assert (await client.delete(path, headers=officer.bearer)).status_code == 404
    assert (await client.patch(path, json={"name": "本站急件"}, headers=manager.bearer)).json()["name"] == "本站急件"
    assert (await client.delete(path, headers=manager.bearer)).status_code == 204
    assert await names(client, officer) == []
    entries = [(await audited(app, f"view.{done}"))[0] for done in ("saved", "renamed", "deleted")]
    assert [(each["before"], each["after"]) for each in entries] == [
        ({}, {"name": "本站"}),
        ({"name": "本站"}, {"name": "本站急件"}),
        ({"name": "本站急件"}, {}),
    ]


async def test_wrong_names_are_refused_at_the_field(client: httpx.AsyncClient, officer: Signed):
    await keep(client, officer, "Urgent")
    for name, status, what in (
        ("   ", 422, "string_too_short"),
        ("\u200b", 422, "text_blank"),
        ("x" * 41, 422, "text_too_long"),
        ("a\x07b", 422, "text_control_character"),
        ("uRGENT", 409, "view_name_taken"),
    ):
        answer = await keep(client, officer, name)
        assert answer.status_code == status, name
        assert what in answer.text
    assert (await keep(client, officer, "y", query="from=2026-13-01")).status_code == 422
    assert (await keep(client, officer, "y", query="state=" + "s" * 50)).status_code == 422
    assert await names(client, officer) == ["Urgent"]


async def test_there_may_be_so_many_and_no_more(client: httpx.AsyncClient, officer: Signed):
    for n in range(MOST_OWN):
        assert (await keep(client, officer, f"{n}")).status_code == 201
    assert (await keep(client, officer, "one more")).json()["code"] == "too_many_views"


async def test_by_the_page_a_view_is_kept_renamed_made_the_first_and_deleted(app: FastAPI, officer: Signed):
    async with signed_in_client(app, officer) as browser:
        browser.headers["Accept-Language"] = "en"
        wrong = await browser.post(PAGE, data={"name": "", "view": "late", "mode": "onsite"})
        assert wrong.status_code == 422
        assert 'href="#f-name"' in wrong.text
        assert '<input type="hidden" name="mode" value="onsite">' in wrong.text
        kept = await browser.post(PAGE, data={"name": "Late visits", "view": "late", "mode": "onsite"})
        assert kept.status_code == 303
        assert "view=late&mode=onsite&saved=" in kept.headers["location"]
        view_id = kept.headers["location"].partition("saved=")[2]
        assert "<h1>Late visits</h1>" in (await browser.get(kept.headers["location"])).text
        assert "<h1>To do</h1>" in (await browser.get("/office/requests")).text
        await browser.post(f"{PAGE}/first", data={"view": view_id})
        assert "<h1>Late visits</h1>" in (await browser.get("/office/requests")).text
        assert "<h1>To do</h1>" in (await browser.get("/office/requests?view=due")).text
        taken = await browser.post(f"{PAGE}/{view_id}", data={f"name.{view_id}": "z" * 41})
        assert (taken.status_code, f'href="#f-name-{view_id}"' in taken.text) == (422, True)
        await browser.post(f"{PAGE}/{view_id}", data={f"name.{view_id}": "Visits, late"})
        assert "Visits, late" in (await browser.get(PAGE)).text
        assert (await browser.post(f"{PAGE}/{view_id}/delete")).headers["location"].endswith("done=deleted")
        assert "<h1>To do</h1>" in (await browser.get("/office/requests")).text


async def test_who_closes_an_account_takes_the_own_views_along_and_leaves_the_stations(
    client: httpx.AsyncClient, app: FastAPI, manager: Signed, officer: Signed
):
    own = (await keep(client, manager, "我的")).json()
    await keep(client, manager, "本站", station=HERE)
    async with signed_in_client(app, manager) as browser:
        await browser.post(f"{PAGE}/first", data={"view": own["id"]})
    async with app.state.database.writer() as session:
        await forget(session, manager.id)
        await session.commit()
    assert await names(client, manager) == await names(client, officer) == ["本站"]


@pytest.mark.race
async def test_of_two_who_keep_the_same_name_at_once_one_does(private_database: str, tmp_path: Path, clock: Clock):
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        people = People(app.state.database, clock, app.state.callers.timeouts)
        manager = await people.staff("manager", station=HERE)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for n in range(4):
                more = {"station": HERE} if n % 2 else {}
                answers = await asyncio.gather(*(keep(client, manager, f"急 {n}", **more) for _each in range(3)))
                assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
