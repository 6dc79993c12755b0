"""Where somebody is signed in, and ending that: at once, only one's own, with a fresh proof."""

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.rules.devices import device
from app.accounts.service.sessions import Device, begin
from tests.accounts.own import Me, me
from tests.conftest import Clock
from tests.support.people import PASSWORD, People

PAGE = "/account/sessions"
PHONE = ("Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 "
         "Mobile Safari/537.36 MicroMessenger/8.0.50")  # fmt: skip


@pytest.fixture
async def officer(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People) -> Me:
    return await me(app, client, clock, people, await people.staff("officer"))


async def another(officer: Me, kind: str = "browser") -> tuple[UUID, str]:
    """Signed in on a phone as well: its session's id and secret."""
    async with officer.app.state.database.writer() as session:
        timeouts = officer.app.state.callers.timeouts
        where = Device("2001:db8::7", PHONE)
        opened = await begin(session, officer.signed.id, where, timeouts, officer.clock.now, kind=kind)  # type: ignore[arg-type]
        await session.commit()
    return opened.id, opened.secret


async def enters(officer: Me, secret: str) -> bool:
    """Whether a browser with this cookie is let in."""
    transport = httpx.ASGITransport(app=officer.app)
    cookies = {"onestop_session": secret}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies) as browser:
        return (await browser.get("/account")).status_code == 200


async def test_sessions_and_tokens_are_listed_in_plain_words(officer: Me) -> None:
    await another(officer)
    page = (await officer.get(PAGE)).text
    assert "WeChat（Android）" in page
    assert "2001:db8::7" in page
    assert page.count("当前") == 1
    assert "程序（访问令牌）" in page


async def test_one_is_ended_at_once(officer: Me) -> None:
    session_id, secret = await another(officer)
    assert await enters(officer, secret)
    answer = await officer.post(f"{PAGE}/{session_id}/end", proof=PASSWORD)
    assert answer.headers["location"] == f"{PAGE}?ended=one"
    assert not await enters(officer, secret)
    assert (await officer.get("/account")).status_code == 200
    assert "session.ended" in await officer.actions()


async def test_all_others_are_ended_at_once_tokens_too(officer: Me) -> None:
    _id, secret = await another(officer)
    answer = await officer.post(f"{PAGE}/others/end", proof=PASSWORD)
    assert answer.status_code == 303
    assert not await enters(officer, secret)
    token = await officer.client.get("/api/v1/auth/keys", headers=officer.signed.bearer)
    assert token.status_code == 401
    assert "没有其他登录" in (await officer.get(PAGE)).text


@pytest.mark.parametrize("proof", ["", "wrong"])
async def test_nothing_is_ended_without_the_password(officer: Me, proof: str) -> None:
    session_id, secret = await another(officer)
    for path in (f"{session_id}/end", "others/end"):
        assert (await officer.post(f"{PAGE}/{path}", proof=proof)).status_code == 422
    assert await enters(officer, secret)


async def test_somebody_elses_session_is_not_known(officer: Me, people: People) -> None:
    other = await people.staff("officer")
    theirs = (await officer.rows("SELECT id FROM signin_session WHERE person_id = %s LIMIT 1", other.id))[0][0]
    for session_id in (theirs, uuid4()):
        assert (await officer.get(f"{PAGE}/{session_id}/end")).status_code == 404
        assert (await officer.post(f"{PAGE}/{session_id}/end", proof=PASSWORD)).status_code == 404
    assert await enters(officer, other.cookie)


async def test_it_is_asked_once_more_before(officer: Me) -> None:
    session_id, _secret = await another(officer)
    assert "结束该登录？" in (await officer.get(f"{PAGE}/{session_id}/end")).text
    assert "结束其他全部登录？" in (await officer.get(f"{PAGE}/others/end")).text


async def test_guessing_the_password_locks(officer: Me) -> None:
    answers = [await officer.post(f"{PAGE}/others/end", proof=f"guess {n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


async def test_a_session_that_owes_its_second_factor_is_no_session(officer: Me) -> None:
    _id, secret = await another(officer, kind="pending")
    assert not await enters(officer, secret)
    assert "WeChat" not in (await officer.get(PAGE)).text


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, ("WeChat", "Android")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
         ("Edge", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 Version/17.1 Safari/605.1.15",
         ("Safari", "macOS")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Mobile HuaweiBrowser/5.0",
         ("Huawei Browser", "HarmonyOS")),
        ("curl/8.5.0", ("curl", "")),
        ("python-httpx/0.28.1", ("python-httpx", "")),
        ("", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
    ],
)  # fmt: skip
def test_a_device_is_named_by_what_its_browser_says(agent: str, words: tuple[str, str]) -> None:
    assert device(agent) == words
