"""A step follows its request through the whole life of that: split, passed on, cancelled, restored, done."""

import pytest

from tests.bundles.bundling import VALVE, Bundling, step
from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker, Json
from tests.requests.splitting import Split
from tests.requests.test_life_api import Life
from tests.support.people import People

SCALE = "MET-MEC-018"


@pytest.fixture
async def both(bundling: Bundling, booker: Booker, people: People, clock: Clock) -> tuple[Split, Json]:
    """Gauges and scales of one bundle, in one request at one station."""
    station = (await booker.both(SERVICE, SCALE))[0]
    held = await booker.hold(station, (await booker.starts(station, SERVICE, SCALE))[-1], (SERVICE, SCALE))
    body = await booker.filled_in(held)
    body["items"].append({"service_code": SCALE, "inputs": await booker.some_answers(SCALE)})
    answer = await booker.send(body)
    assert answer.status_code == 201, answer.text
    request = answer.json()
    bundle = await bundling.begin()
    for key in ("gauges", "scales"):
        assert (await bundling.link(bundle, key, request)).status_code == 200
    return Split(booker, people, clock, request), bundle


async def test_an_item_that_is_passed_on_alone_takes_its_step_along(both: tuple[Split, Json], bundling: Bundling):
    split, bundle = both
    answer = await split.pass_on(2, SCALE)
    assert answer.status_code == 200, answer.text
    there = await split.other()
    found = await bundling.show(bundle)
    gauges, scales = step(found, "gauges")["bookings"], step(found, "scales")["bookings"]
    assert [(each["reference"], each["n"]) for each in gauges] == [(split.booked["reference"], 1)]
    assert [(each["reference"], each["n"]) for each in scales] == [(there["reference"], 1)]
    assert step(found, "scales")["state"] == "booked"


async def test_a_request_that_moves_to_another_station_keeps_its_steps(
    bundling: Bundling, booker: Booker, people: People, clock: Clock
):
    request = await booker.book()
    bundle = await bundling.begin()
    assert (await bundling.link(bundle, "gauges", request)).status_code == 200
    life = Split(booker, people, clock, request)
    moved = await booker.move(request, {**await life.held_there(SERVICE)})
    assert moved.status_code == 200, moved.text
    assert moved.json()["appointment"]["station_code"] == life.there
    gauges = step(await bundling.show(bundle), "gauges")
    assert (gauges["state"], gauges["bookings"][0]["start"]) == ("booked", moved.json()["appointment"]["start"])


async def test_cancelled_booked_anew_and_restored_a_step_tells_the_truth(
    bundling: Bundling, booker: Booker, people: People, clock: Clock
):
    request, bundle = await booker.book(), await bundling.begin()
    assert (await bundling.link(bundle, "gauges", request)).status_code == 200
    life = Life(booker, people, clock, request)
    assert (await booker.change(request, "cancel", {})).status_code == 200
    gauges = await bundling.step(bundle, "gauges")
    assert (gauges["state"], gauges["bookings"][0]["status"]) == ("bookable", "cancelled")
    second = await bundling.booked(SERVICE, use="safety_protection")
    assert (await bundling.link(bundle, "gauges", second)).status_code == 200
    await life.go(("officer", "restore"), reason="误取消")
    assert (await bundling.step(bundle, "gauges"))["state"] == "booked"
    assert (await booker.change(second, "cancel", {})).status_code == 200
    gauges = await bundling.step(bundle, "gauges")
    assert (gauges["state"], gauges["bookings"][0]["reference"]) == ("booked", request["reference"])


async def test_when_the_work_is_done_what_comes_after_can_begin(
    bundling: Bundling, booker: Booker, people: People, clock: Clock
):
    request, bundle = await booker.book(), await bundling.begin()
    valves = await bundling.booked(VALVE)
    for key, each in (("gauges", request), ("valves", valves)):
        assert (await bundling.link(bundle, key, each)).status_code == 200
    for each in (request, valves):
        life = Life(booker, people, clock, each)
        await life.go(("officer", "accept"))
        life.at_its_time()
        await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
        assert (await bundling.step(bundle, "equipment"))["state"] == "waits"
        await life.go(("window", "finish"))
    found = await bundling.show(bundle)
    assert [step(found, key)["state"] for key in ("gauges", "valves", "equipment")] == ["done", "done", "bookable"]
    assert found["progress"]["done"] == 2
