"""Visits at the applicant's site by the API: where, when somebody is there, and the way kept free around them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker, Json, code
from tests.requests.onsite import ADDRESS, FAR, SITE, Visits
from tests.requests.test_life_api import Life
from tests.support.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
def visits(booker: Booker) -> Visits:
    return Visits(booker)


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


async def test_free_times_hold_and_route_agree_on_the_way(visits: Visits, app: FastAPI):
    nearest = (await visits.stations())[0]
    station = nearest["station"]["code"]
    held = await visits.hold()
    assert held["travel_min"] == nearest["travel_min"] >= 15
    [(first, last)] = await app.state.database.fetch("SELECT lower(during), upper(during) FROM reservation", ())
    way = timedelta(minutes=held["travel_min"])
    assert first == datetime.fromisoformat(held["start"]) - way
    assert last == datetime.fromisoformat(held["end"]) + way
    starts = await visits.starts(station, days=1)
    opens = starts[0].replace(hour=8, minute=30)
    assert all(start - way >= opens for start in starts if start.hour < 12)
    assert (await visits.stations(**FAR))[0]["station"]["code"] != station


async def test_a_site_is_for_visits_on_site_and_a_point_has_both_halves(visits: Visits):
    path = "/api/v1/stations/WH-YJ-01/availability"
    for query, field, fault in (
        ({"mode": "station", **SITE}, "lon", "site_not_asked"),
        ({"mode": "onsite", "lon": 118.3}, "lat", "missing"),
        ({"mode": "onsite", "lon": 2.3, "lat": 48.8}, "lon", "point_outside_country"),
    ):
        answer = await visits.client.get(path, params={"service": SERVICE, **query})
        assert faults(answer)[field] == fault
    start = datetime(2026, 12, 2, 10, tzinfo=UTC)
    assert faults(await visits.try_hold("WH-YJ-01", start, mode="station", site=SITE)) == {"site": "site_not_asked"}
    swapped = {"lon": 31.3, "lat": 80}
    assert set(faults(await visits.try_hold("WH-YJ-01", start, site=swapped))) == {"site.lon", "site.lat"}


async def test_the_journey_on_site_from_the_hold_to_the_end(
    visits: Visits, booker: Booker, people: People, clock: Clock, app: FastAPI
):
    held = await visits.hold()
    booked = await visits.book(held, contact_name="李工", contact_phone="139 1234 5678")
    assert booked["appointment"]["start"] == held["start"]
    life = Life(booker, people, clock, booked)
    shown = await life.shown()
    day = held["start"][:10]
    assert shown["site"] | {"last_day": ""} == {
        "address": ADDRESS, "town": None, "lon": 118.38, "lat": 31.34, "contact_name": "李工",
        "contact_phone": "13912345678", "first_day": day, "last_day": "", "part_of_day": "any",
        "distance_km": shown["site"]["distance_km"], "exact": True, "travel_min": held["travel_min"],
    }  # fmt: skip
    assert 0 < shown["site"]["distance_km"] < 10
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(*(("window", verb) for verb in ("dispatch", "arrive", "start")))
    done = await life.issued()
    kinds = ["dispatched", "arrived", "started", "result_entered", "verified", "issued"]
    assert [told["kind"] for told in done["timeline"]][2:] == kinds
    listed = (await visits.client.get("/api/v1/requests", headers=await life.by("officer"))).json()["items"]
    assert [row["start"] for row in listed] == [held["start"]]
    assert [row["end"] for row in listed] == [held["end"]]


async def test_staff_see_the_address_and_a_masked_contact(visits: Visits, booker: Booker, people: People, clock: Clock):
    life = Life(booker, people, clock, await visits.book(contact_name="李工", contact_phone="13912345678"))
    path = life.booked["links"]["self"]
    site = (await visits.client.get(path, headers=await life.by("officer"))).json()["site"]
    assert (site["address"], site["contact_name"], site["contact_phone"]) == (ADDRESS, "李*", "139****5678")
    reveal = f"{path}/reveal"
    told = await visits.client.post(reveal, json={"reason": "约定到达时间"}, headers=await life.by("officer"))
    assert told.json()["site"]["contact_phone"] == "13912345678"


async def test_the_calendar_file_has_the_visit_and_its_address_not_the_way(visits: Visits):
    held = await visits.hold()
    booked = await visits.book(held)
    text = (await visits.client.get(booked["links"]["calendar"], headers=code(booked))).text.replace("\r\n ", "")
    start = datetime.fromisoformat(held["start"])
    assert f"DTSTART;TZID=Asia/Shanghai:{start:%Y%m%dT%H%M%S}" in text
    assert f"LOCATION:{ADDRESS}" in text
    assert "GEO:31.34;118.38" in text


@pytest.mark.parametrize(
    ("site", "field", "fault"),
    [
        ({"address": ""}, "site.address", "required"),
        ({"lat": None}, "site.lat", "required"),
        ({"lon": 2.35, "lat": 48.86}, "site.lon", "point_outside_country"),
        ({"lon": None, "lat": None, "town": "999999"}, "site.town", "town_unknown"),
        ({"first_day": "2026-12-31", "last_day": "2026-12-31"}, "site.first_day", "outside_window"),
        ({"first_day": "2026-11-01", "last_day": "2026-11-02"}, "site.last_day", "outside_window"),
        ({"first_day": "2026-12-03", "last_day": "2026-12-02"}, "site.last_day", "wrong_order"),
        ({"part_of_day": "afternoon"}, "site.part_of_day", "outside_window"),
        (FAR, "site", "travel_too_short"),
    ],
)
async def test_a_site_that_does_not_fit_is_refused_by_its_field(visits: Visits, site: Json, field: str, fault: str):
    held = await visits.hold()
    answer = await visits.try_send(held, site=visits.site(held, **site))
    assert faults(answer)[field] == fault
    assert (await visits.try_send(held, site=visits.site(held))).status_code == 201


async def test_a_site_with_a_visit_at_the_station_is_refused(booker: Booker):
    held = await booker.hold()
    answer = await booker.send(await booker.filled_in(held, site={"address": ADDRESS}))
    assert faults(answer) == {"site": "site_not_asked"}


async def test_a_town_estimates_the_way(visits: Visits):
    held = await visits.hold(site={"lon": 118.37, "lat": 31.33})
    answer = await visits.try_send(held, site={"address": ADDRESS, "town": "340202013"})
    assert answer.status_code == 201, answer.text
    site = (await visits.booker.show(answer.json())).json()["site"]
    assert (site["town"], site["exact"]) == ("340202013", False)
    assert site["first_day"] == site["last_day"] == held["start"][:10]


async def test_programs_that_know_no_sites_go_on_booking_visits_with_a_usual_way(visits: Visits):
    station = (await visits.stations())[0]["station"]["code"]
    start = (await visits.starts(station, lon=None, lat=None))[0]
    held = (await visits.try_hold(station, start)).json()
    assert held["travel_min"] == 30
    booked = (await visits.try_send(held)).json()
    site = (await visits.booker.show(booked)).json()["site"]
    assert (site["address"], site["exact"], site["lon"]) == ("", False, None)
    again = (await visits.try_hold(station, (await visits.starts(station, lon=None, lat=None))[3])).json()
    assert (await visits.booker.move(booked, again)).status_code == 200


async def test_without_any_place_an_address_is_asked_for(visits: Visits):
    held = await visits.hold()
    assert faults(await visits.try_send(held, origin=None)) == {"site.address": "required"}


async def test_a_form_that_asks_the_address_is_answered_by_the_site_or_answers_it(visits: Visits, booker: Booker):
    scale = "MET-MEC-019"
    query = {"service": scale, "mode": "onsite", "use": "trade_settlement", **SITE}
    station = (await visits.client.get("/api/v1/routes", params=query)).json()["candidates"][0]["station"]["code"]
    inputs = await booker.some_answers(scale)
    for n, (address, site) in enumerate((("码头路 1 号", None), (None, {"address": ADDRESS, **SITE}))):
        free = {"service": scale, "mode": "onsite", "days": 14, **SITE}
        days = (await visits.client.get(f"/api/v1/stations/{station}/availability", params=free)).json()["days"]
        start = [start for day in days for start in day["starts"]][n]
        wish = {"service_codes": [scale], "station_code": station, "mode": "onsite", "start": start, "site": SITE}
        held = (await visits.client.post("/api/v1/holds", json=wish)).json()
        own = {key: value for key, value in inputs.items() if key != "site_address"}
        own |= {"site_address": address} if address else {}
        items = [{"service_code": scale, "inputs": own}]
        body = await booker.filled_in(held, items=items, use="trade_settlement", site=site)
        booked = (await booker.send(body)).json()
        shown = (await booker.show(booked)).json()
        assert shown["site"]["address"] == shown["items"][0]["inputs"]["site_address"] == (address or ADDRESS)


async def test_moving_keeps_the_site_and_needs_its_way_and_widens_the_days(visits: Visits):
    booked = await visits.book(part_of_day="any")
    station = booked["appointment"]["station_code"]
    shown = (await visits.booker.show(booked)).json()
    later = next(
        start for start in await visits.starts(station, days=20) if str(start.date()) > shown["site"]["last_day"]
    )
    moved = await visits.booker.move(booked, await _held(visits, station, later))
    assert moved.status_code == 200, moved.text
    after = (await visits.booker.show(booked)).json()
    assert after["site"]["last_day"] == later.date().isoformat()
    assert after["site"] | {"last_day": ""} == shown["site"] | {"last_day": ""}


async def _held(visits: Visits, station: str, start: datetime, **site: float) -> Json:
    answer = await visits.try_hold(station, start, site=site or SITE)
    assert answer.status_code == 201, answer.text
    held: Json = answer.json()
    return held


async def test_a_hold_that_keeps_too_little_for_the_way_is_refused(visits: Visits):
    first = await visits.hold(site=FAR, station=(await visits.stations())[0]["station"]["code"])
    booked = await visits.book(first, **FAR)
    station = booked["appointment"]["station_code"]
    near = await visits.hold(station=station, place=4)
    assert near["travel_min"] < first["travel_min"]
    assert faults(await visits.booker.move(booked, near)) == {"hold_id": "travel_too_short"}


async def test_staff_move_a_visit_to_when_nobody_is_there_only_with_a_reason(
    visits: Visits, booker: Booker, people: People, clock: Clock
):
    life = Life(booker, people, clock, await visits.book())
    station = life.booked["appointment"]["station_code"]
    last = (await life.shown())["site"]["last_day"]
    later = next(start for start in await visits.starts(station, days=20) if str(start.date()) > last)
    held = await _held(visits, station, later)
    sent = {name: held[name] for name in ("hold_id", "hold_token")}
    path, staff = life.booked["links"]["reschedule"], await life.by("officer")
    assert faults(await visits.client.post(path, json=sent, headers=staff)) == {"reason": "required"}
    answer = await visits.client.post(path, json={**sent, "reason": "专用砝码车只在这天有空"}, headers=staff)
    assert answer.status_code == 200, answer.text
    shown = await life.shown()
    assert shown["site"]["last_day"] == last
    assert "专用砝码车只在这天有空" in shown["timeline"][-1]["text_zh"]


async def test_passing_on_recomputes_the_way_from_the_new_station(
    visits: Visits, booker: Booker, people: People, clock: Clock
):
    life = Life(booker, people, clock, await visits.book())
    own = life.booked["appointment"]["station_code"]
    near, *_, other = [each for each in await visits.stations() if each["station"]["code"] != own]
    assert near["travel_min"] <= other["travel_min"]
    held = await visits.hold(station=other["station"]["code"])
    sent = {"hold_id": held["hold_id"], "hold_token": held["hold_token"], "reason": "本站车辆维修"}
    answer = await life.step("officer", "reroute", None, **sent)
    assert answer.status_code == 200, answer.text
    site = (await life.shown())["site"]
    assert (site["address"], site["travel_min"]) == (ADDRESS, other["travel_min"])
