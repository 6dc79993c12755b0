"""Two who act on one step at the same moment, on a database of their own: one is first, nothing is half done."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import another_browser, words
from tests.bundles.bundling import VALVE, Bundling, step
from tests.bundles.walking import Walker
from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.test_life_races import crowd, crowded

pytestmark = [pytest.mark.anyio, pytest.mark.race]
__all__ = ["crowd", "crowded"]
ROUNDS = 4
A_WEEK = timedelta(days=7)
KEPT = """
SELECT (SELECT count(*) FROM request), (SELECT count(*) FROM bundle_move), (SELECT count(*) FROM bundle_item),
    (SELECT count(*) FROM reservation WHERE active AND kind = 'appointment')
"""


@pytest.fixture
def bundling(crowded: FastAPI, crowd: Booker) -> Bundling:
    return Bundling(crowded, crowd.client, crowd)


async def kept(app: FastAPI) -> tuple[int, ...]:
    """Requests, moves, linked items, appointments."""
    [row] = await app.state.database.fetch(KEPT, ())
    return tuple(row)


async def two_at_check(first: Walker, second: Walker, booker: Booker, *steps: str) -> None:
    await first.begin_bundle("new-plant")
    await second.open(first.reference, await first.code())
    await first.to_check(booker, *steps)
    await second.to_check(booker, *steps, place=1)


async def test_of_two_who_book_the_same_step_one_is_linked_and_the_other_has_booked_nothing(
    crowded: FastAPI, crowd: Booker, bundling: Bundling, clock: Clock
):
    for _round in range(ROUNDS):
        clock.move(A_WEEK)  # to where nothing is booked yet
        async with another_browser(crowded) as one, another_browser(crowded) as other:
            first, second = Walker(one), Walker(other)
            await two_at_check(first, second, crowd, "ledger")
            before = await kept(crowded)
            answers = await asyncio.gather(first.send(), second.send())
            assert sorted(answer.status_code for answer in answers) == [303, 409]
            lost = next(answer for answer in answers if answer.status_code == 409)
            assert "服务包" in words(lost.text)
            after = await kept(crowded)
            assert after == tuple(count + 1 for count in before)
            loser = first if answers[0].status_code == 409 else second
            await loser.send(alone="true")
            assert (await kept(crowded))[1:3] == after[1:3]
            assert (await kept(crowded))[0] == after[0] + 1


async def test_of_two_visits_that_share_a_step_one_is_booked_whole_and_the_other_not_at_all(
    crowded: FastAPI, crowd: Booker, bundling: Bundling, clock: Clock
):
    for _round in range(ROUNDS):
        clock.move(A_WEEK)  # to where nothing is booked yet
        async with another_browser(crowded) as one, another_browser(crowded) as other:
            first, second = Walker(one), Walker(other)
            await first.begin_bundle("new-plant")
            code = await first.code()
            await second.open(first.reference, code)
            await first.to_check(crowd, "ledger", "filing")
            await second.to_check(crowd, "filing", place=1)
            assert [len(await each.services()) for each in (first, second)] == [2, 1]
            answers = await asyncio.gather(first.send(), second.send())
            assert sorted(answer.status_code for answer in answers) == [303, 409]
            found = await bundling.show({"reference": first.reference, "access_code": code})
            whole = answers[0].status_code == 303
            assert step(found, "filing")["state"] == "booked"
            assert (step(found, "ledger")["state"] == "booked") == whole


async def test_of_booking_and_leaving_out_at_once_one_happens(
    crowded: FastAPI, crowd: Booker, bundling: Bundling, clock: Clock
):
    for _round in range(ROUNDS):
        clock.move(A_WEEK)  # to where nothing is booked yet
        async with another_browser(crowded) as one:
            walker = Walker(one)
            await walker.begin_bundle("new-plant")
            bundle = {"reference": walker.reference, "access_code": await walker.code()}
            await walker.to_check(crowd, "quality")
            before = await kept(crowded)
            sent, left_out = await asyncio.gather(
                walker.send(), bundling.post(bundle, "quality", "leave-out", reason="已有证书")
            )
            after, state = await kept(crowded), (await bundling.step(bundle, "quality"))["state"]
            assert (sent.status_code, left_out.status_code, state) in {(303, 409, "booked"), (409, 200, "left_out")}
            assert after[1] == before[1] + 1
            assert after[0] - before[0] == after[2] - before[2] == (sent.status_code == 303)


async def test_of_many_requests_that_are_linked_at_once_one_is(crowded: FastAPI, bundling: Bundling):
    bundle = await bundling.begin()
    requests = [await bundling.booked(VALVE) for _n in range(4)]
    answers: list[httpx.Response] = await asyncio.gather(
        *(bundling.link(bundle, "valves", request) for request in requests)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers if answer.status_code == 409} == {"step_closed"}
    assert len((await bundling.step(bundle, "valves"))["bookings"]) == 1


async def test_one_request_is_linked_to_one_of_two_bundles(crowded: FastAPI, bundling: Bundling):
    for _round in range(ROUNDS):
        bundles = [await bundling.begin() for _n in range(2)]
        request = await bundling.booked(VALVE)
        answers = await asyncio.gather(*(bundling.link(bundle, "valves", request) for bundle in bundles))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        states = [(await bundling.step(bundle, "valves"))["state"] for bundle in bundles]
        assert sorted(states) == ["bookable", "booked"]
