"""What a feed shows, to whom, and when it ends; read as a calendar program reads it."""

from datetime import timedelta
from typing import LiteralString

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar

from app.accounts.rules.rights import TABLE, Permission, Role
from app.feeds.queries import LOOK, values
from tests.conftest import Clock
from tests.feeds.subscribing import booked_by, events, make, subscribe
from tests.requests.booking import Booker
from tests.requests.rights import county_of, other_station
from tests.support.people import People

pytestmark = pytest.mark.anyio
PERSONAL = ("王芳", "13812345678", "wang@example.com", "请提前电话联系", "20260001")
MORE_RESERVATIONS: LiteralString = """
    INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, active, service_ids, created_at, changed_at)
    SELECT md5('v' || n)::uuid, station_id, desk_id, starts - 6 * (n + 600), 6, kind, n %% 2 = 0, service_ids,
        created_at, changed_at
    FROM reservation, generate_series(1, 10000) n WHERE kind = 'appointment'
"""
MORE_REQUESTS: LiteralString = """
    INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language,
        organisation_name, uscc, contact_name, mobile, consent_version, consented_at, created_at, changed_at)
    SELECT md5('q' || n)::uuid, station_id, 'ZT-' || n, access_hash, status, md5('v' || n)::uuid, mode, language,
        organisation_name, uscc, contact_name, mobile, consent_version, consented_at, created_at, changed_at
    FROM request, generate_series(1, 10000) n
"""


async def test_an_own_feed_has_the_requests_of_the_organisation_and_nobody_elses(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    owner = await people.enterprise()
    await booker.book()
    mine = await booked_by(booker, owner)
    path = await subscribe(app, owner)
    [event] = await events(client, path)
    assert event.start.isoformat() == mine["appointment"]["start"]
    assert str(event["url"]) == f"http://testserver/r/{mine['reference']}"
    assert str(event["summary"]) == "弹性元件式一般压力表检定"
    assert str(event["status"]) == "CONFIRMED"
    assert mine["reference"] in event["description"]


async def test_a_calendar_says_how_often_to_look_and_names_no_person(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    path = await subscribe(app, officer, booked["appointment"]["station_code"])
    answer = await client.get(path)
    for line in ("REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M", "METHOD:PUBLISH", "X-WR-CALNAME:"):
        assert f"\r\n{line}" in answer.text
    unfolded = answer.text.replace("\r\n ", "")
    assert not [each for each in (*PERSONAL, booked["access_code"]) if each in unfolded]
    [event] = Calendar.from_ical(answer.content).events
    assert str(event["summary"]).startswith("芜湖长江阀门有限公司 · ")
    assert str(event["url"]).endswith(f"/office/requests/{booked['reference']}")


async def test_an_appointment_keeps_its_uid_when_it_moves_and_is_struck_while_its_end_is_recent(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People, clock: Clock
):
    owner = await people.enterprise()
    booked = await booked_by(booker, owner)
    path = await subscribe(app, owner)
    [first] = await events(client, path)
    station = booked["appointment"]["station_code"]
    await booker.move(booked, await booker.hold(station, (await booker.starts(station))[-1]))
    [moved] = await events(client, path)
    assert (moved["uid"], moved["sequence"]) == (first["uid"], 1)
    assert moved.start > first.start
    await booker.cancel(booked)
    [struck] = await events(client, path)
    assert (struck["uid"], str(struck["status"]), struck["sequence"]) == (first["uid"], "CANCELLED", 2)
    assert str(struck["summary"]).startswith("已取消：")
    clock.move(timedelta(days=15))
    assert await events(client, path) == []


async def test_a_cancelled_appointment_of_a_station_is_struck_too_and_the_old_place_of_a_moved_one_is_gone(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    path = await subscribe(app, await people.staff("window", station=station), station)
    await booker.move(booked, await booker.hold(station, (await booker.starts(station))[-1]))
    assert [str(each["status"]) for each in await events(client, path)] == ["CONFIRMED"]
    await booker.cancel(booked)
    assert [str(each["status"]) for each in await events(client, path)] == ["CANCELLED"]


async def test_what_is_long_past_is_not_shown(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People, clock: Clock
):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    path = await subscribe(app, await people.staff("window", station=station), station)
    clock.move(timedelta(days=6))
    assert len(await events(client, path)) == 1
    clock.move(timedelta(days=2))
    assert await events(client, path) == []


async def test_a_program_that_has_the_calendar_already_is_told_so(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    owner = await people.enterprise()
    path = await subscribe(app, owner)
    first = await client.get(path)
    assert "private" in first.headers["cache-control"]
    seen = {"If-None-Match": first.headers["etag"]}
    again = await client.get(path, headers=seen)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await booked_by(booker, owner)
    changed = await client.get(path, headers=seen)
    assert (changed.status_code, changed.headers["etag"] == first.headers["etag"]) == (200, False)


async def test_a_feed_speaks_the_language_of_its_person(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    owner = await people.enterprise()
    await booked_by(booker, owner)
    await app.state.database.fetch("UPDATE person SET language = 'en'", ())
    answer = await client.get(await subscribe(app, owner), headers={"Accept-Language": "zh-CN"})
    assert answer.headers["content-language"] == "en"
    assert "SUMMARY:General pressure gauge verification" in answer.text


ENDINGS: dict[str, LiteralString] = {
    "revoked": "UPDATE calendar_feed SET revoked_at = now()",
    "no role any more": "DELETE FROM role_grant",
    "a role elsewhere": "UPDATE role_grant SET station_id = (SELECT max(id) FROM station)",
    "disabled": "UPDATE person SET disabled_at = now()",
    "closed": "UPDATE person SET closed_at = now()",
    "owes a second factor": """
        INSERT INTO role_grant (person_id, role, granted_at) SELECT id, 'auditor', now() FROM person""",
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_feed_dies_with_what_it_was_given_for_and_answers_like_one_that_never_was(
    app: FastAPI, client: httpx.AsyncClient, people: People, ending: str
):
    path = await subscribe(app, await people.staff("officer"), await first_station(app))
    never = await client.get(f"/feeds/{'x' * 43}.ics", headers={"Accept": "application/json"})
    await app.state.database.fetch(ENDINGS[ending], ())
    gone = await client.get(path, headers={"Accept": "application/json"})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert {**gone.json(), "instance": ""} == {**never.json(), "instance": ""}


async def test_who_leaves_an_organisation_sees_its_appointments_no_more(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People
):
    owner = await people.enterprise()
    await booked_by(booker, owner)
    path = await subscribe(app, owner)
    await app.state.database.fetch("DELETE FROM membership", ())
    assert await events(client, path) == []


@pytest.mark.parametrize("role", [role.value for role in Role])
async def test_roles_that_may_read_requests_may_follow_a_station_where_they_reach(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People, role: str
):
    booked = await booker.book()
    own, other = booked["appointment"]["station_code"], await other_station(booker, booked)
    signed = await people.staff(
        role, station=own, county=await county_of(booker, booked) if role == "county_admin" else ""
    )
    await app.state.database.fetch("UPDATE person SET totp_confirmed_at = now()", ())
    assert Permission.REQUESTS_READ in TABLE[Role(role)]
    assert len(await events(client, await subscribe(app, signed, own))) == 1
    if role in {"window", "officer", "manager"}:
        assert (await make(app, signed, other)).status_code == 422


async def test_an_enterprise_may_not_follow_a_station(app: FastAPI, people: People):
    assert (await make(app, await people.enterprise(), await first_station(app))).status_code == 422


async def test_attempts_are_limited(app: FastAPI, client: httpx.AsyncClient):
    answers = {(await client.get(f"/feeds/{n}.ics")).status_code for n in range(61)}
    assert answers == {404, 429}


async def test_the_last_use_is_kept_to_the_hour(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock):
    path = await subscribe(app, await people.enterprise())
    began = clock.now
    for _ in range(2):
        await client.get(path)
        assert await app.state.database.fetch("SELECT last_used_at FROM calendar_feed", ()) == [(began,)]
        clock.move(timedelta(minutes=50))
    await client.get(path)
    assert await app.state.database.fetch("SELECT last_used_at FROM calendar_feed", ()) == [
        (began + timedelta(minutes=100),)
    ]


async def test_a_station_with_ten_thousand_past_requests_costs_the_same(
    app: FastAPI, client: httpx.AsyncClient, booker: Booker, people: People, clock: Clock
):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    path = await subscribe(app, await people.staff("officer", station=station), station)
    database = app.state.database
    await database.fetch(MORE_RESERVATIONS, ())
    await database.fetch(MORE_REQUESTS, ())
    await database.fetch("ANALYZE reservation, request", ())
    secret = path.split("/")[-1].removesuffix(".ics")
    [(plan,)] = await database.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {LOOK}", values(secret, clock.now))
    assert len(await events(client, path)) == 1
    assert sum(touched(plan[0]["Plan"])) < 100


def touched(node: dict) -> list[float]:
    """Rows that the scans of the two big tables looked at, kept or not."""
    looked = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    own = [looked] if node.get("Relation Name") in {"request", "reservation"} else []
    return own + [each for child in node.get("Plans", []) for each in touched(child)]


async def first_station(app: FastAPI) -> str:
    """Where people.staff works unless told otherwise."""
    [(code,)] = await app.state.database.fetch("SELECT code FROM station ORDER BY code LIMIT 1", ())
    return str(code)
