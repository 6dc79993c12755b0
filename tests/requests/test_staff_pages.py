"""Requests as staff see them: a list within their scope, a page with masked contact data, moved and cancelled."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.requests.booking import Booker, Json
from tests.requests.rights import audited, county_of, other_station, signed_in_client
from tests.support.people import People

pytestmark = pytest.mark.anyio
PERSONAL = ("王芳", "13812345678", "wang@example.com")
MASKED = ("王*", "138****5678", "w***@example.com")


def page_of(booked: Json, name: str = "") -> str:
    return f"/office/requests/{booked['reference']}" + (f"/{name}" if name else "")


async def reveal(clerk: httpx.AsyncClient, booked: Json, **form: str) -> httpx.Response:
    return await clerk.post(page_of(booked, "reveal"), data={"why": "call", **form})


@pytest.mark.parametrize("role", ["window", "officer", "manager"])
async def test_staff_of_the_station_find_a_request_in_their_list(
    app: FastAPI, booker: Booker, people: People, role: str
):
    booked = await booker.book()
    async with signed_in_client(app, await people.staff(role, station=booked["appointment"]["station_code"])) as clerk:
        page = await clerk.get("/office/requests")
        assert page.status_code == 200
        assert booked["reference"] in page.text
        assert "芜湖长江阀门有限公司" in page.text
        assert not [word for word in PERSONAL if word in page.text]


async def test_others_find_nothing_and_are_told_that_there_is_no_such_request(
    app: FastAPI, booker: Booker, people: People
):
    booked = await booker.book()
    elsewhere = await other_station(booker, booked)
    clerks = [
        await people.staff("officer", station=elsewhere),
        await people.staff("county_admin", county=await county_of(booker, booked, other=True)),
    ]
    for clerk in clerks:
        async with signed_in_client(app, clerk) as client:
            assert booked["reference"] not in (await client.get("/office/requests")).text
            for name in ("", "reschedule", "cancel", "calendar.ics"):
                assert (await client.get(page_of(booked, name))).status_code == 404
            assert (await client.post(page_of(booked, "cancel"), data={"reason": "停电停业"})).status_code == 404
            assert (await reveal(client, booked)).status_code == 404


async def test_who_has_no_role_is_refused_and_who_is_nobody_signs_in(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(app, await people.enterprise()) as member:
        for path in ("/office/requests", page_of(booked), page_of(booked, "cancel")):
            assert (await member.get(path)).status_code == 403
            answer = await booker.client.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in?next=%2Foffice%2Frequests")


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("/office/requests?q=abc", "%2Foffice%2Frequests%3Fq%3Dabc"),
        (f"/office/requests?q={'a' * 2000}", "%2Foffice%2Frequests"),
        (f"/office/requests/{'a' * 2000}", "%2Faccount"),
    ],
)
async def test_the_way_back_from_the_sign_in_is_never_very_long(client: httpx.AsyncClient, asked: str, back: str):
    assert (await client.get(asked)).headers["location"] == f"/sign-in?next={back}"


async def test_the_list_is_narrowed_by_state_station_day_and_words(app: FastAPI, booker: Booker, people: People):
    first, second = await booker.book(), await booker.book()
    await booker.cancel(second)
    station, day = first["appointment"]["station_code"], first["appointment"]["start"][:10]
    async with signed_in_client(app, await people.staff("city_admin")) as clerk:

        async def found(**query: str) -> set[str]:
            page = (await clerk.get("/office/requests", params={"view": "all", **query})).text
            return {each["reference"] for each in (first, second) if f">{each['reference']}<" in page}

        both = {first["reference"], second["reference"]}
        assert await found() == both
        assert await found(state="submitted") == {first["reference"]}
        assert await found(state="cancelled") == {second["reference"]}
        assert await found(station=station) == both
        assert await found(station=await other_station(booker, first)) == set()
        assert await found(**{"from": day, "to": day}) == both
        assert await found(**{"from": "2026-12-31"}) == set()
        assert await found(q="长江阀门") == both
        assert await found(q="100%_") == set()
        assert await found(q=first["reference"].lower().removeprefix("zt-")) == {first["reference"]}
        assert await found(q="91110000600037341L") == both


async def test_filters_that_cannot_be_read_are_said_to_be_so(app: FastAPI, people: People):
    async with signed_in_client(app, await people.staff("city_admin")) as clerk:
        for query in ({"from": "tomorrow"}, {"station": "nowhere"}, {"cursor": "xyz"}):
            page = await clerk.get("/office/requests", params=query)
            assert page.status_code == 422
            assert "error-summary" in page.text
        assert "暂无申请" in (await clerk.get("/office/requests?view=all")).text


async def test_a_request_costs_the_same_however_many_there_are(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("officer", station=booked["appointment"]["station_code"])
    ) as clerk:
        await clerk.get("/office/requests")
        for _more in range(3):
            await booker.book()
        with counted(app) as one:
            await clerk.get(page_of(booked))
        looks = [each for each in one if "network_state" not in each]
        # The session, four of the request, its things, its packages, its messages; and the version now and then.
        assert len(looks) == 8, looks


async def test_contact_data_are_masked_until_revealed_with_a_reason_and_then_for_ten_minutes(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    booked = await booker.book(note="司机电话13912345678，请提前联系")
    async with signed_in_client(
        app, await people.staff("window", station=booked["appointment"]["station_code"])
    ) as clerk:
        page = (await clerk.get(page_of(booked))).text
        assert all(word in page for word in MASKED)
        assert not [word for word in (*PERSONAL, "13912345678") if word in page]
        answer = await reveal(clerk, booked, words="改约时间")
        assert answer.headers["location"] == f"{page_of(booked)}#applicant"
        shown = (await clerk.get(page_of(booked))).text
        assert all(word in shown for word in (*PERSONAL, "13912345678"))
        clock.move(timedelta(minutes=10))
        assert "13812345678" not in (await clerk.get(page_of(booked))).text
    [entry] = await audited(app, "contact.revealed")
    assert entry["actor_name"].startswith("window-")
    assert entry["object_id"] == booked["reference"]
    assert entry["after"] == {"fields": ["contact_name", "mobile", "email", "note"]}
    assert entry["reason"].endswith("改约时间")
    assert "138" not in str(entry["after"])


@pytest.mark.parametrize("form", [{"why": ""}, {"why": "curious"}, {"why": "other"}, {"why": "other", "words": "abcd"}])
async def test_without_a_reason_nothing_is_revealed_nor_recorded(
    app: FastAPI, booker: Booker, people: People, form: dict[str, str]
):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("officer", station=booked["appointment"]["station_code"])
    ) as clerk:
        page = await reveal(clerk, booked, **form)
        assert page.status_code == 422
        assert "13812345678" not in page.text
        assert "13812345678" not in (await clerk.get(page_of(booked))).text
    assert await audited(app, "contact.revealed") == []


async def test_a_look_of_one_session_opens_nothing_in_another(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    station = booked["appointment"]["station_code"]
    async with signed_in_client(app, await people.staff("officer", station=station)) as clerk:
        await reveal(clerk, booked)
        stolen = clerk.cookies["onestop_revealed"]
    async with signed_in_client(app, await people.staff("officer", station=station)) as other:
        other.cookies.set("onestop_revealed", stolen, domain="testserver.local")
        assert "13812345678" not in (await other.get(page_of(booked))).text


async def test_an_auditor_reads_masked_and_can_neither_reveal_nor_change(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(app, await people.staff("auditor")) as auditor:
        page = (await auditor.get(page_of(booked))).text
        assert "138****5678" in page
        assert "/reveal" not in page
        assert "/cancel" not in page
        for name in ("reveal", "cancel", "reschedule", "reschedule/check"):
            assert (await auditor.post(page_of(booked, name))).status_code == 403
        assert (await auditor.get(page_of(booked, "reschedule"))).status_code == 403


async def test_a_window_clerk_looks_but_changes_nothing(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("window", station=booked["appointment"]["station_code"])
    ) as clerk:
        assert "/cancel" not in (await clerk.get(page_of(booked))).text
        assert (await clerk.get(page_of(booked, "cancel"))).status_code == 403
        assert (await clerk.post(page_of(booked, "cancel"), data={"reason": "停电"})).status_code == 403


async def test_the_station_cancels_with_a_reason_that_the_applicant_reads(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("officer", station=booked["appointment"]["station_code"])
    ) as clerk:
        assert (await clerk.get(page_of(booked, "cancel"))).status_code == 200
        empty = await clerk.post(page_of(booked, "cancel"), data={"reason": " "})
        assert empty.status_code == 422
        assert "请填写原因" in empty.text
        answer = await clerk.post(page_of(booked, "cancel"), data={"reason": "设备检修"})
        assert answer.headers["location"] == f"{page_of(booked)}?changed=cancelled"
        assert "已取消" in (await clerk.get(answer.headers["location"])).text
    shown = (await booker.show(booked)).json()
    assert shown["status"] == "cancelled"
    assert shown["timeline"][-1]["text_zh"] == "服务站取消了申请，原因：设备检修"
    assert shown["timeline"][-1]["text_en"] == "The station cancelled the request: 设备检修"
    [entry] = await audited(app, "request.cancelled")
    assert (entry["actor_kind"], entry["reason"]) == ("person", "设备检修")


async def test_the_station_moves_an_appointment_as_the_applicant_would(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("officer", station=booked["appointment"]["station_code"])
    ) as clerk:
        page = await clerk.get(page_of(booked, "reschedule"))
        assert page.status_code == 200
        start = (await booker.starts(booked["appointment"]["station_code"]))[-1]
        chosen = await clerk.post(page_of(booked, "reschedule"), data={"start": start, "station": ""})
        assert chosen.headers["location"].startswith(page_of(booked, "reschedule/check"))
        check = await clerk.get(chosen.headers["location"])
        nonce = chosen.headers["location"].split("hold=")[1]
        assert check.status_code == 200
        moved = await clerk.post(page_of(booked, "reschedule/check"), data={"hold": nonce})
        assert moved.headers["location"] == f"{page_of(booked)}?changed=moved"
    shown = (await booker.show(booked)).json()
    assert shown["appointment"]["start"] == start
    assert shown["timeline"][-1]["text_zh"].startswith("服务站变更了预约")


async def test_staff_who_open_the_public_page_are_led_to_their_own(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(
        app, await people.staff("officer", station=booked["appointment"]["station_code"])
    ) as clerk:
        answer = await clerk.get(f"/r/{booked['reference']}")
        assert answer.headers["location"] == page_of(booked)
    async with signed_in_client(
        app, await people.staff("officer", station=await other_station(booker, booked))
    ) as stranger:
        asked = await stranger.get(f"/r/{booked['reference']}")
        assert asked.status_code == 200
        assert "查询码" in asked.text
