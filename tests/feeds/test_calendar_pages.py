"""The pages where addresses are made, made anew and revoked."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from tests.accounts.own import Me, me
from tests.conftest import Clock
from tests.feeds.subscribing import PAGE, make, path_in
from tests.requests.rights import audited, signed_in_client
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def officer(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People) -> Me:
    return await me(app, client, clock, people, await people.staff("officer"))


async def one(officer: Me) -> object:
    return (await officer.rows("SELECT id FROM calendar_feed WHERE revoked_at IS NULL"))[0][0]


async def test_an_address_is_shown_once_and_kept_as_a_hash(officer: Me):
    answer = await officer.post(PAGE, whose="own")
    secret = path_in(answer).split("/")[-1].removesuffix(".ics")
    assert answer.headers["cache-control"] == "no-store"
    assert f"webcal://testserver/feeds/{secret}.ics" in answer.text
    assert secret not in (await officer.get(PAGE)).text
    assert secret not in str(await officer.rows("SELECT row_to_json(calendar_feed)::text FROM calendar_feed"))
    [entry] = await audited(officer.app, "feed.made")
    assert (entry["actor_id"], secret in str(entry)) == (officer.signed.id, False)


async def test_without_any_the_page_says_so(officer: Me):
    assert "还没有日历订阅您的预约" in (await officer.get(PAGE)).text
    await officer.post(PAGE, whose="own")
    assert "还没有日历订阅您的预约" not in (await officer.get(PAGE)).text


async def test_a_second_address_for_the_same_is_made_anew_only(officer: Me):
    await officer.post(PAGE, whose="own")
    again = await officer.post(PAGE, whose="own")
    assert again.status_code == 422
    assert "已有订阅地址" in again.text


@pytest.mark.parametrize("station", ["", "XX999", "\0"])
async def test_a_station_has_to_be_chosen(officer: Me, station: str):
    answer = await officer.post(PAGE, whose="station", station=station)
    assert answer.status_code == 422
    assert 'href="#f-station"' in answer.text


async def test_anew_ends_the_old_address_and_asks_before(officer: Me):
    old = path_in(await officer.post(PAGE, whose="own"))
    address = f"{PAGE}/{await one(officer)}/anew"
    assert "旧地址立即失效" in (await officer.get(address)).text
    new = path_in(await officer.post(address))
    assert (await officer.client.get(old)).status_code == 404
    assert (await officer.client.get(new)).status_code == 200
    assert (await officer.post(address)).status_code == 404
    feeds = [each for each in await officer.actions() if each.startswith("feed.")]
    assert sorted(feeds) == ["feed.made", "feed.made", "feed.revoked"]  # of one moment: in no order


async def test_revoked_is_over_at_once_and_on_record_once(officer: Me):
    path = path_in(await officer.post(PAGE, whose="own"))
    address = f"{PAGE}/{await one(officer)}/revoke"
    assert "要吊销订阅地址吗" in (await officer.get(address)).text
    assert (await officer.post(address)).headers["location"] == f"{PAGE}?revoked=yes"
    assert (await officer.post(address)).status_code == 303
    assert (await officer.client.get(path)).status_code == 404
    assert len(await audited(officer.app, "feed.revoked")) == 1


async def test_somebody_elses_address_is_not_known(officer: Me, people: People):
    await officer.post(PAGE, whose="own")
    feed_id = await one(officer)
    (await people.staff("officer")).browse(officer.client)
    for what in ("revoke", "anew"):
        assert (await officer.get(f"{PAGE}/{feed_id}/{what}")).status_code == 404
        assert (await officer.post(f"{PAGE}/{feed_id}/{what}")).status_code == 404


async def test_a_lost_role_is_said(officer: Me):
    [(code,)] = await officer.rows("SELECT code FROM station WHERE id = (SELECT station_id FROM role_grant)")
    await officer.post(PAGE, whose="station", station=code)
    assert "已无内容" not in (await officer.get(PAGE)).text
    await officer.rows("DELETE FROM role_grant")
    assert "已无内容" in (await officer.get(PAGE)).text


@pytest.mark.race
async def test_of_many_who_make_one_at_once_one_does(app: FastAPI, people: People):
    owner = await people.enterprise()
    answers = await asyncio.gather(*(make(app, owner) for _ in range(8)))
    assert sorted(each.status_code for each in answers) == [200] + [422] * 7


@pytest.mark.race
async def test_of_many_who_make_it_anew_at_once_one_gets_an_address_and_it_works(app: FastAPI, people: People):
    owner = await people.enterprise()
    await make(app, owner)
    [(feed_id,)] = await app.state.database.fetch("SELECT id FROM calendar_feed", ())
    async with signed_in_client(app, owner) as browser:
        answers = await asyncio.gather(*(browser.post(f"{PAGE}/{feed_id}/anew") for _ in range(8)))
        good = [each for each in answers if each.status_code == 200]
        assert [each.status_code for each in answers if each not in good] == [404] * 7
        assert (await browser.get(path_in(good[0]))).status_code == 200


async def test_closing_the_account_ends_its_addresses_and_the_copy_of_ones_data_names_them(officer: Me):
    path = path_in(await officer.post(PAGE, whose="own"))
    kept = (await officer.post("/account/data/export", format="json")).json()
    assert [set(each) for each in kept["calendar_feeds"]] == [
        {"station_id", "created_at", "last_used_at", "revoked_at"}
    ]
    assert (await officer.post("/account/close", proof=PASSWORD, sure="yes")).status_code == 200
    assert (await officer.client.get(path)).status_code == 404
    assert await officer.rows("SELECT 1 FROM calendar_feed WHERE revoked_at IS NULL") == []
