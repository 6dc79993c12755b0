"""A stop against desks that call and staff who issue: after its commit nobody is called and nothing is given out."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.accounts.rules.rights import Caller
from app.hall.errors import HallHalted
from app.hall.rules.states import Action, HaltReason
from app.hall.service.days import Days
from app.hall.statements import CALL_NEXT
from tests.hall.test_hall_races import Floor, floor

__all__ = ["floor"]
pytestmark = [pytest.mark.anyio, pytest.mark.race]
DESKS, STOPS = 6, 15


class Commotion:
    """What goes on at a counter until it is over; `refused` counts what a stop has refused."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.over = False
        self.refused = 0

    async def all_the_time(self, work: Callable[[int], Awaitable[None]], n: int) -> None:
        while not self.over:
            try:
                await work(n)
            except HallHalted:
                self.refused += 1
            await asyncio.sleep(0.001)

    async def call(self, n: int) -> None:
        if called := await self.floor.next(n):
            await self.floor.act(called, Action.REQUEUE)

    async def sit_and_call(self, n: int) -> None:
        await self.floor.database.fetch("DELETE FROM desk_session WHERE person_id = %s", (self.floor.people[n],))
        await self.floor.sit(self.floor.desks[n], self.floor.people[n])
        await self.call(n)

    async def come(self, _n: int) -> None:
        await self.floor.issue()

    async def steps(self) -> int:
        """How many calls and tickets are there for everybody to see."""
        count = "SELECT count(*) FROM ticket_event WHERE action IN ('call', 'issue')"
        return int((await self.floor.database.fetch(count, ()))[0][0])

    async def manage(self, *, halted: bool) -> None:
        async with self.floor.database.writer() as session:
            manager = Caller(kind="browser", person_id=self.floor.people[0])
            days = Days(session, self.floor.station, self.floor.later(), manager)
            assert await (days.halt(HaltReason.FIRE, "") if halted else days.go_on())
            await session.commit()


async def test_after_a_stop_is_committed_nobody_is_called_and_no_ticket_given_out(floor: Floor):
    """Desks call and staff issue all the time, one sits down anew again and again; stops come at any moment."""
    await floor.sit_all()
    going_on = Commotion(floor)

    async def stops() -> None:
        for _n in range(STOPS):
            await asyncio.sleep(0.02)
            await going_on.manage(halted=True)
            seen = await going_on.steps()
            await asyncio.sleep(0.03)
            assert await going_on.steps() == seen
            await going_on.manage(halted=False)
        going_on.over = True

    desks = (going_on.all_the_time(going_on.call, n) for n in range(DESKS))
    others = going_on.all_the_time(going_on.sit_and_call, DESKS), going_on.all_the_time(going_on.come, 0)
    await asyncio.gather(stops(), *desks, *others)
    assert going_on.refused > STOPS
    assert await going_on.steps() > STOPS


async def test_a_stop_waits_for_a_call_under_way_and_a_call_for_a_stop(floor: Floor):
    """Both ways round, each held open at its last moment: whoever comes second waits, and sees what the first did."""
    await floor.sit_all()
    await floor.issue()
    going_on, calls = Commotion(floor), "SELECT count(*) FROM ticket_event WHERE action = 'call'"
    async with floor.database.pool.connection() as connection, connection.transaction():
        await connection.execute(CALL_NEXT, values_of(floor))
        stop = asyncio.create_task(going_on.manage(halted=True))
        await asyncio.sleep(0.3)
        assert not stop.done()
    await stop
    assert await floor.database.fetch(calls, ()) == [(1,)]
    await going_on.manage(halted=False)
    async with floor.database.writer() as session:
        manager = Caller(kind="browser", person_id=floor.people[0])
        assert await Days(session, floor.station, floor.later(), manager).halt(HaltReason.FIRE, "")
        late, coming = (asyncio.create_task(work) for work in (floor.next(1), floor.issue()))
        await asyncio.sleep(0.3)
        assert not late.done()
        assert not coming.done()
        await session.commit()
    answers = await asyncio.gather(late, coming, return_exceptions=True)
    assert [type(each) for each in answers] == [HallHalted, HallHalted]
    assert await floor.database.fetch(calls, ()) == [(1,)]


def values_of(floor: Floor) -> dict[str, object]:
    """What the first desk calls with."""
    now = floor.later()
    return {
        "station_id": floor.station.id,
        "desk_id": floor.desks[0].id,
        "person_id": floor.people[0],
        "day": now.date(),
        "morning": now.replace(hour=0, minute=0, second=0, microsecond=0),
        "now": now,
        "topic": "test",
    }
