"""Signing in and out by a browser, step by step."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from app.config import AccountSettings, LimitSettings, Settings
from tests.accounts.signing import PASSWORD, audited, cheap, sign_in, somebody, traced
from tests.conftest import Clock
from tests.support.people import People

WRONG = "用户名或密码不正确。"
SESSION, PENDING = "onestop_session", "onestop_pending"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.limits = LimitSettings(limits="off")
    return settings


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    app.state.passwords = cheap()
    return app


def plant(client: httpx.AsyncClient, name: str, value: str) -> None:
    client.cookies.set(name, value, domain="testserver.local", path="/")


async def test_somebody_signs_in_and_out(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock)
    answer = await sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie.partition(PENDING)[0]
    assert "王工" in (await client.get("/services")).text
    secret = client.cookies[SESSION]
    out = await client.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in?done=out")
    plant(client, SESSION, secret)
    assert "王工" not in (await client.get("/services")).text
    # At the same moment, so they are told apart by what they say.
    done = sorted(entry for entry in await audited(app.state.database) if entry[0] != "network.imported")
    assert [action for action, *_ in done] == ["person.signed_in", "session.ended"]
    assert (done[0][1], done[0][4]) == (str(person.id), "wang")


async def test_signing_out_twice_is_no_matter(client: httpx.AsyncClient):
    assert (await client.post("/sign-out")).status_code == 303
    assert (await client.get("/sign-out")).status_code == 405


@pytest.mark.parametrize(
    ("role", "home"), [("window", "/office"), ("county_admin", "/office"), ("city_admin", "/account/second-factor")]
)
async def test_staff_begin_at_the_office_or_with_their_second_factor(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, role: str, home: str
):
    await somebody(app, clock, role=role, place="340202" if role == "county_admin" else "")
    assert (await sign_in(client)).headers["location"] == home


async def test_one_is_led_on_to_where_one_wanted_to_go(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    asked = await client.get("/account/keys?a=1&b=2")
    form = asked.headers["location"]
    assert urlsplit(form).path == "/sign-in"
    assert 'value="/account/keys?a=1&amp;b=2"' in (await client.get(form)).text
    onward = parse_qs(urlsplit(form).query)["next"][0]
    assert (await sign_in(client, next=onward)).headers["location"] == "/account/keys?a=1&b=2"
    assert (await client.get(form)).headers["location"] == "/account/keys?a=1&b=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "evil.example",
        " //evil.example",
        "/" + "x" * 5000,
        "",
    ],
)
async def test_nobody_is_led_elsewhere(client: httpx.AsyncClient, app: FastAPI, clock: Clock, elsewhere: str):
    await somebody(app, clock, factor=elsewhere == "//evil.example")
    answer = await sign_in(client, next=elsewhere)
    assert answer.headers["location"] in ("/account", "/sign-in/code")
    page = await client.get("/sign-in", params={"next": elsewhere})
    assert page.headers.get("location", "/account") == "/account"
    assert 'name="next"' not in page.text


async def test_every_refusal_gives_the_same_page_and_makes_the_same_calls(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock, username="known")
    await somebody(app, clock, username="shut", disabled_at=clock())
    await somebody(app, clock, username="gone", closed_at=clock())
    await somebody(app, clock, username="sso", password=None)
    pages, calls = set(), set()
    for name, password in (
        ("known", "wrong"),
        ("nobody", PASSWORD),
        ("shut", PASSWORD),
        ("gone", PASSWORD),
        ("sso", ""),
    ):
        with traced(app) as steps:
            answer = await sign_in(client, name, password or PASSWORD)
        assert (answer.status_code, SESSION in answer.headers.get("set-cookie", "")) == (422, False)
        pages.add(answer.text.replace(f'value="{name}"', ""))
        assert "aria-invalid" not in answer.text
        calls.add(tuple(steps))
    assert len(pages) == len(calls) == 1
    assert WRONG in pages.pop()


async def test_what_is_missing_is_said_at_the_field_and_on_top(client: httpx.AsyncClient):
    answer = await client.post("/sign-in", data={"name": "  "}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.text.count("Enter your user name or mail address.") == 2
    assert answer.text.count("Enter your password.") == 2
    assert 'href="#f-password"' in answer.text


@pytest.mark.parametrize(
    "typed", ["x" * 100_000, "a\x00b", "😀" * 1000, "<script>alert(1)</script>", "'\";--", "ﷺ" * 999]
)
async def test_whatever_is_typed_is_just_wrong(client: httpx.AsyncClient, typed: str):
    answer = await sign_in(client, typed, typed)
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 30_000


async def test_a_lock_is_said_with_its_minutes_alike_for_all_names(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock
):
    await somebody(app, clock)
    for name in ("wang", "nobody"):
        for _ in range(5):
            assert (await sign_in(client, name, "wrong")).status_code == 422
        locked = await sign_in(client, name)
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "60")
        assert "请在 1 分钟后再试" in locked.text
    clock.move(timedelta(minutes=1))
    assert (await sign_in(client)).status_code == 303


async def test_a_session_elsewhere_goes_on_while_the_name_is_locked(
    client: httpx.AsyncClient, app: FastAPI, clock: Clock, people: People
):
    officer = await people.staff("officer", username="li")
    for _ in range(6):
        await sign_in(client, "li", "wrong")
    officer.browse(client)
    assert "测试人员 li" in (await client.get("/services")).text


async def test_a_planted_cookie_is_worth_nothing(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    plant(client, SESSION, "planted")
    await sign_in(client)
    secret = client.cookies.get(SESSION, domain="testserver.local")
    assert secret != "planted"
    client.cookies.clear()
    plant(client, SESSION, "planted")
    assert "王工" not in (await client.get("/services")).text


async def test_signing_in_again_ends_the_session_before(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    await sign_in(client)
    first = client.cookies[SESSION]
    await sign_in(client)
    assert client.cookies[SESSION] != first
    client.cookies.clear()
    plant(client, SESSION, first)
    assert "王工" not in (await client.get("/services")).text


async def test_the_code_comes_after_the_password(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, role="auditor", factor=True)
    asked = await sign_in(client, next="/account/keys")
    assert asked.headers["location"] == "/sign-in/code?next=%2Faccount%2Fkeys"
    assert SESSION not in client.cookies
    assert "王工" not in (await client.get("/services")).text
    pending = client.cookies[PENDING]
    wrong = await client.post("/sign-in/code", data={"code": "000000", "next": "/account/keys"})
    assert (wrong.status_code, "该验证码不正确" in wrong.text) == (422, True)
    entered = await client.post("/sign-in/code", data={"code": person.code(clock()), "next": "/account/keys"})
    assert entered.headers["location"] == "/account/keys"
    assert PENDING not in client.cookies
    assert client.cookies[SESSION] != pending
    assert (await client.get("/services")).text.count("王工") == 1
    plant(client, PENDING, pending)
    again = await client.post("/sign-in/code", data={"code": person.code(clock() + timedelta(seconds=30))})
    assert again.headers["location"] == "/sign-in"
    signed_in = (await audited(app.state.database, "person.signed_in"))[0][3]
    assert signed_in == {"by": "browser", "proof": "password", "second_factor": True}


async def test_neither_secret_stands_for_the_other(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, factor=True)
    await sign_in(client)
    plant(client, SESSION, client.cookies[PENDING])
    assert "王工" not in (await client.get("/services")).text
    await client.post("/sign-in/code", data={"code": person.code(clock())})
    plant(client, PENDING, client.cookies.get(SESSION, domain="testserver.local") or "")
    assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in"


async def test_a_recovery_code_serves_once(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, factor=True)
    outcomes = []
    for _ in range(2):
        await sign_in(client)
        assert "恢复码" in (await client.get("/sign-in/code?by=recovery")).text
        given = {"code": f" {person.codes[3].lower()} ", "by": "recovery"}
        outcomes.append((await client.post("/sign-in/code", data=given)).status_code)
        await client.post("/sign-out")
    assert outcomes == [303, 422]
    assert (await audited(app.state.database, "person.signed_in"))[0][3]["proof"] == "recovery"


async def test_the_code_is_not_asked_for_ever(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, factor=True)
    await sign_in(client, next="/services")
    clock.move(timedelta(minutes=11))
    late = await client.post("/sign-in/code", data={"code": person.code(clock()), "next": "/services"})
    assert late.headers["location"] == "/sign-in?next=%2Fservices"


async def test_codes_are_guessed_five_times_and_then_locked(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, factor=True)
    await sign_in(client)
    statuses = [(await client.post("/sign-in/code", data={"code": f"{n:06}"})).status_code for n in range(6)]
    assert statuses == [422] * 5 + [429]
    await sign_in(client)
    locked = await client.post("/sign-in/code", data={"code": person.code(clock())})
    assert locked.status_code == 429


@pytest.mark.parametrize("typed", ["", "x" * 100_000, "\x00", "😀", "１２３４５６", "-1"])
async def test_whatever_is_no_code_is_wrong(client: httpx.AsyncClient, app: FastAPI, clock: Clock, typed: str):
    await somebody(app, clock, factor=True)
    await sign_in(client)
    assert (await client.post("/sign-in/code", data={"code": typed})).status_code == 422


async def test_who_is_disabled_between_the_steps_stays_out(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    person = await somebody(app, clock, factor=True)
    await sign_in(client)
    await app.state.database.fetch("UPDATE person SET disabled_at = now()", ())
    answer = await client.post("/sign-in/code", data={"code": person.code(clock())})
    assert answer.headers["location"] == "/sign-in"


async def test_single_sign_on_is_offered_where_it_is_set_up(client: httpx.AsyncClient, app: FastAPI):
    assert "/sign-in/sso" not in (await client.get("/sign-in")).text
    app.state.settings.accounts = AccountSettings(sso_issuer="https://sso.example.com", sso_name_zh="皖事通")
    page = (await client.get("/sign-in?next=/services")).text
    assert 'href="/sign-in/sso?next=/services"' in page
    assert "通过皖事通登录" in page


async def test_another_site_cannot_sign_somebody_in_or_out(client: httpx.AsyncClient, app: FastAPI, clock: Clock):
    await somebody(app, clock)
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/sign-in", "/sign-out", "/sign-in/code", "/register", "/password"):
        answer = await client.post(path, data={"name": "wang", "password": PASSWORD}, headers=foreign)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_forms_tell_password_managers_what_is_what(client: httpx.AsyncClient):
    page = (await client.get("/sign-in")).text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


async def test_over_tls_only_a_cookie_of_this_very_host_counts(app: FastAPI, clock: Clock):
    await somebody(app, clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://testserver") as client:
        cookie = (await sign_in(client)).headers["set-cookie"]
        assert cookie.startswith("__Host-onestop_session=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        secret = client.cookies["__Host-onestop_session"]
        assert "王工" in (await client.get("/services")).text
        client.cookies.clear()
        plant(client, SESSION, secret)
        assert "王工" not in (await client.get("/services")).text
