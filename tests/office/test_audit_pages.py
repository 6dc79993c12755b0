"""The record as auditors read it: searched, taken out whole and harmless, its newest entries proven."""

import csv
import io
import json
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.audit.queries import COLUMNS
from app.audit.rules import read_heads
from app.audit.service import Actor, Object, record
from app.kit.db import Database
from tests.conftest import Clock
from tests.office.desk import HERE, counted, rows, station_id
from tests.support.people import ORGANISATION, People

FORMULA = "=cmd|' /C calc'!A0"
SYSTEM = Actor("system", name="test")


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def write(database: Database, at: datetime, number: int, **more: object) -> None:
    """So many entries, a second apart."""
    async with database.writer() as session:
        for n in range(number):
            on = Object("thing", f"thing-{n}", station_id=more.get("station_id"))  # type: ignore[arg-type]
            moment = at + timedelta(seconds=n)
            await record(
                session, SYSTEM, "thing.made", on, at=moment, after={"n": n}, reason=str(more.get("reason", ""))
            )
        await session.commit()


@pytest.mark.parametrize("role", ["window", "officer", "manager", "city_admin"])
@pytest.mark.parametrize("path", ["", "/export", "/state", "/0/1"])
async def test_only_auditors_read_the_record(client: httpx.AsyncClient, people: People, role: str, path: str) -> None:
    (await people.staff(role, station=HERE if role != "city_admin" else "")).browse(client)
    assert (await client.get(f"/office/audit{path}")).status_code == 403


async def test_a_visitor_is_led_to_the_sign_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/office/audit?actor=x")
    assert answer.headers["location"] == "/sign-in?next=%2Foffice%2Faudit%3Factor%3Dx"


async def test_an_entry_shows_what_was_before_and_after(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    async with database.writer() as session:
        on = Object("organisation", "o-1", station_id=await station_id(database, HERE))
        changed = {"uscc": "OLD"}, {"uscc": "NEW", "note": FORMULA}
        await record(
            session,
            SYSTEM,
            "organisation.code_corrected",
            on,
            at=clock.now,
            before=changed[0],
            after=changed[1],
            reason="证据",
        )
        await session.commit()
    (await people.staff("auditor")).browse(client)
    page = (await client.get("/office/audit?object_id=o-1")).text
    assert "更正单位信用代码" in page
    address = page.partition('href="/office/audit/')[2]
    entry = await client.get(
        "/office/audit/"
        + next(part for part in page.split('href="/office/audit/')[1:] if part[0].isdigit()).partition('"')[0]
    )
    assert address
    for words in ("OLD", "NEW", "证据", HERE, "哈希值"):
        assert words in entry.text
    assert (await client.get("/office/audit/3/999999")).status_code == 404
    assert (await client.get("/office/audit/99/1")).status_code == 422


async def test_the_record_is_searched_and_turned_page_by_page(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.office.pages.audit.PER_PAGE", 2)
    await write(database, clock.now, 5)
    (await people.staff("auditor")).browse(client)
    address, seen = "/office/audit?object_kind=thing", []
    while address:
        text = (await client.get(address)).text
        seen += [part.partition("<")[0] for part in text.split('quiet">thing-')[1:]]
        address = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=test", True),
        ("actor=nobody", False),
        ("action=thing.", True),
        ("action=person.", False),
        (f"station={HERE}", True),
        ("since=2026-12-01&until=2026-12-01", True),
        ("until=2026-11-30", False),
        ("since=2026-12-01&q=grund", True),
        ("since=2026-12-01&q=absent", False),
        ("address=192.0.2.9", False),
    ],
)
async def test_each_field_narrows(
    client: httpx.AsyncClient, people: People, clock: Clock, query: str, found: bool
) -> None:
    database = people._database
    await write(database, clock.now, 1, station_id=await station_id(database, HERE), reason="Grund")
    (await people.staff("auditor")).browse(client)
    answer = await client.get(f"/office/audit?{query}")
    assert answer.status_code == 200
    assert ("thing-0" in answer.text) == found
    assert ("没有符合条件的记录" in answer.text) != found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=word", "since"),
        ("since=yesterday", "since"),
        ("station=WH-XX-99", "station"),
        ("organisation=x", "organisation"),
    ],
)
async def test_what_cannot_be_searched_is_said_at_its_field(
    client: httpx.AsyncClient, people: People, query: str, field: str
) -> None:
    (await people.staff("auditor")).browse(client)
    answer = await client.get(f"/office/audit?{query}")
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text


async def test_a_file_has_every_entry_that_fits_and_runs_nothing(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    await write(database, clock.now, 1203, reason=FORMULA)
    auditor = await people.staff("auditor")
    auditor.browse(client)
    answer = await client.get("/office/audit/export?format=csv&object_kind=thing")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"].startswith("attachment")
    [head, *lines] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == [column.name for column in COLUMNS]
    assert [line[head.index("object_id")] for line in lines] == [f"thing-{n}" for n in range(1203)]
    assert {line[head.index("reason")] for line in lines} == {f"'{FORMULA}"}
    answer = await client.get("/office/audit/export?format=jsonl&object_kind=thing")
    entries = [json.loads(line) for line in answer.text.splitlines()]
    assert [entry["after"]["n"] for entry in entries] == list(range(1203))
    exports = await rows(
        database, "SELECT actor_id, after FROM audit_entry WHERE action = 'audit.exported' ORDER BY after->>'format'"
    )
    assert exports == [(auditor.id, {"format": form, "filter": {"object_kind": "thing"}}) for form in ("csv", "jsonl")]


async def test_reading_on_the_page_is_not_put_on_record(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("auditor")).browse(client)
    for path in ("", "?action=person.", "/state"):
        await client.get(f"/office/audit{path}")
    assert (
        await rows(database, "SELECT action, object_kind, actor_name FROM audit_entry WHERE actor_id IS NOT NULL") == []
    )


async def test_the_heads_can_be_kept_outside_and_the_newest_entries_are_proven(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    await write(database, clock.now, 30)
    (await people.staff("auditor")).browse(client)
    page = (await client.get("/office/audit/state")).text
    kept = page.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]
    heads = await rows(database, "SELECT chain, n, hash FROM audit_chain ORDER BY chain")
    assert read_heads(kept) == {chain: (n, end) for chain, n, end in heads}
    proven = await client.post("/office/audit/state")
    assert "最新 30 条记录均与写入时一致" in proven.text
    await database.fetch(
        "DO $$ BEGIN PERFORM set_config('session_replication_role', 'replica', true);"
        "UPDATE audit_entry SET reason = 'forged' WHERE object_id = 'thing-7'; END $$",
        (),
    )
    assert "审计记录曾被改动" in (await client.post("/office/audit/state")).text


async def test_a_page_costs_six_statements_at_most_and_calls_people_by_name(
    client: httpx.AsyncClient, people: People, app: FastAPI, clock: Clock
) -> None:
    window, owner = await people.staff("window", station=HERE), await people.enterprise()
    async with app.state.database.writer() as session:
        for kind, object_id in (("person", window.id), ("person", owner.id), ("organisation", owner.organisation_id)):
            await record(session, SYSTEM, f"{kind}.changed", Object(kind, str(object_id)), at=clock.now)
        await session.commit()
    (await people.staff("auditor")).browse(client)
    await client.get("/office/audit")
    with counted(app) as seen:
        answer = await client.get("/office/audit")
    assert len(seen) <= 6, "\n".join(seen)
    for name in (window.username, ORGANISATION):
        assert f'quiet">{name}<' in answer.text


async def test_by_json_the_record_is_read_by_cursor(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    await write(database, clock.now, 3)
    auditor = await people.staff("auditor")
    address, seen = "/api/v1/audit?limit=2&object_kind=thing", []
    answer = await client.get(address, headers=auditor.bearer)
    seen += [entry["object_id"] for entry in answer.json()["items"]]
    answer = await client.get(f"{address}&cursor={answer.json()['next']}", headers=auditor.bearer)
    seen += [entry["object_id"] for entry in answer.json()["items"]]
    assert seen == ["thing-2", "thing-1", "thing-0"]
    assert answer.json()["next"] is None
    assert answer.json()["items"][0]["at"] == "2026-12-01T09:00:00+08:00"


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("cursor=abc", 422), ("q=x", 422), ("station=WH-XX-99", 422), ("colour=red", 422), ("limit=201", 422)],
)
async def test_by_json_what_is_wrong_is_refused(
    client: httpx.AsyncClient, people: People, query: str, status: int
) -> None:
    auditor = await people.staff("auditor")
    assert (await client.get(f"/api/v1/audit?{query}", headers=auditor.bearer)).status_code == status


async def test_by_json_a_file_is_on_record_too(client: httpx.AsyncClient, people: People, database: Database) -> None:
    auditor = await people.staff("auditor")
    answer = await client.get("/api/v1/audit", headers=auditor.bearer | {"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "audit.exported" in answer.text
    assert (await client.get("/api/v1/audit")).status_code == 401
    admin = await people.staff("city_admin")
    assert (await client.get("/api/v1/audit", headers=admin.bearer)).status_code == 403


async def test_what_is_kept_how_long_is_told(client: httpx.AsyncClient, people: People) -> None:
    (await people.staff("auditor")).browse(client)
    page = (await client.get("/office/retention")).text
    assert "1,096 天" in page or "1096 天" in page
    assert page.count("<tr>") > 4
