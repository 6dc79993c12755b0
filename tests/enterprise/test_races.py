"""Two at once, on a database of their own: an organisation keeps an owner, a request gets one organisation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import LiteralString

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, furnished, make_settings
from tests.enterprise.support import Town, code_of
from tests.requests.booking import Booker
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
DAWDLE: LiteralString = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER INSERT OR UPDATE OR DELETE ON membership FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE TRIGGER dawdle AFTER UPDATE ON request FOR EACH ROW EXECUTE FUNCTION dawdle();
CREATE TRIGGER dawdle AFTER INSERT ON organisation FOR EACH ROW EXECUTE FUNCTION dawdle();
"""


@pytest.fixture
async def app(private_database: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    """An application whose transactions linger between writing and commit."""
    app = furnished(make_settings(private_database, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        async with app.state.database.pool.connection() as connection:
            await connection.execute(DAWDLE, prepare=False)
        yield app


@pytest.fixture
def town(app: FastAPI, clock: Clock) -> Town:
    return Town(app, People(app.state.database, clock, app.state.callers.timeouts), clock)


def statuses(answers: list[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


@pytest.mark.parametrize("deed", ["remove", "demote", "leave"])
async def test_of_two_owners_who_act_at_once_one_stays_owner(town: Town, deed: str):
    first = await town.people.enterprise()
    assert first.organisation_id
    second = await town.people.enterprise("owner", organisation_id=first.organisation_id)
    path = f"/organisation/{first.organisation_id}"
    calls = []
    for me, other in ((first, second), (second, first)):
        address, form = {
            "remove": (f"/people/{other.id}/remove", {}),
            "demote": (f"/people/{other.id}/role", {"role": "delegate"}),
            "leave": ("/leave", {}),
        }[deed]
        calls.append(town.browser(me).post(f"{path}{address}", data=form))
    answers = await asyncio.gather(*calls)
    assert list((await town.roles(first.organisation_id)).values()).count("owner") == 1
    assert statuses(answers)[0] == 303
    assert statuses(answers)[1] in (403, 404, 422)


async def test_a_link_that_is_used_twice_at_once_lets_in_once(town: Town):
    owner = await town.people.enterprise()
    path = f"/organisation/{owner.organisation_id}"
    await town.browser(owner).post(f"{path}/invite", data={"email": "guest@example.com", "role": "delegate"})
    guest, link = await town.person("guest@example.com"), await town.invited("guest@example.com")
    answers = await asyncio.gather(
        *(town.browser(guest).post("/organisation/join", data={"token": link}) for _n in range(3))
    )
    assert statuses(answers) == [303, 410, 410]
    assert len(await town.recorded("membership.added")) == 1


async def test_a_code_is_given_to_one_of_two_who_ask_at_once(town: Town):
    browsers = [town.browser(await town.person()) for _n in range(3)]
    form = {"name": "芜湖同名公司", "uscc": code_of(5)}
    answers = await asyncio.gather(*(browser.post("/organisation/new", data=form) for browser in browsers))
    assert statuses(answers) == [303, 422, 422]
    assert await town.rows("SELECT count(*) FROM organisation") == [(1,)]


async def test_of_two_organisations_that_claim_at_once_one_gets_the_request(town: Town):
    booked = await Booker(town.browser()).book()
    owners = [await town.people.enterprise(uscc=code_of(n), name=f"公司{n}") for n in (1, 2)]
    form = {"reference": booked["reference"], "code": booked["access_code"]}
    answers = await asyncio.gather(
        *(town.browser(each).post(f"/organisation/{each.organisation_id}/claim", data=form) for each in owners)
    )
    assert statuses(answers) == [303, 422]
    winner = owners[[answer.status_code for answer in answers].index(303)]
    rows = await town.rows("SELECT organisation_id, person_id FROM request")
    assert rows == [(winner.organisation_id, winner.id)]
    assert len(await town.recorded("request.claimed")) == 1
