"""What issued certificates do to the ledger: the room of results calls the listener in the issuing transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.kit.ids import new_id
from app.ledger.service.certificates import move_dates
from app.results.issued import Issued
from tests.conftest import without_database
from tests.enterprise.support import code_of
from tests.ledger.support import CALIPER, GAUGE, Json, Keeper, gauge, issued_for, keeper_of
from tests.support.people import People

pytestmark = pytest.mark.anyio
DONE, UNTIL = date(2026, 12, 1), date(2027, 5, 31)
Issue = Callable[..., Awaitable[None]]


@pytest.fixture
def issue(keeper: Keeper) -> Issue:
    """Issues a document about the gauge A-1 of the organisation, as it is or with something else."""

    async def issued(**other: Any) -> None:
        code = other.pop("service", GAUGE)
        [(service_id,)] = await keeper.rows("SELECT id FROM service WHERE code = %s", code)
        usual = issued_for(keeper, service_id, "WH26-000017")
        async with keeper.database.writer() as session:
            await move_dates(session, replace(usual, **other))
            await session.commit()

    return issued


async def now(keeper: Keeper, made: Json) -> Json:
    found: Json = (await keeper.get(f"/{made['id']}")).json()
    return found


async def test_a_certificate_moves_the_dates_by_serial_number_within_organisation_and_service(
    keeper: Keeper, issue: Issue
):
    made = await keeper.add(gauge(last_cert_date="2026-06-15", last_cert_no="old"))
    other = await keeper.add(gauge("A-2"))
    await issue()
    after = await now(keeper, made)
    assert (after["last_cert_no"], after["last_cert_date"]) == ("WH26-000017", "2026-12-01")
    assert (after["due_on"], after["due_from"], after["version"]) == ("2027-05-31", "certificate", 2)
    assert after["history"][0]["text"] == "已出具证书 WH26-000017，有效期至 2027年5月31日"
    assert (await now(keeper, other))["version"] == 1
    assert (await keeper.change(made, quantity=2)).status_code == 409  # who had it open is told


async def test_the_number_is_compared_in_any_spelling(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge("ＡＢ 1"))
    await issue(inputs={"serial_no": "ab1"})
    assert (await now(keeper, made))["due_on"] == "2027-05-31"


@pytest.mark.parametrize(
    "other",
    [
        {"organisation_id": None},
        {"organisation_id": UUID(int=1)},
        {"service": CALIPER},
        {"inputs": {"serial_no": "A-9"}},
        {"inputs": {"serial_no": "无"}},
        {"inputs": {}},
    ],
)
async def test_what_is_about_something_else_changes_nothing(keeper: Keeper, issue: Issue, other: dict[str, Any]):
    made = await keeper.add(gauge())
    await keeper.add(gauge("无"))
    await issue(**other)
    assert await now(keeper, made) == {**made, "history": (await now(keeper, made))["history"]}


async def test_of_two_with_one_number_the_maker_decides_and_without_one_nobody_guesses(keeper: Keeper, issue: Issue):
    first, second = await keeper.add(gauge()), await keeper.add(gauge(manufacturer="上自"))
    await issue(inputs={"serial_no": "A-1"})
    assert [(await now(keeper, each))["version"] for each in (first, second)] == [1, 1]
    await issue(inputs={"serial_no": "A-1", "manufacturer": "上 自", "model_spec": "Y-100"})
    assert [(await now(keeper, each))["version"] for each in (first, second)] == [1, 2]


async def test_what_is_out_of_use_stays_so(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    await keeper.post(f"/{made['id']}/retire", {"version": 1})
    await issue()
    assert (await now(keeper, made))["version"] == 2


async def test_a_notice_of_result_extends_nothing_and_says_that_it_did_not_pass(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    await issue(passed=False, valid_until=None, number="WH26-T-3")
    after = await now(keeper, made)
    assert (after["due_on"], after["last_cert_no"], after["failed_on"]) == ("2026-12-14", None, "2026-12-01")
    assert "不合格" in after["history"][0]["text"]
    await issue(done_on=date(2026, 12, 9), valid_until=date(2027, 6, 8), number="WH26-000018")
    after = await now(keeper, made)
    assert (after["due_on"], after["failed_on"]) == ("2027-06-08", None)


async def test_a_calibration_judges_nothing_and_its_date_follows_from_the_interval(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge(service_code=CALIPER, interval_months=24))
    await issue(passed=None, valid_until=None, service=CALIPER)
    after = await now(keeper, made)
    assert (after["due_on"], after["due_from"]) == ("2028-11-30", "own_interval")
    assert after["history"][0]["text"] == "已出具证书 WH26-000017"


async def test_a_corrected_version_replaces_what_the_one_before_has_said(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    await issue()
    await issue(version=2, done_on=date(2026, 11, 30), valid_until=date(2027, 5, 29))
    after = await now(keeper, made)
    assert (after["due_on"], after["last_cert_date"]) == ("2027-05-29", "2026-11-30")
    assert [step["kind"] for step in after["history"]] == ["corrected", "certified", "added"]
    await issue()  # the first version once more, late
    assert (await now(keeper, made))["due_on"] == "2027-05-29"


async def test_a_certificate_that_is_corrected_to_a_notice_has_never_moved_anything(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge(last_cert_no="old", valid_until="2026-12-14"))
    await issue()
    await issue(version=2, passed=False, valid_until=None)
    after = await now(keeper, made)
    kept = ("due_on", "last_cert_no", "last_cert_date", "valid_until", "failed_on")
    assert [after[name] for name in kept] == ["2026-12-14", "old", "2026-06-15", "2026-12-14", "2026-12-01"]


async def test_an_older_certificate_that_comes_late_does_not_turn_back_the_dates(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    await issue()
    await issue(number="WH26-000003", done_on=date(2026, 7, 1), valid_until=date(2026, 12, 31))
    await issue(number="WH26-T-1", done_on=date(2026, 7, 1), passed=False, valid_until=None)
    after = await now(keeper, made)
    assert (after["due_on"], after["failed_on"]) == ("2027-05-31", None)


async def test_what_fails_in_the_same_transaction_moves_nothing(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    [(service_id,)] = await keeper.rows("SELECT id FROM service WHERE code = %s", GAUGE)
    moment = datetime(2026, 12, 2, tzinfo=LOCAL)
    document = Issued(
        new_id(), 1, 1, keeper.who.organisation_id, service_id, {"serial_no": "A-1"}, "N", 1, True, DONE, UNTIL, moment
    )
    async with keeper.database.writer() as session:
        await move_dates(session, document)
        await session.rollback()
    assert (await now(keeper, made))["version"] == 1


async def test_what_somebody_types_later_is_no_certificate_of_ours(keeper: Keeper, issue: Issue):
    made = await keeper.add(gauge())
    await issue(version=3)
    after = await now(keeper, made)
    typed = await keeper.change(after, valid_until="2027-02-01")
    assert (typed.json()["due_on"], typed.json()["last_cert_no"]) == ("2027-02-01", "WH26-000017")


async def test_a_ledger_that_is_not_the_issuers_is_not_looked_at(
    app: FastAPI, client: httpx.AsyncClient, people: People, issue: Issue
):
    other = await keeper_of(app, client, people, uscc=code_of(6), name="别家公司")
    made = await other.add(gauge())
    await issue()
    assert (await now(other, made))["version"] == 1


def test_the_application_wires_the_listener():
    assert move_dates in without_database().state.issue_listeners
