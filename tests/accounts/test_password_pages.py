"""A forgotten password, and the first one of staff, by a mailed link."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import ApiKey, Person
from app.accounts.service import links
from app.accounts.sessions import KEY_PREFIX
from app.config import LimitSettings, Settings
from app.kit.db import Database
from app.kit.ids import hash_secret, new_id, new_secret
from tests.accounts.signing import PASSWORD, audited, cheap, sign_in, somebody, token
from tests.conftest import Clock

EMAIL = "wang@example.com"
NEW = "four plain quiet words"
LINK = re.compile(r"http://\S+?(/password/[\w-]{40,})")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.limits = LimitSettings(limits="off")
    return settings


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    app.state.passwords = cheap()
    return app


async def mails(app: FastAPI, to: str = EMAIL) -> list[tuple[str, str]]:
    return await app.state.database.fetch(
        "SELECT subject, body FROM message WHERE recipient = %s ORDER BY created_at, id", (to,)
    )


async def asked(client: httpx.AsyncClient, app: FastAPI) -> str:
    """The link's path."""
    await client.post("/password", data={"email": EMAIL})
    found = LINK.search((await mails(app))[-1][1])
    assert found
    return found[1]


async def test_a_forgotten_password_is_set_anew(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock, email=EMAIL)
    bearer = {"Authorization": f"Bearer {(await token(client, EMAIL)).json()['access_token']}"}
    path = await asked(client, app)
    assert EMAIL in (await client.get(path)).text
    answer = await client.post(path, data={"password": NEW})
    assert answer.headers["location"] == "/sign-in?done=password"
    assert "密码已设置" in (await client.get("/sign-in?done=password")).text
    assert (await sign_in(client, EMAIL, PASSWORD)).status_code == 422
    assert (await sign_in(client, EMAIL, NEW)).status_code == 303
    assert (await client.delete("/api/v1/auth/tokens/current", headers=bearer)).status_code == 401
    assert [entry[2] for entry in await audited(app.state.database, "person.password_changed")] == ["link"]
    assert (await mails(app))[-1][0] == "密码已修改"


async def test_a_link_is_good_once_for_an_hour_and_others_end_with_it(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, email=EMAIL)
    first, second = await asked(client, app), await asked(client, app)
    assert (await client.post(first, data={"password": NEW})).status_code == 303
    for path in (first, second):
        assert (await client.post(path, data={"password": NEW})).status_code == 410
    third = await asked(client, app)
    clock.move(timedelta(hours=1))
    assert (await client.get(third)).status_code == 410


async def test_a_new_password_ends_the_keys_of_an_account_that_was_in_other_hands(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    person = await somebody(app, clock, email=EMAIL)
    secret = f"{KEY_PREFIX}{new_secret()}"
    async with app.state.database.writer() as session:
        session.add(
            ApiKey(
                id=new_id(),
                person_id=person.id,
                name="Excel",
                prefix=secret[:12],
                secret_hash=hash_secret(secret),
                scopes=["requests:read"],
                created_at=clock(),
                expires_at=clock() + timedelta(days=90),
            )
        )
        await session.commit()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await client.get("/api/v1/organisations", headers=bearer)).status_code == 200
    await client.post(await asked(client, app), data={"password": NEW})
    assert (await client.get("/api/v1/organisations", headers=bearer)).status_code == 401


async def test_a_second_factor_stays_after_a_new_password(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock, email=EMAIL, factor=True)
    await client.post(await asked(client, app), data={"password": NEW})
    assert (await sign_in(client, EMAIL, NEW)).headers["location"] == "/sign-in/code"


async def test_a_new_password_lifts_the_lock_of_the_name(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock, username="wang", email=EMAIL)
    for name in ("wang", EMAIL):
        for _ in range(5):
            await sign_in(client, name, "wrong")
        assert (await sign_in(client, name)).status_code == 429
    await client.post(await asked(client, app), data={"password": NEW})
    for name in ("wang", EMAIL):
        assert (await sign_in(client, name, NEW)).status_code == 303


async def test_staff_choose_their_first_password_within_a_week(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, username="li.officer", email=EMAIL, role="officer", password=None)
    async with app.state.database.writer() as session:
        made = await links.make(session, "password", EMAIL, clock(), person_id=person.id, lifetime=links.FIRST_PASSWORD)
        await session.commit()
    clock.move(timedelta(days=6))
    path = f"/password/{made.secret}"
    assert 'value="li.officer"' in (await client.get(path)).text
    personal = await client.post(path, data={"password": "li.officer says hello"})
    assert (personal.status_code, personal.text.count('aria-invalid="true"')) == (422, 1)
    assert (await client.post(path, data={"password": NEW})).status_code == 303
    assert (await sign_in(client, "li.officer", NEW)).headers["location"] == "/office"
    assert await mails(app) == []
    assert len(await audited(app.state.database, "person.password_set")) == 1


async def test_an_address_without_an_account_is_told_so_by_mail_and_its_link_is_none(
    client: httpx.AsyncClient, app: FastAPI
):
    await client.post("/password", data={"email": EMAIL})
    subject, text = (await mails(app))[0]
    assert subject == "该邮箱没有账户"
    assert not LINK.search(text)
    assert "/register" in text


@pytest.mark.parametrize("how", ["disabled_at", "closed_at"])
async def test_who_is_disabled_meanwhile_sets_no_password(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, how: str
):
    person = await somebody(app, clock, email=EMAIL)
    path = await asked(client, app)
    async with app.state.database.writer() as session:
        setattr(await session.get_one(Person, person.id), how, clock())
        await session.commit()
    assert (await client.get(path)).status_code == 410
    assert (await client.post(path, data={"password": NEW})).status_code == 410


@pytest.mark.parametrize("typed", ["", "short", "x" * 100_000, "1234567890", "😀😀😀😀"])
async def test_a_password_that_is_no_good_is_refused_at_its_field(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, typed: str
):
    await somebody(app, clock, email=EMAIL)
    path = await asked(client, app)
    answer = await client.post(path, data={"password": typed})
    assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, 1)
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("secret", ["x", "%00", "%F0%9F%98%80", "x" * 200, "' OR 1=1"])
async def test_a_link_that_was_never_made_is_one_that_is_spent(client: httpx.AsyncClient, secret: str):
    for path in (f"/password/{secret}", f"/register/{secret}"):
        assert (await client.get(path)).status_code == 410
        assert (await client.post(path, data={"password": NEW})).status_code == 410


async def test_of_two_who_use_a_link_at_once_one_sets_the_password(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, email=EMAIL)
    path = await asked(client, app)
    answers = await asyncio.gather(*(client.post(path, data={"password": f"{NEW} {n}"}) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]
    database: Database = app.state.database
    assert await database.fetch("SELECT count(*) FROM mail_token WHERE used_at IS NOT NULL", ()) == [(1,)]
