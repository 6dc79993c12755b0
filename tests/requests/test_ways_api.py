"""The ways of an item that is not handed in: at the counter, online; and what is brought along but can't be taken."""

from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import Booker, Json
from tests.requests.rights import audited
from tests.requests.test_life_api import Life
from tests.support.people import People


async def booked_as(booker: Booker, mode: str) -> Json:
    """A request for some service without an instrument or a sample, done in this way."""
    listed = (await booker.client.get("/api/v1/services", params={"limit": 200})).json()["items"]
    for service in listed:
        fields = {
            field["key"] for field in (await booker.client.get(f"/api/v1/services/{service['code']}")).json()["inputs"]
        }
        if (
            mode not in service["modes"]
            or service["designation_required"]
            or fields & {"instrument_name", "sample_name"}
        ):
            continue
        query = {"service": service["code"], "lon": 118.37, "lat": 31.33, "mode": mode}
        found = (await booker.client.get("/api/v1/routes", params=query)).json()["candidates"]
        if found and found[0]["earliest_start"]:
            place = {"station_code": found[0]["station"]["code"], "start": found[0]["earliest_start"]}
            wish = {"service_codes": [service["code"]], "mode": mode, **place}
            held = (await booker.client.post("/api/v1/holds", json=wish)).json()
            items = [{"service_code": service["code"], "inputs": await booker.some_answers(service["code"])}]
            answer = await booker.send(await booker.filled_in(held, items=items, use="other"))
            assert answer.status_code == 201, answer.text
            booked: Json = answer.json()
            return booked
    raise AssertionError(f"no service in mode {mode}")


async def test_at_the_counter_nothing_is_handed_in(booker: Booker, people: People, clock: Clock):
    life = Life(booker, people, clock, await booked_as(booker, "station"))
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"))
    refused = await life.step("window", "receive")
    assert (refused.status_code, refused.json()["state"]) == (409, "checked_in")
    assert (await life.go(("window", "start"), ("window", "finish")))["status"] == "done"


async def test_online_nobody_comes_and_nobody_is_missed(booker: Booker, people: People, clock: Clock):
    life = Life(booker, people, clock, await booked_as(booker, "online"))
    await life.go(("officer", "accept"))
    life.at_its_time()
    for verb in ("check-in", "receive", "dispatch"):
        assert (await life.step("officer", verb)).json()["code"] == "invalid_transition", verb
    assert (await life.go(("officer", "start"), ("officer", "finish")))["status"] == "done"


async def test_what_can_not_be_taken_is_given_back_with_a_reason_on_record(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    life = Life(booker, people, clock, await booker.book())
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"))
    assert (await life.step("window", "reject-item")).json()["errors"][0]["field"] == "reason"
    ended = await life.go(("window", "reject-item"), reason="铭牌缺失，无法检定")
    assert (ended["status"], ended["due_at"]) == ("item_rejected", None)
    assert "铭牌缺失" in ended["timeline"][-1]["text_zh"]
    [entry] = await audited(app, "request.item_rejected")
    assert entry["reason"] == "铭牌缺失，无法检定"


async def test_each_step_is_on_record_once(app: FastAPI, booker: Booker, people: People, clock: Clock):
    life = Life(booker, people, clock, await booker.book())
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    await life.go(("window", "suspend"), reason="等待客户确认方案")
    await life.go(("window", "resume"))
    await life.issued()
    await life.go(("window", "deliver"), ("officer", "archive"))
    steps = "accepted checked_in received started suspended resumed result_entered verified issued delivered archived"
    for told in steps.split():
        [entry] = await audited(app, f"request.{told}")
        assert entry["actor_kind"] == "person", told
