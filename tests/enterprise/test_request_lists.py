"""The organisation's requests: as a page, as a file, by JSON; for its people and for nobody else."""

import csv
import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg.sql import SQL

from app.accounts.models import ApiKey
from app.kit.ids import hash_secret, new_id
from app.requests.owned import FILTERS, Wish, page_of, statement
from tests.conftest import Clock
from tests.enterprise.support import Town, code_of
from tests.requests.booking import Booker, Json
from tests.support.people import Signed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(town: Town) -> Signed:
    return await town.people.enterprise()


@pytest.fixture
async def booked(town: Town, owner: Signed, booker: Booker, clock: Clock) -> list[Json]:
    """Three requests of the organisation, the oldest first, the last one cancelled; and one of nobody."""
    made = []
    for _n in range(3):
        made.append(await booker.book())
        clock.move(timedelta(minutes=1))
    await booker.cancel(made[-1])
    references = [each["reference"] for each in made]
    await town.rows(
        "UPDATE request SET organisation_id = %s WHERE reference = ANY (%s)", owner.organisation_id, references
    )
    await booker.book()
    return made


async def ask(town: Town, who: Signed, organisation: object, **params: Any) -> httpx.Response:
    path = f"/api/v1/organisations/{organisation}/requests"
    return await town.browser().get(path, params=params, headers=who.bearer)


async def test_the_newest_request_stands_first(town: Town, owner: Signed, booked: list[Json]):
    answer = await ask(town, owner, owner.organisation_id)
    assert answer.status_code == 200
    body = answer.json()
    assert [each["reference"] for each in body["items"]] == [each["reference"] for each in reversed(booked)]
    assert body["next"] is None
    first = body["items"][-1]
    assert first["items"] == booked[0]["items"]
    assert first["appointment"] == booked[0]["appointment"]
    assert first["created_at"] == "2026-12-01T09:00:00+08:00"
    assert body["items"][0]["status"] == "cancelled"
    assert "王芳" not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_the_list_goes_on_where_the_page_before_ended(town: Town, owner: Signed, booked: list[Json]):
    found, cursor = [], ""
    for _page in range(2):
        body = (await ask(town, owner, owner.organisation_id, limit=2, **({"cursor": cursor} if cursor else {}))).json()
        found += [each["reference"] for each in body["items"]]
        cursor = body["next"]
    assert found == [each["reference"] for each in reversed(booked)]
    assert cursor is None


@pytest.mark.parametrize(
    ("params", "which"),
    [({"status": "cancelled"}, [2]), ({"status": "submitted"}, [1, 0]), ({"q": "%"}, []), ({"q": "没有"}, [])],
)
async def test_it_can_be_filtered(town: Town, owner: Signed, booked: list[Json], params: Json, which: list[int]):
    body = (await ask(town, owner, owner.organisation_id, **params)).json()
    assert [each["reference"] for each in body["items"]] == [booked[n]["reference"] for n in which]


async def test_a_part_of_a_reference_finds_it(town: Town, owner: Signed, booked: list[Json]):
    reference = booked[1]["reference"]
    for typed in (reference, reference.lower().replace("-", " "), reference[3:10]):
        body = (await ask(town, owner, owner.organisation_id, q=typed)).json()
        assert reference in [each["reference"] for each in body["items"]]


async def test_a_serial_number_or_the_name_of_a_service_finds_it(town: Town, owner: Signed, booked: list[Json]):
    every = {each["reference"] for each in booked}
    for typed, found in (("20260001", every), ("压力表检定", every), ("pressure gauge", every), ("2026_001", set())):
        body = (await ask(town, owner, owner.organisation_id, q=typed)).json()
        assert {each["reference"] for each in body["items"]} == found, typed


async def test_what_waits_for_the_enterprise_stands_first_and_each_says_what_comes_next(
    town: Town, owner: Signed, booked: list[Json], booker: Booker
):
    oldest, second, _cancelled = booked
    await town.rows("UPDATE request SET status = 'returned', due_at = NULL WHERE reference = %s", oldest["reference"])
    officer = await town.people.staff("officer", station=oldest["appointment"]["station_code"])
    path = f"{second['links']['self']}/messages"
    await booker.client.post(path, json={"text": "请带旧证书。"}, headers=officer.bearer)
    await booker.client.post(path, json={"text": "内部备注", "inside": True}, headers=officer.bearer)
    browser = town.browser(owner)
    browser.headers["Accept-Language"] = "en"
    page = (await browser.get(f"/organisation/{owner.organisation_id}/requests")).text
    waiting, _heading, rest = page.partition("All, the newest first")
    assert "These wait for you" in waiting
    assert oldest["reference"] in waiting
    assert second["reference"] not in waiting
    assert "Correct what the station asks for, and send it again." in waiting
    assert "The station looks at it and answers." in rest
    assert "By Thursday 3 December 2026." in " ".join(rest.split())
    assert rest.count("1 new") == 1, "a note that stays inside is no message"
    filtered = await browser.get(f"/organisation/{owner.organisation_id}/requests", params={"state": "submitted"})
    assert "These wait for you" not in filtered.text
    listed = {each["reference"]: each for each in (await ask(town, owner, owner.organisation_id)).json()["items"]}
    assert listed[second["reference"]]["due_at"] == "2026-12-03T23:59:59+08:00"
    assert (listed[second["reference"]]["due_provisional"], listed[oldest["reference"]]["due_at"]) == (False, None)


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 201}, {"status": "x"}, {"state": "submitted"}, {"cursor": "x"}, {"format": "pdf"}],
)
async def test_what_is_not_known_is_refused(town: Town, owner: Signed, params: Json):
    assert (await ask(town, owner, owner.organisation_id, **params)).status_code == 422


async def test_nobody_else_learns_whether_there_is_such_an_organisation(town: Town, owner: Signed, booked: list[Json]):
    other = await town.people.enterprise(uscc=code_of(9), name="别家公司")
    colleague = await town.people.enterprise("delegate", organisation_id=other.organisation_id)
    staff = [await town.people.staff(role) for role in ("officer", "manager", "city_admin", "auditor")]
    for who in (other, colleague, await town.person(), *staff):
        there = await ask(town, who, owner.organisation_id)
        nowhere = await ask(town, who, uuid4())
        assert there.status_code == nowhere.status_code == 404
        assert there.json() == nowhere.json()
        assert booked[0]["reference"] not in there.text
    assert (await ask(town, owner, "nonsense")).status_code == 404


async def test_without_a_token_there_is_nothing(town: Town, owner: Signed):
    path = f"/api/v1/organisations/{owner.organisation_id}/requests"
    assert (await town.browser().get(path)).status_code == 401
    assert (await town.browser(owner).get(path)).status_code == 401, "a cookie is no token"
    assert (await town.browser().get("/api/v1/organisations")).status_code == 401


async def test_who_left_a_moment_ago_is_shown_nothing_even_if_nobody_had_looked(town: Town, owner: Signed):
    """The statement itself asks for the membership, whatever the door believes."""
    assert owner.organisation_id
    found = await page_of(town.database, uuid4(), owner.organisation_id, Wish())
    assert found.items == []


async def key_of(town: Town, who: Signed, *scopes: str) -> dict[str, str]:
    secret = f"osk_{new_id().hex}"
    async with town.database.writer() as session:
        session.add(
            ApiKey(
                id=new_id(),
                person_id=who.id,
                name="x",
                prefix=secret[:12],
                secret_hash=hash_secret(secret),
                scopes=list(scopes),
                created_at=town.clock(),
                expires_at=town.clock() + timedelta(days=1),
            )
        )
        await session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(("scope", "status"), [("requests:read", 200), ("requests:write", 200), ("network:read", 403)])
async def test_a_key_reads_only_what_it_was_given_for(town: Town, owner: Signed, scope: str, status: int):
    headers = await key_of(town, owner, scope)
    path = f"/api/v1/organisations/{owner.organisation_id}/requests"
    assert (await town.browser().get(path, headers=headers)).status_code == status


async def test_ones_organisations_are_listed_page_by_page(town: Town, owner: Signed):
    [second] = await town.rows(
        "WITH made AS (INSERT INTO organisation (id, uscc, name, created_at)"
        " SELECT gen_random_uuid(), %s, '二厂', now()"
        " RETURNING id) INSERT INTO membership SELECT id, %s, 'delegate', now() FROM made RETURNING organisation_id",
        code_of(3),
        owner.id,
    )
    found, cursor = [], ""
    for _page in range(2):
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        body = (await town.browser().get("/api/v1/organisations", params=params, headers=owner.bearer)).json()
        found += body["items"]
        cursor = body["next"]
    assert cursor is None
    assert {each["id"]: each["role"] for each in found} == {
        str(owner.organisation_id): "owner",
        str(second[0]): "delegate",
    }


async def test_the_hot_read_costs_one_statement_beside_the_sessions(
    town: Town, owner: Signed, booked: list[Json], monkeypatch: pytest.MonkeyPatch
):
    assert len(booked) == 3
    await ask(town, owner, owner.organisation_id)
    statements: list[str] = []
    fetch = town.database.fetch

    async def counting(statement: Any, params: Any) -> list[tuple[Any, ...]]:
        statements.append(statement)
        return await fetch(statement, params)

    monkeypatch.setattr(town.database, "fetch", counting)
    assert (await ask(town, owner, owner.organisation_id)).status_code == 200
    assert len(statements) == 2


async def test_the_file_has_every_request_and_runs_nothing(town: Town, owner: Signed, booked: list[Json]):
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}/requests"
    answer = await browser.get(path, params={"format": "csv"})
    assert answer.headers["content-disposition"] == 'attachment; filename="requests.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["reference"] for row in rows] == [each["reference"] for each in reversed(booked)]
    assert rows[0]["services"] == "MET-MEC-015"
    assert "压力表" in rows[0]["service_names"]
    byjson = await ask(town, owner, owner.organisation_id, format="csv")
    assert len(byjson.text.splitlines()) == 4


async def test_the_page_filters_searches_and_says_when_nothing_fits(town: Town, owner: Signed, booked: list[Json]):
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}/requests"
    every = await browser.get(path)
    assert every.status_code == 200
    assert all(f"/r/{each['reference']}" in every.text for each in booked)
    cancelled = await browser.get(path, params={"state": "cancelled"})
    assert booked[2]["reference"] in cancelled.text
    assert booked[0]["reference"] not in cancelled.text
    assert "没有符合条件的" in (await browser.get(path, params={"q": "<script>alert(1)</script>"})).text
    assert (await browser.get(path, params={"state": "?", "cursor": "?"})).status_code == 422


@pytest.mark.parametrize("asked", [set(), {"after"}, {"status", "q", "after"}, {"waits"}])
async def test_the_plan_that_is_kept_finds_a_page_by_the_organisations_index(town: Town, asked: set[str]):
    kinds = {"organisation": "uuid", "person": "uuid", "after": "timestamptz", "after_id": "uuid", "limit": "bigint"}
    kinds |= {"status": "text", "q": "text", "text": "text"}
    used = statement({name: True if name in asked else None for name in FILTERS})
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", used)))
    prepared = re.sub(r"%\((\w+)\)s", lambda place: f"${names.index(place[1]) + 1}", used)
    async with town.database.pool.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan", prepare=False)
        await connection.execute("SET LOCAL enable_seqscan = off", prepare=False)
        types = SQL(", ".join(kinds[name] for name in names))
        await connection.execute(SQL("PREPARE listed ({}) AS {}").format(types, SQL(prepared)), prepare=False)
        nothing = SQL(", ").join(SQL("NULL") for _name in names)
        cursor = await connection.execute(SQL("EXPLAIN EXECUTE listed ({})").format(nothing), prepare=False)
        plan = "\n".join(row[0] for row in await cursor.fetchall())
        await connection.execute("DEALLOCATE listed", prepare=False)
    page = plan.partition("CTE page")[2]
    assert ("request_waits_idx" if "waits" in asked else "request_organisation_idx") in page
    assert "reservation_pkey" in plan
    assert "request_item_pkey" in plan
