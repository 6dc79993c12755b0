"""Two people who change the same setting at the same moment, on real connections."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.accounts.rules.rights import Caller, Grant, Role
from app.accounts.sessions import Timeouts
from app.kit.db import Database
from app.policy.booking import Rule, booking_setting
from app.policy.errors import SettingMoved
from app.policy.rules import Kind, Level, Place, Setting
from app.policy.service import change
from app.stations.snapshot import load_network
from tests.conftest import Clock
from tests.policy.desk import last_change, rows
from tests.support.people import People

FIRST = Setting(Place(Level.NETWORK), Kind.DEADLINE, "first_answer/*/*/*")
LEAD = booking_setting(Place(Level.COUNTY, "340202"), Rule.LEAD)
NEW = Setting(Place(Level.NETWORK), Kind.DEADLINE, "first_answer/*/*/onsite")


@pytest.fixture
async def own(private_database: str) -> AsyncIterator[Database]:
    database = Database(private_database, pool_size=8)
    await database.open()
    yield database
    await database.close()


@pytest.mark.anyio
@pytest.mark.race
@pytest.mark.parametrize(
    ("setting", "unit"), [(FIRST, "days"), (NEW, "days"), (LEAD, "number")], ids=["changed", "new", "booking"]
)
async def test_of_several_who_change_a_setting_at_once_one_does_and_the_others_look_again(
    own: Database, clock: Clock, setting: Setting, unit: str
) -> None:
    people = People(own, clock, Timeouts(timedelta(minutes=30), timedelta(hours=12), timedelta(hours=12)))
    network = await load_network(own)
    admins = [await people.staff("city_admin") for _n in range(4)]
    callers = [Caller("browser", each.id, each.username, grants=(Grant(Role.CITY_ADMIN),)) for each in admins]
    last = await last_change(own, "network", "deadline", setting.key) if setting is FIRST else None

    async def attempt(caller: Caller, days: int) -> str:
        async with own.writer() as session:
            try:
                await change(
                    session, caller, network, setting, {unit: days}, last=last, reason="because", now=clock.now
                )
                await asyncio.sleep(0.05)  # let the others come to the same place before this commits
                await session.commit()
            except SettingMoved:
                return "moved"
        return "done"

    outcomes = await asyncio.gather(*(attempt(caller, 3 + n) for n, caller in enumerate(callers)))
    assert sorted(outcomes) == ["done", "moved", "moved", "moved"]
    made = "SELECT count(*) FROM policy_change WHERE key = %s AND changed_by IS NOT NULL"
    assert await rows(own, made, setting.key) == [(1,)]
    assert await rows(own, "SELECT count(*) FROM audit_entry WHERE action = 'setting.changed'") == [(1,)]
