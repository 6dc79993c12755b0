"""Administrators who act at the same moment, on real connections; and scopes that reach nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from uuid import UUID

import pytest

from app.accounts.errors import LastAdministrator
from app.accounts.queries import people as listing
from app.accounts.queries.people import Wanted
from app.accounts.rules.rights import NOTHING, Caller, Grant, Role, Scope
from app.accounts.service import people as managing
from app.accounts.sessions import Timeouts
from app.audit.queries import Filters
from app.kit.db import Database
from app.kit.problems import Conflict, Forbidden
from app.notify.letters import Letterhead
from app.office.errors import AlreadyDecided, CodeAccepted
from app.office.queries import codes, organisations, record
from app.office.service import codes as deciding
from tests.conftest import Clock
from tests.office.desk import HERE, case, mails, roles_of, station_id
from tests.support.people import People, Signed

HEAD = Letterhead("网络", "Network", "http://testserver")
EVERYWHERE = Grant(Role.CITY_ADMIN)


@pytest.fixture
async def database(private_database: str) -> AsyncIterator[Database]:
    database = Database(private_database, pool_size=8)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def people(database: Database, clock: Clock, timeouts: Timeouts) -> People:
    return People(database, clock, timeouts)


@pytest.fixture
def timeouts() -> Timeouts:
    return Timeouts(timedelta(minutes=30), timedelta(hours=12), timedelta(hours=12))


def caller(signed: Signed, *grants: Grant) -> Caller:
    return Caller("browser", signed.id, signed.username, signed.username, grants=grants)


async def attempt(work: Awaitable[None]) -> str:
    """What came of it: "done", or the name of the error."""
    try:
        await work
    except (Conflict, Forbidden) as problem:
        return type(problem).__name__
    return "done"


async def grant_id(database: Database, person_id: UUID) -> int:
    [(found,)] = await database.fetch("SELECT id FROM role_grant WHERE person_id = %s", (person_id,))
    return int(found)


@pytest.mark.race
@pytest.mark.parametrize("what", ["revoke", "disable"])
async def test_of_two_administrators_who_remove_each_other_one_stays(
    database: Database, people: People, clock: Clock, what: str
) -> None:
    pair = [await people.staff("city_admin"), await people.staff("city_admin")]
    grants = [await grant_id(database, each.id) for each in pair]

    async def remove(n: int) -> None:
        own, other = caller(pair[n], EVERYWHERE), pair[1 - n].id
        async with database.writer() as session:
            if what == "revoke":
                await managing.revoke_role(session, own, other, grants[1 - n], clock.now)
            else:
                await managing.disable(session, own, other, clock.now, reason="x")
            await asyncio.sleep(0.05)
            await session.commit()

    outcomes = await asyncio.gather(attempt(remove(0)), attempt(remove(1)))
    assert sorted(outcomes) == ["Forbidden", "done"]
    able = """
        SELECT count(*) FROM role_grant JOIN person ON person.id = person_id
        WHERE role = 'city_admin' AND disabled_at IS NULL
    """
    assert await database.fetch(able, ()) == [(1,)]


async def test_the_last_administrator_who_can_sign_in_is_kept(database: Database, people: People, clock: Clock) -> None:
    last, other = await people.staff("city_admin"), await people.staff("city_admin")
    await database.fetch("UPDATE person SET disabled_at = now() WHERE id = %s", (other.id,))
    async with database.writer() as session:
        with pytest.raises(LastAdministrator):
            await managing.keep_an_administrator(session, without=last.id)
        await managing.keep_an_administrator(session, without=other.id)


async def test_rights_that_were_taken_meanwhile_count_no_more(database: Database, people: People, clock: Clock) -> None:
    manager, officer = await people.staff("manager", station=HERE), await people.staff("officer", station=HERE)
    own = caller(manager, Grant(Role.MANAGER, await station_id(database, HERE)))
    await database.fetch("DELETE FROM role_grant WHERE person_id = %s", (manager.id,))
    async with database.writer() as session:
        with pytest.raises(Forbidden):
            await managing.disable(session, own, officer.id, clock.now, reason="x")


@pytest.mark.race
async def test_of_two_officers_who_decide_at_once_one_is_told(database: Database, people: People, clock: Clock) -> None:
    asker = await people.enterprise()
    case_id = await case(database, asker.id, HERE, clock.now)
    here = await station_id(database, HERE)
    officers = [caller(await people.staff("officer", station=HERE), Grant(Role.OFFICER, here)) for _ in range(2)]

    async def decide(officer: Caller, accept: bool) -> None:
        async with database.writer() as session:
            await deciding.decide(session, officer, case_id, HEAD, clock.now, accept=accept, reason="核对执照")
            await session.commit()

    outcomes = await asyncio.gather(attempt(decide(officers[0], True)), attempt(decide(officers[1], False)))
    assert sorted(outcomes) == [AlreadyDecided.__name__, "done"]
    assert len(await mails(database)) == 1
    decisions = "SELECT count(*) FROM audit_entry WHERE action IN ('code.accepted', 'code.refused')"
    assert await database.fetch(decisions, ()) == [(1,)]


@pytest.mark.race
async def test_a_code_is_accepted_once_though_two_have_asked(database: Database, people: People, clock: Clock) -> None:
    here = await station_id(database, HERE)
    officer = caller(await people.staff("officer", station=HERE), Grant(Role.OFFICER, here))
    askers = [await people.enterprise(), await people.enterprise(uscc="91340200MA2N7Q4K1J")]
    cases = [await case(database, asker.id, HERE, clock.now) for asker in askers]

    async def accept(case_id: UUID) -> None:
        async with database.writer() as session:
            await deciding.decide(session, officer, case_id, HEAD, clock.now, accept=True, reason="核对执照")
            await session.commit()

    outcomes = await asyncio.gather(*(attempt(accept(each)) for each in cases))
    assert sorted(outcomes) == [CodeAccepted.__name__, "done"]


async def test_an_empty_scope_finds_nothing_even_when_a_door_forgets_to_ask(
    database: Database, people: People, clock: Clock
) -> None:
    officer, asker = await people.staff("officer", station=HERE), await people.enterprise()
    case_id = await case(database, asker.id, HERE, clock.now)
    async with database.writer() as session:
        found = await codes.find(session, Scope(everything=True), case_id)
        assert found
        await deciding.opened(session, caller(officer), found, clock.now)
        await session.commit()
    async with database.reader() as session:
        assert (await listing.listed(session, NOTHING, Wanted())).members == ()
        assert await listing.find(session, NOTHING, officer.id) is None
        assert await listing.count(session, NOTHING) == 0
        assert (await codes.listed(session, NOTHING, "open", None, 50))[0] == []
        assert await codes.find(session, NOTHING, case_id) is None
        assert await codes.evidence(session, NOTHING, case_id) is None
        assert await codes.waiting(session, NOTHING) == 0
        assert (await organisations.listed(session, NOTHING, None, 50))[0] == []
        assert asker.organisation_id
        assert await organisations.find(session, NOTHING, asker.organisation_id) is None
        assert await organisations.people_of(session, NOTHING, asker.organisation_id) == []
        assert (await record.search(session, NOTHING, Filters(), None, 50)).entries == []
        assert [entry async for entry in record.export(session, NOTHING, Filters())] == []
        assert await record.heads(session, NOTHING) == []
    assert await roles_of(database, officer.id) == ["officer"]
