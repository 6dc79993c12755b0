"""One request with many instruments: by the API, and wherever its items are shown."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.requests.given import Answer
from app.requests.many import MOST_ITEMS, counted, grouped, repeated
from tests.requests.booking import SERVICE, Booker, answers, code


def gauges(count: int) -> list[dict[str, Any]]:
    return [{"service_code": SERVICE, "inputs": answers(serial_no=f"A{n:04}", quantity=1)} for n in range(count)]


async def test_forty_instruments_are_one_request_for_one_time(booker: Booker):
    booked = await booker.book(items=gauges(40))
    shown = (await booker.show(booked)).json()
    assert [(item["n"], item["service_code"]) for item in shown["items"]] == [(n, SERVICE) for n in range(1, 41)]
    assert [item["inputs"]["serial_no"] for item in shown["items"]] == [f"A{n:04}" for n in range(40)]


async def test_two_hundred_items_are_taken_and_one_more_is_refused(booker: Booker):
    held = await booker.hold()
    answer = await booker.send(await booker.filled_in(held, items=gauges(MOST_ITEMS + 1)))
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["items"]
    assert (await booker.send(await booker.filled_in(held, items=gauges(MOST_ITEMS)))).status_code == 201


async def test_the_same_instrument_twice_is_refused_by_its_row(booker: Booker):
    items = gauges(8)
    items[7]["inputs"]["serial_no"] = " ａ0002"  # full width and small: still row 3
    answer = await booker.send(await booker.filled_in(await booker.hold(), items=items), **{"Accept-Language": "en"})
    [fault] = answer.json()["errors"]
    assert (fault["field"], fault["code"]) == ("items.7.inputs.serial_no", "instrument_repeated")
    assert "row 3" in fault["message"]


async def test_faults_name_their_row(booker: Booker):
    items = gauges(40)
    items[16]["inputs"]["quantity"] = 0
    [fault] = (await booker.send(await booker.filled_in(await booker.hold(), items=items))).json()["errors"]
    assert fault["field"] == "items.16.inputs.quantity"


async def test_many_are_cancelled_and_moved_as_one(booker: Booker):
    booked = await booker.book(items=gauges(12))
    moved = await booker.move(booked, await booker.hold())
    assert moved.status_code == 200, moved.text
    assert (await booker.change(booked, "cancel", {})).json()["status"] == "cancelled"


async def test_the_calendar_names_a_service_once(booker: Booker):
    booked = await booker.book(items=gauges(40))
    answer = await booker.client.get(booked["links"]["calendar"], headers=code(booked))
    text = answer.text.replace("\r\n ", "")
    assert text.count("×40") >= 2
    assert len(text) < 6000


@pytest.mark.parametrize("number", ["none", "无", " － ", ""])
def test_without_a_number_nobody_can_tell_instruments_apart(number: str):
    assert not repeated([(SERVICE, {"serial_no": number, "model_spec": "Y"})] * 2)


def test_another_maker_or_model_is_another_instrument():
    base: Mapping[str, Any] = {"serial_no": "1", "manufacturer": "A", "model_spec": "Y"}
    others = [base, {**base, "manufacturer": "B"}, {**base, "model_spec": "Z"}]
    assert not repeated([(SERVICE, each) for each in others])
    assert repeated([(SERVICE, base), ("OTHER", base), (SERVICE, dict(base))]) == {2: 0}


def test_what_is_asked_without_a_number_is_the_same_by_its_answers():
    assert repeated([("ADVICE", {"topic": "x"}), ("ADVICE", {"topic": "y"}), ("ADVICE", {"topic": "x"})]) == {2: 0}


class Service:
    code = SERVICE


def test_what_is_common_is_told_once():
    assert counted(["a", "b", "a"]) == [("a", 2), ("b", 1)]
    where = Answer("place", "Place", "boiler house")
    items = [(n, Service(), [Answer("no", "Number", str(n)), where]) for n in (1, 2)]
    [group] = grouped(items)
    assert (group.common, group.columns) == ((where,), ("Number",))
    assert group.rows == ((1, ("1",)), (2, ("2",)))
