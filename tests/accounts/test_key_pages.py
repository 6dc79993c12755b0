"""API keys: made, shown once, used within their scopes, listed, revoked; by page and by JSON."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import ApiKey
from app.accounts.rules.rights import KeyScope
from app.accounts.service import keys
from tests.accounts.own import Me, me
from tests.conftest import Clock
from tests.support.people import PASSWORD, People

API = "/api/v1/auth/keys"
PAGE = "/account/keys"


@pytest.fixture
async def officer(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People) -> Me:
    return await me(app, client, clock, people, await people.staff("officer"))


async def make(officer: Me, scopes: tuple[str, ...] = ("requests:read",), **more: object) -> httpx.Response:
    form = {"name": "实验室台账", "scope": list(scopes), "days": "90", "proof": PASSWORD, **more}
    return await officer.client.post(f"{PAGE}/new", data=form)


def secret_in(page: httpx.Response) -> str:
    return page.text.split('translate="no">')[1].split("<")[0]


async def test_a_key_is_shown_once_and_kept_as_a_hash(officer: Me) -> None:
    answer = await make(officer)
    secret = secret_in(answer)
    assert secret.startswith("osk_")
    assert answer.headers["cache-control"] == "no-store"
    listed = await officer.get(PAGE)
    assert secret not in listed.text
    assert secret[:12] in listed.text
    rows = await officer.rows("SELECT row_to_json(api_key)::text FROM api_key")
    assert secret not in str(rows)
    assert "key.created" in await officer.actions()
    assert [kind for kind, _to, _text in await officer.mails()] == ["account.key_made"]


async def test_loading_the_answer_again_asks_for_the_form(officer: Me) -> None:
    await make(officer)
    assert "复制密钥" not in (await officer.get(f"{PAGE}/new")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 61), ("scope", []), ("scope", ["everything"]), ("days", "0"), ("days", "366"),
     ("days", "²"), ("proof", ""), ("proof", "wrong")],
)  # fmt: skip
async def test_a_form_that_is_not_right_makes_no_key(officer: Me, field: str, value: object) -> None:
    answer = await make(officer, **{field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert await officer.rows("SELECT 1 FROM api_key") == []


async def test_a_key_opens_what_its_scope_names_and_nothing_else(officer: Me) -> None:
    reader = {"Authorization": f"Bearer {secret_in(await make(officer))}"}
    network = {"Authorization": f"Bearer {secret_in(await make(officer, ('network:read',)))}"}
    assert (await officer.client.get("/api/v1/requests", headers=reader)).status_code == 200
    assert (await officer.client.get("/api/v1/requests", headers=network)).status_code == 403


async def test_a_key_can_not_manage_keys_nor_open_pages(officer: Me) -> None:
    secret = secret_in(await make(officer))
    by_key = {"Authorization": f"Bearer {secret}"}
    assert (await officer.client.get(API, headers=by_key)).status_code == 403
    body = {"name": "more", "scopes": ["requests:write"]}
    assert (await officer.client.post(API, headers=by_key, json=body)).status_code == 403
    mine = (await officer.rows("SELECT id FROM api_key"))[0][0]
    assert (await officer.client.delete(f"{API}/{mine}", headers=by_key)).status_code == 403
    officer.client.cookies.clear()
    assert (await officer.client.get("/account", headers=by_key)).status_code == 303


async def test_a_revoked_key_is_refused_at_once(officer: Me) -> None:
    by_key = {"Authorization": f"Bearer {secret_in(await make(officer))}"}
    key_id = (await officer.rows("SELECT id FROM api_key"))[0][0]
    assert (await officer.post(f"{PAGE}/{key_id}/revoke")).status_code == 303
    assert (await officer.client.get("/api/v1/requests", headers=by_key)).status_code == 401
    assert (await officer.post(f"{PAGE}/{key_id}/revoke")).status_code == 303
    assert (await officer.actions()).count("key.revoked") == 1


async def test_a_key_ends_on_its_day(officer: Me, clock: Clock) -> None:
    by_key = {"Authorization": f"Bearer {secret_in(await make(officer, days='7'))}"}
    clock.move(timedelta(days=6, hours=23))
    assert (await officer.client.get("/api/v1/requests", headers=by_key)).status_code == 200
    clock.move(timedelta(hours=2))
    assert (await officer.client.get("/api/v1/requests", headers=by_key)).status_code == 401


async def test_a_key_loses_what_its_owner_loses(officer: Me) -> None:
    by_key = {"Authorization": f"Bearer {secret_in(await make(officer))}"}
    await officer.rows("UPDATE person SET disabled_at = now() WHERE id = %s", officer.signed.id)
    assert (await officer.client.get("/api/v1/requests", headers=by_key)).status_code == 401


async def test_somebody_elses_key_is_not_known(officer: Me, people: People) -> None:
    await make(officer)
    key_id = (await officer.rows("SELECT id FROM api_key"))[0][0]
    other = await people.staff("officer")
    assert (await officer.client.delete(f"{API}/{key_id}", headers=other.bearer)).status_code == 404
    other.browse(officer.client)
    assert (await officer.post(f"{PAGE}/{key_id}/revoke")).status_code == 404


async def test_twenty_keys_are_enough(officer: Me) -> None:
    for n in range(keys.MOST_KEYS):
        body = {"name": f"key {n}", "scopes": ["requests:read"], "days": 1}
        answer = await officer.client.post(API, headers=officer.signed.bearer, json=body)
        assert answer.status_code == 201
    answer = await officer.client.post(API, headers=officer.signed.bearer, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")


async def test_keys_are_made_listed_and_revoked_by_token(officer: Me) -> None:
    token = officer.signed.bearer
    body = {"name": "ledger", "scopes": ["requests:read", "network:read"], "days": 30}
    made = await officer.client.post(API, headers=token, json=body)
    assert made.status_code == 201
    assert made.headers["cache-control"].endswith("no-store")
    assert made.json()["key"].startswith(made.json()["prefix"])
    assert made.json()["expires_at"] == "2026-12-31T09:00:00+08:00"
    listed = (await officer.client.get(API, headers=token)).json()
    assert listed["items"][0]["scopes"] == ["network:read", "requests:read"]
    assert "key" not in listed["items"][0]
    gone = await officer.client.delete(f"{API}/{made.json()['id']}", headers=token)
    assert gone.status_code == 204
    assert (await officer.client.get(API, headers=token)).json()["items"][0]["revoked_at"]


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"days": 366}, {"x": 1}]
)
async def test_json_that_is_not_right_makes_no_key(officer: Me, wrong: dict[str, object]) -> None:
    body = {"name": "ledger", "scopes": ["requests:read"], **wrong}
    assert (await officer.client.post(API, headers=officer.signed.bearer, json=body)).status_code == 422


async def test_nobody_gets_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get(API)).status_code == 401
    assert (await client.get(PAGE)).status_code == 303


async def test_people_of_an_enterprise_use_keys_too(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    owner = await me(app, client, clock, people, await people.enterprise())
    by_key = {"Authorization": f"Bearer {secret_in(await make(owner))}"}
    assert (await client.get("/api/v1/requests", headers=by_key)).status_code == 200


async def test_a_key_that_ends_soon_is_marked_and_ended_ones_are_apart(officer: Me, clock: Clock) -> None:
    await make(officer, days="7")
    assert "即将到期" in (await officer.get(PAGE)).text
    clock.move(timedelta(days=8))
    until = clock.now + timedelta(hours=1)
    await officer.rows("UPDATE signin_session SET last_seen_at = %s, expires_at = %s", clock.now, until)
    page = (await officer.get(PAGE)).text
    assert "已失效的密钥" in page
    assert "您没有在用的接口密钥" in page


def test_the_state_of_a_key_follows_its_dates(clock: Clock) -> None:
    key = ApiKey(scopes=[KeyScope.READ_REQUESTS], expires_at=clock.now + timedelta(days=15))
    assert keys.state(key, clock.now) == "good"
    assert keys.state(key, clock.now + timedelta(days=1)) == "soon"
    assert keys.state(key, clock.now + timedelta(days=15)) == "expired"
    key.revoked_at = clock.now
    assert keys.state(key, clock.now) == "revoked"


async def test_only_scopes_that_would_be_of_use_are_offered(officer: Me, people: People) -> None:
    page = (await officer.get(f"{PAGE}/new")).text
    assert 'value="requests:write"' in page
    assert 'value="network:read"' not in page
    (await people.staff("manager")).browse(officer.client)
    assert 'value="network:read"' in (await officer.get(f"{PAGE}/new")).text
