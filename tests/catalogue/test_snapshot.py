"""The catalogue in memory: as new as asked for, made anew only when its own rows change."""

from collections.abc import AsyncIterator

import pytest

from app.catalogue import snapshot
from app.catalogue.snapshot import Catalogue, CatalogueStore
from app.catalogue.version import NetworkVersion
from app.kit.db import Database


@pytest.fixture
async def database(private_database: str) -> AsyncIterator[Database]:
    database = Database(private_database, pool_size=4)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> CatalogueStore:
    return CatalogueStore(database, NetworkVersion(database))


async def rename(database: Database, code: str, name: str) -> None:
    await database.fetch("UPDATE service SET name_zh = %s WHERE code = %s", (name, code))


def name_of(catalogue: Catalogue, code: str = "MET-MEC-015") -> str:
    return catalogue.by_code[code].name_zh


async def test_a_change_is_in_the_next_catalogue(store: CatalogueStore, database: Database) -> None:
    before = await store.current()
    await rename(database, "MET-MEC-015", "压力表首次检定")
    after = await store.current()
    assert name_of(before) == "弹性元件式一般压力表检定"
    assert name_of(after) == "压力表首次检定"
    assert after.index.search("压力表首次检定", 1)[0].code == "MET-MEC-015"


async def test_a_change_of_stations_makes_no_other_catalogue(store: CatalogueStore, database: Database) -> None:
    before = await store.current()
    await database.fetch("UPDATE station SET name_en = 'Renamed' WHERE code = 'WH-JH-01'", ())
    assert await store.current() is before


async def test_the_recent_catalogue_is_a_second_old_at_most(
    store: CatalogueStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(snapshot.time, "monotonic", lambda: now)
    await store.current()
    await rename(database, "MET-MEC-015", "压力表首次检定")
    now += 0.9
    assert name_of(await store.recent()) == "弹性元件式一般压力表检定"
    now += 0.2
    assert name_of(await store.recent()) == "压力表首次检定"


async def test_a_service_taken_out_of_use_is_known_but_not_offered(store: CatalogueStore, database: Database) -> None:
    await database.fetch("UPDATE service SET active = false WHERE code = 'MET-MEC-015'", ())
    catalogue = await store.current()
    assert "MET-MEC-015" in catalogue.by_code
    assert catalogue.by_code["MET-MEC-015"] not in catalogue.offered
    assert all(hit.code != "MET-MEC-015" for hit in catalogue.index.search("压力表", 20))


async def test_a_reference_is_kept_back_unless_its_confidence_lets_it_be_shown(store: CatalogueStore) -> None:
    catalogue = await store.current()
    assert catalogue.by_code["MET-MEC-015"].reference == "JJG 52-2013"
    assert catalogue.by_code["MET-GEO-001"].reference is None  # JJG 30-2012, of medium confidence


async def test_what_is_remembered_is_made_once_and_bounded(
    store: CatalogueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = await store.current()
    made: list[int] = []

    def make(n: int) -> int:
        made.append(n)
        return n

    assert [catalogue.remember("a", lambda: make(1)), catalogue.remember("a", lambda: make(2))] == [1, 1]
    monkeypatch.setattr(snapshot, "MOST_REMEMBERED", 1)
    assert catalogue.remember("b", lambda: make(3)) == 3
    assert catalogue.remember("a", lambda: make(4)) == 4
    assert made == [1, 3, 4]
