"""Two who act on one request at the same moment, one of whom passes an item on, on a database of their own."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import Booker, Json, code
from tests.requests.splitting import WHY, Split, booked_both
from tests.requests.test_life_races import at_once, crowd, crowded, officers
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
__all__ = ["crowd", "crowded"]
ROUNDS = 4
KEPT = """
SELECT (SELECT count(*) FROM request), (SELECT count(*) FROM request_item),
    (SELECT count(*) FROM reservation WHERE active AND kind = 'appointment')
"""


async def booked_split(app: FastAPI, crowd: Booker, clock: Clock) -> Split:
    return Split(crowd, People(app.state.database, clock, app.state.callers.timeouts), clock, await booked_both(crowd))


async def kept(app: FastAPI) -> tuple[Any, ...]:
    """How many requests, items and appointments there are."""
    [row] = await app.state.database.fetch(KEPT, ())
    return tuple(row)


async def away(split: Split, who: dict[str, str]) -> tuple[str, Json, dict[str, str]]:
    return "items/2/reroute", {"reason": WHY, **await split.held_there()}, who


async def test_of_two_who_pass_the_same_item_on_one_does(crowded: FastAPI, crowd: Booker, clock: Clock):
    for _round in range(ROUNDS):
        split = await booked_split(crowded, crowd, clock)
        before = await kept(crowded)
        calls = [await away(split, who) for who in await officers(crowded, clock, split.booked)]
        answers = await at_once(crowd, split.booked, *calls)
        assert sorted(answer.status_code for answer in answers) == [200, 404]
        lost = next(answer for answer in answers if answer.status_code == 404)
        assert lost.json()["code"] == "item_unknown"
        assert await kept(crowded) == (before[0] + 1, before[1], before[2] + 1)
        assert len((await split.shown())["linked"]) == 1


async def test_passed_on_while_it_is_cancelled_an_item_is_in_one_place_only(
    crowded: FastAPI, crowd: Booker, clock: Clock
):
    for _round in range(ROUNDS):
        split = await booked_split(crowded, crowd, clock)
        [officer] = await officers(crowded, clock, split.booked, 1)
        before = await kept(crowded)
        cancel = ("cancel", {}, code(split.booked))
        passed, cancelled = await at_once(crowd, split.booked, await away(split, officer), cancel)
        assert cancelled.status_code == 200, cancelled.text
        shown, after = await split.shown(), await kept(crowded)
        assert (shown["status"], shown["appointment"]["status"]) == ("cancelled", "cancelled")
        if passed.status_code == 200:
            assert (await crowd.show(await split.other())).json()["status"] == "submitted"
            assert after == (before[0] + 1, before[1], before[2])
        else:
            assert (passed.json()["code"], passed.json()["state"]) == ("invalid_transition", "cancelled")
            assert after == (before[0], before[1], before[2] - 1)


async def test_two_items_passed_on_at_once_leave_something_behind(crowded: FastAPI, crowd: Booker, clock: Clock):
    """Who comes second passes on the last item, and with it the request: nothing is lost, nothing is empty."""
    split = await booked_split(crowded, crowd, clock)
    staff = await officers(crowded, clock, split.booked)
    first = ("items/1/reroute", {"reason": WHY, **await split.held_there("MET-MEC-015")}, staff[0])
    answers = await asyncio.gather(at_once(crowd, split.booked, first, await away(split, staff[1])))
    codes = sorted(answer.status_code for answer in answers[0])
    assert codes == [200, 200]
    assert (await kept(crowded))[:2] == (2, 2)
