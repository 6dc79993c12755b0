"""A request's life by the API: each way from submission to the end, what is refused, and what is written."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from tests.conftest import Clock
from tests.requests.booking import Booker, Json, code
from tests.requests.rights import audited, other_station
from tests.support.people import People, Signed

Answer = httpx.Response
TAKEN = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
SELECT gen_random_uuid(), station_id, desk_id, starts, ticks, 'appointment', service_ids, now(), now()
FROM reservation WHERE NOT active AND lower(during) = %s::timestamptz
"""


class Life:
    """A booked request, with somebody of each role at its station."""

    def __init__(self, booker: Booker, people: People, clock: Clock, booked: Json) -> None:
        self.booker, self.people, self.clock, self.booked = booker, people, clock, booked
        self.staff: dict[str, Signed] = {}

    async def by(self, role: str) -> dict[str, str]:
        if role == "applicant":
            return code(self.booked)
        if role not in self.staff:
            self.staff[role] = await self.people.staff(role, station=self.booked["appointment"]["station_code"])
        return dict((await self.people.sign_in(self.staff[role].id)).bearer)

    async def step(self, role: str, verb: str, n: int | None = 1, **sent: object) -> Answer:
        part = f"items/{n}/{verb}" if n else f"actions/{verb}"
        path = f"{self.booked['links']['self']}/{part}"
        return await self.booker.client.post(path, json=sent, headers=await self.by(role))

    async def go(self, *steps: tuple[str, str], **sent: object) -> Json:
        """Steps that must all be possible."""
        for role, verb in steps:
            answer = await self.step(role, verb, **sent)
            assert answer.status_code == 200, (verb, answer.text)
        return await self.shown()

    async def found(self, **more: object) -> Json:
        """What is entered for a pressure gauge that has passed today."""
        rows = [{"point": "0.40", "up": "0.402", "down": "0.405"}, {"point": "0.80", "up": "0.798", "down": "0.80"}]
        day = self.clock.now.astimezone(LOCAL).date().isoformat()
        return {"done_on": day, "passed": True, "unit": "MPa", "rows": rows, **more}

    async def issued(self) -> Json:
        """From work that has begun to the document, by two people."""
        await self.go(("window", "record-result"), **await self.found())
        return await self.go(("officer", "verify"), ("officer", "issue"))

    async def shown(self) -> Json:
        answer: Json = (await self.booker.show(self.booked)).json()
        return answer

    def at_its_time(self) -> None:
        self.clock.move(datetime.fromisoformat(self.booked["appointment"]["start"]) + timedelta(minutes=5))


@pytest.fixture
async def life(booker: Booker, people: People, clock: Clock) -> Life:
    return Life(booker, people, clock, await booker.book())


def fault(key: str = "serial_no") -> dict[str, Any]:
    return {"faults": [{"field": f"items.1.inputs.{key}", "wanted": "请按铭牌填写"}]}


async def test_what_is_handed_in_goes_from_accepted_to_filed(life: Life, app: FastAPI):
    assert (await life.go(("officer", "accept")))["status"] == "scheduled"
    life.at_its_time()
    received = await life.go(("window", "check-in"), ("window", "receive"))
    assert received["status"] == "received"
    assert received["due_at"] is not None  # fifteen working days from receipt
    await life.go(("window", "start"))
    issued = await life.issued()
    assert (issued["status"], issued["due_at"]) == ("issued", None)
    assert (await life.go(("window", "deliver")))["status"] == "delivered"
    filed = await life.go(("officer", "archive"))
    assert filed["status"] == "archived"
    kinds = ["submitted", "accepted", "checked_in", "received", "started"]
    kinds += ["result_entered", "verified", "issued", "delivered", "archived"]
    assert [told["kind"] for told in filed["timeline"]] == kinds
    assert filed["timeline"][1]["text_zh"] == "服务站已受理。"
    assert filed["timeline"][1]["text_en"] == "The station has accepted the request."
    [entry] = await audited(app, "request.accepted")
    assert (entry["before"], entry["after"]) == ({"status": "submitted"}, {"status": "scheduled"})


async def test_a_step_that_is_impossible_names_the_item_and_its_state(life: Life):
    await life.go(("officer", "accept"))
    answer = await life.step("officer", "accept")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "invalid_transition")
    assert (problem["action"], problem["item"], problem["state"]) == ("accept", 1, "scheduled")
    for verb in ("receive", "start", "resume", "archive", "restore", "arrive"):
        assert (await life.step("officer", verb, reason="看看行不行")).json()["code"] == "invalid_transition", verb


async def test_an_item_that_is_not_there_and_a_step_that_is_none(life: Life):
    assert (await life.step("officer", "accept", 7)).json()["code"] == "item_unknown"
    assert (await life.step("officer", "accept", 0)).status_code in (404, 422, 200)
    assert (await life.step("officer", "explode")).status_code == 422


async def test_what_is_wrong_is_named_at_once_corrected_and_sent_again(life: Life, clock: Clock):
    empty = await life.step("officer", "return")
    assert [each["field"] for each in empty.json()["errors"]] == ["faults"]
    unknown = await life.step("officer", "return", faults=fault()["faults"] + fault("colour")["faults"])
    [error] = unknown.json()["errors"]
    assert (unknown.status_code, error["field"], error["code"]) == (422, "faults.1.field", "not_in_form")
    assert "colour" in error["message"]
    assert "serial_no" in error["message"]
    other = await life.step("officer", "return", faults=[{"field": "items.2.inputs.serial_no", "wanted": "请填写"}])
    assert other.json()["code"] == "item_unknown"
    returned = await life.go(("officer", "return"), **fault())
    assert (returned["status"], returned["due_at"]) == ("returned", None)  # the clock stands still
    clock.move(timedelta(days=1))
    wrong = await life.step("applicant", "correct", inputs={"quantity": "viele"})
    assert wrong.json()["errors"][0]["field"] == "items.1.inputs.quantity"
    assert (await life.step("applicant", "correct")).json()["errors"][0]["field"] == "inputs"
    corrected = await life.go(("applicant", "correct"), inputs={"serial_no": "A-7"})
    assert corrected["status"] == "submitted"
    assert corrected["items"][0]["inputs"]["serial_no"] == "A-7"
    assert corrected["items"][0]["inputs"]["model_spec"]  # what wasn't given again stays
    assert corrected["due_at"] == "2026-12-04T23:59:59+08:00"  # the day that it lay with the applicant is left out


async def test_a_second_return_needs_a_reason(life: Life):
    await life.go(("officer", "return"), **fault())
    await life.go(("applicant", "correct"), inputs={"serial_no": "A-7"})
    again = await life.step("officer", "return", **fault())
    assert [each["field"] for each in again.json()["errors"]] == ["reason"]
    await life.go(("officer", "return"), reason="补充材料与铭牌照片不一致", **fault())


async def test_who_declines_says_why_and_gives_the_time_back(life: Life):
    assert (await life.step("officer", "decline")).json()["errors"][0]["field"] == "reason"
    declined = await life.go(("officer", "decline"), reason="标准器送检中")
    assert (declined["status"], declined["appointment"]["status"]) == ("declined", "cancelled")
    start = declined["appointment"]["start"]
    held = await life.booker.hold(declined["appointment"]["station_code"], start)
    assert held["start"] == start


async def test_nobody_is_missed_before_the_time_nor_checked_in_before_the_day(life: Life, clock: Clock):
    start = datetime.fromisoformat(life.booked["appointment"]["start"])
    clock.move(start - timedelta(days=1))
    assert (await life.step("window", "check-in")).json()["code"] == "appointment_ahead"
    assert (await life.step("window", "no-show")).json()["code"] == "appointment_ahead"
    clock.move(start + timedelta(minutes=20))
    assert (await life.go(("window", "no-show")))["status"] == "no_show"
    held = await life.booker.hold(life.booked["appointment"]["station_code"])
    moved = await life.booker.move(life.booked, held)
    assert (moved.status_code, moved.json()["status"]) == (200, "scheduled")


async def test_work_that_is_suspended_has_no_due_date_until_it_goes_on(life: Life, clock: Clock):
    await life.go(("officer", "accept"))
    life.at_its_time()
    started = await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    assert (await life.step("window", "suspend")).json()["errors"][0]["field"] == "reason"
    suspended = await life.go(("window", "suspend"), reason="等待配件")
    assert (suspended["status"], suspended["due_at"]) == ("suspended", None)
    clock.move(timedelta(days=7))
    resumed = await life.go(("window", "resume"))
    assert datetime.fromisoformat(resumed["due_at"]) == datetime.fromisoformat(started["due_at"]) + timedelta(days=7)


async def test_who_is_late_says_why_and_the_applicant_reads_it(life: Life, clock: Clock):
    clock.move(datetime.fromisoformat((await life.shown())["due_at"]) + timedelta(minutes=1))
    late = await life.step("officer", "decline", reason="不在能力范围")
    assert [each["field"] for each in late.json()["errors"]] == ["late_reason"]
    declined = await life.go(("officer", "decline"), reason="不在能力范围", late_reason="人员培训")
    assert "人员培训" in declined["timeline"][-1]["text_zh"]


async def test_cancelled_in_the_middle_of_work_it_is_restored_to_exactly_where_it_was(life: Life):
    await life.go(("officer", "accept"))
    life.at_its_time()
    before = await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    cancelled = await life.booker.client.post(
        life.booked["links"]["cancel"], json={"reason": "误操作测试"}, headers=await life.by("officer")
    )
    assert (cancelled.json()["status"], cancelled.json()["due_at"]) == ("cancelled", None)
    restored = await life.go(("officer", "restore"), reason="误取消")
    assert (restored["status"], restored["due_at"]) == (before["status"], before["due_at"])
    assert restored["appointment"] == before["appointment"]


async def take_the_desk(app: FastAPI, place: Json) -> None:
    """Somebody else has the desk that was given up."""
    await app.state.database.fetch(TAKEN, (place["start"],))


async def test_restored_it_has_its_time_again_or_must_be_booked_anew_if_somebody_has_it(
    life: Life, booker: Booker, app: FastAPI
):
    await life.go(("officer", "accept"))
    await booker.cancel(life.booked)
    again = await life.go(("officer", "restore"), reason="申请人来电")
    assert (again["status"], again["appointment"]["status"]) == ("scheduled", "confirmed")
    await booker.cancel(life.booked)
    place = again["appointment"]
    await take_the_desk(app, place)
    lost = await life.go(("officer", "restore"), reason="申请人再次来电")
    assert (lost["status"], lost["appointment"]["status"]) == ("accepted", "cancelled")
    moved = await booker.move(life.booked, await booker.hold(place["station_code"]))
    assert (moved.json()["status"], moved.json()["appointment"]["status"]) == ("scheduled", "confirmed")


async def test_a_complaint_is_answered_by_the_manager_only(life: Life):
    assert (await life.step("manager", "close-complaint", reason="没有投诉")).json()["code"] == "invalid_transition"
    complained = await life.go(("applicant", "complain"), reason="等候时间太长")
    assert complained["due_at"] is not None
    assert (await life.step("applicant", "complain", reason="再说一遍")).json()["code"] == "invalid_transition"
    assert (await life.step("officer", "close-complaint", reason="已致歉")).status_code == 404
    closed = await life.go(("manager", "close-complaint"), reason="已致歉并增开窗口")
    assert closed["timeline"][-1]["text_zh"] == "投诉已答复：已致歉并增开窗口"


async def test_passed_on_it_is_answered_by_the_other_station(life: Life, booker: Booker):
    own = life.booked["appointment"]["station_code"]
    same = await booker.hold(own)
    here = {name: same[name] for name in ("hold_id", "hold_token")}
    assert (await life.step("officer", "reroute", reason="能力不足", **here)).json()["errors"][0][
        "code"
    ] == "same_station"
    other = next(station for station in await booker.designated() if station != own)
    held = await booker.hold(other)
    there = {name: held[name] for name in ("hold_id", "hold_token")}
    assert (await life.step("officer", "reroute", **there)).json()["errors"][0]["field"] == "reason"
    assert (await life.step("officer", "escalate", reason="请上级办理", **there)).status_code in (200, 422)
    moved = (await life.shown())["appointment"]["station_code"]
    if moved == own:
        await life.go(("officer", "reroute"), reason="能力不足", **there)
    found = await life.shown()
    assert (found["status"], found["appointment"]["station_code"]) == ("submitted", other)
    assert (await life.step("officer", "accept")).status_code == 404  # the station before reaches it no longer


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [("window", "accept", 404), ("auditor", "accept", 404), ("window", "no-show", 409), ("officer", "accept", 200)],
)
async def test_a_role_takes_the_steps_of_its_work(life: Life, role: str, verb: str, status: int):
    assert (await life.step(role, verb)).status_code == status


async def test_staff_elsewhere_and_the_applicant_take_no_step_of_the_station(life: Life):
    elsewhere = await life.people.staff("manager", station=await other_station(life.booker, life.booked))
    path = f"{life.booked['links']['self']}/items/1/accept"
    answer = await life.booker.client.post(path, json={}, headers=dict(elsewhere.bearer))
    assert answer.status_code == 404
    assert (await life.step("applicant", "accept")).json()["code"] == "invalid_transition"


async def test_a_repeated_step_with_the_same_key_is_taken_once(life: Life):
    path = f"{life.booked['links']['self']}/items/1/accept"
    headers = {**await life.by("officer"), "Idempotency-Key": "accept-1"}
    first = await life.booker.client.post(path, json={}, headers=headers)
    second = await life.booker.client.post(path, json={}, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert [told["kind"] for told in (await life.shown())["timeline"]] == ["submitted", "accepted"]


async def test_of_several_items_each_goes_its_own_way(booker: Booker, people: People, clock: Clock):
    second = "MET-MEC-016"
    stations = await booker.both("MET-MEC-015", second)
    held = await booker.hold(stations[0], services=("MET-MEC-015", second))
    body = await booker.filled_in(held)
    body["items"].append({"service_code": second, "inputs": await booker.some_answers(second)})
    answer = await booker.send(body)
    assert answer.status_code == 201, answer.text
    life = Life(booker, people, clock, answer.json())
    await life.go(("officer", "accept"))
    shown = await life.shown()
    assert [item["status"] for item in shown["items"]] == ["scheduled", "submitted"]
    assert shown["status"] == "submitted"
    assert shown["timeline"][-1]["text_en"].startswith("Item 1:")
    assert (await life.step("officer", "accept", None)).json()["status"] == "scheduled"


async def test_a_hold_moves_nothing_but_by_a_step_that_takes_one(life: Life, booker: Booker):
    held = await booker.hold(life.booked["appointment"]["station_code"], (await booker.starts(await own(life)))[-1])
    hold = {name: held[name] for name in ("hold_id", "hold_token")}
    for role, verb in (("officer", "accept"), ("applicant", "complain")):
        refused = await life.step(role, verb, reason="顺便改期", **hold)
        assert [each["field"] for each in refused.json()["errors"]] == ["hold_id"]
    assert (await life.shown())["appointment"] == life.booked["appointment"]


async def own(life: Life) -> str:
    return str(life.booked["appointment"]["station_code"])


async def test_staff_change_no_answer_of_the_applicant(life: Life):
    await life.go(("officer", "return"), **fault())
    before = (await life.shown())["items"]
    sent = {"reason": "申请人来电取消投诉", "inputs": {"serial_no": "不是申请人写的"}}
    assert (await life.step("applicant", "complain", **sent)).status_code == 200
    assert (await life.shown())["items"] == before


async def test_moved_to_another_station_it_is_answered_there(life: Life, booker: Booker):
    await life.go(("officer", "accept"))
    here = await own(life)
    other = next(station for station in await booker.designated() if station != here)
    moved = (await booker.move(life.booked, await booker.hold(other))).json()
    assert (moved["status"], moved["appointment"]["station_code"]) == ("submitted", other)
    assert moved["due_at"] is not None


async def test_cancelled_while_it_was_returned_it_still_says_what_is_wanted(life: Life, booker: Booker):
    await life.go(("officer", "return"), **fault())
    await booker.cancel(life.booked)
    restored = await life.go(("officer", "restore"), reason="误取消")
    assert (restored["status"], restored["due_at"]) == ("returned", None)
    client = booker.client
    opened = await client.post(f"/r/{life.booked['reference']}", data={"code": life.booked["access_code"]})
    assert opened.status_code == 303
    assert "请按铭牌填写" in (await client.get(f"/r/{life.booked['reference']}/correct")).text


async def test_a_late_return_needs_its_reason_too(life: Life, clock: Clock):
    clock.move(datetime.fromisoformat((await life.shown())["due_at"]) + timedelta(minutes=1))
    late = await life.step("officer", "return", **fault())
    assert [each["field"] for each in late.json()["errors"]] == ["late_reason"]
