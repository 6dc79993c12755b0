"""Free time as read from the database: what takes it, by which plan, in how many statements."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ticks import tick_time
from app.slots.errors import ModeNotOffered, NotCapable
from app.slots.queries import TAKEN
from app.slots.rules import DayFree, Reason, State
from app.slots.statements import HOLD
from app.stations.snapshot import MODES, Network, StationFacts, load_network
from tests.slots.support import NOW, Place, able, counted, local
from tests.support import cluster

pytestmark = pytest.mark.anyio

TUESDAY = date(2026, 12, 1)
ENOUGH = 100_000
BUSY = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
SELECT gen_random_uuid(), d.station_id, d.id, 5986000 + day * 288 + hour * 12, 9, 'appointment', '{1}', now(), now()
FROM desk d, generate_series(0, 99) day, generate_series(0, 4) hour
"""


@pytest.fixture
def station(network: Network) -> StationFacts:
    """Two generalists, two specialists, and an internal desk."""
    return network.stations[network.station_index["WH-FC-01"]]


async def days_of(
    place: Place, network: Network, station: StationFacts, code: str, *, first: date = TUESDAY, days: int = 1
) -> tuple[DayFree, ...]:
    services = [network.service_index[code]]
    return await place.availability.days(
        network, station.index, services, mode="station", first=first, days=days, now=NOW
    )


def clock_times(day: DayFree) -> list[str]:
    return [f"{tick_time(tick, LOCAL):%H:%M}" for tick in day.starts]


async def fill(place: Place, station: StationFacts, desks: list[int], **changes: object) -> None:
    """Take every hour of the first of December at these desks."""
    for desk in desks:
        for start, minutes in ((local(1, 8, 30), 210), (local(1, 14), 210)):
            await place.reserve(station, desk, start, minutes, **changes)


def public(station: StationFacts) -> list[int]:
    return [desk.id for desk in station.desks if desk.public]


class TestWhatTakesTime:
    async def test_without_bookings_the_day_is_free_from_the_lead_time_on(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        [day] = await days_of(place, network, station, able(network, station, 30))
        assert clock_times(day)[:2] == ["10:00", "10:15"]
        assert clock_times(day)[-1] == "17:00"

    async def test_a_start_is_free_as_long_as_one_skilled_desk_is(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        code = able(network, station, 30)
        await fill(place, station, public(station)[:2])
        [day] = await days_of(place, network, station, code)
        assert day.state is State.OPEN
        await fill(place, station, public(station)[2:3])
        [day] = await days_of(place, network, station, code)
        assert (day.state, day.reason) == (State.FULL, None)

    async def test_an_appointment_leaves_the_times_around_it(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        for desk in public(station):
            await place.reserve(station, desk, local(1, 14, 30), 45)
        [day] = await days_of(place, network, station, able(network, station, 30))
        assert [time for time in clock_times(day) if "14:00" <= time <= "15:30"] == ["14:00", "15:15", "15:30"]

    async def test_a_block_that_began_the_day_before_still_takes_its_time(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        for desk in public(station):
            await place.reserve(station, desk, local(1, 15), 24 * 60, kind="block")
        [day] = await days_of(place, network, station, able(network, station, 30), first=date(2026, 12, 2))
        assert clock_times(day)[0] == "15:00"

    async def test_a_hold_takes_its_time_until_the_very_moment_it_ends(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        code = able(network, station, 30)
        await fill(place, station, public(station), kind="hold", expires_at=NOW + timedelta(seconds=1))
        [day] = await days_of(place, network, station, code)
        assert day.state is State.FULL
        services = [network.service_index[code]]
        [day] = await place.availability.days(
            network, station.index, services, mode="station", first=TUESDAY, days=1, now=NOW + timedelta(seconds=1)
        )
        assert day.state is State.OPEN

    async def test_what_was_cancelled_takes_nothing(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        await fill(place, station, public(station), active=False)
        [day] = await days_of(place, network, station, able(network, station, 30))
        assert day.state is State.OPEN

    async def test_internal_desks_are_kept_back(self, place: Place, network: Network, station: StationFacts) -> None:
        await fill(place, station, public(station))
        [day] = await days_of(place, network, station, able(network, station, 30))
        assert day.state is State.FULL

    async def test_other_stations_bookings_take_nothing_here(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        other = network.stations[network.station_index["WH-JH-01"]]
        await fill(place, other, public(other))
        [day] = await days_of(place, network, station, able(network, station, 30))
        assert day.state is State.OPEN


class TestWhatTheNetworkSays:
    async def test_weekends_holidays_and_make_up_days_follow_the_calendar(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        code = able(network, station, 30)
        week = await days_of(place, network, station, code, first=date(2026, 12, 5), days=2)
        assert week[1].reason is Reason.WEEKEND
        [holiday] = await days_of(place, network, station, code, first=date(2026, 10, 1))
        assert holiday.reason is Reason.PAST

    async def test_a_station_that_does_not_offer_the_service_is_refused(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        missing = next(s.code for s in network.services if not network.offers[s.index, station.index])
        with pytest.raises(NotCapable):
            await days_of(place, network, station, missing)

    async def test_a_mode_that_the_station_does_not_offer_is_refused(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        service = next(
            s
            for s in network.services
            if network.offers[s.index, station.index] & sum(MODES.values()) == MODES["station"]
        )
        with pytest.raises(ModeNotOffered):
            await place.availability.days(
                network, station.index, [service.index], mode="online", first=TUESDAY, days=1, now=NOW
            )

    async def test_a_closure_of_the_station_closes_the_day(self, own: Place) -> None:
        await own.database.fetch(
            "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) "
            "SELECT id, %s, %s, '停电', 'Power cut' FROM station WHERE code = 'WH-FC-01'",
            (local(1, 0), local(2, 0)),
        )
        network = await load_network(own.database)
        station = network.stations[network.station_index["WH-FC-01"]]
        first, second = await days_of(own, network, station, able(network, station, 30), days=2)
        assert (first.state, first.reason) == (State.CLOSED, Reason.CLOSURE)
        assert second.state is State.OPEN

    async def test_a_closure_of_one_desk_leaves_the_others(self, own: Place, own_network: Network) -> None:
        station = own_network.stations[own_network.station_index["WH-FC-02"]]
        generalist = public(station)[0]
        await own.database.fetch(
            "INSERT INTO closure (station_id, desk_id, starts, ends, reason_zh, reason_en) "
            "VALUES (%s, %s, %s, %s, '', '')",
            (station.id, generalist, local(1, 0), local(1, 14)),
        )
        network = await load_network(own.database)
        station = network.stations[station.index]
        [metrology] = await days_of(own, network, station, able(network, station, 30))
        assert clock_times(metrology)[0] == "10:00"
        [brand] = await days_of(own, network, station, able(network, station, 60, category="brand"))
        assert clock_times(brand)[0] == "14:00"

    async def test_a_desk_out_of_use_is_not_offered_and_a_station_out_of_use_is_closed(self, own: Place) -> None:
        await own.database.fetch("UPDATE desk SET active = false WHERE categories @> '{metrology}'", ())
        network = await load_network(own.database)
        station = network.stations[network.station_index["WH-FC-01"]]
        [day] = await days_of(own, network, station, able(network, station, 30))
        assert (day.state, day.reason) == (State.CLOSED, Reason.NO_DESK)
        await own.database.fetch("UPDATE station SET active = false", ())
        network = await load_network(own.database)
        [day] = await days_of(own, network, station, able(network, station, 30))
        assert (day.state, day.reason) == (State.CLOSED, Reason.INACTIVE)

    async def test_a_capability_that_ends_closes_the_days_after(self, own: Place, own_network: Network) -> None:
        station = own_network.stations[own_network.station_index["WH-FC-01"]]
        code = able(own_network, station, 30)
        await own.database.fetch(
            "UPDATE capability SET valid_until = %s WHERE station_id = %s", (date(2026, 12, 2), station.id)
        )
        network = await load_network(own.database)
        days = await days_of(own, network, station, code, days=3)
        assert [day.reason for day in days] == [None, None, Reason.CAPABILITY_EXPIRED]


class TestEarliest:
    async def test_the_first_free_start_of_each_station_comes_from_one_statement(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        code = able(network, station, 30)
        await fill(place, station, public(station))
        index = network.service_index[code]
        offering = [int(i) for i in (network.offers[index] & 1).nonzero()[0]]
        with counted() as sent:
            found = await place.availability.earliest(
                network, offering, [index], mode="station", first=TUESDAY, days=7, now=NOW
            )
        assert len(sent) == 1
        assert set(found) == set(offering)
        times = {i: tick_time(tick, LOCAL) for i, tick in found.items() if tick is not None}
        assert times.pop(station.index) == local(2, 8, 30)
        assert set(times.values()) == {local(1, 10)}

    async def test_nothing_free_is_none_and_no_station_is_no_statement(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        service = network.service_index[able(network, station, 30)]
        options: dict[str, Any] = {"mode": "station", "days": 1, "now": NOW}
        availability = place.availability
        saturday = await availability.earliest(network, [station.index], [service], first=date(2026, 12, 6), **options)
        assert saturday == {station.index: None}
        with counted() as sent:
            assert await availability.earliest(network, [], [service], first=TUESDAY, **options) == {}
        assert sent == []


class TestNextFree:
    async def test_the_next_free_times_come_in_order_from_the_given_time_on(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        service = network.service_index[able(network, station, 30)]
        found = await place.availability.next_free(
            network, station.index, [service], mode="station", after=local(1, 16, 50), count=3, now=NOW
        )
        assert [tick_time(tick, LOCAL) for tick in found] == [local(1, 17), local(2, 8, 30), local(2, 8, 45)]

    async def test_beyond_the_horizon_nothing_is_offered(
        self, place: Place, network: Network, station: StationFacts
    ) -> None:
        service = network.service_index[able(network, station, 30)]
        after = NOW + timedelta(days=60)
        options: dict[str, Any] = {"mode": "station", "count": 3, "now": NOW}
        assert await place.availability.next_free(network, station.index, [service], after=after, **options) == []


class TestTogether:
    async def test_questions_that_arrive_together_are_answered_by_one_statement(
        self, place: Place, network: Network
    ) -> None:
        stations = [network.stations[network.station_index[code]] for code in ("WH-FC-01", "WH-JH-01", "WH-ET-01")]
        with counted() as sent:
            answers = await asyncio.gather(
                *(days_of(place, network, station, able(network, station, 30)) for station in stations)
            )
        assert len(sent) == 1
        assert all(day.state is State.OPEN for [day] in answers)

    async def test_a_place_taken_by_another_process_is_gone_from_the_next_answer(
        self, place: Place, network: Network, station: StationFacts, database_url: str
    ) -> None:
        code = able(network, station, 30)
        await days_of(place, network, station, code)
        other = Database(database_url, pool_size=2)
        await other.open()
        await fill(Place.on(other), station, public(station))
        await other.close()
        [day] = await days_of(place, network, station, code)
        assert day.state is State.FULL


class TestPlans:
    @pytest.fixture(scope="class")
    @classmethod
    def busy_year(cls, database_server: str, database_template: str) -> Iterator[str]:
        """100,000 appointments and more, swept and counted as the server does by itself in time; made once.

        Only what is surely on disk can be seen to be visible to all, and the test server is in no hurry otherwise.
        """
        with cluster.copy(database_server, database_template) as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SET synchronous_commit = on")
                connection.execute(BUSY)
                connection.execute("VACUUM ANALYZE reservation")
            yield url

    @pytest.fixture
    async def busy(self, busy_year: str) -> AsyncIterator[Place]:
        database = Database(busy_year, pool_size=2)
        await database.open()
        place = Place.on(database)
        assert await place.count() > ENOUGH
        yield place
        await database.close()

    async def test_free_time_is_read_from_the_covering_index_alone(self, busy: Place) -> None:
        plan = await explained(busy, TAKEN, ([1, 2], [5990000] * 2, [5992016] * 2, [1] * 2))
        assert "Index Only Scan using reservation_free_time_idx" in plan
        assert re.search(r"Index Cond: \(\(station_id = .*\) AND \(starts > .*\) AND \(starts < ", plan)
        assert set(re.findall(r"Scan.* on (?:reservation)", plan)) == {
            "Scan using reservation_free_time_idx on reservation"
        }
        assert "Heap Fetches: 0" in plan

    async def test_a_hold_finds_its_desk_and_what_is_in_the_way_by_index(self, busy: Place) -> None:
        values = {
            "id": "0198f000-0000-7000-8000-000000000001", "station_id": 1, "desks": [1, 2],
            "starts": 5990000, "ticks": 6, "travel": 0, "client": "c", "places": 3, "hours_version": 1,
            "mode": "station", "service_ids": [1], "token_hash": b"", "now": NOW, "expires_at": NOW,
        }  # fmt: skip
        plan = await explained(busy, HOLD, values)
        assert "Seq Scan on reservation" not in plan
        assert plan.count("reservation_free_time_idx") == 2  # what is over and in the way; what is taken
        assert "Index Only Scan using reservation_free_time_idx" in plan
        assert plan.count("using reservation_client_place_key") == 2  # the client's own, over and open
        rows = [int(rows) for rows in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
        assert max(rows, default=0) < 50


async def explained(place: Place, statement: str, values: Any) -> str:
    """The plan that is made for any values: what a prepared statement comes to after a few times."""
    async with place.database.pool.connection() as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        async with connection.transaction(force_rollback=True):
            cursor = await connection.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + statement, values)
            lines = [line for (line,) in await cursor.fetchall()]
        await connection.execute("RESET plan_cache_mode")
    return "\n".join(lines)
