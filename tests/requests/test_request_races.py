"""Everybody at once, on a database of their own, with transactions that linger before their commit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from app.kit import ids
from app.kit.db import Database
from app.requests.statements import SUBMIT
from tests.conftest import Clock, furnished, make_settings
from tests.requests.booking import Booker, Json
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
AT_ONCE = 20
DAWDLE: LiteralString = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER INSERT OR UPDATE ON request FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE TRIGGER dawdle AFTER INSERT OR UPDATE ON reservation FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
NOTE_ORDER: LiteralString = """
CREATE TABLE written (n int GENERATED ALWAYS AS IDENTITY, name text);
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.written (name) VALUES (TG_TABLE_NAME); RETURN NEW; END $$;
CREATE TRIGGER a_note BEFORE INSERT ON request_item FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE TRIGGER a_note BEFORE INSERT ON request_event FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE TRIGGER a_note BEFORE INSERT ON idempotency FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE TRIGGER a_note BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION note_order();
"""
OVERLAPS: LiteralString = """
SELECT count(*) FROM reservation a JOIN reservation b ON a.desk_id = b.desk_id AND a.id < b.id AND a.during && b.during
WHERE a.active AND b.active
"""
# A request that goes on has an active appointment, one that is cancelled has none, and no appointment is nobody's.
ASTRAY: LiteralString = """
SELECT count(*) FROM reservation r FULL JOIN request q ON q.reservation_id = r.id AND q.station_id = r.station_id
WHERE CASE WHEN q.id IS NULL THEN r.active AND r.kind = 'appointment'
    ELSE r.id IS NULL OR r.active <> (q.status <> 'cancelled') OR r.kind <> 'appointment' END
"""


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    """An application on a database of this test alone; afterwards nothing overlaps and nothing has gone astray."""
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app
        database: Database = app.state.database
        assert await database.fetch(OVERLAPS, ()) == [(0,)]
        assert await database.fetch(ASTRAY, ()) == [(0,)]


@pytest.fixture
async def crowd(crowded: FastAPI) -> AsyncIterator[Booker]:
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield Booker(client)


async def linger(app: FastAPI) -> None:
    """From now on every transaction takes a while between its writing and its commit."""
    async with app.state.database.pool.connection() as connection:
        await connection.execute(DAWDLE, prepare=False)


async def at_once(calls: Sequence[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    return await asyncio.gather(*calls)


def codes(answers: Sequence[httpx.Response]) -> list[str]:
    """What each was refused with, sorted; "" for those that were not."""
    return sorted(str(answer.json().get("code", "")) for answer in answers)


async def requests_made(app: FastAPI) -> int:
    [(number,)] = await app.state.database.fetch("SELECT count(*) FROM request", ())
    return int(number)


async def test_of_many_equal_submissions_under_one_key_one_is_made_and_all_get_its_answer(
    crowded: FastAPI, crowd: Booker
):
    body = await crowd.filled_in(await crowd.hold())
    await linger(crowded)
    answers = await at_once([crowd.send(body, **{"Idempotency-Key": "k"}) for _ in range(AT_ONCE)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await requests_made(crowded) == 1


async def test_of_many_submissions_of_one_hold_without_a_key_one_is_made(crowded: FastAPI, crowd: Booker):
    body = await crowd.filled_in(await crowd.hold())
    await linger(crowded)
    answers = await at_once([crowd.send({**body, "note": f"第 {n} 份"}) for n in range(AT_ONCE)])
    assert codes(answers) == ["", *["hold_used"] * (AT_ONCE - 1)]
    assert await requests_made(crowded) == 1


async def test_one_key_for_two_holds_at_once_serves_only_one_and_leaves_the_other_hold(crowded: FastAPI, crowd: Booker):
    bodies = [await crowd.filled_in(await crowd.hold()) for _ in range(2)]
    await linger(crowded)
    answers = await at_once([crowd.send(body, **{"Idempotency-Key": "k"}) for body in bodies])
    assert codes(answers) == ["", "idempotency_key_reused"]
    loser = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code != 201)
    assert (await crowd.send(loser)).status_code == 201


async def test_moving_and_cancelling_at_once_leaves_one_outcome(crowded: FastAPI, crowd: Booker):
    await linger(crowded)
    for _round in range(5):
        booked = await crowd.book()
        held = await crowd.hold()
        moved, cancelled = await at_once([crowd.move(booked, held), crowd.cancel(booked)])
        assert cancelled.status_code == 200
        assert moved.status_code == 200 or moved.json()["code"] == "request_cancelled"
        shown = (await crowd.show(booked)).json()
        assert shown["status"] == shown["appointment"]["status"] == "cancelled"
        assert len(shown["timeline"]) == (3 if moved.status_code == 200 else 2)


async def test_the_station_cancelling_and_the_applicant_moving_at_once_leaves_one_outcome_on_record(
    crowded: FastAPI, crowd: Booker, clock: Clock
):
    people = People(crowded.state.database, clock, crowded.state.callers.timeouts)
    headers = dict((await people.staff("city_admin")).bearer)
    await linger(crowded)
    for round_ in range(5):
        booked = await crowd.book()
        held = await crowd.hold()
        path = booked["links"]["cancel"]
        cancelling = crowd.client.post(path, json={"reason": "设备检修"}, headers=headers)
        calls = [crowd.move(booked, held), cancelling]
        answers = await at_once(calls if round_ % 2 else calls[::-1])
        moved, cancelled = answers if round_ % 2 else answers[::-1]
        assert cancelled.status_code == 200
        assert moved.status_code == 200 or moved.json()["code"] == "request_cancelled"
        shown = (await crowd.show(booked)).json()
        assert shown["status"] == shown["appointment"]["status"] == "cancelled"
        told = [step["kind"] for step in shown["timeline"]]
        assert told == ["submitted", *(["rescheduled"] if moved.status_code == 200 else []), "cancelled"]
        actions = await crowded.state.database.fetch(
            "SELECT action FROM audit_entry WHERE object_id = %s", (booked["reference"],)
        )
        assert sorted(action.removeprefix("request.") for (action,) in actions) == sorted(told)


async def test_the_record_is_the_last_thing_that_a_submission_writes(crowded: FastAPI, crowd: Booker):
    """Whoever holds a chain of the record holds up others, so it is taken when all else is done."""
    async with crowded.state.database.pool.connection() as connection:
        await connection.execute(NOTE_ORDER, prepare=False)
    body = await crowd.filled_in(await crowd.hold())
    assert (await crowd.send(body, **{"Idempotency-Key": "k"})).status_code == 201
    written = await crowded.state.database.fetch("SELECT name FROM written ORDER BY n", ())
    assert written[-1] == ("audit_entry",)
    assert len(written) == 4


async def test_cancelling_twice_at_once_is_done_once(crowded: FastAPI, crowd: Booker):
    await linger(crowded)
    booked = await crowd.book()
    answers = await at_once([crowd.cancel(booked) for _ in range(5)])
    assert codes(answers) == ["", *["request_cancelled"] * 4]


async def test_moving_to_several_times_at_once_ends_at_one_of_them(crowded: FastAPI, crowd: Booker):
    booked = await crowd.book()
    holds = [await crowd.hold() for _ in range(4)]
    await linger(crowded)
    answers = await at_once([crowd.move(booked, held) for held in holds])
    assert {answer.status_code for answer in answers} == {200}
    shown = (await crowd.show(booked)).json()
    assert shown["appointment"]["start"] in {held["start"] for held in holds}
    assert len(shown["timeline"]) == 1 + len(holds)


async def test_a_hold_that_ends_at_the_moment_of_confirmation_goes_to_one_of_two(
    crowded: FastAPI, crowd: Booker, clock: Clock
):
    await linger(crowded)
    station = (await crowd.designated())[0]
    for start in (await crowd.starts(station))[-3:]:
        holds = await crowd.fill(station, start)
        body = await crowd.filled_in(holds[-1])
        ends = datetime.fromisoformat(holds[-1]["expires_at"])
        clock.move(ends - timedelta(seconds=1))
        confirming = asyncio.create_task(crowd.send(body))
        await asyncio.sleep(0.01)
        clock.move(ends)
        taken = await crowd.client.post("/api/v1/holds", json=crowd.wish(station, start))
        confirmed = await confirming
        assert confirmed.status_code == 201 or confirmed.json()["code"] == "hold_expired"
        assert taken.status_code == 201 or taken.json()["code"] == "slot_taken"


async def test_a_closure_entered_while_booking_wins_or_comes_after(crowded: FastAPI, crowd: Booker):
    """Whoever comes first: no request is booked into a closure that was there before."""
    database: Database = crowded.state.database
    await linger(crowded)
    outcomes = set()
    for first in (0.0, 0.02):
        held = await crowd.hold()
        body = await crowd.filled_in(held)
        closing = asyncio.create_task(_close(database, held))
        await asyncio.sleep(first)
        answer = await crowd.send(body)
        await closing
        outcomes.add(answer.status_code)
        assert answer.status_code == 201 or answer.json()["code"] == "station_closed"
        await database.fetch("DELETE FROM closure", ())
    assert 409 in outcomes


async def _close(database: Database, held: Json) -> None:
    async with database.pool.connection() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) "
            "SELECT id, %s, %s, '停电', 'no power' FROM station WHERE code = %s",
            (held["start"], held["end"], held["station_code"]),
        )
        await asyncio.sleep(0.1)


async def test_a_reference_that_is_taken_already_is_drawn_again(
    crowded: FastAPI, crowd: Booker, monkeypatch: pytest.MonkeyPatch
):
    first = (await crowd.book())["reference"]
    drawn = [first, first, ids.new_reference("ZT")]
    monkeypatch.setattr(ids, "new_reference", lambda _prefix: drawn.pop(0))
    second = (await crowd.book())["reference"]
    assert second != first
    assert not drawn


async def test_an_answer_that_the_database_lost_on_its_way_is_found_again(
    crowded: FastAPI, crowd: Booker, monkeypatch: pytest.MonkeyPatch
):
    database: Database = crowded.state.database
    body = await crowd.filled_in(await crowd.hold())
    plain, lost = database._fetch, []

    async def losing(statement: LiteralString, params: Any) -> Any:
        rows = await plain(statement, params)
        if statement == SUBMIT and not lost:
            lost.append(statement)
            raise psycopg.OperationalError("the connection is lost")
        return rows

    monkeypatch.setattr(database, "_fetch", losing)
    answer = await crowd.send(body)
    assert answer.status_code == 201
    assert lost
    assert (await crowd.show(answer.json())).status_code == 200


async def test_a_submission_takes_three_statements_of_which_two_are_shared(
    crowded: FastAPI, crowd: Booker, monkeypatch: pytest.MonkeyPatch
):
    """The network's version and what is held are read for all who ask at the same moment; then one statement books."""
    database: Database = crowded.state.database
    body = await crowd.filled_in(await crowd.hold())
    plain, statements = database._fetch, []

    async def counting(statement: LiteralString, params: Any) -> Any:
        statements.append(statement)
        return await plain(statement, params)

    monkeypatch.setattr(database, "_fetch", counting)
    assert (await crowd.send(body)).status_code == 201
    assert statements[-1] == SUBMIT
    assert len(statements) == 3
