"""Two of one organisation at once: of two that would be the same instrument one stays, of two changes one counts."""

import asyncio
from datetime import date

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.ledger.intervals import intervals
from tests.conftest import Clock
from tests.enterprise.test_races import app as lingering
from tests.ledger.support import GAUGE, Keeper, gauge, keeper_of
from tests.ledger.test_files import ROW, looked_at, table
from tests.ledger.test_rebooking import Rebooker
from tests.ledger.test_withdrawals import Issuer, kept, service_id
from tests.requests.test_life_api import Life
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


async def test_a_certificate_withdrawn_while_the_next_is_issued_leaves_the_next_one(app: FastAPI, keeper: Keeper):
    issuer = Issuer(keeper, await service_id(keeper))
    later = {"done_on": date(2026, 12, 20), "valid_until": date(2027, 6, 19)}
    for n in range(6):
        serial = {"inputs": {"serial_no": f"R-{n}"}}
        made = await keeper.add(gauge(f"R-{n}"))
        await issuer.issue(f"A-{n}", **serial)
        deeds = [issuer.withdraw(f"A-{n}", **serial), issuer.issue(f"B-{n}", **serial, **later)]
        await asyncio.gather(*(deeds if n % 2 else reversed(deeds)))
        after = await issuer.now(made)
        assert (after["last_cert_no"], after["due_on"]) == (f"B-{n}", "2027-06-19")
        assert {step["kind"] for step in after["history"]} == {"added", "certified", "withdrawn"}
        await issuer.withdraw(f"B-{n}", **serial, **later)  # whichever came first, it leads back to before both
        assert kept(await issuer.now(made)) == kept(made)


async def test_a_certificate_withdrawn_while_the_instrument_is_booked_anew_leaves_one_open_booking(
    app: FastAPI, keeper: Keeper, people: People, clock: Clock
):
    made = await keeper.add(gauge())
    rebooker = Rebooker(keeper)
    life = Life(rebooker.booker, people, clock, await rebooker.book(made))
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    await life.issued()
    keeper.who = await people.sign_in(keeper.who.id, organisation_id=keeper.who.organisation_id)
    [visit] = (await rebooker.visits(made))["visits"]
    body = await rebooker.body(visit)
    withdrawal, booking = await asyncio.gather(
        life.step("officer", "invalidate", reason="标准器超期"), rebooker.send(body)
    )
    assert withdrawal.status_code == 200, withdrawal.text
    assert booking.status_code in {201, 409}, booking.text
    assert await keeper.rows("SELECT count(*) FROM instrument_booking WHERE open") == [(1,)]


@pytest.mark.usefixtures("catalogue_of_its_own")
async def test_who_writes_while_the_interval_is_changed_waits_and_goes_by_the_new_one(app: FastAPI, keeper: Keeper):
    there = await keeper.add(gauge())
    file = await looked_at(keeper, table([[*ROW[:4], "N-1", *ROW[5:]]]))
    issuer = Issuer(keeper, await service_id(keeper))
    async with keeper.database.pool.connection() as other, other.transaction():
        await other.execute("UPDATE service SET validity_months = 12 WHERE code = %s", [GAUGE])
        written = asyncio.gather(
            keeper.add(gauge("A-2")),
            keeper.change(there | {"version": 2}, quantity=2),
            keeper.post(f"/imports/{file['id']}/take-in", {}),
            issuer.issue("N-1", valid_until=None, passed=None, inputs={"serial_no": "A-1"}),
        )
        await asyncio.sleep(0.3)
        assert not written.done()
    made, _changed, taken, _issued = await written
    assert (made["due_on"], taken.status_code) == ("2027-06-14", 200)
    rows = await keeper.rows(
        "SELECT count(*) FROM instrument WHERE due_from = 'service' AND due_on <> "
        "last_cert_date + interval '12 months' - interval '1 day'"
    )
    assert rows == [(0,)]


@pytest.mark.usefixtures("catalogue_of_its_own")
async def test_an_interval_that_is_changed_waits_for_who_is_writing_and_moves_that_too(app: FastAPI, keeper: Keeper):
    made = await keeper.add(gauge())
    async with keeper.database.writer() as session:
        await intervals(session)
        await session.execute(text("UPDATE instrument SET last_cert_date = '2026-07-01', due_on = '2026-12-31'"))
        change = asyncio.create_task(
            keeper.rows("UPDATE service SET validity_months = 12 WHERE code = %s RETURNING id", GAUGE)
        )
        await asyncio.sleep(0.3)
        assert not change.done()
        await session.commit()
    await change
    assert (await keeper.get(f"/{made['id']}")).json()["due_on"] == "2027-06-30"
