"""Repeated submissions and changes: the same answer for a day, and no second booking."""

from datetime import timedelta

import pytest

from app.kit.db import Database
from tests.conftest import Clock
from tests.requests.booking import Booker

pytestmark = pytest.mark.anyio


async def count(database: Database, table: str) -> int:
    statements = {
        "request": "SELECT count(*) FROM request",
        "idempotency": "SELECT count(*) FROM idempotency",
    }
    [(number,)] = await database.fetch(statements[table], ())  # type: ignore[arg-type]  # one of ours
    return int(number)


async def test_the_same_submission_again_gets_the_same_answer_and_code(booker: Booker, database: Database):
    body = await booker.filled_in(await booker.hold())
    key = {"Idempotency-Key": "4f3c-一".encode().hex()}
    first = await booker.send(body, **key)
    again = await booker.send(body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert await count(database, "request") == 1


async def test_the_answer_stays_the_first_one_when_the_request_has_moved_on(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    first = (await booker.send(body, **{"Idempotency-Key": "k"})).json()
    assert (await booker.cancel(first)).status_code == 200
    assert (await booker.send(body, **{"Idempotency-Key": "k"})).json() == first


async def test_another_content_under_the_same_key_is_refused(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    await booker.send(body, **{"Idempotency-Key": "k"})
    other = await booker.send({**body, "note": "另一条"}, **{"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_submission_does_not_use_the_key_up(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    refused = await booker.send({**body, "consent_version": "old"}, **{"Idempotency-Key": "k"})
    assert refused.status_code == 422
    assert (await booker.send(body, **{"Idempotency-Key": "k"})).status_code == 201


async def test_after_a_day_the_key_is_new_again_and_the_old_answer_gone(
    booker: Booker, database: Database, clock: Clock
):
    await booker.send(await booker.filled_in(await booker.hold()), **{"Idempotency-Key": "k"})
    clock.move(timedelta(hours=24))
    second = await booker.send(await booker.filled_in(await booker.hold()), **{"Idempotency-Key": "k"})
    assert second.status_code == 201
    assert await count(database, "request") == 2
    assert await count(database, "idempotency") == 1


async def test_what_is_kept_holds_neither_a_secret_nor_anything_personal(booker: Booker, database: Database):
    body = await booker.filled_in(await booker.hold())
    booked = (await booker.send(body, **{"Idempotency-Key": "k"})).json()
    await booker.cancel(booked, "换了供应商", **{"Idempotency-Key": "k2"})
    rows = await database.fetch("SELECT i::text || encode(body_hash, 'escape') FROM idempotency i", ())
    everything = "".join(text for (text,) in rows)
    for secret in (booked["access_code"], body["hold_token"], "王芳", "13812345678", "芜湖长江", "换了供应商"):
        assert secret not in everything


async def test_changes_can_be_repeated_too(booker: Booker):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    held = await booker.hold(station, (await booker.starts(station))[-1])
    key = {"Idempotency-Key": "move"}
    first = await booker.move(booked, held, **key)
    cancelled = await booker.cancel(booked, None, **{"Idempotency-Key": "cancel"})
    assert (await booker.move(booked, held, **key)).json() == first.json()
    again = await booker.cancel(booked, None, **{"Idempotency-Key": "cancel"})
    assert (again.status_code, again.json()) == (200, cancelled.json())
    reused = await booker.cancel(booked, None, **key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "k" * 256, "with space"])
async def test_a_key_that_cannot_be_kept_is_refused(booker: Booker, key: str):
    refused = await booker.send({}, **{"Idempotency-Key": key})
    assert "idempotency-key" in [fault["field"] for fault in refused.json()["errors"]]
