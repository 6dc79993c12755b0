"""Registering by a mailed link, and what nobody learns by trying."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings, Settings, WebSettings
from app.kit import clock as app_clock
from app.kit.db import Database
from tests.accounts.signing import PASSWORD, audited, cheap, sign_in, somebody, traced
from tests.conftest import SECRET, Clock, furnished, make_settings

EMAIL = "wang@example.com"
LINK = re.compile(r"http://\S+?(/(?:register|password)/[\w-]{40,}\S*)")
FILLED = {"name": "王工", "password": PASSWORD, "consent": "2026-11-28"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.limits = LimitSettings(limits="off")
    return settings


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    app.state.passwords = cheap()
    return app


async def mails(app: FastAPI, to: str = EMAIL) -> list[tuple[Any, ...]]:
    """Subject and text, the newest last."""
    return await app.state.database.fetch(
        "SELECT subject, body FROM message WHERE recipient = %s ORDER BY created_at, id", (to,)
    )


async def link_of(app: FastAPI, to: str = EMAIL) -> str:
    """The path in the newest mail."""
    found = LINK.search((await mails(app, to))[-1][1])
    assert found
    return found[1]


async def ask(client: httpx.AsyncClient, email: str = EMAIL, **more: str) -> httpx.Response:
    return await client.post("/register", data={"email": email, **more})


async def test_somebody_registers_and_is_signed_in(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    assert "2026-11-28" in (await client.get("/register")).text
    sent = await ask(client, " Ｗang@Example.com ")
    assert sent.status_code == 200
    assert EMAIL in sent.text
    path = await link_of(app)
    assert EMAIL in (await client.get(path)).text
    answer = await client.post(path, data=FILLED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/organisation/new")
    assert "王工" in (await client.get("/services")).text
    rows = await app.state.database.fetch(
        "SELECT email, username, name, language, consent_version, consented_at, mobile FROM person", ()
    )
    assert rows == [(EMAIL, None, "王工", "zh-CN", "2026-11-28", clock(), None)]
    assert {"person.created", "person.signed_in"} <= {action for action, *_ in await audited(app.state.database)}
    await client.post("/sign-out")
    assert (await sign_in(client, "WANG@example.com")).status_code == 303


async def test_one_is_led_on_to_where_one_wanted_to_go(client: httpx.AsyncClient, app: FastAPI):
    await ask(client, next="/join/abc?x=1&y=2")
    path = await link_of(app)
    assert path.endswith("?next=%2Fjoin%2Fabc%3Fx%3D1%26y%3D2")
    assert 'value="/join/abc?x=1&amp;y=2"' in (await client.get(path)).text
    answer = await client.post(path.partition("?")[0], data=FILLED | {"next": "/join/abc?x=1&y=2"})
    assert answer.headers["location"] == "/join/abc?x=1&y=2"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_a_mail_leads_nobody_elsewhere(client: httpx.AsyncClient, app: FastAPI, elsewhere: str):
    await ask(client, next=elsewhere)
    assert "evil" not in (await mails(app))[0][1]
    path = await link_of(app)
    answer = await client.post(path, data=FILLED | {"next": elsewhere})
    assert answer.headers["location"] == "/organisation/new"


@pytest.mark.parametrize("path", ["/register", "/password"])
async def test_nobody_learns_which_address_has_an_account(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, path: str
):
    await somebody(app, clock, email=EMAIL)
    await somebody(app, clock, email="shut@example.com", disabled_at=clock())
    pages, calls = set(), set()
    for email in (EMAIL, "nobody@example.com", "shut@example.com"):
        with traced(app) as steps:
            answer = await client.post(path, data={"email": email})
        assert answer.status_code == 200
        pages.add(answer.text.replace(email, "…"))
        calls.add(tuple(steps))
        assert len(await mails(app, email)) == 1
    assert len(pages) == len(calls) == 1


async def test_a_known_address_is_told_so_by_mail_in_its_own_language(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, email=EMAIL, language="en")
    await ask(client)
    subject, text = (await mails(app))[0]
    assert subject == "You have an account already"
    assert "/password/" in text
    assert "/register/" not in text


async def test_the_mail_speaks_the_language_of_the_page(client: httpx.AsyncClient, app: FastAPI):
    client.headers["Accept-Language"] = "en"
    await ask(client)
    assert (await mails(app))[0][0] == "Go on with your registration"
    await client.post(await link_of(app), data=FILLED)
    assert await app.state.database.fetch("SELECT language FROM person", ()) == [("en",)]


async def test_opening_the_link_often_spends_nothing_and_sending_the_form_does(client: httpx.AsyncClient, app: FastAPI):
    await ask(client)
    path = await link_of(app)
    for method in ("GET", "HEAD", "GET"):
        await client.request(method, path)
    assert (await client.post(path, data=FILLED | {"password": "short"})).status_code == 422
    assert (await client.post(path, data=FILLED)).status_code == 303
    for again in (await client.get(path), await client.post(path, data=FILLED)):
        assert (again.status_code, "链接已失效" in again.text) == (410, True)


async def test_a_link_is_good_for_a_day(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await ask(client)
    clock.move(timedelta(hours=24))
    assert (await client.get(await link_of(app))).status_code == 410


async def test_pages_with_a_secret_in_their_address_are_kept_nowhere_and_named_to_nobody(
    client: httpx.AsyncClient, app: FastAPI, capsys: pytest.CaptureFixture[str]
):
    await ask(client)
    path = await link_of(app)
    for answer in (await client.get(path), await client.post(path, data={}), await client.get("/password/x")):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
    logged = "".join(capsys.readouterr())
    assert "/register/…" in logged
    assert path.partition("?")[0].rpartition("/")[2] not in logged


async def test_of_two_links_to_one_address_one_makes_the_account(client: httpx.AsyncClient, app: FastAPI):
    await ask(client)
    first = await link_of(app)
    await ask(client)
    second = await link_of(app)
    assert first != second
    assert (await client.post(first, data=FILLED)).status_code == 303
    late = await client.post(second, data=FILLED)
    assert (late.status_code, "已有账户" in late.text) == (409, True)
    assert await app.state.database.fetch("SELECT count(*) FROM person", ()) == [(1,)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "请输入姓名"),
        ({"name": "x" * 61}, "60"),
        ({"name": "a\x00b"}, "控制字符"),
        ({"password": ""}, "请设置密码"),
        ({"password": "short"}, "10"),
        ({"password": "password123"}, "密码"),
        ({"password": "wang-wang-x1"}, ""),
        ({"password": "x" * 100_000}, "128"),
        ({"consent": ""}, "请阅读并同意隐私说明"),
        ({"consent": "2020-01-01"}, "隐私说明已更新"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(
    client: httpx.AsyncClient, app: FastAPI, changed: dict[str, str], sentence: str
):
    await ask(client)
    path = await link_of(app)
    answer = await client.post(path, data=FILLED | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert PASSWORD not in answer.text, "a password is never sent back"
    assert await app.state.database.fetch("SELECT count(*) FROM person", ()) == [(0,)]


async def test_a_name_of_emoji_is_a_name(client: httpx.AsyncClient, app: FastAPI):
    await ask(client)
    assert (await client.post(await link_of(app), data=FILLED | {"name": "😀 Zoë"})).status_code == 303


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "wang", "wang@", "@example.com", "a@b@c", "x" * 100_000, "a\x00@example.com", "😀", "w\r\nBcc: x@y.z"],
)
@pytest.mark.parametrize("path", ["/register", "/password"])
async def test_what_is_no_address_is_refused_at_its_field(
    client: httpx.AsyncClient, app: FastAPI, path: str, typed: str
):
    answer = await client.post(path, data={"email": typed})
    assert answer.status_code == 422
    assert 'href="#f-email"' in answer.text
    assert len(answer.text) < 30_000
    assert await app.state.database.fetch("SELECT count(*) FROM message", ()) == [(0,)]


async def test_nobodys_mailbox_is_flooded(client: httpx.AsyncClient, app: FastAPI):
    app.state.rates = type(app.state.rates)(app.state.database, LimitSettings(registrations_per_hour=1000).rates)
    pages = {(await ask(client)).text for _ in range(8)}
    assert len(pages) == 1
    assert len(await mails(app)) == 5
    await ask(client, "other@example.com")
    assert len(await mails(app, "other@example.com")) == 1


async def test_a_mail_leads_to_the_set_address_whatever_host_was_asked(client: httpx.AsyncClient, app: FastAPI):
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    await client.post("/register", data={"email": EMAIL}, headers=evil)
    assert "evil" not in (await mails(app))[0][1]
    app.state.settings.web = WebSettings(public_url="https://zhizhan.example.cn", secret_key=SECRET)  # type: ignore[arg-type]
    await client.post("/register", data={"email": EMAIL}, headers=evil)
    assert "https://zhizhan.example.cn/register/" in (await mails(app))[-1][1]
    assert "evil" not in (await mails(app))[-1][1]


@pytest.fixture
async def crowded(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    app.state.passwords = cheap()
    async with app.router.lifespan_context(app):
        yield app


@pytest.mark.race
async def test_of_many_who_send_the_form_at_once_one_makes_the_account(crowded: FastAPI):
    database: Database = crowded.state.database
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        await ask(client)
        path = await link_of(crowded)
        answers = await asyncio.gather(*(client.post(path, data=FILLED) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303, *[410] * 7]
    assert await database.fetch("SELECT count(*) FROM person", ()) == [(1,)]


@pytest.mark.race
async def test_of_many_links_used_at_once_one_makes_the_account(crowded: FastAPI):
    transport = httpx.ASGITransport(app=crowded)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        paths = []
        for _ in range(5):
            await ask(client)
            paths.append(await link_of(crowded))
        answers = await asyncio.gather(*(client.post(path, data=FILLED) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [303, *[409] * 4]
    assert await crowded.state.database.fetch("SELECT count(*) FROM person", ()) == [(1,)]
