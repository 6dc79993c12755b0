"""Setting up a second factor through the pages, and what can be done with it."""

import httpx
import pytest
from fastapi import FastAPI

from tests.accounts.own import Me, me
from tests.conftest import Clock
from tests.support.people import PASSWORD, People

PAGE = "/account/second-factor"


@pytest.fixture
async def officer(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People) -> Me:
    return await me(app, client, clock, people, await people.staff("officer"))


async def test_it_is_set_up_in_three_steps_and_shows_ten_codes_once(officer: Me) -> None:
    begun = await officer.post(f"{PAGE}/begin", proof=PASSWORD)
    assert (begun.status_code, begun.headers["location"]) == (303, f"{PAGE}/set-up")
    page = await officer.get(f"{PAGE}/set-up")
    assert "<svg" in page.text
    assert page.headers["cache-control"] == "no-store"
    answer = await officer.enrol()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert len(set(officer.codes)) == 10
    assert "双重验证已开启" in (await officer.get(PAGE)).text
    assert "person.second_factor_set" in await officer.actions()
    assert [kind for kind, _to, _text in await officer.mails()] == ["account.second_factor_set"]


async def test_setting_it_up_renews_the_sessions_secret_and_ends_the_others(officer: Me, people: People) -> None:
    before = officer.signed.cookie
    await officer.enrol()
    now = officer.client.cookies["onestop_session"]
    assert now != before
    assert (await officer.get("/account")).status_code == 200
    officer.client.cookies.set("onestop_session", before, domain="testserver.local")
    assert (await officer.get("/account")).status_code == 303
    token = await officer.client.get("/api/v1/auth/keys", headers=officer.signed.bearer)
    assert token.status_code == 401


async def test_it_is_not_begun_without_the_password(officer: Me) -> None:
    answer = await officer.post(f"{PAGE}/begin", proof="not the password")
    assert answer.status_code == 422
    assert "当前密码不正确" in answer.text
    assert (await officer.get(f"{PAGE}/set-up")).status_code == 303


async def test_a_wrong_code_shows_the_same_picture_again(officer: Me) -> None:
    await officer.post(f"{PAGE}/begin", proof=PASSWORD)
    first = await officer.get(f"{PAGE}/set-up")
    answer = await officer.post(f"{PAGE}/confirm", code="000000")
    assert answer.status_code == 422
    assert "验证码不正确" in answer.text
    assert first.text.split('translate="no">')[1][:40] == answer.text.split('translate="no">')[1][:40]


async def test_the_codes_come_as_a_file_too(officer: Me) -> None:
    await officer.enrol()
    file = await officer.client.post(f"{PAGE}/codes.txt", data={"code": [*officer.codes[:9], "<script>"]})
    assert file.headers["content-disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert all(code in file.text for code in officer.codes[:9])
    assert "script" not in file.text


async def test_a_code_makes_new_recovery_codes(officer: Me) -> None:
    await officer.enrol()
    assert (await officer.post(f"{PAGE}/codes", code="123456")).status_code == 422
    answer = await officer.post(f"{PAGE}/codes", code=officer.code())
    assert answer.status_code == 200
    assert officer.codes[0] not in answer.text


async def test_moving_to_another_phone_needs_a_code_of_the_old_one(officer: Me) -> None:
    await officer.enrol()
    old = officer.seed
    assert (await officer.post(f"{PAGE}/begin", proof=PASSWORD)).status_code == 422
    assert (await officer.post(f"{PAGE}/begin", code=officer.codes[0])).status_code == 303
    page = await officer.get(f"{PAGE}/set-up")
    assert "旧手机仍然有效" in page.text
    assert old[:4] + " " + old[4:8] not in page.text


async def test_removing_it_takes_a_code(officer: Me) -> None:
    await officer.enrol()
    assert (await officer.post(f"{PAGE}/remove", code="")).status_code == 422
    assert (await officer.post(f"{PAGE}/remove", code=officer.code())).status_code == 303
    assert "操作步骤" in (await officer.get(PAGE)).text


async def test_guessing_codes_locks(officer: Me) -> None:
    await officer.enrol()
    statuses = [(await officer.post(f"{PAGE}/remove", code=f"00000{n}")).status_code for n in range(6)]
    assert statuses == [422] * 5 + [429]


async def test_who_owes_a_second_factor_sees_only_its_page(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    admin = await me(app, client, clock, people, await people.staff("city_admin", strong=False))
    led = await admin.get("/account")
    assert led.headers["location"] == PAGE
    assert "您的岗位要求双重验证" in (await admin.get(PAGE)).text
    await admin.enrol()
    assert (await admin.get("/account")).status_code == 200
    refused = await admin.post(f"{PAGE}/remove", code=admin.code())
    assert "不能停用" in refused.text


async def test_who_signed_in_before_the_role_came_gives_a_code_once(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    person = await me(app, client, clock, people, await people.staff("officer"))
    await person.enrol()
    await person.rows("UPDATE signin_session SET strong_at = NULL")
    await person.rows("UPDATE role_grant SET role = 'auditor', station_id = NULL")
    assert "请输入一次验证码" in (await person.get(PAGE)).text
    assert (await person.post(f"{PAGE}/prove", code="000000")).status_code == 422
    assert (await person.post(f"{PAGE}/prove", code=person.code())).status_code == 303
    assert (await person.get("/account")).status_code == 200


async def test_the_page_speaks_english(officer: Me) -> None:
    assert "Set up a second factor" in (await officer.get(f"{PAGE}?lang=en")).text
