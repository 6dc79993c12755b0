"""Single sign-on with a real OpenID provider, which runs beside the test."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import Person
from app.config import AccountSettings, DatabaseSettings, Settings, WebSettings
from app.kit import clock as app_clock
from tests.accounts.oidc_provider.project import CLIENT_ID, CLIENT_SECRET
from tests.accounts.oidc_provider.running import RealProvider, agree
from tests.conftest import SECRET, Clock, empty, furnished
from tests.support.people import People, Signed


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    provider = RealProvider(tmp_path_factory.mktemp("provider"))
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def clock() -> Clock:
    """The provider's clock is the machine's, so ours is too."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def settings(database_url: str, tmp_path: Path, real: RealProvider) -> Settings:
    return Settings(
        database=DatabaseSettings(database_url=database_url),
        web=WebSettings(home=tmp_path, secret_key=SECRET, public_url="http://testserver"),
        accounts=AccountSettings(sso_issuer=real.issuer, sso_client_id=CLIENT_ID, sso_client_secret=CLIENT_SECRET),
    )


@pytest.fixture
async def app(settings: Settings, clock: Clock) -> AsyncIterator[FastAPI]:
    app = furnished(settings)
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app
        await empty(app.state.database)


async def staff(app: FastAPI, people: People, role: str = "officer", email: str = "zhang@example.com") -> Signed:
    """A member of the staff, made by an administrator with the address that the provider knows."""
    signed = await people.staff(role, strong=False)
    async with app.state.database.writer() as session:
        (await session.get_one(Person, signed.id)).email = email
        await session.commit()
    return signed


async def sign_in(client: httpx.AsyncClient, name: str = "zhang", path: str = "/sign-in/sso") -> httpx.Response:
    """The whole way there and back."""
    away = await client.get(path)
    assert away.status_code == 303, away.text
    return await client.get(await agree(away.headers["location"], name))


async def reasons(app: FastAPI) -> list[str]:
    rows = await app.state.database.fetch(
        "SELECT reason FROM audit_entry WHERE action = 'person.sign_in_refused' ORDER BY at", ()
    )
    return [row[0] for row in rows]


async def test_the_way_there_is_bound_to_this_browser_and_this_sign_in(client: httpx.AsyncClient) -> None:
    away = await client.get("/sign-in/sso")
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/sso/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = away.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert not any(asked[name][0] in cookie for name in ("state", "nonce"))


async def test_staff_come_in_and_are_linked_the_first_time(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    person = await staff(app, people)
    answer = await sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office")
    page = await client.get("/account")
    assert "测试人员" in page.text
    linked = await app.state.database.fetch("SELECT person_id, subject FROM identity", ())
    assert [row[0] for row in linked] == [person.id]
    actions = await app.state.database.fetch("SELECT action FROM audit_entry ORDER BY at, chain, n", ())
    assert {"person.identity_linked", "person.signed_in"} <= {row[0] for row in actions}


async def test_a_link_outlives_another_mail_address(app: FastAPI, client: httpx.AsyncClient, people: People) -> None:
    await staff(app, people)
    await sign_in(client)
    client.cookies.clear()
    await app.state.database.fetch("UPDATE person SET email = 'moved@example.com'", ())
    assert (await sign_in(client)).status_code == 303


async def test_it_leads_on_to_where_one_wanted_to_go_but_never_elsewhere(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    await staff(app, people)
    wanted = await sign_in(client, path="/sign-in/sso?next=/account/keys")
    assert wanted.headers["location"] == "/account/keys"
    client.cookies.clear()
    elsewhere = await sign_in(client, path="/sign-in/sso?next=//evil.example")
    assert elsewhere.headers["location"] == "/office"


@pytest.mark.parametrize(("name", "cause"), [("stranger", "no such staff"), ("unverified", "no verified address")])
async def test_nobody_gets_an_account_by_it(
    app: FastAPI, client: httpx.AsyncClient, people: People, name: str, cause: str
) -> None:
    await staff(app, people, email="officer@example.com")
    answer = await sign_in(client, name)
    assert answer.status_code == 403
    assert "您在本平台尚无账户" in answer.text
    assert "请联系本站负责人" in answer.text
    assert await reasons(app) == [f"sso unknown: {cause}"]
    assert (await client.get("/account")).status_code == 303


async def test_people_of_enterprises_are_not_linked(app: FastAPI, client: httpx.AsyncClient, people: People) -> None:
    person = await people.enterprise()
    await app.state.database.fetch("UPDATE person SET email = 'sme@example.com' WHERE id = %s", (person.id,))
    assert (await sign_in(client, "enterprise")).status_code == 403


async def test_who_is_linked_under_another_subject_is_not_linked_again(
    app: FastAPI, client: httpx.AsyncClient, people: People, real: RealProvider, clock: Clock
) -> None:
    person = await staff(app, people)
    await app.state.database.fetch(
        "INSERT INTO identity (issuer, subject, person_id, linked_at) VALUES (%s, 'before', %s, %s)",
        (real.issuer, person.id, clock.now),
    )
    assert (await sign_in(client)).status_code == 403


async def test_a_disabled_account_stays_shut(app: FastAPI, client: httpx.AsyncClient, people: People) -> None:
    await staff(app, people)
    await sign_in(client)
    client.cookies.clear()
    await app.state.database.fetch("UPDATE person SET disabled_at = now()", ())
    answer = await sign_in(client)
    assert answer.status_code == 403
    assert "您的账户已停用" in answer.text


async def test_a_role_that_needs_a_second_factor_must_set_ours_up(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    await staff(app, people, "auditor")
    answer = await sign_in(client)
    assert answer.headers["location"] == "/account/second-factor"
    assert (await client.get("/account")).headers["location"] == "/account/second-factor"


async def test_who_has_our_second_factor_is_asked_for_it(
    app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock
) -> None:
    await staff(app, people)
    await app.state.database.fetch("UPDATE person SET totp_confirmed_at = %s, totp_sealed = ''", (clock.now,))
    answer = await sign_in(client)
    assert answer.headers["location"] == "/sign-in/code"
    assert (await client.get("/account")).status_code == 303
    assert "验证码" in (await client.get("/sign-in/code")).text


async def test_who_refuses_there_is_told_so(app: FastAPI, client: httpx.AsyncClient) -> None:
    away = await client.get("/sign-in/sso")
    answer = await client.get(await agree(away.headers["location"], "zhang", allow=False))
    assert answer.status_code == 403
    assert "统一身份认证未予通过" in answer.text
    assert await reasons(app) == ["sso denied: denied"]


async def test_coming_back_twice_is_refused(app: FastAPI, client: httpx.AsyncClient, people: People) -> None:
    await staff(app, people)
    away = await client.get("/sign-in/sso")
    cookie = client.cookies["onestop_sso"]
    back = await agree(away.headers["location"], "zhang")
    assert (await client.get(back)).status_code == 303
    again = await client.get(back)
    assert again.status_code == 400
    assert "本次登录无效或已过期" in again.text
    client.cookies.set("onestop_sso", cookie, domain="testserver.local")
    assert (await client.get(back)).status_code == 400
    assert await reasons(app) == ["sso state: no cookie", "sso state: code refused"]


async def test_another_browser_can_not_finish_it(app: FastAPI, client: httpx.AsyncClient, people: People) -> None:
    await staff(app, people)
    away = await client.get("/sign-in/sso")
    back = await agree(away.headers["location"], "zhang")
    client.cookies.clear()
    await client.get("/sign-in/sso")
    assert (await client.get(back)).status_code == 400
    assert await reasons(app) == ["sso state: state"]


async def test_it_must_be_done_within_ten_minutes(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> None:
    away = await client.get("/sign-in/sso")
    back = await agree(away.headers["location"], "zhang")
    clock.move(timedelta(minutes=11))
    assert (await client.get(back)).status_code == 400
    assert await reasons(app) == ["sso state: too late"]


async def test_a_provider_that_changes_its_key_is_asked_for_the_new_one(
    app: FastAPI, client: httpx.AsyncClient, people: People, real: RealProvider, clock: Clock
) -> None:
    await staff(app, people)
    assert (await sign_in(client)).status_code == 303
    client.cookies.clear()
    real.restart()
    clock.move(timedelta(minutes=2))
    assert (await sign_in(client)).status_code == 303


async def test_a_provider_that_is_away_is_no_dead_end(
    app: FastAPI, client: httpx.AsyncClient, real: RealProvider
) -> None:
    real.stop()
    try:
        answer = await client.get("/sign-in/sso")
    finally:
        real.start()
    assert answer.status_code == 503
    assert "/sign-in/sso" in answer.text
    assert await reasons(app) == ["sso away: ConnectError"]


async def test_the_page_says_what_to_do_in_english_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/sign-in/sso/callback?lang=en")
    assert "Begin again" in answer.text
