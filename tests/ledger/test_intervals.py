"""When a service's interval changes, the due dates that follow from it move along; others stay. Counted and raced."""

from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from app.ledger.rules.dues import due
from tests.booking.visitor import counted
from tests.ledger.support import CALIPER, GAUGE, Json, Keeper, gauge

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("catalogue_of_its_own")]
SET = "UPDATE service SET validity_months = %s WHERE code = %s RETURNING id"


async def now(keeper: Keeper, made: Json) -> Json:
    found: Json = (await keeper.get(f"/{made['id']}")).json()
    return found


async def test_what_follows_from_the_catalogue_moves_and_says_why(keeper: Keeper):
    made = await keeper.add(gauge())
    assert (made["due_on"], made["due_from"]) == ("2026-12-14", "service")
    await keeper.rows(SET, 12, GAUGE)
    after = await now(keeper, made)
    assert (after["due_on"], after["due_from"], after["version"]) == ("2027-06-14", "service", 2)
    assert [step["kind"] for step in after["history"]] == ["interval", "added"]
    assert after["history"][0]["text"] == "周期已调整，到期日改为 2027年6月14日（依据通常周期 12 个月）"
    assert await keeper.names(due="60") == []  # the list goes by the new date
    await keeper.rows(SET, None, GAUGE)
    after = await now(keeper, made)
    assert (after["due_on"], after["due_from"]) == (None, None)
    assert after["history"][0]["text"] == "该服务已不设通常周期，到期日不再计算"
    await keeper.rows(SET, 1, GAUGE)
    assert (await now(keeper, made))["due_on"] == "2026-07-14"


async def test_a_catalogue_that_is_taken_in_moves_them_as_well(keeper: Keeper):
    """The way of an import: what is there already is changed on conflict."""
    made = await keeper.add(gauge())
    await keeper.rows(
        "INSERT INTO service OVERRIDING SYSTEM VALUE"
        " SELECT (jsonb_populate_record(service, jsonb_build_object('validity_months', 12))).* FROM service"
        " WHERE code = %s ON CONFLICT (code) DO UPDATE SET validity_months = excluded.validity_months RETURNING id",
        GAUGE,
    )
    assert (await now(keeper, made))["due_on"] == "2027-06-14"


@pytest.mark.parametrize(
    "said",
    [
        {"valid_until": "2027-01-31"},
        {"interval_months": 3},
        {"last_cert_date": None},
        {"service_code": CALIPER, "use_purpose": None},
    ],
)
async def test_the_certificates_own_date_the_enterprises_interval_and_other_services_stay(
    keeper: Keeper, said: dict[str, Any]
):
    made = await keeper.add(gauge(**said))
    await keeper.rows(SET, 12, GAUGE)
    after = await now(keeper, made)
    assert (after["due_on"], after["version"], len(after["history"])) == (made["due_on"], 1, 1)


async def test_a_change_of_something_else_touches_no_ledger(keeper: Keeper):
    made = await keeper.add(gauge())
    await keeper.rows("UPDATE service SET name_en = name_en || '!' WHERE code = %s RETURNING id", GAUGE)
    assert (await now(keeper, made))["version"] == 1


@pytest.mark.parametrize("day", ["2026-08-31", "2024-02-29", "2026-01-01", "2026-03-30"])
@pytest.mark.parametrize("months", [1, 6, 12, 18])
async def test_the_database_counts_months_as_the_rule_does(keeper: Keeper, day: str, months: int):
    made = await keeper.add(gauge(last_cert_date=day, service_code=GAUGE))
    await keeper.rows(SET, months, GAUGE)
    expected = due(date.fromisoformat(day), None, None, months).on
    assert (await now(keeper, made))["due_on"] == str(expected)


async def test_a_change_costs_the_lock_and_the_intervals_and_moving_is_one_statement(app: FastAPI, keeper: Keeper):
    made = await keeper.add(gauge())
    for n in range(20):
        await keeper.add(gauge(f"M-{n}"))
    with counted(app) as seen:
        assert (await keeper.change(made, quantity=2)).status_code == 200
    assert sum("pg_advisory_xact_lock_shared" in each for each in seen) == 1
    assert sum("FROM service" in each for each in seen) == 1
    with counted(app) as seen:
        await keeper.rows(SET, 12, GAUGE)
    assert len(seen) == 1
    assert await keeper.rows("SELECT count(*) FROM instrument WHERE due_on = '2027-06-14'") == [(21,)]
    assert await keeper.rows("SELECT count(*) FROM instrument_event WHERE kind = 'interval'") == [(21,)]
