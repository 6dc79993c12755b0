"""Bearer tokens by JSON: who gets one, who doesn't, and that nothing tells why."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings, Settings
from app.kit.db import Database
from app.kit.problems import Unavailable
from tests.accounts.signing import PASSWORD, audited, cheap, somebody, token, traced
from tests.conftest import Clock

CURRENT = "/api/v1/auth/tokens/current"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.limits = LimitSettings(limits="off")
    return settings


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    app.state.passwords = cheap()
    return app


async def test_an_officer_gets_a_token_with_role_and_station(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    [(code,)] = await app.state.database.fetch("SELECT code FROM station ORDER BY code DESC LIMIT 1", ())
    await somebody(app, clock, role="officer", place=code)
    answer = await token(client)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.pop("access_token").startswith("ost_")
    assert body == {
        "token_type": "Bearer",
        "expires_at": (clock() + timedelta(hours=12)).isoformat(),
        "roles": ["officer"],
        "stations": [code],
        "everywhere": False,
    }


async def test_a_county_administrator_is_told_the_stations_of_the_county(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, role="county_admin", place="340202")
    body = (await token(client)).json()
    rows = await app.state.database.fetch("SELECT code FROM station WHERE county_adcode = '340202' ORDER BY code", ())
    assert len(rows) > 1
    assert body["stations"] == [code for (code,) in rows]


async def test_whoever_reaches_everything_gets_no_list(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, role="auditor", factor=True)
    body = (await token(client, totp=person.code(clock()))).json()
    assert (body["roles"], body["stations"], body["everywhere"]) == (["auditor"], [], True)


async def test_people_of_enterprises_sign_in_by_mail_address_however_it_is_written(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, email="wang@example.com")
    for name in ("wang@example.com", " Wang@Example.COM ", "ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ"):
        body = (await token(client, name)).json()
        assert (body["roles"], body["stations"], body["everywhere"]) == ([], [], False)


async def test_a_token_opens_the_door_until_it_is_ended(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    bearer = {"Authorization": f"Bearer {(await token(client)).json()['access_token']}"}
    ended = await client.delete(CURRENT, headers=bearer)
    assert (ended.status_code, ended.content) == (204, b"")
    again = await client.delete(CURRENT, headers=bearer)
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_needed")
    assert "session.ended" in {entry[0] for entry in await audited(app.state.database)}


async def test_a_token_is_worth_nothing_as_a_cookie(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    secret = (await token(client)).json()["access_token"]
    client.cookies.set("onestop_session", secret, domain="testserver.local")
    assert "王工" not in (await client.get("/services")).text


REFUSALS: dict[str, dict[str, Any]] = {
    "password": {},
    "unknown": {"username": "zhao"},
    "disabled": {"disabled": True},
    "closed": {"closed": True},
    "no_password": {"password": None},
}


@pytest.mark.parametrize("reason", REFUSALS)
async def test_every_refusal_makes_the_same_calls_and_gives_the_same_answer(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, reason: str
):
    await somebody(app, clock, username="other")
    made = dict(REFUSALS[reason])
    ended = {f"{name}_at": clock() for name in ("disabled", "closed") if made.pop(name, False)}
    await somebody(app, clock, **made, **ended)
    typed = PASSWORD if reason in ("disabled", "closed", "no_password") else "not the password"
    with traced(app) as expected:
        wrong = await token(client, "other", "not the password")
    with traced(app) as steps:
        answer = await token(client, password=typed)
    assert steps == expected
    assert steps.count("hash") == 1
    assert (answer.status_code, answer.json()) == (wrong.status_code, wrong.json()) == (401, wrong.json())
    assert answer.json()["code"] == "sign_in_refused"
    reasons = [entry[2] for entry in await audited(app.state.database, "person.sign_in_refused")]
    assert sorted(reasons) == sorted(["password", reason])


async def test_nothing_that_was_typed_is_on_record(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await token(client, "my-secret-typed-as-a-name", "hunter2hunter2")
    rows = await app.state.database.fetch("SELECT audit_entry::text FROM audit_entry", ())
    assert rows
    assert not any("my-secret" in text or "hunter2" in text for (text,) in rows)


async def test_a_second_factor_is_asked_for_only_after_the_right_password(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    person = await somebody(app, clock, factor=True)
    wrong = await token(client, password="wrong", totp=person.code(clock()))
    assert wrong.json()["code"] == "sign_in_refused"
    needed = await token(client)
    assert (needed.status_code, needed.json()["code"]) == (401, "second_factor_needed")
    assert (await token(client, totp="000000")).json()["code"] == "sign_in_refused"
    code = person.code(clock())
    assert (await token(client, totp=code)).status_code == 201
    assert (await token(client, totp=code)).json()["code"] == "sign_in_refused", "a code is good once"
    assert (await token(client, totp=person.codes[0].lower())).status_code == 201
    assert (await token(client, totp=person.codes[0])).status_code == 401


async def test_who_must_have_a_second_factor_and_has_none_gets_no_token(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, role="city_admin")
    answer = await token(client)
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_missing")
    assert (await token(client, password="wrong")).json()["code"] == "sign_in_refused"


async def test_a_lock_says_the_same_of_known_and_unknown_names(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    answers = {name: [await token(client, name, "wrong") for _ in range(6)] for name in ("wang", "zhao")}
    assert [answer.status_code for answer in answers["wang"]] == [401] * 5 + [429]
    for known, unknown in zip(*answers.values(), strict=True):
        assert known.json() == unknown.json()
    locked = await token(client)
    assert (locked.json()["code"], locked.headers["retry-after"]) == ("sign_in_locked", "60")
    clock.move(timedelta(minutes=1))
    assert (await token(client)).status_code == 201
    entries = await audited(app.state.database, "person.sign_in_refused")
    assert sorted(bool(after) for _action, _id, _reason, after, _name in entries) == [False] * 8 + [True] * 2


async def test_codes_are_locked_too_and_a_right_password_does_not_unlock_them(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    person = await somebody(app, clock, factor=True)
    for _ in range(5):
        assert (await token(client, totp="000000")).status_code == 401
    assert (await token(client, totp=person.code(clock()))).json()["code"] == "sign_in_locked"


async def test_a_hash_made_with_older_settings_is_made_anew(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    database: Database = app.state.database
    [(before,)] = await database.fetch("SELECT password_hash FROM person", ())
    app.state.passwords = type(app.state.passwords)(passes=2, memory_kib=16, lanes=1)
    assert (await token(client)).status_code == 201
    [(after,)] = await database.fetch("SELECT password_hash FROM person", ())
    assert "m=16,t=2" in after != before
    assert (await token(client)).status_code == 201


async def test_who_could_not_be_compared_for_the_crowd_has_not_failed(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    await somebody(app, clock)

    async def crowded(_text: str, _hashed: str | None) -> tuple[bool, str | None]:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(app.state.passwords, "verify", crowded)
        for _ in range(8):
            assert (await token(client)).status_code == 503
    assert (await token(client)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "wang"},
        {"username": "", "password": "x"},
        {"username": "wang", "password": ""},
        {"username": "wang", "password": "x", "remember": True},
        {"username": 1, "password": "x"},
        {"username": "w" * 100_000, "password": "x"},
        {"username": "wang", "password": "x" * 100_000},
        {"username": "wang", "password": "x", "totp": "1" * 100},
    ],
)
async def test_what_is_no_sign_in_is_refused_by_field(client: httpx.AsyncClient, body: dict[str, Any]):
    answer = await client.post("/api/v1/auth/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"]


@pytest.mark.parametrize("typed", ["\x00", "wang\x00", "😀" * 50, "' OR 1=1 --", "ﷺ" * 200, "code:x"])
async def test_strange_names_and_passwords_are_just_wrong(client: httpx.AsyncClient, typed: str):
    body = f'{{"username": {ascii_json(typed)}, "password": {ascii_json(typed)}}}'
    answer = await client.post("/api/v1/auth/tokens", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")


def ascii_json(text: str) -> str:
    return '"' + "".join(f"\\u{unit:04x}" for unit in utf16(text)) + '"'


def utf16(text: str) -> list[int]:
    raw = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[n : n + 2]) for n in range(0, len(raw), 2)]


async def test_blanks_at_the_ends_of_a_password_count(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock, password=f" {PASSWORD} ")
    assert (await token(client)).status_code == 401
    assert (await token(client, password=f" {PASSWORD} ")).status_code == 201
