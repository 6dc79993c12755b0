"""A counter under fire, on a database of its own: nobody is called twice, no number is skipped, nobody is forgotten."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.accounts.models import Person
from app.hall.asked import offered
from app.hall.errors import DeskBusy, DeskUnattended, InvalidTransition
from app.hall.queries import Board, board_of
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, Priority, State
from app.hall.rules.table import TABLE, steps_from
from app.hall.service import Calls, Counter, Seats, Wish
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.ids import new_id
from app.stations.snapshot import DeskFacts, Network, StationFacts, load_network
from tests.hall.conftest import STATION

pytestmark = [pytest.mark.anyio, pytest.mark.race]
MORNING = datetime(2026, 12, 1, 8, 30, tzinfo=LOCAL)
DESKS = 16
EVENTS = "SELECT ticket_id, n, action, state, desk_id FROM ticket_event ORDER BY ticket_id, n"
TO_THE_END = """
UPDATE ticket SET state = 'waiting', desk_id = NULL, rank_at = %(now)s, first_from = %(now)s + interval '40 minutes'
WHERE desk_id IS NOT NULL
"""
MORE_DESKS = """
INSERT INTO desk (station_id, code, name_zh, name_en, categories, channel)
SELECT station_id, 'T' || n, 'T', 'T', categories, 'internal' FROM desk, generate_series(1, %s) n
WHERE station_id = (SELECT id FROM station WHERE code = %s) AND code = (
    SELECT min(code) FROM desk d WHERE d.station_id = desk.station_id)
"""


@dataclass
class Floor:
    """The counter of a busy station, on which many work at once; the time goes on with every call."""

    database: Database
    network: Network
    station: StationFacts
    people: list[UUID]
    now: datetime = MORNING
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = Calls(self.database)

    @property
    def desks(self) -> list[DeskFacts]:
        """Those that do the same as the first one."""
        active = [desk for desk in self.station.desks if desk.active]
        return [desk for desk in active if desk.skills == active[0].skills][:DESKS]

    def later(self, seconds: float = 1) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    async def counter(self, work: Callable[[Counter], Awaitable[Any]], *, fails: bool = False) -> Any:
        """Do something at the counter in a transaction of its own; `fails` rolls it back at the end."""
        async with self.database.writer() as session:
            found = await work(Counter(session, self.network, self.station, self.later(), self.people[0]))
            if not fails:
                await session.commit()
            return found

    async def issue(self, *, fails: bool = False, priority: Priority = Priority.NONE) -> UUID:
        skills = self.desks[0].skills
        able = [each for each in offered(self.network, self.station, local_date(self.now)) if each.skill & skills]
        wish = Wish(able[:1], "zh-CN", priority, "x" if priority is Priority.URGENT else "")
        ticket = await self.counter(lambda counter: counter.issue(wish), fails=fails)
        found: UUID = ticket.id
        return found

    async def act(self, ticket_id: UUID, action: Action, given: Given = Given()) -> None:  # noqa: B008 - immutable
        await self.counter(lambda counter: counter.act(ticket_id, action, given))

    async def sit(self, desk: DeskFacts, person: UUID) -> None:
        async with self.database.writer() as session:
            await Seats(session, self.station, self.now).sign_in(desk, person)
            await session.commit()

    async def sit_all(self) -> None:
        for desk, person in zip(self.desks, self.people, strict=False):
            await self.sit(desk, person)

    async def next(self, n: int) -> UUID | None:
        return await self.calls.next(self.station, self.desks[n], self.people[n], self.later(0.001))

    async def board(self) -> Board:
        return await board_of(self.database, self.station, self.now)


@pytest.fixture
async def floor(private_database: str) -> AsyncIterator[Floor]:
    database = Database(private_database, pool_size=20)
    await database.open()
    await database.fetch(MORE_DESKS, (DESKS, STATION))
    people = [new_id() for _n in range(DESKS)]
    async with database.writer() as session:
        session.add_all(
            Person(id=each, username=f"w-{n}", name="窗口", created_at=MORNING) for n, each in enumerate(people)
        )
        await session.commit()
    network = await load_network(database)
    yield Floor(database, network, network.stations[network.station_index[STATION]], people)
    await database.close()


async def test_two_desks_that_press_next_in_the_same_moment_never_call_the_same_ticket(floor: Floor):
    """A thousand times: each is called once, in the order of coming, and whoever was called is served."""
    await floor.sit_all()
    tickets = [await floor.issue() for _n in range(20)]
    called: list[UUID] = []
    for _round in range(1_000):
        pair = await asyncio.gather(floor.next(0), floor.next(1))
        assert None not in pair
        assert pair[0] != pair[1]
        called += [each for each in pair if each]
        # Straight back to the end of the queue, as nobody else would come a thousand times.
        await floor.database.fetch(TO_THE_END, {"now": floor.now})
    assert {called.count(each) for each in tickets} == {100}


async def test_sixteen_desks_at_once_call_sixteen_and_none_twice(floor: Floor):
    await floor.sit_all()
    tickets = {await floor.issue() for _n in range(40)}
    for _round in range(2):
        called = await asyncio.gather(*(floor.next(n) for n in range(DESKS)))
        assert len(set(called)) == DESKS
        assert set(called) <= tickets
        for ticket_id in called:
            assert ticket_id
            await floor.act(ticket_id, Action.NO_SHOW)
        tickets -= set(called)  # type: ignore[arg-type]  # none is None
    last = await asyncio.gather(*(floor.next(n) for n in range(DESKS)))
    assert {each for each in last if each} == tickets
    assert last.count(None) == DESKS - len(tickets)


async def test_one_desk_that_presses_next_twice_at_once_calls_one(floor: Floor):
    await floor.sit_all()
    for _n in range(4):
        await floor.issue()
    for _round in range(2):
        answers = await asyncio.gather(floor.next(0), floor.next(0), return_exceptions=True)
        assert sorted(type(each).__name__ for each in answers) == ["DeskBusy", "UUID"]
        [called] = (await floor.board()).called
        await floor.act(called.id, Action.LEAVE)


async def test_numbers_have_no_gap_under_sixteen_writers_some_of_whom_fail(floor: Floor):
    await asyncio.gather(*(floor.issue(fails=n % 3 == 0) for n in range(96)))
    numbers = [row[0] for row in await floor.database.fetch("SELECT number FROM ticket ORDER BY number", ())]
    assert numbers == list(range(1, 65))


async def test_of_two_who_move_the_same_ticket_on_one_does(floor: Floor):
    await floor.sit_all()
    for one, other in ((Action.START, Action.NO_SHOW), (Action.RECALL, Action.PARK), (Action.REQUEUE, Action.LEAVE)):
        await floor.issue()
        ticket_id = await floor.next(0)
        assert ticket_id
        answers = await asyncio.gather(floor.act(ticket_id, one), floor.act(ticket_id, other), return_exceptions=True)
        refused = [each for each in answers if each is not None]
        assert all(isinstance(each, InvalidTransition) for each in refused), answers
        rows = await floor.database.fetch(
            "SELECT count(*), max(n) FROM ticket_event WHERE ticket_id = %s", (ticket_id,)
        )
        assert rows == [(4 - len(refused), 4 - len(refused))]
        await floor.database.fetch("UPDATE ticket SET state = 'left', desk_id = NULL", ())


async def test_of_two_who_sit_down_at_one_desk_one_does_and_nobody_sits_at_two(floor: Floor):
    one, two = floor.desks[:2]
    for _round in range(5):
        at_one = await asyncio.gather(*(floor.sit(one, person) for person in floor.people[:4]), return_exceptions=True)
        assert sorted(type(each).__name__ for each in at_one) == ["DeskTaken"] * 3 + ["NoneType"]
        await floor.database.fetch("DELETE FROM desk_session", ())
        both = await asyncio.gather(
            floor.sit(one, floor.people[0]), floor.sit(two, floor.people[0]), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in both) == ["ElsewhereSignedIn", "NoneType"]
        await floor.database.fetch("DELETE FROM desk_session", ())


async def test_nobody_leaves_a_desk_that_is_just_calling(floor: Floor):
    desk = floor.desks[0]

    async def leave() -> None:
        async with floor.database.writer() as session:
            await Seats(session, floor.station, floor.now).sign_out(desk, floor.people[0])
            await session.commit()

    for _round in range(20):
        await floor.sit(desk, floor.people[0])
        await floor.issue()
        called, left = await asyncio.gather(floor.next(0), leave(), return_exceptions=True)
        if left is None:
            assert isinstance(called, DeskUnattended)
        else:
            assert isinstance(left, DeskBusy)
            assert isinstance(called, UUID)
        await floor.database.fetch("UPDATE ticket SET state = 'left', desk_id = NULL", ())
        await floor.database.fetch("DELETE FROM desk_session", ())


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_four_desks_do_at_once_every_ticket_is_in_one_place_and_its_way_is_written_down(
    floor: Floor, seed: int
):
    """Random steps by four people at once; what was refused was refused by name, and the record replays to what is."""
    dice, served = random.Random(seed), 4  # noqa: S311 - no secret
    await floor.sit_all()

    async def work(n: int) -> None:
        for _step in range(40):
            board = await floor.board()
            here = [*board.waiting, *board.called, *board.serving, *board.parked, *board.over]
            try:
                if not here or dice.random() < 0.3:
                    await floor.issue(priority=dice.choice(list(Priority)))
                elif dice.random() < 0.4:
                    await floor.next(n)
                else:
                    line = dice.choice(here)
                    ways = [each for each in steps_from(line.state, line.calls) if each not in LEFT_OUT]
                    if ways:
                        await floor.act(line.id, dice.choice(ways), Given(floor.desks[n].id))
            except (InvalidTransition, DeskBusy):
                continue  # somebody else was faster

    await asyncio.gather(*(work(n) for n in range(served)))
    await replayed(floor)


LEFT_OUT = {Action.MOVE, Action.SPLIT, Action.PRIORITISE}


async def replayed(floor: Floor) -> None:
    """Each ticket's steps follow the table without a gap, and lead to where it is."""
    ends: dict[UUID, tuple[int, str, int | None]] = {}
    for ticket_id, n, action, state, desk_id in await floor.database.fetch(EVENTS, ()):
        before = ends.get(ticket_id, (0, "", None))
        assert n == before[0] + 1
        if n > 1:
            rows = [step for step in TABLE if step.action == action and before[1] in step.sources]
            assert state in {step.leads_from(State(before[1])) for step in rows}, (before, action, state)
        ends[ticket_id] = (n, state, desk_id)
    tickets = await floor.database.fetch("SELECT id, events, state, desk_id FROM ticket", ())
    assert {row[0]: tuple(row[1:]) for row in tickets} == ends
    taken = [desk for _n, state, desk in ends.values() if state in ("called", "serving")]
    assert len(taken) == len(set(taken))
