"""Requests by JSON: made of a hold, looked at, and what is refused."""

import pytest
from dirty_equals import IsStr

from tests.requests.booking import SERVICE, Booker, answers

pytestmark = pytest.mark.anyio


async def test_a_hold_becomes_a_request_with_a_reference_a_code_and_a_confirmed_appointment(booker: Booker):
    held = await booker.hold()
    answer = await booker.send(await booker.filled_in(held))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body == {
        "reference": IsStr(regex=r"ZT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]"),
        "access_code": IsStr(regex=r"[0-9A-Z]{4}-[0-9A-Z]{4}"),
        "status": "submitted",
        "items": [{"n": 1, "service_code": SERVICE, "status": "submitted"}],
        "appointment": {
            "station_code": held["station_code"],
            "start": held["start"],
            "end": held["end"],
            "status": "confirmed",
        },
        "links": {
            name: IsStr(regex=r"/.*" + body["reference"] + ".*")
            for name in ("self", "reschedule", "cancel", "calendar", "page")
        },
    }
    assert answer.headers["cache-control"] == "private, no-store"


