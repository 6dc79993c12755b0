"""Everything that can be done at two counters, in any order and at once, beside the same on paper (see paper.py).

After each step the database is what the paper says: every ticket in one state, numbers without a gap, no desk with two
people and nobody at a desk at which nobody sits, times at a desk closed with what was done. At the end all who wait are
served. Choices are numbers that fit whatever is there, since of two at once the one or the other may have been first.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.accounts.models import Person
from app.hall.asked import offered
from app.hall.rules.calling import place_of
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, Kind, Priority
from app.hall.service import Calls, Counter, Seats, Wish
from app.hall.service.issuing import Origin
from app.hall.service.passing import move, split
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database, WriteSession
from app.kit.ids import new_id
from app.kit.problems import Problem
from app.stations.snapshot import DeskFacts, StationFacts, load_network
from tests.hall.paper import House, Paper, RefusedError, Slip

MANY = int(os.environ.get("ONESTOP_WALKS", "8"))
"""Walks of forty steps; to look longer for something, say so. They aren't shrunk, which takes longer than reading."""
MORNING = datetime(2026, 12, 1, 8, 30, tzinfo=LOCAL)
CODES = "WH-YJ-01", "WH-FC-01"
DESKS = ("01", "02", "04"), ("01", "02")
SIMPLE = [each for each in Action if each not in {Action.ISSUE, Action.MOVE, Action.SPLIT, Action.UNDO}]
FORGET = "DELETE FROM serving; DELETE FROM ticket_event; DELETE FROM ticket; DELETE FROM hall_day"
TICKETS = """
SELECT id, station_id, number, state, desk_id, for_desk_id, calls, service_ids, open_ids, rank_at, first_from, priority
FROM ticket
"""
SERVINGS = """
SELECT ticket_id, CASE WHEN ended_at IS NULL THEN 'open' WHEN dropped THEN 'dropped' ELSE 'done' END, service_ids
FROM serving ORDER BY ticket_id, n
"""
SEATS = "SELECT station_id, desk_id, skills, break_since IS NOT NULL FROM desk_session WHERE ended_at IS NULL"
EVENTS = """
SELECT ticket_id, count(*), max(n), max(events), max(ticket_event.state) FILTER (WHERE n = events), max(ticket.state)
FROM ticket_event JOIN ticket ON ticket.id = ticket_id GROUP BY ticket_id
"""
Did = Callable[[], Awaitable[Any]]
Wrote = Callable[[Paper], Any]
INDEX = st.integers(0, 40)
DESK = st.tuples(st.integers(0, 1), st.integers(0, 2))


class Counters:
    """The real two stations, in a database of their own, for all walks."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.database = Database(url, pool_size=4)
        self.run(self._open())

    def run(self, what: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await what

        return self.runner.run(whole())

    async def _open(self) -> None:
        await self.database.open()
        self.network = await load_network(self.database)
        self.stations = [self.network.stations[self.network.station_index[code]] for code in CODES]
        self.desks = [
            [next(desk for desk in station.desks if desk.code == code) for code in codes]
            for station, codes in zip(self.stations, DESKS, strict=True)
        ]
        both = [offered(self.network, station, local_date(MORNING)) for station in self.stations]
        first = {each.skill: each for each in both[1] if each in both[0]}
        self.services = list(first.values())
        self.people = {desk.id: new_id() for desks in self.desks for desk in desks}
        async with self.database.writer() as session:
            for n, each in enumerate(self.people.values()):
                session.add(Person(id=each, username=f"w-{n}", name="窗口", created_at=MORNING))
            await session.commit()

    def close(self) -> None:
        self.run(self.database.close())
        self.runner.close()

    def forget(self) -> None:
        for each in (*FORGET.split(";"), "DELETE FROM desk_session"):
            self.run(self.database.fetch(each, ()))  # type: ignore[arg-type]  # ours

    def paper(self) -> Paper:
        houses = [House({desk.id: desk.skills for desk in desks}) for desks in self.desks]
        return Paper(houses, {each.id: each.skill for each in self.network.services})

    async def within(self, work: Callable[[WriteSession], Awaitable[Any]]) -> Any:
        async with self.database.writer() as session:
            found = await work(session)
            await session.commit()
            return found

    async def stands(self) -> tuple[list[Any], ...]:
        tickets = [await self.database.fetch(each, ()) for each in (TICKETS, SERVINGS, SEATS)]
        return tuple(sorted(rows, key=str) for rows in tickets)


class Walk(RuleBasedStateMachine):
    """One day at the two of them. Everybody sits down at first."""

    real: ClassVar[Counters]

    def __init__(self) -> None:
        super().__init__()
        self.real.forget()
        self.now, self.paper = MORNING, self.real.paper()
        for house, desks in enumerate(self.real.desks):
            for n in range(len(desks)):
                self._sit(house, n, 0)

    @rule(seconds=st.sampled_from([1, 20, 61, 300, 900, 2400]))
    def later(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        house=st.integers(0, 1),
        wants=st.lists(INDEX, min_size=1, max_size=3),
        priority=st.sampled_from([Priority.NONE, *Priority]),
        booked=st.sampled_from([None, None, -20, -5, 5, 30]),
    )
    def issue(self, house: int, wants: list[int], priority: Priority, booked: int | None) -> None:
        services = list(dict.fromkeys(self.real.services[n % len(self.real.services)] for n in wants))
        booked_at = None if booked is None else self.now + timedelta(minutes=booked)
        origin = Origin(Kind.WALK_IN if booked is None else Kind.APPOINTMENT, booked_at=booked_at)
        wish = Wish(tuple(services), "zh-CN", priority, "x")
        ticket = self.real.run(self._at(house, lambda counter: counter.issue(wish, origin)))
        place, ids = place_of(self.now, priority, booked_at), [each.id for each in services]
        self.paper.issue(ticket.id, Slip(ticket.id, house, 0, self.now, place, ids, booked_at, priority))

    @rule(at=DESK)
    def next(self, at: tuple[int, int]) -> None:
        self._same(*self._calling(at))

    @rule(one=DESK, two=DESK)
    def two_press_next_at_once(self, one: tuple[int, int], two: tuple[int, int]) -> None:
        """Desks that may call: one that may not stands in nobody's way, but may hold the first for a moment."""
        desks = {self._desk(at).id for at in (one, two)}
        if len(desks) == 2 and not desks & {slip.desk for slip in self.paper.slips.values()}:
            self._at_once(self._calling(one), self._calling(two))

    @rule(ticket=INDEX, action=st.sampled_from(SIMPLE), at=DESK, more=INDEX, priority=st.sampled_from(Priority))
    def step(self, ticket: int, action: Action, at: tuple[int, int], more: int, priority: Priority) -> None:
        if self.paper.slips:
            self._same(*self._stepping(ticket, action, at, more, priority))

    @rule(ticket=INDEX, actions=st.tuples(*[st.sampled_from(SIMPLE)] * 2), ats=st.tuples(DESK, DESK), more=INDEX)
    def two_take_a_step_at_once(
        self, ticket: int, actions: tuple[Action, ...], ats: tuple[tuple[int, int], ...], more: int
    ) -> None:
        if self.paper.slips:
            self._at_once(
                *(
                    self._stepping(ticket, action, at, more, Priority.ELDERLY)
                    for action, at in zip(actions, ats, strict=True)
                )
            )

    @rule(ticket=INDEX)
    def undo(self, ticket: int) -> None:
        if self.paper.slips:
            id_, house = self._ticket(ticket)
            self._same(
                lambda: self._at(house, lambda counter: counter.undo(id_)), lambda paper: paper.undo(id_, self.now)
            )

    @rule(ticket=INDEX)
    def move(self, ticket: int) -> None:
        if self.paper.slips:
            id_, house = self._ticket(ticket)
            services = tuple(self.real.network.service_by_id[each] for each in self.paper.slips[id_].left_to_do)

            async def moved(session: WriteSession) -> UUID:
                there = self._counter(session, 1 - house)
                return (await move(self._counter(session, house), there, id_, services)).id

            self._becomes(moved, lambda new: self.paper.move(id_, new, self.now))

    @rule(ticket=INDEX, going=st.lists(INDEX, max_size=2))
    def split(self, ticket: int, going: list[int]) -> None:
        if self.paper.slips:
            id_, house = self._ticket(ticket)
            ids = [self.real.services[n % len(self.real.services)].id for n in going]

            async def parted(session: WriteSession) -> UUID:
                return (await split(self._counter(session, house), self.real.network, id_, ids)).id

            self._becomes(parted, lambda new: self.paper.split(id_, new, ids, self.now))

    @rule(at=DESK, skills=st.integers(0, 63))
    def sit(self, at: tuple[int, int], skills: int) -> None:
        self._sit(at[0], at[1], skills)

    @rule(at=DESK)
    def rest(self, at: tuple[int, int]) -> None:
        desk, whose = self._desk(at), self.real.people[self._desk(at).id]
        self._same(
            lambda: self._seats(at[0], lambda seats: seats.rest(desk, whose)), lambda paper: paper.rest(at[0], desk.id)
        )

    @rule(at=DESK)
    def stand_up(self, at: tuple[int, int]) -> None:
        desk, whose = self._desk(at), self.real.people[self._desk(at).id]
        self._same(
            lambda: self._seats(at[0], lambda seats: seats.sign_out(desk, whose)),
            lambda paper: paper.stand_up(at[0], desk.id, self.now),
        )

    @invariant()
    def the_database_is_what_the_paper_says(self) -> None:
        assert self.real.run(self.real.stands()) == self._written(self.paper)

    @invariant()
    def nobody_is_at_a_desk_with_another_or_with_nobody(self) -> None:
        taken = [(slip.house, slip.desk) for slip in self.paper.slips.values() if slip.desk]
        assert len(taken) == len(set(taken))
        assert all(desk in self.paper.houses[house].seats for house, desk in taken)

    def teardown(self) -> None:
        """Numbers without a gap, every step in the record, and all who wait get their turn and all that they want."""
        for house, station in enumerate(self.real.stations):
            query = "SELECT number FROM ticket WHERE station_id = %s ORDER BY number"
            numbers = [row[0] for row in self.real.run(self.real.database.fetch(query, (station.id,)))]
            assert numbers == list(range(1, self.paper.houses[house].numbers + 1))
        for _id, many, last, events, noted, state in self.real.run(self.real.database.fetch(EVENTS, ())):
            assert (many, last, noted) == (events, events, state)
        self._all_are_served()

    def _all_are_served(self) -> None:
        """Everybody back at full skill; as many rounds as there are things to do are enough."""
        for id_, slip in self.paper.slips.items():
            if slip.desk:
                self._finish(id_)
        at = [(house, n) for house, desks in enumerate(self.real.desks) for n in range(len(desks))]
        for each in at:
            self._sit(*each, 63)
            if self._desk(each).id in self.paper.houses[each[0]].resting:
                self.rest(each)
        for _round in range(sum(len(slip.left_to_do) for slip in self.paper.slips.values())):
            for each in at:
                self.next(each)
                for id_ in [i for i, slip in self.paper.slips.items() if slip.desk == self._desk(each).id]:
                    self._finish(id_)
        assert all(slip.state != "waiting" for slip in self.paper.slips.values()), "somebody is never called"

    def _finish(self, id_: UUID) -> None:
        house, now = self.paper.slips[id_].house, self.now
        for action in (Action.START, Action.FINISH):
            if self.paper.slips[id_].state in ("called", "serving"):
                with suppress(RefusedError):
                    self.paper.act(id_, action, Given(), now)
                    self.real.run(self._at(house, lambda counter, step=action: counter.act(id_, step)))  # type: ignore[misc]

    def _calling(self, at: tuple[int, int]) -> tuple[Did, Wrote]:
        station, desk, now = self.real.stations[at[0]], self._desk(at), self.now
        calls = Calls(self.real.database)
        return (
            lambda: calls.next(station, desk, self.real.people[desk.id], now),
            lambda paper: paper.next(at[0], desk.id, now),
        )

    def _stepping(
        self, n: int, action: Action, at: tuple[int, int], more: int, priority: Priority
    ) -> tuple[Did, Wrote]:
        id_, house = self._ticket(n)
        slip, desk = self.paper.slips[id_], self._desk((house, at[1]))
        some = tuple(each for m, each in enumerate(slip.services) if more >> m & 1)
        extra = (self.real.services[more % len(self.real.services)].id,) if more > 30 else ()
        done = tuple(dict.fromkeys((*some, *extra)))
        desk_id = None if action is Action.TRANSFER and more % 3 == 0 else desk.id
        given = Given(desk_id, done, more % 4 == 0, priority, "x", some)

        async def acted(session: WriteSession) -> None:
            """As a door does it: who calls by choice must sit there."""
            if action is Action.CALL:
                seats = Seats(session, self.real.stations[house], self.now)
                await seats.calling(desk, self.real.people[desk.id])
            await self._counter(session, house).act(id_, action, given)

        return lambda: self.real.within(acted), lambda paper: paper.act(id_, action, given, self.now)

    def _same(self, did: Did, wrote: Wrote) -> None:
        """The same is done, or refused, really and on paper."""
        real = self.real.run(outcome(did()))
        assert on_paper(self.paper, wrote) == real

    def _at_once(self, *both: tuple[Did, Wrote]) -> None:
        """What came of two at once is what comes of them one after the other, in one order."""

        async def together() -> list[Any]:
            return await asyncio.gather(*(outcome(did()) for did, _wrote in both))

        real, stands = self.real.run(together()), self.real.run(self.real.stands())
        tried = []
        for order in permutations(range(len(both))):
            paper, said = self.paper.copy(), {}
            for n in order:
                said[n] = on_paper(paper, both[n][1])
            tried.append([said[n] for n in range(len(both))])
            if tried[-1] == real and self._written(paper) == stands:
                self.paper = paper
                return
        raise AssertionError(f"{real} is no order of {tried}")

    def _becomes(self, work: Callable[[WriteSession], Awaitable[UUID]], write: Callable[[UUID], None]) -> None:
        """A second ticket, really and on paper, or neither."""
        real = self.real.run(outcome(self.real.within(work)))
        new = real if isinstance(real, UUID) else new_id()
        assert on_paper(self.paper, lambda _paper: write(new)) == (None if isinstance(real, UUID) else real)

    def _written(self, paper: Paper) -> tuple[list[Any], ...]:
        ids = [station.id for station in self.real.stations]
        tickets = [
            (
                *(s.id, ids[s.house], s.number, s.state, s.desk, s.for_desk, s.calls, s.services, s.left_to_do),
                *(s.place.rank_at, s.place.first_from, s.priority.value),
            )
            for s in paper.slips.values()
        ]
        stays = [(s.id, how, list(what)) for s in paper.slips.values() for how, what in s.stays]
        seats = [
            (ids[n], desk, skills, desk in house.resting)
            for n, house in enumerate(paper.houses)
            for desk, skills in house.seats.items()
        ]
        return tuple(sorted(rows, key=str) for rows in (tickets, stays, seats))

    def _ticket(self, n: int) -> tuple[UUID, int]:
        slips = list(self.paper.slips.values())
        slip = slips[n % len(slips)]
        return slip.id, slip.house

    def _desk(self, at: tuple[int, int]) -> DeskFacts:
        desks = self.real.desks[at[0]]
        return desks[at[1] % len(desks)]

    def _sit(self, house: int, n: int, skills: int) -> None:
        desk = self._desk((house, n))
        person = self.real.people[desk.id]
        self.real.run(self._seats(house, lambda seats: seats.sign_in(desk, person, skills)))
        self.paper.sit(house, desk.id, skills)

    def _counter(self, session: WriteSession, house: int) -> Counter:
        station: StationFacts = self.real.stations[house]
        return Counter(session, self.real.network, station, self.now, next(iter(self.real.people.values())))

    def _at(self, house: int, work: Callable[[Counter], Awaitable[Any]]) -> Awaitable[Any]:
        return self.real.within(lambda session: work(self._counter(session, house)))

    def _seats(self, house: int, work: Callable[[Seats], Awaitable[Any]]) -> Awaitable[Any]:
        return self.real.within(lambda session: work(Seats(session, self.real.stations[house], self.now)))


async def outcome(what: Awaitable[Any]) -> Any:
    try:
        found = await what
    except Problem as problem:
        return type(problem).__name__
    return found if isinstance(found, UUID) else None


def on_paper(paper: Paper, wrote: Wrote) -> Any:
    try:
        return wrote(paper)
    except RefusedError as refused:
        return str(refused)


@contextmanager
def counters(url: str) -> Iterator[None]:
    Walk.real = Counters(url)
    try:
        yield
    finally:
        Walk.real.close()


def test_whatever_is_done_at_two_counters_nobody_is_lost_doubled_or_forgotten(private_database: str):
    with counters(private_database):
        calm = settings(
            max_examples=MANY,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Walk, settings=calm)
