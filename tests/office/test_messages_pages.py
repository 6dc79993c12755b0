"""Mails in the office: each sees those of its stations, managers send again, nobody reads a link to an account."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.rules.rights import Caller, Grant, Role
from app.kit.db import Database
from app.kit.problems import Conflict
from app.notify.service import post
from app.office.mails import fault_words
from app.office.service import messages as sending
from tests.conftest import Clock
from tests.office.desk import ELSEWHERE, HERE, actions, counted, rows, station_id
from tests.support.people import People

DEAD = "UPDATE message SET dead_at = %s, attempts = 8, last_error = 'SMTPRecipientRefused 550 5.1.1' WHERE id = %s"


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def mail(database: Database, clock: Clock, key: str, station: str = HERE, **more: Any) -> UUID:
    own = await station_id(database, station) if station else None
    words = {"kind": "code.accepted", "to": "zhang.san@example.com", "subject": "主题", "text": "您好，张三"} | more
    async with database.writer() as session:
        await post(session, key=key, at=clock.now, station_id=own, **words)
        await session.commit()
    [(found,)] = await rows(database, "SELECT id FROM message WHERE key = %s", key)
    return UUID(str(found))


async def test_each_sees_the_mails_of_its_stations_and_the_city_those_of_accounts(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    await mail(database, clock, "here")
    other = await mail(database, clock, "there", ELSEWHERE)
    account = await mail(database, clock, "account", "", kind="account.password")
    (await people.staff("officer", station=HERE)).browse(client)
    page = (await client.get("/office/messages")).text
    assert page.count("z***@example.com") == 1
    assert "zhang.san" not in page
    for unseen in (other, account):
        assert (await client.get(f"/office/messages/{unseen}")).status_code == 404
    (await people.staff("auditor")).browse(client)
    assert (await client.get("/office/messages")).text.count("z***@example.com") == 3
    (await people.staff("window", station=HERE)).browse(client)
    assert (await client.get("/office/messages")).status_code == 403


async def test_the_list_is_narrowed_by_state_kind_and_key(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    dead = await mail(database, clock, "dead")
    await rows(database, DEAD, clock.now, dead)
    await mail(database, clock, "later", due=clock.now + timedelta(days=1), kind="request.reminder")
    (await people.staff("manager", station=HERE)).browse(client)
    for query, shown in (
        ("state=dead", 1), ("state=scheduled", 1), ("state=waiting", 0), ("state=sent", 0), ("state=withdrawn", 0),
        ("kind=request.reminder", 1), ("q=LATE", 1), ("q=%25", 0), ("q=%00&state=nonsense", 2), ("after=nonsense", 2),
    ):  # fmt: skip
        page = (await client.get(f"/office/messages?{query}")).text
        assert page.count("z***@example.com") == shown, query
        assert ("没有符合条件的邮件" in page) == (shown == 0)
    assert "收件方没有这个邮箱地址（550 5.1.1）" in (await client.get("/office/messages?state=dead")).text
    start = (await client.get("/office")).text
    assert "/office/messages?state=dead" in start
    assert ">1</p>" in start


async def test_an_empty_list_says_so(client: httpx.AsyncClient, people: People) -> None:
    (await people.staff("officer", station=HERE)).browse(client)
    assert "尚无邮件" in (await client.get("/office/messages")).text


async def test_pages_follow_one_another_with_as_many_statements(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock, app: FastAPI
) -> None:
    for n in range(60):
        await mail(database, clock, f"k{n}", to=f"p{n}@example.com", kind=f"k{n:02}.x")
    (await people.staff("officer", station=HERE)).browse(client)
    with counted(app) as statements:
        first = (await client.get("/office/messages")).text
    assert len(statements) <= 6
    following = first.partition('rel="next" href="')[2].partition('"')[0]
    second = (await client.get(following.replace("&amp;", "&"))).text
    assert (first.count("***@"), second.count("***@")) == (50, 10)


async def test_a_manager_sends_a_dead_one_again_and_an_officer_does_not(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    dead = await mail(database, clock, "dead")
    await rows(database, DEAD, clock.now, dead)
    (await people.staff("officer", station=HERE)).browse(client)
    assert "立即重新发送" not in (await client.get(f"/office/messages/{dead}")).text
    assert (await client.post(f"/office/messages/{dead}/resend")).status_code == 403
    (await people.staff("manager", station=ELSEWHERE)).browse(client)
    assert (await client.post(f"/office/messages/{dead}/resend")).status_code == 404
    (await people.staff("manager", station=HERE)).browse(client)
    assert "立即重新发送" in (await client.get(f"/office/messages/{dead}")).text
    answer = await client.post(f"/office/messages/{dead}/resend")
    assert "邮件即将发出" in (await client.get(answer.headers["location"])).text
    assert await rows(database, "SELECT dead_at, attempts, next_attempt_at FROM message") == [(None, 0, clock.now)]
    assert await actions(database, dead) == ["message.resent"]
    assert (await client.post(f"/office/messages/{dead}/resend")).status_code == 409


@pytest.mark.parametrize(
    "case",
    [
        ("attempts = 1, next_attempt_at = now() + interval '1 day'", 303),
        ("next_attempt_at = now() + interval '1 day'", 409),
        ("attempts = 1, lease = gen_random_uuid()", 409),
        ("sent_at = now(), body = NULL", 409),
        ("withdrawn_at = now(), body = NULL", 409),
        ("dead_at = now(), expires_at = '2026-11-30 00:00Z'", 409),
    ],
)
async def test_only_what_waits_for_another_attempt_is_tried_now(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock, case: tuple[str, int]
) -> None:
    change, status = case
    own = await mail(database, clock, "k")
    await rows(database, f"UPDATE message SET {change}")  # noqa: S608 - of this test
    (await people.staff("manager", station=HERE)).browse(client)
    assert (await client.post(f"/office/messages/{own}/resend")).status_code == status


async def test_the_text_is_read_on_record_and_never_that_of_an_account(
    client: httpx.AsyncClient, people: People, database: Database, clock: Clock
) -> None:
    own = await mail(database, clock, "k")
    account = await mail(database, clock, "account", "", kind="account.password", text="https://secret")
    admin = await people.staff("city_admin")
    admin.browse(client)
    assert "您好，张三" not in (await client.get(f"/office/messages/{own}")).text
    assert "您好，张三" in (await client.post(f"/office/messages/{own}/text")).text
    assert await actions(database, own) == ["message.text_read"]
    answer = await client.post(f"/office/messages/{account}/text")
    assert answer.status_code == 409
    assert "secret" not in answer.text
    assert "不予显示" in (await client.get(f"/office/messages/{account}")).text
    (await people.staff("officer", station=HERE)).browse(client)
    assert (await client.post(f"/office/messages/{own}/text")).status_code == 403


@pytest.mark.race
async def test_of_two_who_send_again_at_once_one_does(
    app: FastAPI, people: People, database: Database, clock: Clock
) -> None:
    dead = await mail(database, clock, "dead")
    await rows(database, DEAD, clock.now, dead)
    signed = await people.staff("manager", station=HERE)
    grant = Grant(Role.MANAGER, station_id=await station_id(database, HERE))
    caller = Caller("browser", signed.id, signed.username, signed.username, grants=(grant,))

    async def again() -> str:
        try:
            async with database.writer() as session:
                await sending.resend(session, caller, dead, clock.now)
                await asyncio.sleep(0.05)
                await session.commit()
        except Conflict as problem:
            return problem.code
        return "done"

    assert sorted(await asyncio.gather(*(again() for _ in range(4)))) == ["done", *["not_to_resend"] * 3]
    assert await actions(database, dead) == ["message.resent"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (None, ""),
        ("SMTPDataError 451 4.7.1", "邮件服务器暂时拒收（451 4.7.1）。"),
        ("SMTPDataError 554", "邮件服务器拒收，不必再试（554）。"),
        ("SMTPConnectError", "无法连接邮件服务器。"),
        ("Expired", "未能在有效时间内发出。"),
        ("KeyError", "KeyError"),
    ],
)
async def test_what_went_wrong_is_said_plainly(fault: str | None, words: str) -> None:
    assert fault_words(fault) == words
