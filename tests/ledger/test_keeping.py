"""How long ledgers are kept, what of them a person takes along, and what a demo has."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.demo.instruments import COUNT, MAKER, load_instruments
from app.demo.people import load_people
from app.files.store import store_of
from app.kit.db import Database
from app.retention import run
from tests.conftest import Clock
from tests.ledger.support import Keeper, gauge
from tests.ledger.test_files import ROW, looked_at, table, take_in
from tests.ledger.test_rebooking import Rebooker

pytestmark = pytest.mark.anyio


async def keep_house(app: FastAPI, clock: Clock) -> dict[str, int]:
    done = await run(app.state.database, store_of(app.state.settings), clock(), by="test")
    return {each.rule.key: each.count for each in done if each.count and "instrument" in each.rule.table}


async def test_a_file_that_was_not_taken_in_goes_after_a_day_and_one_that_was_after_a_month(
    app: FastAPI, keeper: Keeper, clock: Clock
):
    await take_in(keeper, table([ROW]))
    await looked_at(keeper, table([ROW]))
    clock.move(timedelta(hours=23))
    assert await keep_house(app, clock) == {}
    clock.move(timedelta(hours=2))
    assert await keep_house(app, clock) == {"instrument_files": 1}
    clock.move(timedelta(days=30))
    assert await keep_house(app, clock) == {"instrument_files_taken": 1}
    assert await keeper.rows("SELECT count(*) FROM instrument_import_row") == [(0,)]
    assert await keeper.rows("SELECT count(*) FROM instrument") == [(1,)]


async def test_the_ledger_of_a_closed_organisation_is_out_of_reach_at_once_and_gone_after_a_month(
    app: FastAPI, keeper: Keeper, clock: Clock
):
    await Rebooker(keeper).book(await keeper.add(gauge()))
    path = f"/organisation/{keeper.who.organisation_id}/close"
    assert (await keeper.browser().post(path, data={"sure": "yes"})).status_code == 303
    assert (await keeper.get()).status_code == 404
    assert (await keeper.browser().get(keeper.pages)).status_code == 404
    clock.move(timedelta(days=29))
    assert "ledgers_of_closed" not in await keep_house(app, clock)
    clock.move(timedelta(days=2))
    assert (await keep_house(app, clock))["ledgers_of_closed"] == 1
    assert await keeper.rows("SELECT (SELECT count(*) FROM instrument_event), count(*) FROM request_item") == [(0, 1)]


async def test_a_person_takes_along_what_is_kept_of_them(keeper: Keeper):
    browser = keeper.browser()
    await browser.post(f"{keeper.pages}/reminders", data={"want": "no"})
    await looked_at(keeper, table([ROW]))
    kept = (await browser.post("/account/data/export", data={"kind": "json"})).json()
    organisation = str(keeper.who.organisation_id)
    assert [each["organisation_id"] for each in kept["instrument_reminders_stopped"]] == [organisation]
    assert [each["organisation_id"] for each in kept["instrument_files"]] == [organisation]


async def test_the_demo_has_instruments_that_say_what_they_are_once(database: Database, clock: Clock):
    assert await load_instruments(database.url, clock()) == 0
    await load_people(database.url, "a password of the demo")
    assert await load_instruments(database.url, clock()) == COUNT
    assert await load_instruments(database.url, clock()) == 0
    rows = await database.fetch("SELECT manufacturer, serial_no LIKE 'DEMO-%%' FROM instrument GROUP BY 1, 2", {})
    assert rows == [(MAKER, True)]
    [(overdue, soon, undated)] = await database.fetch(
        "SELECT count(*) FILTER (WHERE due_on < %(day)s), count(*) FILTER (WHERE due_on BETWEEN %(day)s AND"
        " %(day)s::date + 60), count(*) FILTER (WHERE due_on IS NULL) FROM instrument",
        {"day": clock().date()},
    )
    assert min(overdue, soon, undated) > 0
    assert await database.fetch("SELECT count(*) FROM instrument_event", ()) == [(COUNT,)]
