"""Failures counted by name and by network, and the locks that follow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.accounts.errors import SignInLocked
from app.accounts.service.locks import Locks
from app.kit.db import Database
from tests.conftest import Clock

KEY = b"k" * 32
WANG, LI = "wang", "li"
HOME, OFFICE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
async def locks(database: Database) -> Locks:
    return Locks(database, KEY, 5)


async def fail(locks: Locks, clock: Clock, account: str = WANG, network: str = HOME, times: int = 1) -> None:
    for _ in range(times):
        await locks.attempt(account, network, clock())


async def refused(locks: Locks, clock: Clock, account: str = WANG, network: str = HOME) -> int:
    """After how many seconds one may come again."""
    with pytest.raises(SignInLocked) as refusal:
        await locks.attempt(account, network, clock())
    return int(refusal.value.data["retry_after"])


async def test_five_failures_lock_a_name_for_a_minute_from_wherever_one_comes(locks: Locks, clock: Clock):
    await fail(locks, clock, times=5)
    assert await refused(locks, clock) == 60
    assert await refused(locks, clock, network=OFFICE) == 60
    await fail(locks, clock, LI)
    clock.move(timedelta(minutes=1))
    await fail(locks, clock)


async def test_each_failure_after_a_lock_doubles_the_next_up_to_an_hour(locks: Locks, clock: Clock):
    await fail(locks, clock, times=5)
    waits = []
    for _ in range(9):
        waits.append(await refused(locks, clock) // 60)
        clock.move(timedelta(minutes=waits[-1]))
        await fail(locks, clock, network=OFFICE)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_the_failure_that_locks_says_so(locks: Locks, clock: Clock):
    until = [(await locks.attempt(WANG, HOME, clock())).locks_until for _ in range(5)]
    assert until == [None, None, None, None, clock() + timedelta(minutes=1)]


async def test_a_name_is_forgotten_a_day_after_its_last_failure(locks: Locks, clock: Clock):
    await fail(locks, clock, times=4)
    clock.move(timedelta(hours=23))
    await fail(locks, clock)
    assert await refused(locks, clock) == 60
    clock.move(timedelta(days=1))
    await fail(locks, clock, times=5)
    assert await refused(locks, clock) == 60


async def test_a_success_clears_the_name(locks: Locks, clock: Clock):
    for _ in range(3):
        await fail(locks, clock, times=4)
        await locks.right(await locks.attempt(WANG, HOME, clock()))


async def test_twenty_failures_lock_a_network_for_all_names(locks: Locks, clock: Clock):
    for n in range(20):
        await fail(locks, clock, f"name-{n}")
    assert await refused(locks, clock, "another") == 60
    await fail(locks, clock, "another", OFFICE)


async def test_an_attackers_own_account_does_not_wipe_the_slate_of_the_network(locks: Locks, clock: Clock):
    for n in range(20):
        await locks.right(await locks.attempt("mallory", HOME, clock()))
        await fail(locks, clock, f"name-{n}")
    await refused(locks, clock, "another")


async def test_a_locked_network_locks_no_name_and_a_locked_name_no_network(locks: Locks, clock: Clock):
    for n in range(20):
        await fail(locks, clock, f"name-{n}")
    for _ in range(10):
        await refused(locks, clock)
    await fail(locks, clock, network=OFFICE, times=5)
    for _ in range(30):
        await refused(locks, clock, network=OFFICE)
    await fail(locks, clock, LI, OFFICE)


async def test_an_office_that_mistypes_now_and_then_is_never_locked(locks: Locks, clock: Clock):
    for n in range(100):
        await fail(locks, clock, f"name-{n}")
        clock.move(timedelta(minutes=2))
        await locks.right(await locks.attempt(f"other-{n}", HOME, clock()))
        clock.move(timedelta(minutes=1, seconds=1))


async def test_an_attempt_that_was_not_tried_is_as_if_it_had_not_been(locks: Locks, clock: Clock):
    await fail(locks, clock, times=4)
    await locks.untried(await locks.attempt(WANG, HOME, clock()))
    await fail(locks, clock)
    await refused(locks, clock)


async def test_a_lock_can_be_lifted(locks: Locks, clock: Clock):
    await fail(locks, clock, times=5)
    await locks.lift(LI, WANG)
    await fail(locks, clock)


async def test_the_table_names_neither_a_person_nor_an_address(locks: Locks, database: Database, clock: Clock):
    await fail(locks, clock)
    rows = await database.fetch("SELECT key FROM sign_in_failure", ())
    assert all(len(key) == 32 and b"wang" not in key and b"192" not in key for (key,) in rows)
    other = Locks(database, b"another key", 5)
    await fail(other, clock)
    assert len(await database.fetch("SELECT key FROM sign_in_failure", ())) == 4


@pytest.fixture
async def wide(private_database: str) -> AsyncIterator[Database]:
    database = Database(private_database, pool_size=10)
    await database.open()
    yield database
    await database.close()


@pytest.mark.race
async def test_of_fifty_guesses_at_once_five_get_through(wide: Database, clock: Clock):
    locks = Locks(wide, KEY, 5)

    async def guess(n: int) -> bool:
        try:
            await locks.attempt(WANG, f"192.0.2.{n}", clock())
        except SignInLocked:
            return False
        return True

    assert sum(await asyncio.gather(*(guess(n) for n in range(50)))) == 5
    clock.move(timedelta(minutes=1))
    assert sum(await asyncio.gather(*(guess(n) for n in range(50)))) == 1


@pytest.mark.race
async def test_of_fifty_names_tried_at_once_from_one_network_twenty_get_through(wide: Database, clock: Clock):
    locks = Locks(wide, KEY, 5)

    async def guess(n: int) -> bool:
        try:
            await locks.attempt(f"name-{n}", HOME, clock())
        except SignInLocked:
            return False
        return True

    assert sum(await asyncio.gather(*(guess(n) for n in range(50)))) == 20
