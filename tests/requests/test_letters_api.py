"""Letters as steps cause them: in the same transaction, each once, withdrawn when they are no longer true."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from app.audit.service import Actor
from app.notify.delivery import Deliverer
from app.requests.letters import Letters
from app.requests.queries import open_by_reference
from app.requests.service import Changes
from app.requests.statements import SUBMIT
from tests.booking.visitor import counted
from tests.conftest import Clock
from tests.notify.conftest import server  # noqa: F401 - a fixture
from tests.notify.postbox import Server
from tests.requests.booking import Booker, Json
from tests.requests.mailing import mails, pending, with_address
from tests.requests.test_life_api import Life, fault
from tests.support.people import People

pytestmark = pytest.mark.anyio
REMINDERS = {"request.reminder", "request.reminder_soon"}


@pytest.fixture
async def booked(booker: Booker) -> Json:
    """Two days ahead, at nine: both reminders are still to come."""
    station = (await booker.designated())[0]
    start = next(each for each in await booker.starts(station) if each.startswith("2026-12-03T09:00"))
    answer = await booker.send(await booker.filled_in(await booker.hold(station, start)))
    found: Json = answer.json()
    return found


@pytest.fixture
async def life(booker: Booker, people: People, clock: Clock, booked: Json) -> Life:
    return Life(booker, people, clock, booked)


async def another(booker: Booker, booked: Json, day: str = "2026-12-04T10:00") -> Json:
    station = booked["appointment"]["station_code"]
    start = next(each for each in await booker.starts(station) if each.startswith(day))
    return await booker.hold(station, start)


async def test_sending_writes_a_confirmation_and_two_reminders_in_the_language_of_the_caller(
    app: FastAPI, booker: Booker, booked: Json, clock: Clock
):
    found = await pending(app, booked)
    assert set(found) == {"request.confirmed", *REMINDERS}
    confirmed = found["request.confirmed"]
    assert (confirmed.to, confirmed.channel, confirmed.due) == ("wang@example.com", "mail", clock.now)
    assert confirmed.station_id is not None
    assert confirmed.subject.startswith("预约确认：12月3日 周四 09:00，")
    assert confirmed.body is not None
    assert f"/r/{booked['reference']}" in confirmed.body
    assert "压力表，编号 20260001" in confirmed.body
    assert booked["access_code"] not in confirmed.body
    assert "王芳" not in confirmed.subject + confirmed.body
    assert (found["request.reminder"].when, found["request.reminder_soon"].when) == ("12-02 17:00", "12-03 07:00")
    assert found["request.reminder_soon"].expires == datetime.fromisoformat(booked["appointment"]["start"])
    held = await another(booker, booked)
    english = (await booker.send(await booker.filled_in(held), **{"Accept-Language": "en"})).json()
    assert "Booking confirmed: Fri 4 Dec, 10:00" in (await pending(app, english))["request.confirmed"].subject


async def test_without_an_address_nothing_is_written_and_a_refused_submission_leaves_nothing(
    app: FastAPI, booker: Booker
):
    body = await booker.filled_in(await booker.hold())
    applicant = body["applicant"] | {"email": ""}
    silent = (await booker.send(body | {"applicant": applicant})).json()
    assert await mails(app, silent) == []
    again = await booker.send(body | {"applicant": body["applicant"]})
    assert again.status_code == 409
    assert await app.state.database.fetch("SELECT key FROM message", ()) == []


async def test_sending_with_letters_is_still_one_statement(booker: Booker, app: FastAPI):
    first = await booker.filled_in(await booker.hold())
    silent = first | {"applicant": first["applicant"] | {"email": None}}
    second = await booker.filled_in(await booker.hold())
    with counted(app) as without:
        assert (await booker.send(silent)).status_code == 201
    with counted(app) as with_letters:
        assert (await booker.send(second)).status_code == 201
    assert len(with_letters) == len(without)
    assert with_letters.count(SUBMIT) == 1


async def test_moving_withdraws_the_reminders_and_posts_them_for_the_new_time(
    app: FastAPI, booker: Booker, booked: Json
):
    held = await another(booker, booked)
    assert (await booker.move(booked, held)).status_code == 200
    found = await pending(app, booked)
    assert set(found) == {"request.moved", *REMINDERS}  # the confirmation names a time that isn't true any more
    assert (found["request.reminder"].when, found["request.reminder_soon"].when) == ("12-03 17:00", "12-04 08:00")
    assert "由 12月3日 周四 09:00 改为以下时间" in (found["request.moved"].body or "")
    assert len(await mails(app, booked)) == 6
    assert (await booker.move(booked, held)).status_code == 200  # repeated, it tells nothing twice
    assert len(await mails(app, booked)) == 6


async def test_cancelling_withdraws_the_reminders_and_restoring_posts_them_anew(app: FastAPI, life: Life):
    assert (await life.booker.cancel(life.booked)).status_code == 200
    found = await pending(app, life.booked)
    assert set(found) == {"request.cancelled"}
    assert "如果不是您本人操作" in (found["request.cancelled"].body or "")
    await life.go(("officer", "restore"), reason="申请人来电，仍要办理")
    found = await pending(app, life.booked)
    assert set(found) == {"request.restored", *REMINDERS}
    assert found["request.reminder"].when == "12-02 17:00"


async def test_what_the_station_decides_is_told_with_its_reason_and_faults(app: FastAPI, life: Life, booker: Booker):
    await life.go(("officer", "return"), **fault())
    returned = (await pending(app, life.booked))["request.returned"]
    assert "- 出厂编号：请按铭牌填写" in (returned.body or "")
    assert set(await pending(app, life.booked)) >= REMINDERS  # the time stays booked
    corrected = {"instrument_name": "压力表", "serial_no": "20260002"}
    await life.go(("applicant", "correct"), inputs=(await _inputs(booker, life.booked)) | corrected)
    anew = (await pending(app, life.booked))["request.reminder"]
    assert "20260002" in (anew.body or "")
    await life.go(("officer", "accept"))
    assert "已受理您的申请" in ((await pending(app, life.booked))["request.accepted"].body or "")
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    assert not REMINDERS & set(await pending(app, life.booked))
    await life.go(("window", "suspend"), reason="等待备件")
    assert "等待备件" in ((await pending(app, life.booked))["request.suspended"].body or "")
    await life.go(("window", "resume"))
    await life.issued()
    found = await pending(app, life.booked)
    assert "取回您送交的物品" in (found["request.issued"].body or "")
    assert "request.returned" not in found


async def _inputs(booker: Booker, booked: Json) -> Json:
    inputs: Json = (await booker.show(booked)).json()["items"][0]["inputs"]
    return inputs


async def test_declining_withdraws_what_invites_to_come(app: FastAPI, life: Life):
    await life.go(("officer", "decline"), reason="不在授权范围")
    assert set(await pending(app, life.booked)) == {"request.declined"}
    assert all(mail.body is None for mail in await mails(app, life.booked) if mail.withdrawn)


async def test_passed_on_nobody_is_sent_to_the_old_station_any_more(app: FastAPI, life: Life, booker: Booker):
    own = life.booked["appointment"]["station_code"]
    stations = {each["code"]: each for each in (await booker.client.get("/api/v1/stations?limit=200")).json()["items"]}
    other = next(code for code in await booker.designated() if code != own)
    start = next(each for each in await booker.starts(other) if each.startswith("2026-12-04"))
    held = await booker.hold(other, start)
    await life.go(("officer", "reroute"), reason="能力不足", hold_id=held["hold_id"], hold_token=held["hold_token"])
    found = await pending(app, life.booked)
    assert set(found) == {"request.passed_on", *REMINDERS}
    old, new = stations[own]["name_zh"], stations[other]["name_zh"]
    told = found["request.passed_on"].body or ""
    assert f"请不要再去{old}，请到{new}。" in told
    assert f"地点：{new}，" in told
    assert "能力不足" in told
    reminder = found["request.reminder"]
    assert reminder.when == "12-03 17:00"
    assert f"地点：{new}，" in (reminder.body or "")
    [(station_id,)] = await app.state.database.fetch("SELECT id FROM station WHERE code = %s", (other,))
    assert {mail.station_id for mail in found.values()} == {station_id}


async def test_what_is_handed_up_is_told_to_who_answers_for_the_parent_station(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    codes = await booker.designated()
    rows = await app.state.database.fetch(
        "SELECT s.code, p.code FROM station s JOIN station p ON p.id = s.parent_id WHERE s.code = ANY (%s)", (codes,)
    )
    own, parent = next((own, parent) for own, parent in rows if parent in codes)
    life = Life(booker, people, clock, (await booker.send(await booker.filled_in(await booker.hold(own)))).json())
    above = await people.staff("manager", station=parent)
    await with_address(app, above.id, "above@example.com")
    held = await booker.hold(parent)
    await life.go(("officer", "escalate"), reason="请上级办理", hold_id=held["hold_id"], hold_token=held["hold_token"])
    told = (await pending(app, life.booked))["station.handed_up"]
    assert told.to == "above@example.com"
    assert life.booked["reference"] in told.subject
    assert f"/office/requests/{life.booked['reference']}" in (told.body or "")


async def test_who_answers_for_the_station_hears_of_a_complaint_until_it_is_answered(app: FastAPI, life: Life):
    await life.by("officer")
    await with_address(app, life.staff["officer"].id, "officer@example.com")
    await life.by("manager")
    await with_address(app, life.staff["manager"].id, "manager@example.com")
    await life.go(("applicant", "complain"), reason="等了三个小时无人接待")
    complaint = (await pending(app, life.booked))["station.complaint"]
    assert complaint.to == "manager@example.com"
    assert f"/office/requests/{life.booked['reference']}" in (complaint.body or "")
    assert "三个小时" not in (complaint.body or "")
    await life.go(("manager", "close-complaint"), reason="已电话致歉并加派窗口人员")
    found = await pending(app, life.booked)
    assert "station.complaint" not in found
    assert "加派窗口人员" in (found["request.complaint_answered"].body or "")


async def test_a_step_that_fails_tells_nothing(app: FastAPI, life: Life):
    before = await mails(app, life.booked)
    assert (await life.step("officer", "decline")).status_code == 422
    assert (await life.step("window", "finish")).status_code == 409
    assert await mails(app, life.booked) == before


async def test_a_step_that_is_rolled_back_has_told_and_withdrawn_nothing(app: FastAPI, life: Life):
    before, state = await mails(app, life.booked), app.state
    network, catalogue = await state.network.current(), await state.catalogue.current()
    letters = Letters(state.letterhead, catalogue, await state.policy.current())
    async with state.database.writer() as session:
        found = await open_by_reference(session, network, life.booked["reference"], lock=True)
        await Changes(session, network, life.clock.now, Actor("visitor"), letters).cancel(found, "不需要了")
        await session.rollback()
    assert await mails(app, life.booked) == before


async def test_a_step_with_letters_costs_two_statements_more(app: FastAPI, life: Life, booker: Booker):
    silent = await booker.filled_in(await booker.hold())
    quiet = Life(booker, life.people, life.clock, (await booker.send(_without_address(silent))).json())
    await life.by("officer")
    quiet.staff = life.staff
    counts = []
    for each in (quiet, life):
        path, headers = f"{each.booked['links']['self']}/actions/decline", await each.by("officer")
        with counted(app) as statements:
            answer = await booker.client.post(path, json={"reason": "不在授权范围"}, headers=headers)
        assert answer.status_code == 200, answer.text
        counts.append(len(statements))
    assert counts[1] - counts[0] == 2  # what is withdrawn, what is posted


def _without_address(body: Json) -> Json:
    return body | {"applicant": body["applicant"] | {"email": None}}


async def test_the_confirmation_arrives_as_a_mail(
    app: FastAPI,
    booked: Json,
    clock: Clock,
    server: Server,  # noqa: F811 - the fixture
):
    async def now() -> datetime:
        return clock.now

    deliverer = Deliverer(app.state.database, server.carrier(), now)
    assert await deliverer.deliver() == 1  # the reminders wait
    [mail] = server.mails
    assert (mail["To"], mail["Auto-Submitted"]) == ("wang@example.com", "auto-generated")
    assert "预约确认" in mail["Subject"]
    assert f"/r/{booked['reference']}" in mail.get_content()
    clock.move(timedelta(days=1, hours=8))
    assert await deliverer.deliver() == 1
    assert "预约就在明天" in server.mails[1].get_content()
