"""What bad input gets: a problem that names the field and says what to do, in the caller's language."""

from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.requests.bad import put
from tests.requests.booking import SERVICE, Booker, answers

pytestmark = pytest.mark.anyio
ENGLISH = {"Accept-Language": "en"}
FAULTS = [
    ("applicant.uscc", "9111000060003734", "uscc_length"),
    ("applicant.uscc", "91110000600O37341L", "uscc_character"),
    ("applicant.uscc", "91350211M0000XUF46", "uscc_check_digit"),
    ("applicant.organisation_name", "", "text_blank"),
    ("applicant.organisation_name", "芜" * 121, "text_too_long"),
    ("applicant.organisation_name", "芜" * 10_000, "text_too_long"),
    ("applicant.contact_name", "王\x00芳", "text_control_character"),
    ("applicant.contact_name", ..., "missing"),
    ("applicant.mobile", "12345", "mobile_invalid"),
    ("applicant.email", "wang@", "email_invalid"),
    ("applicant.age", 30, "extra_forbidden"),
    ("items.0.inputs.quantity", 0, "below_minimum"),
    ("items.0.inputs.quantity", "三", "not_integer"),
    ("items.0.inputs.instrument_name", ..., "required"),
    ("items.0.inputs.instrument_name", "表" * 10_000, "text_too_long"),
    ("items.0.inputs.instrument_name", "a\x00b", "text_control_character"),
    ("items.0.inputs.last_cert_date", "2026-02-30", "not_a_date"),
    ("items.0.inputs.use_region_code", "110101", "unknown_region"),
    ("items.0.inputs.colour", "red", "unknown_field"),
    ("items.0.inputs.use_purpose", "medical", "use_differs"),
    ("items.0.service_code", "MET-NO-SUCH", "service_unknown"),
    ("items", [], "too_short"),
    ("use", "fun", "enum"),
    ("origin.lon", "118", "float_type"),
    ("origin.crs", "mars", "enum"),
    ("consent_version", "2019-01-01", "consent_not_in_force"),
    ("hold_id", "seven", "uuid_parsing"),
    ("note", "字" * 1001, "text_too_long"),
]
POINTS = [
    ({"lon": 2.35, "lat": 48.85}, "point_outside_country"),
    ({"lon": 31.33, "lat": 118.37}, "point_swapped"),
    ({"lon": 1e300, "lat": 0}, "point_out_of_range"),
]


async def test_the_field_at_fault_is_named(booker: Booker):
    held = await booker.hold()
    for path, value, error in FAULTS:
        answer = await booker.send(put(await booker.filled_in(held), path, value))
        assert answer.status_code == 422, (path, answer.text)
        problem = answer.json()
        assert problem["code"] == "invalid"
        assert [(fault["field"], fault["code"]) for fault in problem["errors"]] == [(path, error)]
        assert "{" not in problem["errors"][0]["message"]


async def test_a_point_that_cannot_be_right_is_refused(booker: Booker):
    held = await booker.hold()
    for origin, error in POINTS:
        [fault] = (await booker.send(await booker.filled_in(held, origin=origin))).json()["errors"]
        assert (fault["field"], fault["code"]) == ("origin", error)


async def test_all_faults_of_a_form_are_told_at_once(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    body["items"][0]["inputs"] |= {"quantity": -1, "last_cert_date": "yesterday", "serial_no": ""}
    faults = (await booker.send(body)).json()["errors"]
    assert [fault["field"] for fault in faults] == [
        "items.0.inputs.serial_no",
        "items.0.inputs.quantity",
        "items.0.inputs.last_cert_date",
    ]


async def test_problems_are_told_in_the_callers_language(booker: Booker):
    body = put(await booker.filled_in(await booker.hold()), "applicant.uscc", "91350211M0000XUF46")
    chinese, english = (await booker.send(body)).json(), (await booker.send(body, **ENGLISH)).json()
    assert "校验" in chinese["errors"][0]["message"]
    assert english["errors"][0]["message"].startswith("The check digits do not fit")


async def test_other_services_than_those_held_are_refused(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    other = {"service_code": "MET-MEC-018", "inputs": {}}
    for items in ([other], [*body["items"], other]):
        [fault] = (await booker.send({**body, "items": items})).json()["errors"]
        assert (fault["field"], fault["code"]) == ("items", "hold_mismatch")
    [fault] = (await booker.send({**body, "items": body["items"] * 2})).json()["errors"]
    assert (fault["field"], fault["code"]) == ("items.1.inputs.serial_no", "instrument_repeated")


async def not_designated(booker: Booker) -> str:
    """A station that may verify pressure gauges only where that is not mandatory."""
    query = {"service": SERVICE, "lon": 118.37, "lat": 31.33, "use": "medical"}
    passed = (await booker.client.get("/api/v1/routes", params=query)).json()["passed_over"]
    return next(each["station_code"] for each in passed if each["reason"] == "not_designated")


async def test_mandatory_verification_goes_only_to_a_designated_station(booker: Booker):
    held = await booker.hold(await not_designated(booker))
    [fault] = (await booker.send(await booker.filled_in(held))).json()["errors"]
    assert (fault["field"], fault["code"]) == ("use", "not_designated")
    [fault] = (await booker.send(await booker.filled_in(held, use=None))).json()["errors"]
    assert (fault["field"], fault["code"]) == ("items.0.inputs.use_purpose", "required")
    items = [{"service_code": SERVICE, "inputs": answers(use_purpose="trade_settlement")}]
    [fault] = (await booker.send(await booker.filled_in(held, use=None, items=items))).json()["errors"]
    assert (fault["field"], fault["code"]) == ("items.0.inputs.use_purpose", "not_designated")
    assert (await booker.send(await booker.filled_in(held, use="other"))).status_code == 201


async def test_a_hold_stays_as_it_was_when_the_submission_is_refused(booker: Booker):
    held = await booker.hold()
    body = await booker.filled_in(held)
    assert (await booker.send(put(body, "items.0.inputs.quantity", 0))).status_code == 422
    assert (await booker.send(put(body, "items.0.inputs.quantity", 1))).status_code == 201


async def test_a_hold_that_is_over_is_told_from_one_that_never_was(booker: Booker, clock: Clock):
    body = await booker.filled_in(await booker.hold())
    stranger = await booker.send({**body, "hold_token": "guessed"})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "hold_unknown")
    nobody = await booker.send({**body, "hold_id": "00000000-0000-4000-8000-000000000000"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "hold_unknown")
    clock.move(timedelta(minutes=10))
    over = await booker.send(body)
    assert (over.status_code, over.json()["code"]) == (409, "hold_expired")


async def test_a_hold_is_used_only_once(booker: Booker):
    body = await booker.filled_in(await booker.hold())
    assert (await booker.send(body)).status_code == 201
    again = await booker.send(body)
    assert (again.status_code, again.json()["code"]) == (409, "hold_used")


async def test_what_is_no_json_or_too_much_is_refused(booker: Booker):
    client = booker.client
    form = await client.post("/api/v1/requests", data={"hold_id": "1"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    torn = await client.post("/api/v1/requests", content=b'{"hold_id": ', headers={"Content-Type": "application/json"})
    assert (torn.status_code, torn.json()["errors"][0]["code"]) == (422, "json_invalid")
    huge = await client.post("/api/v1/requests", json={"note": "x" * 2_000_000})
    assert huge.status_code == 413
    deep = await booker.send({"items": [{"service_code": SERVICE, "inputs": {"a": {"b": {"c": []}}}}]})
    assert deep.status_code == 422
