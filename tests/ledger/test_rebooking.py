"""Rebooking from the ledger: as few visits as can be, filled in, linked; of two who book the same one wins."""

import asyncio
import re
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.ledger.service.certificates import move_dates
from app.results.issued import Issued
from tests.booking.visitor import Visitor, values
from tests.conftest import Clock
from tests.ledger.support import GAUGE, Json, Keeper, caliper, gauge, keeper_of
from tests.requests.booking import Booker
from tests.requests.splitting import SECOND, Split
from tests.support.people import People

pytestmark = pytest.mark.anyio


def digital(number: object) -> Json:
    return gauge(number, instrument_name="数字压力计", service_code=SECOND, use_purpose=None)


class Rebooker:
    """Books for instruments of a ledger by the API, as a program would."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.booker = Booker(keeper.client)

    async def visits(self, *made: Json) -> Json:
        answer = await self.keeper.post("/visits", {"instrument_ids": [each["id"] for each in made]})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def body(self, visit: Json, **more: Any) -> Json:
        """POST /requests for a visit of a plan, its time held."""
        station, services = visit["station_code"], tuple(visit["service_codes"])
        start = (await self.booker.starts(station, *services))[-1]
        held = await self.booker.hold(station, start, services)
        ids = [item["instrument_id"] for item in visit["items"]]
        items = [{"service_code": item["service_code"], "inputs": item["inputs"]} for item in visit["items"]]
        ledger = {"organisation_id": str(self.keeper.who.organisation_id), "instrument_ids": ids}
        return await self.booker.filled_in(held, items=items, use=visit["use"], ledger=ledger, **more)

    async def send(self, body: Json) -> httpx.Response:
        return await self.booker.send(body, **self.keeper.who.bearer)

    async def book(self, *made: Json) -> Json:
        [visit] = (await self.visits(*made))["visits"]
        answer = await self.send(await self.body(visit))
        assert answer.status_code == 201, answer.text
        booked: Json = answer.json()
        return booked

    async def shown(self, made: Json) -> Json:
        found: Json = (await self.keeper.get(f"/{made['id']}")).json()
        return found


@pytest.fixture
def rebooker(keeper: Keeper) -> Rebooker:
    return Rebooker(keeper)


async def test_one_station_that_may_do_all_does_it_in_one_visit_filled_in(rebooker: Rebooker):
    made = [await rebooker.keeper.add(said) for said in (gauge("1"), gauge("2"), digital("3"), caliper("4"))]
    found = await rebooker.visits(*made)
    [visit] = found["visits"]
    assert found["left_out"] == []
    assert set(visit["service_codes"]) == {GAUGE, SECOND, "MET-GEO-001"}
    assert (visit["mode"], visit["use"]) == ("station", "safety_protection")
    assert {item["instrument_id"] for item in visit["items"]} == {each["id"] for each in made}
    first = next(item for item in visit["items"] if item["instrument_id"] == made[0]["id"])
    assert first["inputs"]["install_location"] == "锅炉房"
    assert first["inputs"]["last_cert_date"] == "2026-06-15"
    booked = await rebooker.book(*made)
    assert len(booked["items"]) == 4
    shown = await rebooker.shown(made[0])
    assert shown["booked"] == {
        "reference": booked["reference"],
        "station_code": visit["station_code"],
        "start": booked["appointment"]["start"],
    }
    assert (shown["history"][0]["kind"], booked["reference"] in shown["history"][0]["text"]) == ("booked", True)
    keeper = rebooker.keeper
    assert sorted(await keeper.names(state="booked")) == ["1", "2", "3", "4"]
    assert await keeper.names(state="free") == []
    again = await rebooker.visits(*made)
    assert again["visits"] == []
    assert {each["reason"] for each in again["left_out"]} == {"booked"}


async def test_the_same_request_sent_twice_at_once_is_one_and_both_are_told_so(rebooker: Rebooker):
    made = await rebooker.keeper.add(gauge("1"))
    [visit] = (await rebooker.visits(made))["visits"]
    body = await rebooker.body(visit)
    key = {**rebooker.keeper.who.bearer, "Idempotency-Key": "twice"}
    first, second = await asyncio.gather(*(rebooker.booker.send(body, **key) for _ in range(2)))
    assert (first.status_code, second.status_code) == (201, 201), (first.text, second.text)
    assert first.json()["reference"] == second.json()["reference"]
    again = await rebooker.booker.send(body, **key)
    assert again.json()["reference"] == first.json()["reference"]


async def test_what_cannot_be_booked_says_why(rebooker: Rebooker):
    keeper = rebooker.keeper
    unknown = await keeper.add({"instrument_name": "阿贝折射仪", "serial_no": "X"})
    retired = await keeper.add(gauge("R"))
    found = await rebooker.visits(unknown)
    assert found == {"visits": [], "left_out": [{"instrument_id": unknown["id"], "reason": "no_service"}]}
    await keeper.post(f"/{retired['id']}/retire", {"version": 1})
    answer = await keeper.post("/visits", {"instrument_ids": [retired["id"]]})
    assert answer.json()["code"] == "instrument_unknown"
    bad = await keeper.post("/visits", {"instrument_ids": [unknown["id"]], "town": "999999"})
    assert bad.status_code == 422


async def test_two_delegates_who_book_the_same_instruments_at_once_one_wins(
    app: FastAPI, client: httpx.AsyncClient, people: People, rebooker: Rebooker
):
    made = [await rebooker.keeper.add(gauge(n)) for n in range(3)]
    colleague = await keeper_of(app, client, people, "delegate", organisation_id=rebooker.keeper.who.organisation_id)
    both = rebooker, Rebooker(colleague)
    bodies = [await each.body((await each.visits(*made))["visits"][0]) for each in both]
    answers = await asyncio.gather(*(each.send(body) for each, body in zip(both, bodies, strict=True)))
    lost = next(answer for answer in answers if answer.status_code != 201)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert lost.json()["code"] == "instruments_booked"
    assert "弹性元件式一般压力表 0" in lost.json()["detail"]
    assert await rebooker.keeper.rows("SELECT count(*) FROM request") == [(1,)]
    assert await rebooker.keeper.rows("SELECT count(*) FROM instrument_booking") == [(3,)]
    # The loser's time is still held: without these instruments it would be sent.
    assert await rebooker.keeper.rows("SELECT count(*) FROM reservation WHERE kind = 'hold' AND active") == [(1,)]


async def test_after_cancelling_it_can_be_booked_anew(rebooker: Rebooker):
    made = await rebooker.keeper.add(gauge())
    first = await rebooker.book(made)
    await rebooker.booker.cancel(first)
    assert (await rebooker.shown(made))["booked"] is None
    second = await rebooker.book(made)
    assert (await rebooker.shown(made))["booked"]["reference"] == second["reference"]


async def test_strangers_instruments_are_not_linked(
    app: FastAPI, client: httpx.AsyncClient, people: People, rebooker: Rebooker
):
    made = await rebooker.keeper.add(gauge())
    [visit] = (await rebooker.visits(made))["visits"]
    other = Rebooker(await keeper_of(app, client, people, uscc="91340200MA2MQ1XX0X"[:17] + "0", name="别家公司"))
    answer = await other.keeper.post("/visits", {"instrument_ids": [made["id"]]})
    assert answer.json()["code"] == "instrument_unknown"
    body = await rebooker.body(visit)
    answer = await rebooker.booker.send(body, **other.keeper.who.bearer)
    assert answer.status_code == 201  # as a stranger's request about something of that number
    assert (await rebooker.shown(made))["booked"] is None


async def test_the_link_follows_an_item_to_another_station_and_its_certificate_moves_the_date(
    rebooker: Rebooker, people: People, clock: Clock
):
    keeper = rebooker.keeper
    stays, goes = await keeper.add(gauge("1")), await keeper.add(digital("2"))
    booked = await rebooker.book(stays, goes)
    split = Split(rebooker.booker, people, clock, booked)
    n = next(item["n"] for item in booked["items"] if item["service_code"] == SECOND)
    assert (await split.pass_on(n)).status_code == 200
    other = (await split.other())["reference"]
    assert (await rebooker.shown(goes))["booked"]["reference"] == other
    assert (await rebooker.shown(goes))["booked"]["station_code"] == split.there
    assert (await rebooker.shown(stays))["booked"]["reference"] == booked["reference"]
    [(request_id, station_id, organisation_id)] = await keeper.rows(
        "SELECT id, station_id, organisation_id FROM request WHERE reference = %s", other
    )
    [(service_id,)] = await keeper.rows("SELECT id FROM service WHERE code = %s", SECOND)
    issued = Issued(
        request_id, station_id, 1, organisation_id, service_id, {"serial_no": "typed otherwise"}, "WH26-9", 1, True,
        date(2026, 12, 3), date(2027, 12, 2), datetime(2026, 12, 4, tzinfo=LOCAL),
    )  # fmt: skip
    async with keeper.database.writer() as session:
        await move_dates(session, issued)
        await session.commit()
    after = await rebooker.shown(goes)
    assert (after["due_on"], after["last_cert_no"], after["booked"]) == ("2027-12-02", "WH26-9", None)
    assert (await rebooker.shown(stays))["version"] == 1


async def test_the_wizard_goes_on_with_a_visit_and_links_what_is_sent(keeper: Keeper):
    made = [await keeper.add(gauge(n, install_location=f"{n} 号锅炉房")) for n in range(3)]
    browser = keeper.browser()
    assert (await browser.post(f"{keeper.pages}/rebook")).status_code == 422
    plan = await browser.post(f"{keeper.pages}/rebook", data={"all": "yes"})
    assert "共需 1 次办理" in plan.text
    ids = re.findall(r'name="id" value="([^"]+)"', plan.text)
    assert set(ids) == {each["id"] for each in made}
    visitor = Visitor(browser)
    begun = await browser.post(f"{keeper.pages}/rebook/visit", data={"id": [each["id"] for each in made]})
    visitor.base, _slash, step = begun.headers["location"].rpartition("/")
    assert step == "when"
    await visitor.get("when")
    await visitor.hold()
    details = (await visitor.get("details")).text
    assert "2 号锅炉房" in details
    consent = re.search(
        r'name="consent_version"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="consent_version"', details
    )
    assert consent
    seen = re.search(r'name="items.0.seen" value="([^"]+)"', details)
    assert seen
    form = {
        "applicant.organisation": str(keeper.who.organisation_id),
        "applicant.contact_name": "王芳",
        "applicant.mobile": "13812345678",
        "consent_version": consent[1] or consent[2],
        "items.0.seen": seen[1],
    }
    answer = await visitor.post("details", **form)
    assert answer.headers["location"] == f"{visitor.base}/check", visitor.page
    assert "×3" in (await visitor.get("check")).text
    assert (await visitor.post("send")).headers["location"] == f"{visitor.base}/done"
    assert len(await keeper.names(state="booked")) == 3
    assert await keeper.rows("SELECT count(*) FROM instrument_event WHERE kind = 'booked'") == [(3,)]
    listed = (await browser.get(keeper.pages)).text
    assert listed.count("disabled") >= 3


async def test_who_was_slower_in_the_wizard_is_told_and_loses_nothing(rebooker: Rebooker):
    keeper = rebooker.keeper
    made = await keeper.add(gauge())
    browser = keeper.browser()
    begun = await browser.post(f"{keeper.pages}/rebook/visit", data={"id": made["id"]})
    visitor = Visitor(browser)
    visitor.base = begun.headers["location"].rpartition("/")[0]
    await visitor.get("when")
    start = values(visitor.page, "start")[-1]
    await visitor.post("when", start=start)
    details = (await visitor.get("details")).text
    assert 'value="A-1"' in details
    consent = re.search(
        r'name="consent_version"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="consent_version"', details
    )
    assert consent
    fields = dict(re.findall(r'name="(items\.0\.inputs\.\w+)"[^>]*value="([^"]*)"', details))
    form = fields | {
        "items.0.inputs.use_region_code": "340202",
        "applicant.organisation": str(keeper.who.organisation_id),
        "applicant.contact_name": "王芳",
        "applicant.mobile": "13812345678",
        "consent_version": consent[1] or consent[2],
    }
    assert (await visitor.post("details", **form)).status_code == 303, visitor.page
    await rebooker.book(made)  # a colleague
    refused = await visitor.post("send")
    assert refused.status_code == 409
    assert "弹性元件式一般压力表 A-1" in refused.text
    assert await keeper.rows("SELECT count(*) FROM request") == [(1,)]
    assert (await visitor.get("check")).status_code == 200
