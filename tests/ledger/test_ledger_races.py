"""Two of one organisation at once: of two that would be the same instrument one stays, of two changes one counts."""

import asyncio

import pytest
from fastapi import FastAPI

from tests.enterprise.test_races import app as lingering
from tests.ledger.support import Keeper, gauge, keeper_of
from tests.ledger.test_files import ROW, looked_at, table
from tests.support.people import People

pytestmark = [pytest.mark.anyio, pytest.mark.race]
app = lingering


async def test_of_two_changes_of_one_version_one_is_made(app: FastAPI, keeper: Keeper):
    made = await keeper.add(gauge())
    answers = await asyncio.gather(*(keeper.change(made, install_location=f"{n} 号") for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    now = (await keeper.get(f"/{made['id']}")).json()
    assert (now["version"], now["install_location"]) == (2, won["install_location"])
    assert [step["kind"] for step in now["history"]] == ["changed", "added"]


async def test_the_same_instrument_is_added_once(app: FastAPI, keeper: Keeper):
    answers = await asyncio.gather(*(keeper.post("", gauge()) for _n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert await keeper.names() == ["A-1"]


async def test_two_files_with_the_same_instruments_at_once_add_them_once(app: FastAPI, keeper: Keeper, people: People):
    rows = [[*ROW[:4], f"N-{n}", *ROW[5:]] for n in range(30)]
    colleague = await keeper_of(app, keeper.client, people, organisation_id=keeper.who.organisation_id)
    found = [await looked_at(each, table(rows)) for each in (keeper, colleague)]
    calls = [
        each.post(f"/imports/{file['id']}/take-in", {}) for each, file in zip((keeper, colleague), found, strict=True)
    ]
    answers = [answer.json() for answer in await asyncio.gather(*calls)]
    assert sorted(answer["added"] for answer in answers) == [0, 30]
    assert sorted(answer["same"] for answer in answers) == [0, 30]
    assert len(await keeper.names(limit=100)) == 30
