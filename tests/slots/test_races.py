"""Everybody at once, on a database of their own, with delays where a race would be lost without protection.

After each test no two active reservations of a desk overlap, counted in SQL. The controls at the end take a
protection away and see the same storm do harm: so the storms are strong enough.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest

from app.kit.db import Database
from app.slots import errors
from app.slots.service import Booked, Held, Wish, cancel, confirm, reschedule
from app.stations.snapshot import Network, StationFacts, load_network
from tests.slots.support import NOW, Place, able, local, soon

pytestmark = [pytest.mark.anyio, pytest.mark.race]
T = TypeVar("T")

ONE_DESK_FOR_BRANDS = "WH-FC-02"  # desk 01 can do everything, 02 metrology, certification and testing
DAWDLE = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER {events} ON reservation FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
CLOSE = "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) VALUES (%s, %s, %s, '', '')"
INSIDE = """
SELECT r.id FROM reservation r JOIN closure c ON c.station_id = r.station_id
WHERE r.active AND c.starts < upper(r.during) AND c.ends > lower(r.during)
"""


@pytest.fixture
async def crowd(private_database: str) -> AsyncIterator[Place]:
    """A process with many connections; afterwards nothing may overlap."""
    database = Database(private_database, pool_size=30)
    await database.open()
    place = Place.on(database)
    yield place
    overlaps = await place.overlaps()
    await database.close()
    assert overlaps == 0


@pytest.fixture
async def network(crowd: Place) -> Network:
    return await load_network(crowd.database)


@pytest.fixture
def station(network: Network) -> StationFacts:
    return network.stations[network.station_index[ONE_DESK_FOR_BRANDS]]


@pytest.fixture
def wish(network: Network, station: StationFacts) -> Wish:
    """What only one desk of the station can do."""
    return Wish(station.code, (able(network, station, 60, category="brand"),), "station", local(2, 9))


async def dawdle(place: Place, seconds: float, events: str = "INSERT OR UPDATE") -> None:
    """From now on every transaction lingers between its writing and its commit."""
    await script(place, DAWDLE.format(seconds=seconds, events=events))


async def script(place: Place, statements: str) -> None:
    async with place.database.pool.connection() as connection:
        await connection.execute(statements.encode(), prepare=False)


async def all_of(work: Sequence[Awaitable[T]]) -> tuple[list[T], list[BaseException]]:
    """What came back and what was raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    return (
        [result for result in results if not isinstance(result, BaseException)],
        [result for result in results if isinstance(result, BaseException)],
    )


async def confirmed(place: Place, held: Held, now: datetime) -> Booked:
    """A confirmation in a transaction of its own; a deadlock would be an error."""
    async with place.database.writer() as session:
        booked = await confirm(session, held.hold_id, held.hold_token, now)
        await session.commit()
        return booked


@asynccontextmanager
async def other_transaction(place: Place) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Somebody else's transaction, open until the block ends."""
    async with place.database.pool.connection() as connection, connection.transaction():
        yield connection


async def waits(place: Place, task: asyncio.Task[Any], what: str = "Lock") -> bool:
    """Whether the task is held up in the database, by a lock or by dawdling (and not finished before that)."""
    while not task.done():
        [(waiting,)] = await place.database.fetch(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND %s IN (wait_event_type, wait_event)",
            (what,),
        )
        if waiting:
            return True
        await asyncio.sleep(0.005)
    return False


class TestTheLastPlace:
    @pytest.mark.parametrize("seconds", [0, 0.1])
    async def test_of_200_at_once_exactly_one_gets_it_and_the_others_hear_the_next_times(
        self, crowd: Place, wish: Wish, seconds: float
    ) -> None:
        await dawdle(crowd, seconds)
        won, lost = await all_of([crowd.hold(wish, f"client {n}") for n in range(200)])
        assert len(won) == 1
        assert {type(error) for error in lost} == {errors.SlotTaken}
        assert all(error.data["next_starts"][0] == local(2, 10).isoformat() for error in lost)  # type: ignore[attr-defined]  # checked above
        assert await crowd.count() == 1

    async def test_a_place_that_expired_holds_are_in_the_way_of_goes_to_exactly_one(
        self, crowd: Place, wish: Wish
    ) -> None:
        now = (await crowd.hold(wish, "slow")).expires_at
        await dawdle(crowd, 0.05, "INSERT OR DELETE")
        won, lost = await all_of([crowd.hold(wish, f"client {n}", now) for n in range(60)])
        assert (len(won), {type(error) for error in lost}) == (1, {errors.SlotTaken})

    async def test_as_many_win_as_there_are_desks(self, crowd: Place, network: Network) -> None:
        station = network.stations[network.station_index["WH-ET-01"]]
        await dawdle(crowd, 0.02)
        easy = Wish(station.code, (able(network, station, 30),), "station", local(2, 9))
        desks = [desk for desk in station.desks if desk.public and desk.skills & network.category_bit["metrology"]]
        won, lost = await all_of([crowd.hold(easy, f"client {n}") for n in range(100)])
        assert len(won) == len(desks) == 6
        assert {type(error) for error in lost} == {errors.SlotTaken}


class TestCrossing:
    async def test_visits_that_cross_in_time_and_skills_never_overlap_and_nobody_is_refused_in_vain(
        self, crowd: Place, network: Network, station: StationFacts
    ) -> None:
        await dawdle(crowd, 0.01)
        metrology, standards = able(network, station, 30), able(network, station, 60, category="standards")
        kinds = [(metrology,), (standards,), (metrology, standards), (standards, metrology)]
        times = [local(2, 9) + timedelta(minutes=15 * n) for n in range(6)]
        wishes = [Wish(station.code, codes, "station", start) for codes, start in product(kinds, times)] * 4
        Random(7).shuffle(wishes)  # noqa: S311 - an order, not a secret
        results = await asyncio.gather(
            *(crowd.hold(wish, f"client {n}") for n, wish in enumerate(wishes)), return_exceptions=True
        )
        refused = [wish for wish, result in zip(wishes, results, strict=True) if isinstance(result, errors.SlotTaken)]
        assert len(refused) + await crowd.count("active") == len(wishes)
        for wish in refused:
            with pytest.raises(errors.SlotTaken):
                await crowd.hold(wish, "too late")

    async def test_expired_holds_cleared_in_both_orders_block_nobody(
        self, crowd: Place, network: Network, station: StationFacts
    ) -> None:
        """Each newcomer clears what two others wait for, and the reverse."""
        brand = able(network, station, 60, category="brand")
        mornings = [Wish(station.code, (brand,), "station", local(day, 9)) for day in (2, 3, 4)]
        first = [await crowd.hold(wish, f"client {n}") for n, wish in enumerate(mornings)]
        now = first[-1].expires_at
        await dawdle(crowd, 0.03, "INSERT OR DELETE")
        won, lost = await all_of(
            [crowd.hold(mornings[(n + shift) % 3], f"client {n}", now) for n in range(3) for shift in range(3)]
        )
        assert (len(won), {type(error) for error in lost}) == (3, {errors.SlotTaken})


class TestTheMomentOfExpiry:
    async def test_a_confirmation_before_the_moment_holds_off_whoever_comes_at_it(
        self, crowd: Place, wish: Wish
    ) -> None:
        held = await crowd.hold(wish, "first")
        async with crowd.database.writer() as session:
            await confirm(session, held.hold_id, held.hold_token, soon(held, 0.000001))
            newcomer = asyncio.create_task(crowd.hold(wish, "newcomer", held.expires_at))
            assert await waits(crowd, newcomer)
            await session.commit()
        with pytest.raises(errors.SlotTaken):
            await newcomer
        assert await crowd.count("active AND kind = 'appointment'") == 1

    async def test_whoever_came_at_the_moment_first_leaves_the_confirmation_too_late(
        self, crowd: Place, wish: Wish
    ) -> None:
        held = await crowd.hold(wish, "first")
        await dawdle(crowd, 0.5, "INSERT")
        newcomer = asyncio.create_task(crowd.hold(wish, "newcomer", held.expires_at))
        assert await waits(crowd, newcomer, "PgSleep")
        with pytest.raises(errors.HoldExpired):
            await confirmed(crowd, held, soon(held, 0.000001))
        assert (await newcomer).start == wish.start
        assert await crowd.count("active AND kind = 'hold'") == 1

    async def test_however_they_meet_exactly_one_of_them_has_the_place(self, crowd: Place, wish: Wish) -> None:
        await dawdle(crowd, 0.005)
        chance = Random(3)  # noqa: S311 - an order, not a secret
        for day in (2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22):
            there = replace(wish, start=local(day, 9))
            held = await crowd.hold(there, f"first {day}")
            early = soon(held, chance.choice([0.000001, -0.000001]))
            work: list[Awaitable[Any]] = [
                confirmed(crowd, held, early),
                *(crowd.hold(there, f"newcomer {day} {n}", held.expires_at) for n in range(4)),
            ]
            chance.shuffle(work)
            won, lost = await all_of(work)
            assert len(won) == 1
            assert {type(error) for error in lost} <= {errors.SlotTaken, errors.HoldExpired}


class TestClosures:
    async def test_a_booking_waits_for_a_closure_being_entered_and_is_then_refused(
        self, crowd: Place, station: StationFacts, wish: Wish
    ) -> None:
        async with other_transaction(crowd) as officer:
            await officer.execute(CLOSE, (station.id, local(2, 0), local(2, 12)))
            booking = asyncio.create_task(crowd.hold(wish))
            assert await waits(crowd, booking)
        with pytest.raises(errors.StationClosed) as refused:
            await booking
        assert refused.value.data["next_starts"][0] == local(2, 14).isoformat()

    async def test_a_closure_waits_for_a_booking_being_made_and_then_sees_it(
        self, crowd: Place, station: StationFacts, wish: Wish
    ) -> None:
        await dawdle(crowd, 0.4, "INSERT")
        booking = asyncio.create_task(crowd.hold(wish))
        assert await waits(crowd, booking, "PgSleep")
        async with other_transaction(crowd) as officer:
            await officer.execute(CLOSE, (station.id, local(2, 0), local(2, 12)))
            seen = await (await officer.execute(INSIDE)).fetchall()
        assert seen == [((await booking).hold_id,)]

    async def test_a_confirmation_waits_for_a_closure_and_neither_blocks_the_other_for_ever(
        self, crowd: Place, station: StationFacts, wish: Wish
    ) -> None:
        """The officer closes and then moves what is there: the row is needed after the lock, by both."""
        held = await crowd.hold(wish)
        async with other_transaction(crowd) as officer:
            await officer.execute(CLOSE, (station.id, local(2, 0), local(2, 12)))
            confirming = asyncio.create_task(confirmed(crowd, held, NOW))
            assert await waits(crowd, confirming)
            await officer.execute("UPDATE reservation SET changed_at = now() WHERE id = %s", (held.hold_id,))
        with pytest.raises(errors.StationClosed):
            await confirming

    async def test_a_desk_taken_out_of_use_meanwhile_leaves_the_visit_to_another(
        self, crowd: Place, network: Network, station: StationFacts
    ) -> None:
        metrology = Wish(station.code, (able(network, station, 30),), "station", local(2, 9))
        async with other_transaction(crowd) as officer:
            await officer.execute("UPDATE desk SET active = false WHERE station_id = %s AND code = '02'", (station.id,))
            booking = asyncio.create_task(crowd.hold(metrology))
            assert await waits(crowd, booking)
        await booking
        rows = await crowd.database.fetch("SELECT d.code FROM reservation r JOIN desk d ON d.id = r.desk_id", ())
        assert rows == [("01",)]

    async def test_in_a_storm_no_booking_is_inside_a_closure_unseen(
        self, crowd: Place, network: Network, station: StationFacts
    ) -> None:
        await dawdle(crowd, 0.01)
        codes = (able(network, station, 30),)
        seen: set[UUID] = set()

        async def close(day: int) -> None:
            await asyncio.sleep(0.004 * day)
            async with other_transaction(crowd) as officer:
                await officer.execute(CLOSE, (station.id, local(day, 0), local(day, 12)))
                seen.update(found for (found,) in await (await officer.execute(INSIDE)).fetchall())

        async def book(day: int, minutes: int) -> None:
            await asyncio.sleep(0.001 * minutes / 15)
            wish = Wish(station.code, codes, "station", local(day, 9) + timedelta(minutes=minutes))
            held = await crowd.hold(wish, f"client {day} {minutes}")
            await confirmed(crowd, held, NOW)

        days = (2, 3, 4, 7, 8)
        work = [book(day, minutes) for day in days for minutes in range(0, 180, 30)] + [close(day) for day in days]
        _, failed = await all_of(work)
        assert {type(error) for error in failed} <= {errors.StationClosed, errors.SlotTaken}
        inside = {found for (found,) in await crowd.database.fetch(INSIDE, ())}
        assert inside <= seen
        assert any(isinstance(error, errors.StationClosed) for error in failed)


class TestOneClient:
    async def test_of_20_holds_of_one_client_at_once_three_are_kept(self, crowd: Place, wish: Wish) -> None:
        await dawdle(crowd, 0.03)
        won, lost = await all_of([crowd.hold(other, "greedy") for other in spread(wish, 20)])
        assert len(won) == 3
        assert {type(error) for error in lost} == {errors.TooManyHolds}
        assert await crowd.count("active") == 3

    async def test_expired_holds_of_the_client_give_way_to_three_and_no_more(self, crowd: Place, wish: Wish) -> None:
        first = [await crowd.hold(other, "greedy") for other in spread(wish, 3)]
        await dawdle(crowd, 0.03, "INSERT OR DELETE")
        now = first[-1].expires_at
        won, lost = await all_of([crowd.hold(other, "greedy", now) for other in spread(wish, 20)])
        assert len(won) == 3
        assert {type(error) for error in lost} == {errors.TooManyHolds}
        assert await crowd.count() == 3


class TestRescheduling:
    async def booked(self, crowd: Place, wish: Wish) -> UUID:
        return (await confirmed(crowd, await crowd.hold(wish, "customer"), NOW)).id

    async def move(self, crowd: Place, booked: UUID, held: Held) -> UUID:
        async with crowd.database.writer() as session:
            _, new = await reschedule(session, booked, held.hold_id, held.hold_token, NOW)
            await session.commit()
            return new.id

    async def give_up(self, crowd: Place, booked: UUID) -> None:
        async with crowd.database.writer() as session:
            await cancel(session, booked, NOW)
            await session.commit()

    async def test_cancelled_or_rescheduled_but_never_both(self, crowd: Place, wish: Wish) -> None:
        await dawdle(crowd, 0.005, "UPDATE")
        for n, there in enumerate(spread(wish, 8)):
            booked = await self.booked(crowd, there)
            held = await crowd.hold(replace(there, start=there.start + timedelta(days=7)))
            work: list[Awaitable[object]] = [self.move(crowd, booked, held), self.give_up(crowd, booked)]
            _, lost = await all_of(work if n % 2 else work[::-1])
            assert [type(error) for error in lost] == [errors.NotBooked]
            moved = await crowd.count(f"active AND kind = 'appointment' AND id = '{held.hold_id}'")
            kept = await crowd.count(f"active AND kind = 'hold' AND id = '{held.hold_id}'")
            assert moved + kept == 1
            assert await crowd.count(f"active AND id = '{booked}'") == 0
            await crowd.database.fetch("DELETE FROM reservation", ())

    async def test_of_two_reschedulings_one_wins_and_the_other_hold_stays(self, crowd: Place, wish: Wish) -> None:
        await dawdle(crowd, 0.02, "UPDATE")
        booked = await self.booked(crowd, wish)
        holds = [await crowd.hold(other, f"customer {n}") for n, other in enumerate(spread(wish, 3)[1:])]
        won, lost = await all_of([self.move(crowd, booked, held) for held in holds])
        assert (len(won), [type(error) for error in lost]) == (1, [errors.NotBooked])
        assert await crowd.count("active AND kind = 'appointment'") == 1
        assert await crowd.count("active AND kind = 'hold'") == 1


class TestTwoProcesses:
    async def test_what_one_takes_is_gone_from_the_next_answer_of_the_other(
        self, crowd: Place, private_database: str, network: Network, station: StationFacts, wish: Wish
    ) -> None:
        database = Database(private_database, pool_size=3)
        await database.open()
        other = Place.on(database)

        async def offered(place: Place) -> set[datetime]:
            service = network.service_index[wish.service_codes[0]]
            [day] = await place.availability.days(
                network, station.index, [service], mode="station", first=local(2, 0).date(), days=1, now=NOW
            )
            return {datetime.fromtimestamp(tick * 300, NOW.tzinfo) for tick in day.starts}

        for hour in (9, 10, 11, 14, 15, 16):
            there = replace(wish, start=local(2, hour))
            asking = [asyncio.create_task(offered(other)) for _ in range(5)]
            await crowd.hold(there, f"client {hour}")
            assert there.start not in await offered(other)
            await asyncio.gather(*asking)
        await database.close()

    async def test_they_never_give_the_same_place_twice(self, crowd: Place, private_database: str, wish: Wish) -> None:
        database = Database(private_database, pool_size=10)
        await database.open()
        other = Place.on(database)
        await dawdle(crowd, 0.05)
        won, lost = await all_of([place.hold(wish, f"client {n}") for n in range(20) for place in (crowd, other)])
        await database.close()
        assert (len(won), {type(error) for error in lost}) == (1, {errors.SlotTaken})


class TestControls:
    """Without the protection the storms do harm. Each mends what it broke, as overlaps are counted after it."""

    async def test_without_the_exclusion_constraint_the_last_place_is_given_many_times(
        self, crowd: Place, wish: Wish
    ) -> None:
        await script(crowd, "ALTER TABLE reservation DROP CONSTRAINT reservation_no_overlap")
        await dawdle(crowd, 0.1)
        won, _ = await all_of([crowd.hold(wish, f"client {n}") for n in range(30)])
        assert len(won) > 1
        assert await crowd.overlaps() > 0
        await crowd.database.fetch("DELETE FROM reservation", ())

    async def test_without_the_unique_index_a_client_gets_more_than_three(self, crowd: Place, wish: Wish) -> None:
        await script(crowd, "DROP INDEX reservation_client_place_key")
        await dawdle(crowd, 0.1)
        won, _ = await all_of([crowd.hold(other, "greedy") for other in spread(wish, 20)])
        assert len(won) > 3

    async def test_without_the_lock_a_booking_gets_into_a_closure_unseen(
        self, crowd: Place, station: StationFacts, wish: Wish
    ) -> None:
        await script(crowd, "DROP TRIGGER closing_lock ON closure")
        async with other_transaction(crowd) as officer:
            await officer.execute(CLOSE, (station.id, local(2, 0), local(2, 12)))
            seen = await (await officer.execute(INSIDE)).fetchall()
            held = await crowd.hold(wish)
        assert seen == []
        assert await crowd.database.fetch(INSIDE, ()) == [(held.hold_id,)]


def spread(wish: Wish, count: int) -> list[Wish]:
    """The same visit at so many places that don't overlap."""
    days = (2, 3, 4, 7, 8)
    starts = [local(day, hour) for hour in (9, 11, 14, 16) for day in days]
    return [replace(wish, start=start) for start in starts[:count]]
