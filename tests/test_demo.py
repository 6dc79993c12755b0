"""People for a demo, the first administrator, and what is kept how long."""

from datetime import UTC, datetime, timedelta

import pytest
from dirty_equals import IsPartialDict

from app.config import Settings
from app.demo.people import demo_uscc, is_demo, load_people
from app.files.store import FileStore, store_of
from app.kit import uscc
from app.kit.db import Database
from app.kit.passwords import Passwords
from app.retention import RULES, Keeper, run

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(settings: Settings) -> FileStore:
    return store_of(settings)


class TestDemoPeople:
    async def test_there_is_one_of_each_role_at_every_station_and_an_enterprise(self, database: Database) -> None:
        await load_people(database.url, "a password of the demo")
        roles = await database.fetch("SELECT role, count(*) FROM role_grant GROUP BY role", ())
        assert dict(roles) == IsPartialDict(window=79, officer=79, manager=79, county_admin=1, city_admin=1, auditor=1)
        [(owner,)] = await database.fetch("SELECT role FROM membership", ())
        assert owner == "owner"
        assert await is_demo(database)

    async def test_all_have_the_given_password_and_loading_again_sets_another(self, database: Database) -> None:
        assert await load_people(database.url, "the first password") == "the first password"
        made_up = await load_people(database.url, None)
        hashes = {row[0] for row in await database.fetch("SELECT password_hash FROM person", ())}
        assert len(hashes) == 1
        assert (await Passwords().verify(made_up, hashes.pop()))[0]

    async def test_the_enterprise_has_a_code_whose_check_digits_fit(self) -> None:
        assert uscc.check(demo_uscc()).ok

    async def test_without_them_it_is_no_demo(self, database: Database) -> None:
        assert not await is_demo(database)


class TestRetention:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
    async def test_every_rule_can_be_counted_and_applied(
        self, database: Database, store: FileStore, rule: object
    ) -> None:
        assert all(each.count == 0 for each in await run(database, store, NOW, by="test", dry_run=True))
        assert all(each.count == 0 for each in await run(database, store, NOW, by="test"))

    async def test_a_dry_run_counts_and_changes_nothing(self, database: Database, store: FileStore) -> None:
        await _draft(database, expired=NOW - timedelta(days=3))
        await _draft(database, expired=NOW + timedelta(hours=1))
        for _again in range(2):
            counts = {each.rule.key: each.count for each in await run(database, store, NOW, by="test", dry_run=True)}
            assert counts["drafts"] == 1
        done = {each.rule.key: each.count for each in await run(database, store, NOW, by="test")}
        assert done["drafts"] == 1
        assert await database.fetch("SELECT count(*) FROM booking_draft", ()) == [(1,)]

    async def test_the_job_runs_once_a_day_and_is_on_record(self, database: Database, store: FileStore) -> None:
        moments = [NOW, NOW + timedelta(hours=5), NOW + timedelta(hours=25)]

        async def now() -> datetime:
            return moments[0]

        keeper = Keeper(database, store, now)
        ran = []
        while moments:
            ran.append(await keeper.once())
            del moments[0]
        assert ran == [True, False, True]
        assert await database.fetch("SELECT count(*) FROM audit_entry WHERE action = 'retention.applied'", ()) == [(2,)]


async def _draft(database: Database, *, expired: datetime) -> None:
    await database.fetch(
        "INSERT INTO booking_draft (id, client, data, created_at, expires_at)"
        " VALUES (gen_random_uuid(), 'x', '{}', %s, %s)",
        (expired - timedelta(days=1), expired),
    )
