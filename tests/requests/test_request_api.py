"""Requests by JSON: made of a hold, and looked at by their owner."""

from datetime import timedelta

import pytest
from dirty_equals import IsStr

from tests.conftest import Clock
from tests.requests.booking import ORGANISATION, SERVICE, Booker, answers, code

pytestmark = pytest.mark.anyio


async def test_a_hold_becomes_a_request_with_a_reference_a_code_and_a_confirmed_appointment(booker: Booker):
    held = await booker.hold()
    answer = await booker.send(await booker.filled_in(held))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body == {
        "reference": IsStr(regex=r"ZT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]"),
        "access_code": IsStr(regex=r"[0-9A-Z]{4}-[0-9A-Z]{4}"),
        "status": "submitted",
        "items": [{"n": 1, "service_code": SERVICE, "status": "submitted"}],
        "appointment": {
            "station_code": held["station_code"],
            "start": held["start"],
            "end": held["end"],
            "status": "confirmed",
        },
        "links": {
            name: IsStr(regex=r"/.*" + body["reference"] + ".*")
            for name in ("self", "reschedule", "cancel", "calendar", "page")
        },
    }
    assert answer.headers["cache-control"] == "private, no-store"


async def test_its_owner_sees_everything_that_is_kept_of_it(booker: Booker):
    booked = await booker.book()
    shown = await booker.show(booked)
    assert shown.status_code == 200, shown.text
    body = shown.json()
    assert body["applicant"] == {
        "organisation_name": "芜湖长江阀门有限公司",
        "uscc": ORGANISATION,
        "contact_name": "王芳",
        "mobile": "13812345678",
        "email": "wang@example.com",
    }
    assert body["items"][0]["inputs"] == {**answers(), "use_purpose": "safety_protection"}
    assert body["origin"] == {
        "lon": 118.37,
        "lat": 31.33,
        "given": {"lon": 118.37, "lat": 31.33, "crs": "wgs84"},
    }
    assert (body["mode"], body["use"], body["language"]) == ("station", "safety_protection", "zh-CN")
    assert body["note"] == "请提前电话联系"
    assert "access_code" not in body


async def test_the_timeline_speaks_both_languages_whoever_asks(booker: Booker):
    booked = await booker.book()
    [told] = (await booker.show(booked)).json()["timeline"]
    assert told["kind"] == "submitted"
    assert told["at"] == "2026-12-01T09:00:00+08:00"
    assert "已提交" in told["text_zh"]
    assert "服务站" in told["text_zh"]
    assert told["text_en"].startswith("The request was sent.")
    assert "Station" in told["text_en"]


async def test_the_first_answer_is_due_in_two_working_days(booker: Booker, clock: Clock):
    booked = await booker.book()
    body = (await booker.show(booked)).json()
    assert (body["due_at"], body["due_provisional"]) == ("2026-12-03T23:59:59+08:00", False)


async def test_a_deadline_in_a_year_that_is_not_announced_is_provisional(booker: Booker, clock: Clock):
    clock.move(timedelta(days=30))
    booked = await booker.book()
    body = (await booker.show(booked)).json()
    assert (body["due_at"], body["due_provisional"]) == ("2027-01-04T23:59:59+08:00", True)


async def test_a_wrong_code_answers_just_as_an_unknown_reference_does(booker: Booker):
    booked = await booker.book()
    path = booked["links"]["self"]
    wrong = await booker.client.get(path, headers={"X-Access-Code": "AAAA-AAAA"})
    unknown = await booker.client.get("/api/v1/requests/ZT-7K3M-9QXD-J", headers=code(booked))
    nonsense = await booker.client.get("/api/v1/requests/nothing", headers=code(booked))
    assert [answer.status_code for answer in (wrong, unknown, nonsense)] == [404] * 3
    assert wrong.json() == unknown.json() == nonsense.json()
    assert wrong.json()["code"] == "request_unknown"


async def test_reference_and_code_are_read_generously(booker: Booker):
    booked = await booker.book()
    typed = booked["reference"].lower().replace("-", " ")
    spelled = booked["access_code"].lower().replace("-", "").replace("0", "o").replace("1", "l")
    shown = await booker.client.get(f"/api/v1/requests/{typed}", headers={"X-Access-Code": spelled})
    assert shown.status_code == 200
    without_prefix = booked["reference"].removeprefix("ZT-")
    assert (await booker.client.get(f"/api/v1/requests/{without_prefix}", headers=code(booked))).status_code == 200


async def test_without_a_code_the_header_is_named(booker: Booker):
    booked = await booker.book()
    answer = await booker.client.get(booked["links"]["self"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "x-access-code"


async def test_rare_characters_in_names_are_kept_as_they_were_written(booker: Booker):
    held = await booker.hold()
    body = await booker.filled_in(held)
    body["applicant"] |= {"organisation_name": "芜湖𠮷𡈽有限公司", "contact_name": "王𬀩 㐂"}
    body["items"][0]["inputs"]["instrument_name"] = "𨭎合金压力表"
    booked = (await booker.send(body)).json()
    shown = (await booker.show(booked)).json()
    assert shown["applicant"]["organisation_name"] == "芜湖𠮷𡈽有限公司"
    assert shown["applicant"]["contact_name"] == "王𬀩 㐂"
    assert shown["items"][0]["inputs"]["instrument_name"] == "𨭎合金压力表"


async def test_what_people_type_is_cleaned(booker: Booker):
    held = await booker.hold()
    body = await booker.filled_in(held, note="  ")
    body["applicant"] |= {"uscc": " ９１１１００００６０００３７３４１ｌ ", "mobile": "+86 138-1234-5678", "email": ""}
    shown = (await booker.show((await booker.send(body)).json())).json()
    assert shown["applicant"]["uscc"] == ORGANISATION
    assert shown["applicant"]["mobile"] == "13812345678"
    assert shown["applicant"]["email"] is None
    assert shown["note"] is None


async def test_points_of_other_systems_are_kept_as_given_and_as_wgs_84(booker: Booker):
    origin = {"lon": 118.382, "lat": 31.336, "crs": "bd09"}
    shown = (await booker.show(await booker.book(origin=origin))).json()["origin"]
    assert shown["given"] == origin
    assert shown["lon"] == pytest.approx(118.3704, abs=0.002)
    assert shown["lat"] == pytest.approx(31.3319, abs=0.003)


async def test_an_origin_need_not_be_told(booker: Booker):
    booked = await booker.book(origin=None)
    assert (await booker.show(booked)).json()["origin"] is None


async def test_several_services_are_asked_for_in_one_visit(booker: Booker):
    other = "MET-MEC-018"
    station = (await booker.both(SERVICE, other))[0]
    held = await booker.hold(station, services=(SERVICE, other))
    items = [
        {"service_code": other, "inputs": await booker.some_answers(other)},
        {"service_code": SERVICE, "inputs": answers()},
    ]
    booked = (await booker.send(await booker.filled_in(held, items=items))).json()
    assert [(item["n"], item["service_code"]) for item in booked["items"]] == [(1, other), (2, SERVICE)]
    assert [item["n"] for item in (await booker.show(booked)).json()["items"]] == [1, 2]
