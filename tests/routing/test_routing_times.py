"""Free times from the real database: few statements, days in force only, load."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.geo import Point
from app.kit.ids import new_id
from app.kit.ticks import floor_tick, tick_time
from app.routing.queries import route
from app.routing.rules import Check, Mode, Origin, Policy, Question
from app.routing.times import SlotTimes, days_to_workday
from app.slots.queries import Availability
from app.slots.rules import Terms
from app.slots.terms import fixed
from app.stations.snapshot import ALWAYS, Network

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
CALIPER = "MET-GEO-001"
TAKE = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
SELECT gen_random_uuid(), d.station_id, d.id, %s + 288 * day, 288, 'block', '{}', now(), now()
FROM desk d, generate_series(0, %s - 1) day WHERE d.station_id = %s
"""

TAKE_ONE = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
VALUES (%s, %s, %s, %s, %s, 'appointment', '{1}', now(), now())
"""


class Counted(Database):
    """Counts its statements."""

    def __init__(self, url: str) -> None:
        super().__init__(url, pool_size=2)
        self.statements = 0

    async def fetch(self, statement, params):
        self.statements += 1
        return await super().fetch(statement, params)


@pytest.fixture
async def counted(database_url: str, database: Database) -> AsyncIterator[Counted]:
    counted = Counted(database_url)
    await counted.open()
    yield counted
    await counted.close()


def ask(network: Network, *, at: str = "WH-JH-01", **changes: object) -> Question:
    """For the first service, from the door of a station."""
    station = network.stations[network.station_index[at]]
    here = Origin(Point(station.lon, station.lat), station.lon, station.lat)
    question = Question((network.service_index[CALIPER],), here, Mode.STATION, NOW.date(), 14, reach_km=50.0)
    return replace(question, **changes)  # type: ignore[arg-type]


async def take_days(database: Database, network: Network, station: int, first: date, days: int) -> None:
    """Somebody has every desk of a station for whole days."""
    midnight = floor_tick(datetime(first.year, first.month, first.day, tzinfo=LOCAL))
    await database.fetch(TAKE, (midnight, days, network.stations[station].id))


async def test_five_nearest_with_their_times_take_one_statement(counted: Counted, network: Network):
    found = await route(network, Availability(counted, fixed(Terms())), ask(network), NOW)
    assert len(found.candidates) == 5
    assert counted.statements == 1


async def test_all_in_reach_take_one_statement_too(counted: Counted, network: Network):
    for policy in (Policy.SOONEST, Policy.BALANCED):
        counted.statements = 0
        await route(network, Availability(counted, fixed(Terms())), ask(network, policy=policy), NOW)
        assert counted.statements == 1


async def test_a_station_that_is_full_for_days_is_asked_about_the_later_ones(database: Database, network: Network):
    free = Availability(database, fixed(Terms()))
    first = (await route(network, free, ask(network), NOW)).candidates[0].station
    await take_days(database, network, first, NOW.date(), 5)
    found = await route(network, free, ask(network), NOW)
    assert found.candidates[0].station == first
    assert tick_time(found.candidates[0].start, LOCAL).date() > NOW.date() + timedelta(days=4)


async def test_a_station_that_is_full_on_all_days_is_passed_over(database: Database, network: Network):
    free = Availability(database, fixed(Terms()))
    first = (await route(network, free, ask(network), NOW)).candidates[0].station
    await take_days(database, network, first, NOW.date(), 14)
    found = await route(network, free, ask(network), NOW)
    assert first not in [each.station for each in found.candidates]
    assert {each.station: each.check for each in found.passed_over}[first] is Check.NO_FREE_TIME


async def test_a_capability_that_ends_gives_no_time_after_its_last_day(database: Database, network: Network):
    free = Availability(database, fixed(Terms()))
    question = ask(network)
    first = (await route(network, free, question, NOW)).candidates[0].station
    until = network.valid_until.copy()
    until[question.services[0], first] = NOW.date().toordinal() + 2
    ending = replace(network, version=network.version + 1, valid_until=until)
    await take_days(database, network, first, NOW.date(), 2)
    found = await route(ending, free, question, NOW)
    assert found.candidates[0].station == first
    assert tick_time(found.candidates[0].start, LOCAL).date() == NOW.date() + timedelta(days=2)
    await take_days(database, network, first, NOW.date() + timedelta(days=2), 1)
    found = await route(ending, free, question, NOW)
    assert {each.station: each.check for each in found.passed_over}[first] is Check.NO_FREE_TIME


async def test_closed_on_all_days_is_not_the_same_as_full(database: Database, network: Network):
    saturday = date(2026, 12, 5)
    found = await route(network, Availability(database, fixed(Terms())), ask(network, first=saturday, days=1), NOW)
    closed = {each.station for each in found.passed_over if each.check is Check.CLOSED}
    assert closed
    assert all(not any(rule.iso_weekday == 6 for rule in network.stations[each].hours) for each in closed)


async def test_load_is_the_share_of_starts_that_are_taken(database: Database, network: Network):
    question = ask(network, days=1, first=date(2026, 12, 2))
    times = SlotTimes(Availability(database, fixed(Terms())), network, question, NOW)
    station = network.station_index["WH-JH-01"]
    desks = [desk.id for desk in network.stations[station].desks if desk.public]
    empty = (await times.outlook([station], question.services))[station]
    assert empty.load == 0
    noon = floor_tick(datetime(2026, 12, 2, 12, tzinfo=LOCAL))
    for desk in desks:
        await database.fetch(TAKE_ONE, (new_id(), network.stations[station].id, desk, noon, 72))
    half = (await times.outlook([station], question.services))[station]
    assert half.start == empty.start
    assert 0.4 < half.load < 0.6


async def test_the_days_asked_about_first_go_to_the_next_working_day(network: Network):
    morning, afternoon = NOW, NOW.replace(hour=12)
    assert days_to_workday(network.calendar, date(2026, 12, 1), morning) == 1
    assert days_to_workday(network.calendar, date(2026, 12, 1), afternoon) == 2
    assert days_to_workday(network.calendar, date(2026, 12, 2), afternoon) == 1
    assert days_to_workday(network.calendar, date(2026, 12, 5), morning) == 3
    assert days_to_workday(network.calendar, date(2026, 10, 1), morning) == 8


async def test_a_service_that_nobody_may_do_is_told_without_asking_for_times(counted: Counted, network: Network):
    offers = np.zeros_like(network.offers)
    empty = replace(network, version=network.version + 1, offers=offers)
    found = await route(empty, Availability(counted, fixed(Terms())), ask(network), NOW)
    assert (found.candidates, found.obstacle) == ((), Check.NOT_CAPABLE)
    assert counted.statements == 0
    assert ALWAYS in network.valid_until
