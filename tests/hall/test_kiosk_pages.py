"""A kiosk's pages without scripts, and those where a manager makes its address and revokes it."""

import html
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.hall.conftest import STATION, Hall
from tests.hall.kiosk import KioskAt, kiosk_at
from tests.hall.test_board_pages import Clerk
from tests.hall.test_hall_api import at_counter
from tests.requests.booking import Booker
from tests.requests.rights import audited
from tests.support.people import People

CONTINGENT = "INSERT INTO contingent (station_id, service_id, per_day) SELECT %s, id, 0 FROM service WHERE code = %s"


@pytest.fixture
async def manager(hall: Hall, people: People) -> Clerk:
    return Clerk(hall, await people.staff("manager", station=STATION))


async def page_of(kiosk: KioskAt, name: str = "", language: str = "en") -> str:
    answer = await kiosk.hall.client.get(f"{kiosk.base}{name}?lang={language}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    return answer.text


async def test_somebody_takes_a_ticket_for_several_things_and_sees_how_long_it_will_take(hall: Hall):
    kiosk = await kiosk_at(hall)
    assert "I have an appointment" in await page_of(kiosk)
    assert "我有预约" in await page_of(kiosk, language="zh-CN")
    page = await page_of(kiosk, "/new")
    assert all(f'value="{code}"' in page for code in hall.services)
    one, two = hall.services[:2]
    await hall.sit(hall.desk_for(one))
    taken = await kiosk.take(one, two, priority="elderly")
    assert (taken.status_code, taken.headers["location"][-8:]) == (303, "?lang=en")
    shown = (await hall.client.get(taken.headers["location"])).text
    [ticket] = (await hall.board())["waiting"]
    assert (ticket["service_codes"], ticket["priority"]) == ([one, two], "elderly")
    assert f'<p class="kiosk__number">{ticket["number"]}</p>' in shown
    assert "<svg" in shown
    assert "min" in shown or "at any moment" in shown
    english = await hall.client.get(f"/t/{ticket['ticket_id']}")
    assert english.status_code == 200


async def test_what_is_wrong_is_said_in_plain_words_and_urgent_is_not_for_oneself(hall: Hall):
    kiosk, service = await kiosk_at(hall), hall.services[0]
    none = await hall.client.post(f"{kiosk.base}/new?lang=en", data={})
    assert (none.status_code, "Please choose what you have come for" in none.text) == (422, True)
    many = await kiosk.take(*hall.services[:11])
    assert "at most 10" in many.text
    await kiosk.take(service, priority="urgent")
    assert [each["priority"] for each in (await hall.board())["waiting"]] == ["none"]
    await hall.app.state.database.fetch(CONTINGENT, (hall.station.id, service))
    gone = await kiosk.take(service)
    assert gone.status_code == 422
    assert "All tickets of today for" in html.unescape(gone.text)
    assert re.search(rf'value="{service}"[^>]*\sdisabled', await page_of(kiosk, "/new"))


async def test_the_same_ticket_is_given_once_however_often_it_is_sent_and_no_other_number_is_taken(hall: Hall):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    given = kiosk.given(leased[0])
    ids = {"ticket_id": given["ticket_id"], "number": str(leased[0])}
    first, again = await kiosk.take(**ids), await kiosk.take(**ids)
    assert first.headers["location"] == again.headers["location"]
    assert [each["outcome"] for each in await kiosk.hand_in([given])] == ["known"]
    other = kiosk.given(leased[0])
    await kiosk.take(ticket_id=other["ticket_id"], number=str(leased[0]))
    await kiosk.take(ticket_id="nothing", number="-1")
    numbers = [each["number"][1:] for each in (await hall.board())["waiting"]]
    assert numbers == ["001", "051", "052"]


async def test_who_has_an_appointment_checks_in_by_the_code_and_nothing_of_it_is_shown(hall: Hall, booker: Booker):
    booked = await booker.book()
    await at_counter(hall, booked)
    kiosk = await kiosk_at(hall)

    async def arrive(typed: str) -> tuple[int, str]:
        answer = await hall.client.post(f"{kiosk.base}/arrive?lang=en", data={"reference": typed})
        text = answer.text
        if answer.status_code == 303:
            text = (await hall.client.get(answer.headers["location"])).text
        assert not any(each in text for each in ("王芳", "13812345678", "芜湖长江阀门", "wang@"))
        return answer.status_code, html.unescape(text)

    assert (await arrive(""))[1].count("Please scan the code") == 1
    assert "can't be checked in" in (await arrive("ZT-0000-0000-0"))[1]
    hall.clock.move(timedelta(days=-1))
    status, early = await arrive(booked["reference"])
    assert (status, "not for today at this station" in early) == (422, True)
    assert booked["appointment"]["start"][:10] not in early
    hall.clock.move(timedelta(days=1))
    status, shown = await arrive(f"https://portal.example/r/{booked['reference']}")
    assert status == 303
    [ticket] = (await hall.board())["waiting"]
    assert (ticket["kind"], ticket["reference"]) == ("appointment", booked["reference"])
    assert ticket["number"] in shown
    assert booked["reference"] not in shown
    assert (await booker.show(booked)).json()["status"] == "checked_in"
    assert f"has its ticket already: {ticket['number']}" in (await arrive(booked["reference"]))[1]


async def test_a_hall_that_is_closed_says_so_and_gives_out_nothing(hall: Hall, clock: Clock):
    kiosk = await kiosk_at(hall)
    opened = clock()
    clock.move(opened.replace(hour=7))
    assert "I have an appointment" in await page_of(kiosk)  # who comes early waits with a number
    clock.move(opened.replace(hour=22))
    for name in ("", "/new", "/arrive"):
        assert "The hall is closed now" in await page_of(kiosk, name)
    assert (await kiosk.take()).status_code == 200
    assert (await hall.board())["waiting"] == []


async def test_after_the_manager_has_closed_only_appointments_get_a_ticket(hall: Hall, manager: Clerk, booker: Booker):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    booked = await booker.book()
    await at_counter(hall, booked)
    await manager.does("/day/close")
    for name in ("", "/new"):
        page = await page_of(kiosk, name)
        assert "The hall gives out no more tickets today" in page
        assert ("I have no appointment" in page, "I have an appointment" in page) == (False, True)
    assert "今天已停止取号" in await page_of(kiosk, language="zh-CN")
    assert await kiosk.lease() == []
    ahead = kiosk.given(leased[0])
    refused = [await kiosk.take(), await kiosk.take(ticket_id=ahead["ticket_id"], number=str(leased[0]))]
    assert [each.headers.get("location") for each in refused] == [None, None]
    assert (await hall.board())["waiting"] == []
    arrived = await hall.client.post(f"{kiosk.base}/arrive?lang=en", data={"reference": booked["reference"]})
    assert arrived.status_code == 303
    assert [each["outcome"] for each in await kiosk.hand_in([ahead])] == ["taken"]  # it was given out on paper
    assert [each["kind"] for each in (await hall.board())["waiting"]] == ["appointment", "walk_in"]
    await manager.does("/day/open")
    assert "I have no appointment" in await page_of(kiosk)


async def test_while_the_hall_is_stopped_the_kiosk_leads_to_the_staff_and_gives_out_nothing(
    hall: Hall, manager: Clerk, booker: Booker
):
    kiosk = await kiosk_at(hall)
    leased = await kiosk.lease()
    booked = await booker.book()
    await at_counter(hall, booked)
    await manager.does("/day/halt", {"reason": "fire"})
    for name in ("", "/new", "/arrive"):
        page = await page_of(kiosk, name)
        assert "Service is paused. Please follow the staff." in page
        assert "please choose" not in page  # there is nothing to choose
        assert "I have an appointment" not in page
    assert "业务暂停，请听从工作人员指引" in await page_of(kiosk, language="zh-CN")
    assert await kiosk.lease() == []
    answers = [
        await kiosk.take(),
        await kiosk.take(ticket_id=kiosk.given(leased[0])["ticket_id"], number=str(leased[0])),
        await hall.client.post(f"{kiosk.base}/arrive?lang=en", data={"reference": booked["reference"]}),
    ]
    assert [each.headers.get("location") for each in answers] == [None] * 3
    assert all("Please follow the staff" in each.text for each in answers)
    assert (await hall.board())["waiting"] == []
    assert (await booker.show(booked)).json()["status"] != "checked_in"
    await manager.does("/day/go-on")
    assert (await kiosk.take()).status_code == 303
    assert (await kiosk.lease())[: len(leased)] == leased


async def test_a_ticket_of_another_hall_or_day_and_an_unknown_kiosk_are_not_found(hall: Hall, clock: Clock):
    kiosk = await kiosk_at(hall)
    path = (await kiosk.take()).headers["location"]
    assert (await hall.client.get(path.replace(kiosk.secret, "nothing"))).status_code == 404
    clock.move(timedelta(days=1))
    assert (await hall.client.get(path)).status_code == 404
    assert (await hall.client.get("/kiosk/nothing")).status_code == 404


async def test_the_worker_covers_kiosks_and_nothing_else(hall: Hall):
    answer = await hall.client.get("/kiosk/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "service-worker-allowed" not in answer.headers  # its scope is the folder that it is served from
    assert "'unsafe" not in answer.headers["content-security-policy"]


async def test_a_manager_makes_an_address_that_is_shown_once_and_revokes_it(manager: Clerk, app: FastAPI):
    assert "This hall has no kiosk yet" in (await manager.get("/kiosks")).text
    assert (await manager.post("/kiosks", {"name": " "})).status_code == 422
    made = (await manager.post("/kiosks", {"name": "Entrance"})).text
    [secret] = re.findall(r"http://testserver/kiosk/([\w-]{43})", made.split('translate="no">')[1].split("<")[0])
    kiosk = KioskAt(manager.hall, secret)
    listed = (await manager.get("/kiosks")).text
    assert ("not seen yet" in listed, secret in listed) == (True, False)
    rows = await app.state.database.fetch("SELECT row_to_json(hall_device)::text FROM hall_device", ())
    assert secret not in str(rows)
    leased = await kiosk.lease()
    await kiosk.hand_in([kiosk.given(leased[0])])
    listed = (await manager.get("/kiosks")).text
    assert "last seen" in listed
    assert "Numbers 1 to 50 of today: 1 on tickets" in listed
    [device_id] = re.findall(r"/kiosks/([0-9a-f-]{36})/revoke", listed)
    assert "Entrance" in (await manager.get(f"/kiosks/{device_id}/revoke")).text
    assert "The kiosk is revoked" in await manager.does(f"/kiosks/{device_id}/revoke")
    assert (await manager.post(f"/kiosks/{device_id}/revoke")).status_code == 404
    assert (await kiosk.call("leases", {"holder": str(kiosk.holder)})).status_code == 404
    assert (await manager.hall.client.get(kiosk.base)).status_code == 404
    [made_entry], [revoked] = await audited(app, "kiosk.made"), await audited(app, "kiosk.revoked")
    assert (made_entry["after"], revoked["before"]) == ({"name": "Entrance"}, {"name": "Entrance"})


async def test_only_a_manager_of_this_hall_has_its_kiosks(hall: Hall, people: People):
    window = Clerk(hall, await people.staff("window", station=STATION))
    assert (await window.get("/kiosks")).status_code == 403
    assert "/kiosks" not in (await window.get()).text
    elsewhere = next(each.code for each in hall.network.stations if each.code != STATION)
    stranger = Clerk(hall, await people.staff("manager", station=elsewhere))
    assert (await stranger.get("/kiosks")).status_code == 404
