"""The network in memory: the same as in the database, immutable, and new after each change."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from app.catalogue.version import NetworkVersion
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.stations.snapshot import ALWAYS, DESIGNATED, Network, NetworkStore, load_network, mode_bits


@pytest.fixture
async def own(private_database: str) -> AsyncIterator[Database]:
    """A database of this test alone, to change the network in."""
    database = Database(private_database, pool_size=3)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def store(own: Database) -> NetworkStore:
    return NetworkStore(own, NetworkVersion(own).get)


async def change(database: Database, statement: str, *params: object) -> None:
    await database.fetch(statement, params)  # type: ignore[arg-type]


async def test_it_holds_the_whole_reference_network(network: Network):
    assert (len(network.stations), len(network.services)) == (79, 193)
    assert network.offers.shape == network.valid_from.shape == network.valid_until.shape == (193, 79)
    assert network.vectors.shape == (79, 3)
    assert int(np.count_nonzero(network.offers)) == 3486
    assert sum(len(station.desks) for station in network.stations) == 210


async def test_stations_and_services_stand_at_their_index_by_code(network: Network):
    for things, index in ((network.stations, network.station_index), (network.services, network.service_index)):
        codes = [thing.code for thing in things]
        assert codes == sorted(codes)
        assert [thing.index for thing in things] == list(range(len(things))) == [index[code] for code in codes]


async def test_the_arrays_say_what_the_table_of_capabilities_says(network: Network, database: Database):
    rows = await database.fetch(
        "SELECT s.code, v.code, c.modes, designated, valid_from, valid_until FROM capability c"
        " JOIN station s ON s.id = c.station_id JOIN service v ON v.id = c.service_id",
        (),
    )
    expected = np.zeros_like(network.offers)
    for station, service, modes, designated, first, last in rows:
        at = network.service_index[service], network.station_index[station]
        expected[at] = mode_bits(modes) + designated * DESIGNATED
        assert network.valid_from[at] == (first.toordinal() if first else 0)
        assert network.valid_until[at] == (last.toordinal() if last else ALWAYS)
    assert np.array_equal(network.offers, expected)


async def test_points_desks_and_parents_are_those_of_the_tables(network: Network, database: Database):
    rows = await database.fetch(
        "SELECT s.code, s.lon, s.lat, p.code, array(SELECT d.code FROM desk d WHERE d.station_id = s.id ORDER BY 1)"
        " FROM station s LEFT JOIN station p ON p.id = s.parent_id",
        (),
    )
    for code, lon, lat, parent, desks in rows:
        station = network.stations[network.station_index[code]]
        assert (station.lon, station.lat) == (lon, lat)
        assert (network.lons[station.index], network.lats[station.index]) == (lon, lat)
        assert (None if station.parent is None else network.stations[station.parent].code) == parent
        assert [desk.code for desk in station.desks] == desks


async def test_hours_are_in_ticks_of_the_local_day(network: Network):
    station = network.stations[network.station_index["WH-JH-01"]]
    assert [(rule.opens, rule.closes) for rule in station.hours if rule.iso_weekday == 1] == [(102, 144), (168, 210)]


async def test_it_cannot_be_changed(network: Network):
    with pytest.raises(ValueError, match="read-only"):
        network.offers[0, 0] = 1
    for frozen in (network, network.stations[0], network.services[0], network.stations[0].desks[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            frozen.code = "X"  # type: ignore[union-attr, misc]


async def test_without_a_change_it_stays_the_same_object(store: NetworkStore):
    assert await store.current() is await store.current()


async def test_many_who_ask_at_once_get_one_and_the_same(store: NetworkStore):
    found = await asyncio.gather(*(store.current() for _ in range(20)))
    assert len({id(each) for each in found}) == 1


async def test_a_closure_appears_in_the_next_answer(own: Database, store: NetworkStore):
    before = await store.current()
    starts = datetime.now(LOCAL) + timedelta(days=2)
    await change(
        own,
        "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) VALUES (%s, %s, %s, '检修', 'Repairs')",
        before.stations[0].id, starts, starts + timedelta(hours=3),
    )  # fmt: skip
    after = await store.current()
    assert after.version > before.version
    [closure] = after.stations[0].closures
    assert (closure.starts, closure.ends, closure.desk_id) == (starts, starts + timedelta(hours=3), None)
    assert (closure.reason_zh, closure.reason_en) == ("检修", "Repairs")
    assert before.stations[0].closures == ()


async def test_a_closure_that_is_over_is_left_out(own: Database, store: NetworkStore):
    station = (await store.current()).stations[0]
    ends = datetime.now(LOCAL) - timedelta(days=2)
    await change(
        own,
        "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) VALUES (%s, %s, %s, '', '')",
        station.id, ends - timedelta(hours=1), ends,
    )  # fmt: skip
    assert (await store.current()).stations[0].closures == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE station SET name_en = 'Another name' WHERE id = %s",
        "UPDATE station SET active = false WHERE id = %s",
        "INSERT INTO desk (station_id, code, name_zh, name_en, categories, channel)"
        " VALUES (%s, '99', '九十九号窗口', 'Desk 99', '{metrology}', 'public')",
        "UPDATE desk SET active = false WHERE station_id = %s",
        "DELETE FROM opening_hours WHERE station_id = %s",
        "DELETE FROM capability WHERE station_id = %s",
    ],
    ids=["name", "station closed", "new desk", "desk closed", "hours", "capabilities"],
)
async def test_every_change_of_a_station_appears_in_the_next_answer(own: Database, store: NetworkStore, statement: str):
    before = await store.current()
    await change(own, statement, before.stations[0].id)
    after = await store.current()
    assert after is not before
    assert after.version > before.version
    same_facts = after.stations[0] == before.stations[0]
    assert not (same_facts and np.array_equal(after.offers, before.offers))


async def test_other_hours_appear_with_their_dates(own: Database, store: NetworkStore):
    station = (await store.current()).stations[0]
    await change(
        own,
        "INSERT INTO opening_hours (station_id, iso_weekday, opens, closes, valid_from)"
        " VALUES (%s, 7, '10:05', '24:00', %s)",
        station.id, date(2027, 1, 1),
    )  # fmt: skip
    [sunday] = [rule for rule in (await store.current()).stations[0].hours if rule.iso_weekday == 7]
    assert (sunday.opens, sunday.closes, sunday.valid_from, sunday.valid_until) == (121, 288, date(2027, 1, 1), None)


async def test_a_new_holiday_appears_in_the_calendar(own: Database, store: NetworkStore):
    assert (await store.current()).calendar.kind(date(2027, 1, 1)).provisional
    await change(own, "INSERT INTO calendar_year (year, position) VALUES (2027, 9)")
    await change(
        own, "INSERT INTO calendar_day (day, year, kind, name_zh) VALUES ('2027-01-01', 2027, 'holiday', '元旦')"
    )
    kind = (await store.current()).calendar.kind(date(2027, 1, 1))
    assert (kind.worked, kind.provisional, kind.name_zh) == (False, False, "元旦")


async def test_what_is_not_committed_is_not_seen(own: Database, store: NetworkStore):
    before = await store.current()
    async with own.pool.connection() as connection:
        await connection.execute("BEGIN")
        await connection.execute("UPDATE station SET name_en = 'Not yet'")
        assert await store.current() is before
        await connection.execute("ROLLBACK")
    assert await store.current() is before


async def test_changes_while_it_is_being_read_are_not_lost(own: Database, store: NetworkStore):
    async def rename(n: int) -> None:
        await change(own, "UPDATE station SET name_en = %s WHERE code = 'WH-JH-01'", f"Name {n}")
        current = await store.current()
        seen.append(int(current.stations[current.station_index["WH-JH-01"]].name_en.removeprefix("Name ")) >= n)

    seen: list[bool] = []
    for n in range(5):
        await asyncio.gather(rename(n), store.current(), store.current())
    assert seen == [True] * 5


async def test_the_store_and_a_fresh_reading_agree(own: Database, store: NetworkStore):
    current, fresh = await store.current(), await load_network(own)
    assert current.stations == fresh.stations
    assert current.services == fresh.services
    assert np.array_equal(current.valid_until, fresh.valid_until)
