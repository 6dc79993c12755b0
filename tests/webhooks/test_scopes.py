"""Who may have something told, and what ends it: administrators within their part, owners and nobody else."""

import asyncio

import pytest

from tests.feeds.subscribing import booked_by
from tests.requests.booking import Booker
from tests.support.people import People
from tests.webhooks.conftest import Hooks
from tests.webhooks.receiver import Receiver, receiving


async def as_county(admin: Hooks, people: People, county: str) -> None:
    admin.who = await people.staff("county_admin", county=county)


async def counties(hooks: Hooks) -> tuple[str, str, str]:
    """A county, a station of it, and another county."""
    rows = await hooks.database.fetch("SELECT county_adcode, code FROM station ORDER BY code", ())
    county, station = rows[0]
    other = next(each for each, _code in rows if each != county)
    return county, station, other


async def test_an_administrator_of_a_county_has_it_or_a_station_of_it_told_and_no_more(
    admin: Hooks, people: People, receiver: Receiver
):
    county, station, other = await counties(admin)
    [(strange,)] = await admin.database.fetch(
        "SELECT code FROM station WHERE county_adcode = %s ORDER BY code LIMIT 1", (other,)
    )
    await as_county(admin, people, county)
    for wrong in ({}, {"county": other}, {"station": strange}, {"station": "WH-XX-99"}):
        answer = await admin.post("", name="数据平台", url=receiver.url, **wrong)
        assert answer.status_code == 422, wrong
    path, _secret = await admin.make(receiver.url, county=county)
    await admin.make(receiver.url, station=station)
    assert (await admin.get(path)).status_code == 200
    await as_county(admin, people, other)
    assert (await admin.get(path)).status_code == 404
    assert "ERP" not in (await admin.get()).text
    assert (await admin.post(f"{path}/end")).status_code == 404
    rows = await admin.database.fetch("SELECT 1 FROM webhook_subscription WHERE ended_at IS NULL", ())
    assert len(rows) == 2


async def test_a_county_hears_of_its_stations_only(
    admin: Hooks, owner: Hooks, booker: Booker, people: People, receiver: Receiver
):
    async with receiving() as other, receiving() as everywhere:
        booked = await booked_by(booker, owner.who)
        at = booked["appointment"]["station_code"]
        [(county,)] = await admin.database.fetch("SELECT county_adcode FROM station WHERE code = %s", (at,))
        rows = await admin.database.fetch("SELECT county_adcode FROM station WHERE county_adcode <> %s", (county,))
        await admin.make(receiver.url, county=county)
        await admin.make(other.url, county=rows[0][0])
        await admin.make(everywhere.url)
        await booker.cancel(booked)
        await admin.sender().deliver()
        assert receiver.types == everywhere.types == ["request.cancelled"]
        assert other.types == []


@pytest.mark.parametrize("role", ["window", "officer", "manager", "auditor"])
async def test_other_staff_has_nothing_told(admin: Hooks, people: People, role: str, receiver: Receiver):
    admin.who = await people.staff(role)
    assert (await admin.get()).status_code == 403
    assert (await admin.post("", name="X", url=receiver.url)).status_code == 403


async def test_delegates_neither_see_nor_make_any(owner: Hooks, people: People, receiver: Receiver):
    path, _secret = await owner.make(receiver.url)
    owner.who = await people.enterprise("delegate", organisation_id=owner.who.organisation_id)
    for answer in (
        await owner.get(),
        await owner.get(path),
        await owner.get("/new"),
        await owner.post("", name="X", url=receiver.url),
        await owner.post(f"{path}/test"),
        await owner.post(f"{path}/end"),
    ):
        assert answer.status_code == 403


async def test_it_ends_when_who_answers_for_it_is_no_administrator_there_any_more(
    admin: Hooks, owner: Hooks, booker: Booker, people: People, receiver: Receiver
):
    booked = await booked_by(booker, owner.who)
    at = booked["appointment"]["station_code"]
    [(county,)] = await admin.database.fetch("SELECT county_adcode FROM station WHERE code = %s", (at,))
    await as_county(admin, people, county)
    path, _secret = await admin.make(receiver.url, station=at)
    await admin.database.fetch("DELETE FROM role_grant WHERE person_id = %s", (admin.who.id,))
    await booker.cancel(booked)
    await admin.sender().deliver()
    assert receiver.taken == []
    assert await admin.states() == ["dropped"]
    admin.who = await people.staff("city_admin")
    assert "may no longer do so" in (await admin.get(path)).text


async def test_it_ends_when_the_organisation_closes_its_account(owner: Hooks, booker: Booker, receiver: Receiver):
    await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    await owner.database.fetch("UPDATE organisation SET closed_at = now() WHERE id = %s", (owner.who.organisation_id,))
    await owner.sender().deliver()
    assert receiver.taken == []
    assert await owner.database.fetch("SELECT ended_why FROM webhook_subscription", ()) == [("closed",)]


async def test_of_two_that_make_the_last_one_at_once_one_does(owner: Hooks, receiver: Receiver):
    for n in range(9):
        assert (await owner.post("", name=f"ERP {n}", url=receiver.url)).status_code == 200
    answers = await asyncio.gather(*(owner.post("", name="ERP", url=receiver.url) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert await owner.database.fetch("SELECT count(*) FROM webhook_subscription", ()) == [(10,)]


async def test_what_is_on_its_way_is_neither_sent_again_nor_dropped_twice(
    owner: Hooks, booker: Booker, receiver: Receiver
):
    path, _secret = await owner.make(receiver.url)
    await booked_by(booker, owner.who)
    arrived, released = asyncio.Event(), asyncio.Event()

    async def slowly(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await released.wait()
        writer.write(b"HTTP/1.1 204 Whatever\r\nContent-Length: 0\r\n\r\n")

    receiver.answer = slowly
    sender = owner.sender()
    await sender.look()
    async with asyncio.timeout(30):
        await arrived.wait()
    answer = await owner.post(f"{path}/again", since="2026-12-01")
    assert answer.headers["location"].endswith("?done=nothing")
    released.set()
    await asyncio.gather(*sender._lanes.values())
    assert len(receiver.taken) == 1
    assert await owner.states() == ["delivered"]


@pytest.mark.parametrize("answered", [True, False])
async def test_ending_while_one_is_on_its_way_lets_it_end_and_sends_nothing_more(
    owner: Hooks, booker: Booker, receiver: Receiver, *, answered: bool
):
    path, _secret = await owner.make(receiver.url)
    booked = await booked_by(booker, owner.who)
    arrived, released = asyncio.Event(), asyncio.Event()

    async def slowly(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await released.wait()
        writer.write(b"HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\n\r\n" % (204 if answered else 500))

    receiver.answer = slowly
    sender = owner.sender()
    await sender.look()
    async with asyncio.timeout(30):
        await arrived.wait()
    assert (await owner.post(f"{path}/end")).status_code == 303
    released.set()
    await asyncio.gather(*sender._lanes.values())
    assert await owner.states() == ["dropped"]
    await booker.cancel(booked)
    assert await owner.sender().deliver() == 0
    assert len(receiver.taken) == 1
    shown = (await owner.get(path)).text
    assert f"answer {204 if answered else 500}" in shown
