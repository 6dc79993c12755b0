"""What a withdrawn document does to the ledger, in the transaction that withdraws it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.furnishing import letterhead
from app.ledger.service.certificates import move_dates
from app.ledger.service.withdrawals import TurnBack
from app.results.issued import Issued, Withdrawn
from tests.conftest import Clock, without_database
from tests.ledger.support import GAUGE, Json, Keeper, gauge, issued_for
from tests.ledger.test_rebooking import Rebooker
from tests.requests.test_life_api import Life
from tests.support.people import People

pytestmark = pytest.mark.anyio
DONE, UNTIL = date(2026, 12, 1), date(2027, 5, 31)
KEPT = ("due_on", "due_from", "last_cert_no", "last_cert_date", "valid_until", "failed_on")


class Issuer:
    """Issues and withdraws documents about the gauge A-1 of the keeper's organisation, as the room of results does."""

    def __init__(self, keeper: Keeper, service_id: int) -> None:
        self.keeper = keeper
        self.usual = issued_for(keeper, service_id, "WH26-1")

    async def issue(self, number: str, **other: Any) -> None:
        async with self.keeper.database.writer() as session:
            await move_dates(session, replace(self.usual, number=number, **other))
            await session.commit()

    async def fail(self, number: str, on: date = DONE, **other: Any) -> None:
        await self.issue(number, passed=False, valid_until=None, done_on=on, **other)

    async def withdraw(self, number: str, **other: Any) -> None:
        said = {name: getattr(self.usual, name) for name in Issued.__dataclass_fields__}
        gone = Withdrawn(**{**said, "number": number, **other})
        async with self.keeper.database.writer() as session:
            await TurnBack(letterhead(self.keeper.app.state.settings))(session, gone)
            await session.commit()

    async def now(self, made: Json) -> Json:
        found: Json = (await self.keeper.get(f"/{made['id']}")).json()
        return found

    async def mails(self) -> Sequence[tuple[Any, ...]]:
        return await self.keeper.rows(
            "SELECT recipient, subject, body FROM message WHERE kind = 'ledger.withdrawn' ORDER BY id"
        )


def kept(said: Json) -> list[Any]:
    return [said[name] for name in KEPT]


async def service_id(keeper: Keeper) -> int:
    [(found,)] = await keeper.rows("SELECT id FROM service WHERE code = %s", GAUGE)
    return int(found)


@pytest.fixture
async def issuer(keeper: Keeper) -> Issuer:
    return Issuer(keeper, await service_id(keeper))


async def test_the_dates_go_back_the_history_says_why_and_the_organisation_is_written_to(issuer: Issuer):
    made = await issuer.keeper.add(gauge(last_cert_no="old"))
    await issuer.issue("N-1")
    await issuer.withdraw("N-1")
    after = await issuer.now(made)
    assert kept(after) == kept(made)
    assert (after["due_on"], after["due_from"], after["version"]) == ("2026-12-14", "service", 3)
    assert after["history"][0]["kind"] == "withdrawn"
    assert after["history"][0]["text"] == "证书 N-1 已作废，到期日改为 2026年12月14日（依据通常周期 6 个月）"
    [(recipient, subject, body)] = await issuer.mails()
    assert (recipient, subject) == ("sme-1@example.com", "证书 N-1 已作废")
    assert "2026年12月14日（依据通常周期 6 个月）" in body
    assert f"{issuer.keeper.pages}/{made['id']}" in body
    page = (await issuer.keeper.browser().get(f"{issuer.keeper.pages}/{made['id']}")).text
    assert "证书 N-1 已作废" in page


async def test_without_anything_before_no_date_is_known(issuer: Issuer):
    made = await issuer.keeper.add(gauge(last_cert_date=None))
    await issuer.issue("N-1")
    await issuer.withdraw("N-1")
    after = await issuer.now(made)
    assert (after["due_on"], after["last_cert_no"]) == (None, None)
    assert after["history"][0]["text"] == "证书 N-1 已作废，到期日不详"


async def test_every_version_of_what_was_corrected_goes(issuer: Issuer):
    made = await issuer.keeper.add(gauge(last_cert_no="old"))
    await issuer.issue("N-1")
    await issuer.issue("N-1", version=2, valid_until=date(2027, 3, 1))
    await issuer.withdraw("N-1", version=2, valid_until=date(2027, 3, 1))
    assert kept(await issuer.now(made)) == kept(made)


async def test_what_a_newer_certificate_has_replaced_changes_nothing_but_the_history(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.issue("N-1")
    await issuer.issue("N-2", done_on=date(2026, 12, 20), valid_until=date(2027, 6, 19))
    before = await issuer.now(made)
    await issuer.withdraw("N-1")
    after = await issuer.now(made)
    assert (kept(after), after["version"]) == (kept(before), before["version"])
    assert after["history"][0]["text"] == "证书 N-1 已作废，到期日不变"
    assert await issuer.mails() == []
    await issuer.withdraw("N-2")  # what it goes back to is withdrawn as well
    assert kept(await issuer.now(made)) == kept(made)


async def test_an_older_document_that_moved_nothing_turns_nothing_back(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.issue("N-1")
    before = await issuer.now(made)
    old = {"done_on": date(2026, 7, 1), "valid_until": date(2026, 12, 31)}
    await issuer.issue("N-0", **old)
    await issuer.withdraw("N-0", **old)
    assert kept(await issuer.now(made)) == kept(before)


async def test_a_notice_that_is_withdrawn_did_not_fail_it(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.fail("T-1")
    assert (await issuer.now(made))["failed_on"] == "2026-12-01"
    await issuer.withdraw("T-1", passed=False, valid_until=None)
    assert kept(await issuer.now(made)) == kept(made)


async def test_a_certificate_that_is_withdrawn_lets_the_notice_before_it_count_again_unless_that_is_gone_too(
    issuer: Issuer,
):
    made = await issuer.keeper.add(gauge())
    later = {"done_on": date(2026, 12, 9), "valid_until": date(2027, 6, 8)}
    await issuer.fail("T-1")
    await issuer.issue("N-1", **later)
    await issuer.withdraw("N-1", **later)
    assert (await issuer.now(made))["failed_on"] == "2026-12-01"
    await issuer.issue("N-2", **later)
    await issuer.withdraw("T-1", passed=False, valid_until=None)
    assert (await issuer.now(made))["last_cert_no"] == "N-2"
    await issuer.withdraw("N-2", **later)
    assert kept(await issuer.now(made)) == kept(made)


async def test_a_notice_that_came_later_stays_when_the_certificate_before_it_goes(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.issue("N-1")
    await issuer.fail("T-1", date(2026, 12, 20))
    await issuer.withdraw("N-1")
    after = await issuer.now(made)
    assert (after["due_on"], after["last_cert_no"], after["failed_on"]) == ("2026-12-14", None, "2026-12-20")


async def test_what_somebody_has_typed_since_stays(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.issue("N-1")
    typed = (await issuer.keeper.change(await issuer.now(made), valid_until="2027-02-01")).json()
    await issuer.withdraw("N-1")
    assert kept(await issuer.now(made)) == kept(typed)


async def test_a_number_that_was_typed_otherwise_since_is_found_by_its_certificate(issuer: Issuer):
    made = await issuer.keeper.add(gauge())
    await issuer.issue("N-1")
    await issuer.keeper.change(await issuer.now(made), serial_no="A-1-new")
    await issuer.withdraw("N-1")
    assert (await issuer.now(made))["due_on"] == "2026-12-14"


@pytest.mark.parametrize("other", [{"organisation_id": None}, {"inputs": {"serial_no": "A-9"}}])
async def test_what_is_about_something_else_changes_nothing(issuer: Issuer, other: dict[str, Any]):
    made = await issuer.keeper.add(gauge())
    await issuer.withdraw("N-9", **other)
    assert await issuer.now(made) == {**made, "history": (await issuer.now(made))["history"]}
    assert len((await issuer.now(made))["history"]) == 1


async def test_who_wants_no_mails_gets_none_and_what_is_out_of_use_is_turned_back_in_silence(issuer: Issuer):
    keeper = issuer.keeper
    made = await keeper.add(gauge())
    await issuer.issue("N-1")
    await keeper.post(f"/{made['id']}/retire", {"version": 2})
    await issuer.withdraw("N-1")
    assert await issuer.mails() == []


async def test_by_the_doors_the_instrument_is_booked_again_until_the_work_is_done_anew(
    keeper: Keeper, people: People, clock: Clock
):
    made = await keeper.add(gauge("G-1"))
    rebooker = Rebooker(keeper)
    booked = await rebooker.book(made)
    life = Life(rebooker.booker, people, clock, booked)
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    await life.issued()
    keeper.who = await people.sign_in(keeper.who.id, organisation_id=keeper.who.organisation_id)
    certified = await rebooker.shown(made)
    assert certified["booked"] is None
    await life.go(("officer", "invalidate"), reason="标准器超期")
    after = await rebooker.shown(made)
    assert (kept(after), after["booked"]["reference"]) == (kept(made), booked["reference"])
    [(gone,)] = await keeper.rows("SELECT count(*) FROM message WHERE kind = 'ledger.withdrawn'")
    assert gone == 1
    await life.go(("window", "start"))
    await life.issued()
    anew = await rebooker.shown(made)
    assert (anew["due_on"], anew["booked"]) == (certified["due_on"], None)
    assert anew["last_cert_no"] != certified["last_cert_no"]
    kinds = [step["kind"] for step in anew["history"]]
    assert kinds == ["certified", "withdrawn", "certified", "booked", "added"]


async def test_what_fails_in_the_same_transaction_turns_nothing_back(keeper: Keeper, people: People, clock: Clock):
    made = await keeper.add(gauge("G-1"))
    rebooker = Rebooker(keeper)
    life = Life(rebooker.booker, people, clock, await rebooker.book(made))
    await life.go(("officer", "accept"))
    life.at_its_time()
    await life.go(("window", "check-in"), ("window", "receive"), ("window", "start"))
    await life.issued()

    async def fail(_session: Any, _withdrawn: Withdrawn) -> None:
        raise RuntimeError("somebody above is ill")

    state = keeper.app.state
    state.withdrawal_listeners = (*state.withdrawal_listeners, fail)
    assert (await life.step("officer", "invalidate", reason="标准器超期")).status_code == 500
    keeper.who = await people.sign_in(keeper.who.id, organisation_id=keeper.who.organisation_id)
    assert (await rebooker.shown(made))["history"][0]["kind"] == "certified"
    assert (await life.shown())["status"] == "issued"


def test_the_application_wires_the_listener():
    assert any(isinstance(each, TurnBack) for each in without_database().state.withdrawal_listeners)
