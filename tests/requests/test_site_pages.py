"""A visit on site on the pages of a request, in feeds, and in what is kept of a person."""

import re
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import words
from tests.conftest import Clock
from tests.feeds.subscribing import events, subscribe
from tests.requests.booking import Booker, Json, code
from tests.requests.mailing import mails
from tests.requests.onsite import ADDRESS, SITE, Visits
from tests.requests.rights import signed_in_client
from tests.support.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
def visits(booker: Booker) -> Visits:
    return Visits(booker)


def office(booked: Json, name: str = "") -> str:
    return f"/office/requests/{booked['reference']}{name}"


def clock_at(moment: str, minutes: int) -> str:
    return f"{datetime.fromisoformat(moment) + timedelta(minutes=minutes):%H:%M}"


async def test_staff_see_where_to_go_how_far_and_when_to_set_out(app: FastAPI, visits: Visits, people: People):
    held = await visits.hold()
    booked = await visits.book(held, contact_name="李工", contact_phone="13912345678")
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    async with signed_in_client(app, officer) as clerk:
        page = (await clerk.get(office(booked))).text
    shown = words(page)
    way = held["travel_min"]
    for each in (
        ADDRESS,
        "km",
        f"去程 {way} 分钟，返程 {way} 分钟",
        f"{clock_at(held['start'], -way)} 出发",
        "李* 139****5678",
    ):
        assert each in shown
    assert 'data-lon="118.38"' in page
    lon, lat = re.search(r"uri\.amap\.com/marker\?position=([0-9.]+)%2C([0-9.]+)&amp;", page).groups()
    assert (float(lon) - 118.38, float(lat) - 31.34) == pytest.approx((0.0053, -0.0022), abs=0.001)  # GCJ-02
    assert "13912345678" not in page


async def test_an_applicant_sees_the_site_and_moves_beyond_the_days_freely(
    app: FastAPI, client: httpx.AsyncClient, visits: Visits
):
    booked = await visits.book()
    follow = f"/r/{booked['reference']}"
    assert (await client.post(follow, data={"code": booked["access_code"]})).status_code == 303
    assert ADDRESS in words((await client.get(follow)).text)
    last = (await visits.booker.show(booked)).json()["site"]["last_day"]
    station = booked["appointment"]["station_code"]
    later = next(each for each in await visits.starts(station, days=20) if str(each.date()) > last)
    answer = await client.post(f"{follow}/reschedule", data={"start": later.isoformat(), "station": station})
    check = answer.headers["location"]
    page = words((await client.get(check)).text)
    assert "路途时间，按直线距离" in page
    hold = check.partition("hold=")[2]
    moved = await client.post(f"{follow}/reschedule/check", data={"hold": hold})
    assert moved.headers["location"].endswith("changed=moved")
    after = (await visits.booker.show(booked)).json()
    assert after["site"]["last_day"] == str(later.date())
    assert after["appointment"]["start"] == later.isoformat()


async def test_staff_are_asked_why_when_nobody_is_there(app: FastAPI, visits: Visits, people: People):
    booked = await visits.book()
    station = booked["appointment"]["station_code"]
    last = (await visits.booker.show(booked)).json()["site"]["last_day"]
    later = next(each for each in await visits.starts(station, days=20) if str(each.date()) > last)
    async with signed_in_client(app, await people.staff("officer", station=station)) as clerk:
        form = {"start": later.isoformat(), "station": station}
        check = (await clerk.post(office(booked, "/reschedule"), data=form)).headers["location"]
        assert 'name="reason"' in (await clerk.get(check)).text
        sent = {"hold": check.partition("hold=")[2]}
        asked = await clerk.post(office(booked, "/reschedule/check"), data=sent)
        assert asked.status_code == 422
        assert "请说明为什么仍改到这个时间" in words(asked.text)
        moved = await clerk.post(office(booked, "/reschedule/check"), data={**sent, "reason": "砝码车当天才有空"})
        assert moved.headers["location"].endswith("changed=moved")
        assert "原因：砝码车当天才有空" in words((await clerk.get(office(booked))).text)


async def test_passing_on_holds_the_way_from_the_other_station(app: FastAPI, visits: Visits, people: People):
    booked = await visits.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    async with signed_in_client(app, officer) as clerk:
        offered = re.findall(r'name="station"\s+value="([^"]+)"', (await clerk.get(office(booked, "/reroute"))).text)
        form = {"station": offered[-1], "reason": "本站车辆维修"}
        answer = await clerk.post(office(booked, "/reroute"), data=form)
        assert "passed=" in answer.headers["location"], words(answer.text)
    [wanted] = [each for each in await visits.stations(**SITE) if each["station"]["code"] == offered[-1]]
    shown = (await visits.booker.show(booked)).json()
    assert shown["site"]["travel_min"] == wanted["travel_min"]


async def test_a_feed_shows_the_visit_and_staff_the_way(
    app: FastAPI, client: httpx.AsyncClient, visits: Visits, people: People
):
    held = await visits.hold()
    booked = await visits.book(held)
    station = booked["appointment"]["station_code"]
    officer = await people.staff("officer", station=station)
    [event] = await events(client, await subscribe(app, officer, station))
    assert (event.start.isoformat(), event.end.isoformat()) == (held["start"], held["end"])
    assert str(event["location"]) == ADDRESS
    assert f"{clock_at(held['start'], -held['travel_min'])} 出发" in event["description"]


async def test_where_staff_come_can_be_at_fault_though_no_form_asks_it(
    app: FastAPI, client: httpx.AsyncClient, visits: Visits, people: People
):
    booked = await visits.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    asked, wanted, better = "items.1.inputs.site_address", "请写明楼层", f"{ADDRESS} 二层"
    async with signed_in_client(app, officer) as clerk:
        page = words((await clerk.get(office(booked, "/step/return"))).text)
        assert f"上门地址 （选填） 已填：{ADDRESS}" in page
        sent = await clerk.post(office(booked, "/step/return"), data={f"wanted.{asked}": wanted})
        assert sent.status_code == 303
    [letter] = [each for each in await mails(app, booked) if each.kind == "request.returned"]
    assert f"上门地址：{wanted}" in (letter.body or "")
    follow = f"/r/{booked['reference']}"
    await client.post(follow, data={"code": booked["access_code"]})
    form = await client.get(f"{follow}/correct")
    assert wanted in words(form.text)
    assert f'value="{ADDRESS}"' in form.text
    assert (await client.post(f"{follow}/correct", data={asked: " "})).status_code == 422
    answer = await client.post(f"{follow}/correct", data={asked: better})
    assert answer.headers["location"].endswith("changed=corrected")
    assert better in words((await client.get(follow)).text)


async def test_a_second_return_does_not_ask_for_the_address_again(visits: Visits, people: People, booker: Booker):
    booked = await visits.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    item, owner = f"{booked['links']['self']}/items/1", code(booked)
    for key, right in (("site_address", "新址 1 号"), ("serial_no", "B-18")):
        faults = [{"field": f"items.1.inputs.{key}", "wanted": "请更正"}]
        returned = await visits.client.post(
            f"{item}/return", json={"faults": faults, "reason": "仍有一处不符"}, headers=officer.bearer
        )
        assert returned.status_code == 200, returned.text
        sent = await visits.client.post(f"{item}/correct", json={"inputs": {key: right}}, headers=owner)
        assert sent.status_code == 200, sent.text
    shown = (await booker.show(booked)).json()
    assert shown["site"]["address"] == "新址 1 号"
    assert shown["items"][0]["inputs"]["serial_no"] == "B-18"
    assert "site_address" not in shown["items"][0]["inputs"]


async def test_the_address_of_a_visit_at_the_station_is_no_fault(booker: Booker, people: People):
    booked = await booker.book()
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    faults = [{"field": "items.1.inputs.site_address", "wanted": "请更正"}]
    answer = await booker.client.post(
        f"{booked['links']['self']}/items/1/return", json={"faults": faults}, headers=officer.bearer
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "not_in_form"


async def test_the_list_of_staff_says_when_to_set_out(app: FastAPI, visits: Visits, people: People):
    held = await visits.hold()
    booked = await visits.book(held)
    officer = await people.staff("officer", station=booked["appointment"]["station_code"])
    way, start = held["travel_min"], held["start"]
    async with signed_in_client(app, officer) as clerk:
        page = words((await clerk.get("/office/requests")).text)
    assert f"上门：单程 {way} 分钟，{clock_at(start, -way)} 出发" in page


async def test_a_corrected_address_is_that_of_the_site(visits: Visits, people: People, booker: Booker, clock: Clock):
    scale = "MET-MEC-019"
    query = {"service": scale, "mode": "onsite", "use": "trade_settlement", **SITE}
    station = (await visits.client.get("/api/v1/routes", params=query)).json()["candidates"][0]["station"]["code"]
    free = {"service": scale, "mode": "onsite", "days": 14, **SITE}
    days = (await visits.client.get(f"/api/v1/stations/{station}/availability", params=free)).json()["days"]
    start = next(start for day in days for start in day["starts"])
    wish = {"service_codes": [scale], "station_code": station, "mode": "onsite", "start": start, "site": SITE}
    held = (await visits.client.post("/api/v1/holds", json=wish)).json()
    items = [{"service_code": scale, "inputs": await booker.some_answers(scale)}]
    body = await booker.filled_in(held, items=items, use="trade_settlement", site=SITE)
    booked = (await booker.send(body)).json()
    staff = (await people.sign_in((await people.staff("officer", station=station)).id)).bearer
    item = f"{booked['links']['self']}/items/1"
    faults = [{"field": "items.1.inputs.site_address", "wanted": "请写明门牌号"}]
    assert (await visits.client.post(f"{item}/return", json={"faults": faults}, headers=staff)).status_code == 200
    sent = {"inputs": {"site_address": ADDRESS}}
    assert (await visits.client.post(f"{item}/correct", json=sent, headers=code(booked))).status_code == 200
    assert (await booker.show(booked)).json()["site"]["address"] == ADDRESS
