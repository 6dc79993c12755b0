"""Instruments by the API: what is taken, what is refused, who sees them, how the list is ordered."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import ApiKey
from app.kit.clock import LOCAL
from app.kit.ids import hash_secret, new_id, new_secret
from tests.enterprise.support import code_of
from tests.ledger.support import CALIPER, GAUGE, Keeper, caliper, gauge, keeper_of
from tests.support.people import People

pytestmark = pytest.mark.anyio


async def test_an_instrument_keeps_what_was_said_and_says_how_its_date_came_about(keeper: Keeper):
    made = await keeper.add(gauge(ecqs_record_no="QJ-3402-77", quantity=2))
    assert made["due_on"] == "2026-12-14"
    assert made["due_from"] == "service"
    assert (made["service_code"], made["use_region_code"], made["quantity"]) == (GAUGE, "340202", 2)
    assert (made["ecqs_record_no"], made["version"], made["booked"]) == ("QJ-3402-77", 1, None)
    own = await keeper.change(made, interval_months=3)
    assert own.json()["due_on"] == "2026-09-14"
    assert own.json()["due_from"] == "own_interval"
    certificate = await keeper.change(own.json(), valid_until="2027-01-31")
    assert certificate.json()["due_on"] == "2027-01-31"
    assert certificate.json()["due_from"] == "certificate"
    whole = (await keeper.get(f"/{made['id']}")).json()
    assert [step["kind"] for step in whole["history"]] == ["changed", "changed", "added"]
    assert whole["history"][0]["text"] == "变更：有效期至"
    assert {step["by"] for step in whole["history"]} != {""}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"use_region_code": "340221"}, "340210"),
        ({"use_region_code": "芜湖县"}, "340210"),
        ({"use_region_code": "安徽省芜湖市镜湖区"}, "340202"),
        ({"use_region_code": "340208"}, "340209"),
        ({"use_purpose": "贸易结算"}, "trade_settlement"),
        ({"use_purpose": "安全防护"}, "safety_protection"),
        ({"delivery": "现场检定"}, "onsite"),
        ({"delivery": "送检"}, "station"),
        ({"service_code": "通用卡尺检定/校准", "delivery": None}, CALIPER),
        ({"last_cert_date": "2026年6月1日"}, "2026-06-01"),
        ({"quantity": None}, 1),
        ({"measuring_range": "-20~60℃"}, "-20~60℃"),
    ],
)
async def test_values_are_taken_as_people_write_them(keeper: Keeper, said: dict[str, Any], kept: object):
    [key] = [key for key in said if said[key] is not None or key == "quantity"]
    assert (await keeper.add(gauge(**said)))[key] == kept


async def test_every_fault_is_named_at_once_in_both_languages(keeper: Keeper):
    wrong = {
        "instrument_name": " ",
        "use_region_code": "330106",
        "use_purpose": "好玩",
        "delivery": "邮寄",
        "quantity": 0,
        "service_code": "STD-001",
        "last_cert_date": "2026-13-01",
        "interval_months": 999,
        "serial_no": "x" * 201,
    }
    chinese, english = await keeper.post("", wrong), await keeper.post("", wrong, **{"Accept-Language": "en"})
    assert chinese.status_code == english.status_code == 422
    assert {fault["field"] for fault in english.json()["errors"]} == set(wrong)
    for ours, theirs in zip(chinese.json()["errors"], english.json()["errors"], strict=True):
        assert ours["code"] == theirs["code"]
        assert ours["message"] != theirs["message"]


async def test_a_certificate_cannot_end_before_it_begins_nor_lie_in_the_future(keeper: Keeper):
    answer = await keeper.post("", gauge(last_cert_date="2026-12-02", valid_until="2026-11-30"))
    assert {(fault["field"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("last_cert_date", "date_in_future")
    }
    answer = await keeper.post("", gauge(last_cert_date="2026-11-30", valid_until="2026-11-29"))
    assert [fault["code"] for fault in answer.json()["errors"]] == ["valid_before_done"]


async def test_two_in_use_are_not_the_same_instrument_in_whatever_spelling(keeper: Keeper):
    made = await keeper.add(gauge("A-1"))
    answer = await keeper.post("", gauge(" ａ－１ ", manufacturer="红旗 仪表"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "instrument_twice"
    retired = await keeper.post(f"/{made['id']}/retire", {"version": 1, "reason": "报废"})
    assert retired.json()["retired_at"]
    again = await keeper.add(gauge("A-1"))
    back = await keeper.post(f"/{made['id']}/restore", {"version": 2})
    assert back.json()["code"] == "instrument_twice"
    assert (await keeper.names()) == ["A-1"]
    assert (await keeper.names(state="retired")) == ["A-1"]
    await keeper.post(f"/{again['id']}/retire", {"version": 1})
    assert (await keeper.post(f"/{made['id']}/restore", {"version": 2})).status_code == 200
    for number in ("无", "", "N/A"):  # who has none can't be told apart by it
        await keeper.add(gauge(number))


async def test_a_change_of_what_somebody_else_has_changed_is_refused(keeper: Keeper):
    made = await keeper.add(gauge())
    assert (await keeper.change(made, install_location="二号锅炉房")).status_code == 200
    late = await keeper.change(made, install_location="三号锅炉房")
    assert late.status_code == 409
    assert (late.json()["code"], late.json()["version"]) == ("instrument_changed", 2)
    same = await keeper.change(made | {"version": 2}, install_location="二号锅炉房")
    assert same.json()["version"] == 2  # nothing changed, so nothing happened


async def test_the_list_has_what_is_due_first_and_those_without_a_date_last(keeper: Keeper):
    for number, done in (("late", "2026-08-01"), ("none", None), ("early", "2026-03-01"), ("middle", "2026-05-01")):
        await keeper.add(gauge(number, last_cert_date=done))
    assert await keeper.names() == ["early", "middle", "late", "none"]
    assert await keeper.names(due="overdue") == ["early", "middle"]
    assert await keeper.names(due="60") == ["early", "middle"]
    assert await keeper.names(due="none") == ["none"]
    assert await keeper.names(sort="newest") == ["middle", "early", "none", "late"]


@pytest.mark.parametrize("sort", ["due", "name", "newest"])
async def test_pages_follow_one_another_without_gap_or_repetition(keeper: Keeper, sort: str):
    for n in range(7):
        said = gauge(n, last_cert_date=None if n % 3 == 0 else "2026-03-01", instrument_name=f"压力表{n % 2}")
        await keeper.add(said)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await keeper.get(sort=sort, limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [each["serial_no"] for each in page["items"]]
        cursor = page["next"]
    assert seen == await keeper.names(sort=sort, limit=50)
    assert sorted(seen) == [str(n) for n in range(7)]


async def test_it_finds_a_part_of_any_word_in_any_width_and_case(keeper: Keeper):
    await keeper.add(gauge("AB-100%"))
    await keeper.add(caliper("C_1"))
    assert await keeper.names(q="ａｂ-100") == ["AB-100%"]
    assert await keeper.names(q="100%") == ["AB-100%"]
    assert await keeper.names(q="%") == ["AB-100%"]
    assert await keeper.names(q="_") == ["C_1"]
    assert await keeper.names(q="卡尺") == ["C_1"]
    assert await keeper.names(q="锅炉") == ["AB-100%"]
    assert await keeper.names(q="没有的") == []


async def test_strangers_are_told_that_there_is_nothing(app: FastAPI, client: httpx.AsyncClient, people: People):
    mine = await keeper_of(app, client, people)
    made = await mine.add(gauge())
    stranger = await keeper_of(app, client, people, uscc=code_of(3), name="别家公司")
    officer = await people.staff("city_admin")
    for who in (stranger.who, officer):
        for method, path, body in (
            ("GET", "", None),
            ("POST", "", gauge(2)),
            ("GET", f"/{made['id']}", None),
            ("PATCH", f"/{made['id']}", {"version": 1, "serial_no": "9"}),
            ("POST", f"/{made['id']}/retire", {"version": 1}),
        ):
            answer = await client.request(method, mine.api + path, json=body, headers=who.bearer)
            assert answer.status_code == 404, (method, path, answer.text)
    # Nor by the way of one's own organisation.
    for path in (f"/{made['id']}", "/not-an-id", f"/{stranger.who.id}"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"/{made['id']}/retire", {"version": 1})).json()["code"] == "instrument_unknown"
    assert await stranger.names() == []


async def test_a_delegate_keeps_the_ledger_as_an_owner_does(app: FastAPI, client: httpx.AsyncClient, people: People):
    owner = await keeper_of(app, client, people)
    delegate = await keeper_of(app, client, people, "delegate", organisation_id=owner.who.organisation_id)
    made = await delegate.add(gauge())
    assert (await owner.change(made, quantity=3)).status_code == 200
    assert await delegate.names() == ["A-1"]
    for kind in ("instrument.added", "instrument.changed"):
        [(found,)] = await owner.rows("SELECT object_id FROM audit_entry WHERE action = %s", kind)
        assert found == made["id"]


@pytest.mark.parametrize(
    ("scope", "reads", "writes"), [("ledger:read", 200, 403), ("ledger:write", 200, 201), ("requests:write", 403, 403)]
)
async def test_a_key_does_only_what_it_was_given(keeper: Keeper, scope: str, reads: int, writes: int):
    key = await _key(keeper, scope)
    headers = {"Authorization": f"Bearer {key}"}
    assert (await keeper.client.get(keeper.api, headers=headers)).status_code == reads
    assert (await keeper.client.post(keeper.api, json=gauge(), headers=headers)).status_code == writes


async def _key(keeper: Keeper, scope: str) -> str:
    secret = "osk_" + new_secret()
    async with keeper.database.writer() as session:
        made = ApiKey(id=new_id(), person_id=keeper.who.id, name="ERP", prefix=secret[:12], scopes=[scope])
        made.secret_hash, made.created_at = hash_secret(secret), datetime(2026, 11, 30, tzinfo=LOCAL)
        made.expires_at = datetime(2027, 1, 30, tzinfo=LOCAL)
        session.add(made)
        await session.commit()
    return secret


async def test_a_page_of_the_list_costs_one_statement(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    for n in range(5):
        await keeper.add(gauge(n))
    asked: list[str] = []
    fetch = keeper.database.fetch

    async def counting(statement: Any, params: Any) -> list[tuple[Any, ...]]:
        asked.append(statement)
        return await fetch(statement, params)

    await keeper.get()
    monkeypatch.setattr(keeper.database, "fetch", counting)
    assert len(await keeper.names()) == 5
    assert len([statement for statement in asked if "FROM instrument" in statement]) == 1
    assert len(asked) <= 3, asked  # beside it: who asks, and whether the network has changed
