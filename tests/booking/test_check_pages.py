"""Checking and sending: what is shown once more, and what happens when the world has moved on meanwhile."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.filled import Booking, booking, right_details
from tests.conftest import Clock

pytestmark = pytest.mark.anyio


async def ready(app: FastAPI, client: httpx.AsyncClient, clock: Clock, **values: object) -> Booking:
    """A booking whose details are right: it could be sent."""
    made = await booking(app, client, clock, **values)  # type: ignore[arg-type]  # only the draft's own values
    assert (await made.details()).status_code == 303
    return made


async def requests(app: FastAPI) -> list[tuple[str, str, str]]:
    """Reference, organisation and contact of every request that was made."""
    return await app.state.database.fetch("SELECT reference, organisation_name, contact_name FROM request", ())


async def test_everything_is_shown_once_more_with_its_way_back(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await ready(app, client, clock)
    page = (await draft.get("check")).text
    for shown in (
        "弹性元件式一般压力表检定",
        "Y-100",
        "镜湖区",
        "芜湖𠮷祥阀门有限公司",
        "91110000600037341L",
        "13812345678",
    ):
        assert shown in page
    for anchor in ("what", "where", "when", "details#f-items-0-inputs-quantity", "details#f-applicant-mobile"):
        assert f'href="{draft.path(anchor)}"' in page


async def test_sending_makes_one_request_and_leads_to_its_confirmation(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    answer = await draft.post("send")
    assert (answer.status_code, answer.headers["location"]) == (303, draft.path("done"))
    [(reference, organisation, contact)] = await requests(app)
    assert (organisation, contact) == ("芜湖𠮷祥阀门有限公司", "王𬭎")
    assert (await draft.data()).reference == reference


async def test_two_taps_at_once_make_one_request(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await ready(app, client, clock)
    answers = await asyncio.gather(*(draft.post("send") for _ in range(5)))
    assert {answer.headers["location"] for answer in answers} == {draft.path("done")}
    assert len(await requests(app)) == 1


async def test_an_answer_that_got_lost_is_found_again_by_sending_again(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    before = await draft.data()
    await draft.post("send")
    await draft.change(**before.model_dump(exclude={"held", "origin"}), held=before.held, origin=before.origin)
    clock.move(timedelta(minutes=30))  # the hold would be long over
    assert (await draft.post("send")).headers["location"] == draft.path("done")
    assert len(await requests(app)) == 1


async def test_nothing_personal_stays_in_the_draft_once_it_is_sent(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    await draft.post("send")
    [(data,)] = await app.state.database.fetch("SELECT data::text FROM booking_draft", ())
    for personal in ("王𬭎", "138", "91110000600037341L", "𠮷祥", "118.38", "A-17", 'hold_token": "'):
        assert personal not in data


async def test_a_time_that_ran_out_leads_back_to_the_times_and_keeps_everything(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    clock.move(timedelta(minutes=10))
    answer = await draft.post("send")
    assert answer.headers["location"] == draft.path("when")
    page = await draft.get("when")
    assert "不再为您保留" in page.text
    start = page.text.split('name="start"')[1].split('value="')[1].split('"')[0]
    assert (await draft.post("when", {"start": start})).headers["location"] == draft.path("check")
    assert (await draft.post("send")).headers["location"] == draft.path("done")


async def test_a_station_that_closed_meanwhile_leads_back_to_the_times(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    closure = """
        INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en)
        SELECT id, %s, %s, '', '' FROM station WHERE code = 'WH-ET-01'
    """
    await app.state.database.fetch(closure, (clock.now, clock.now + timedelta(days=3)))
    try:
        answer = await draft.post("send")
        assert answer.headers["location"] == draft.path("when")
        assert "不再为您保留" in (await draft.get("when")).text
        assert await requests(app) == []
    finally:
        await app.state.database.fetch("DELETE FROM closure", ())


async def test_a_new_privacy_notice_is_shown_before_anything_is_sent(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    await draft.change(consented="2025-01-01")
    answer = await draft.post("send")
    assert answer.headers["location"] == draft.path("details?again=true")
    assert "隐私说明已更新" in (await client.get(answer.headers["location"])).text
    assert await requests(app) == []


async def test_the_check_waits_for_the_details(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    assert (await draft.get("check")).headers["location"] == draft.path("details")
    assert (await draft.post("send")).headers["location"] == draft.path("details")


async def test_a_station_that_lost_its_designation_leads_back_to_the_choice_of_a_station(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await ready(app, client, clock)
    await designate(app, designated=False)
    try:
        answer = await draft.post("send")
        assert answer.headers["location"] == draft.path("when")
        assert (await draft.get("when")).headers["location"] == draft.path("where")
        page = await draft.get("where")
        assert "不办理该事项" in page.text
        assert (await draft.data()).applicant["contact_name"] == "王𬭎"
        assert await requests(app) == []
    finally:
        await designate(app, designated=True)


async def designate(app: FastAPI, *, designated: bool) -> None:
    statement = """
        UPDATE capability SET designated = %s
        WHERE station_id = (SELECT id FROM station WHERE code = 'WH-ET-01')
        AND service_id = (SELECT id FROM service WHERE code = 'MET-MEC-015')
    """
    await app.state.database.fetch(statement, (designated,))


async def test_two_services_of_one_visit_are_two_items_of_one_request(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await booking(app, client, clock, "MET-MEC-015", "TST-025")
    page = (await draft.get("details")).text
    required = re.findall(r'name="(items\.1\.inputs\.\w+)"[^>]*required', page)
    valve = {name: "1.6" if name.endswith("pressure") else "3" for name in required}
    assert (await draft.post("details", right_details() | valve)).headers["location"] == draft.path("check")
    assert (await draft.post("send")).headers["location"] == draft.path("done")
    assert len(await requests(app)) == 1
    items = await app.state.database.fetch("SELECT n, inputs->>'serial_no' FROM request_item ORDER BY n", ())
    assert items[0] == (1, "A-17")
    assert len(items) == 2
