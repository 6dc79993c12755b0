"""The rules of booking on their pages, and what free times, holds and the search make of them."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.stations.snapshot import Network
from tests.conftest import Clock
from tests.policy.desk import ELSEWHERE, HERE, JINGHU, SAME_COUNTY, WHY, last_change, rows, station_id
from tests.slots.support import able, counted
from tests.support.people import People

pytestmark = pytest.mark.anyio
EN = {"Accept-Language": "en"}
API, PAGE = "/api/v1", "/office/settings/booking"
LEAD, STEP, HORIZON, HOLD = (f"{PAGE}/{rule}/new" for rule in ("lead_min", "step_min", "horizon_days", "hold_min"))


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def post(client: httpx.AsyncClient, path: str, **data: Any) -> httpx.Response:
    return await client.post(path, data=data, headers=EN)


async def setting(database: Database, key: str, code: str = "") -> str:
    scope = f"station:{await station_id(database, code)}" if code else "network"
    return f"/office/settings/changes/{await last_change(database, scope, 'booking', key)}"


async def test_a_stations_own_rules_count_for_its_times_its_holds_and_the_search(
    app: FastAPI, client: httpx.AsyncClient, people: People, network: Network, clock: Clock
) -> None:
    (await people.staff("city_admin")).browse(client)
    for path, number, unit in ((STEP, 60, "min"), (LEAD, 2, "day"), (HORIZON, 40, "day"), (HOLD, 25, "min")):
        answer = await post(client, path, station=HERE, number=number, unit=unit, reason=WHY)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=set")
    station = network.stations[network.station_index[HERE]]
    code = able(network, station, 30)

    async def days(at: str) -> list[dict[str, Any]]:
        found = await client.get(f"{API}/stations/{at}/availability?service={code}&days=45")
        return found.json()["days"]

    here, there = await days(HERE), await days(ELSEWHERE)
    assert [day["reason"] for day in here[:2]] == ["too_soon", "too_soon"]
    assert {start[14:16] for day in here for start in day["starts"]} == {"00"}
    assert {start[14:16] for day in there for start in day["starts"]} == {"00", "15", "30", "45"}
    assert (here[38]["reason"], there[38]["reason"]) == (None, "beyond_horizon")
    assert here[41]["reason"] == "beyond_horizon"

    async def hold(at: str, start: str) -> httpx.Response:
        wish = {"service_codes": [code], "station_code": at, "mode": "station", "start": start}
        return await client.post(f"{API}/holds", json=wish, headers=EN)

    off = await hold(HERE, "2026-12-04T09:15:00+08:00")
    soon = await hold(HERE, "2026-12-02T09:00:00+08:00")
    assert [each.json()["errors"][0]["message"] for each in (off, soon)] == [
        "Visits begin every 60 minutes, counted from the full hour. Please choose such a time.",
        "Bookings close 2 days ahead. Please choose a later time.",
    ]
    far = "2027-01-08T09:00:00+08:00"
    assert (await hold(ELSEWHERE, far)).json()["code"] == "beyond_horizon"
    kept = {at: (await hold(at, start)).json() for at, start in ((HERE, far), (ELSEWHERE, "2026-12-04T09:15:00+08:00"))}
    length = {at: datetime.fromisoformat(held["expires_at"]) - clock.now for at, held in kept.items()}
    assert length == {HERE: timedelta(minutes=25), ELSEWHERE: timedelta(minutes=10)}

    point = f"lon={station.lon}&lat={station.lat}"
    answer = (await client.get(f"{API}/routes?service={code}&{point}&limit=20&days=31")).json()
    start = {each["station"]["code"]: each["earliest_start"] for each in answer["candidates"]}
    assert start[HERE] == next(day["starts"][0] for day in here if day["starts"])
    assert min(start.values()) < start[HERE]
    assert (await client.get(f"{API}/routes?service={code}&{point}&from=2027-01-10")).status_code == 200
    assert (await client.get(f"{API}/routes?service={code}&{point}&from=2027-01-12")).status_code == 422


async def test_free_times_take_as_many_statements_as_without_own_rules(
    client: httpx.AsyncClient, people: People, network: Network
) -> None:
    (await people.staff("city_admin")).browse(client)
    code = able(network, network.stations[network.station_index[HERE]], 30)
    path = f"{API}/stations/{HERE}/availability?service={code}"
    await client.get(path)
    with counted() as before:
        await client.get(path)
    await post(client, STEP, station=HERE, number=30, reason=WHY)
    await client.get(path)
    with counted() as after:
        await client.get(path)
    assert len(after) == len(before)


async def test_a_hold_that_is_asked_for_again_ends_when_it_was_said_although_the_rule_has_changed(
    app: FastAPI, client: httpx.AsyncClient, people: People, network: Network
) -> None:
    code = able(network, network.stations[network.station_index[HERE]], 30)
    wish = {"service_codes": [code], "station_code": HERE, "start": datetime(2026, 12, 2, 9, tzinfo=LOCAL).isoformat()}
    key = {"Idempotency-Key": "the same"}
    first = (await client.post(f"{API}/holds", json=wish, headers=key)).json()
    (await people.staff("city_admin")).browse(client)
    assert (await post(client, HOLD, place="network", number=30, reason=WHY)).status_code == 303
    again = (await client.post(f"{API}/holds", json=wish, headers=key)).json()
    assert again == first


async def test_a_value_is_read_changed_taken_away_and_gone_back_to(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    page = (await client.get(PAGE, headers=EN)).text
    assert "ONESTOP_LEAD_MIN" in page
    assert "every 15 minutes" in page
    for where, number in (({"place": "network"}, 3), ({"station": HERE}, 5)):
        assert (await post(client, LEAD, **where, number=number, unit="hour", reason=WHY)).status_code == 303
    own = await setting(database, "lead_min", HERE)
    page = (await client.get(f"{PAGE}?station={HERE}", headers=EN)).text
    assert "By the station&#39;s own rule" in page
    assert "By the rule of the network" not in page.partition("<h2")[0]
    changed = await post(client, own, number=6, unit="day", **{"set.reason": WHY})
    assert changed.status_code == 303
    now = await setting(database, "lead_min", HERE)
    page = (await client.get(now, headers=EN)).text
    assert "6 days" in page
    assert "Go back to 5 hours" in page
    gone = await post(client, f"{now}/remove", **{"removed.reason": WHY})
    assert gone.status_code == 303
    page = (await client.get(f"{PAGE}?station={HERE}", headers=EN)).text
    assert "By the rule of the network" in page
    assert "3 hours" in page
    history = (await client.get("/office/settings/history", headers=EN)).text
    assert "no own value" in history
    original = own.rpartition("/")[2]
    restored = f"{await setting(database, 'lead_min', HERE)}/restore/{original}"
    assert (await post(client, restored, **{f"restored{original}.reason": WHY})).status_code == 303
    values = "SELECT value FROM policy_change WHERE kind = 'booking' AND scope <> 'network' ORDER BY id"
    assert [value and value["number"] for (value,) in await rows(database, values)] == [300, 8640, None, 300]


@pytest.mark.parametrize(
    ("path", "change", "sentence"),
    [
        (LEAD, {"number": "15"}, "Enter a time from 0 minutes to 14 days."),
        (LEAD, {"number": "soon"}, "Enter a whole number, in digits."),
        (LEAD, {"unit": "week"}, "Choose one of the list."),
        (STEP, {"number": "7"}, "Choose one of the list."),
        (HORIZON, {"number": "0"}, "Enter a whole number from 1 to 365."),
        (HOLD, {"number": "31"}, "Enter a whole number from 2 to 30."),
        (HOLD, {"reason": " "}, "Say why, for the history."),
        (HOLD, {"place": "county:999999"}, "Choose for whom this holds."),
        (HOLD, {"station": "WH-XX-99"}, "There is no station of yours with this code."),
    ],
)
async def test_each_field_says_what_is_wrong_with_it(
    client: httpx.AsyncClient, people: People, path: str, change: dict[str, str], sentence: str
) -> None:
    (await people.staff("city_admin")).browse(client)
    answer = await post(client, path, **({"place": "network", "number": "10", "unit": "day", "reason": WHY} | change))
    assert answer.status_code == 422
    assert f'href="#f-{next(iter(change))}"' in answer.text
    assert sentence in answer.text


async def test_what_was_changed_meanwhile_is_shown_first_and_a_value_that_is_there_is_named(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    await post(client, HOLD, place="network", number="12", reason=WHY)
    seen = await setting(database, "hold_min")
    twice = await post(client, HOLD, place="network", number="13", reason=WHY)
    assert twice.status_code == 422
    assert seen in twice.text
    assert (await post(client, seen, number="12", **{"set.reason": WHY})).status_code == 422
    assert (await post(client, seen, number="14", **{"set.reason": WHY})).status_code == 303
    late = await post(client, seen, number="15", **{"set.reason": WHY})
    assert late.status_code == 409
    assert "14 min" in late.text
    assert 'value="15"' in late.text


@pytest.mark.parametrize(
    "case",
    [
        ("manager", {"station": HERE}, {"station": HERE}, {"station": SAME_COUNTY}),
        ("manager", {"station": HERE}, {"station": HERE}, {"place": "network"}),
        ("county_admin", {"county": JINGHU}, {"place": f"county:{JINGHU}"}, {"place": "network"}),
        ("county_admin", {"county": JINGHU}, {"station": SAME_COUNTY}, {"station": ELSEWHERE}),
    ],
)
async def test_everybody_sets_what_is_ones_own_and_nothing_else(
    client: httpx.AsyncClient, people: People, case: tuple[str, dict[str, str], dict[str, str], dict[str, str]]
) -> None:
    role, where, yes, no = case
    (await people.staff(role, **where)).browse(client)
    rule = {"number": "20", "reason": WHY}
    assert (await post(client, HOLD, **rule, **no)).status_code == 422
    assert (await post(client, HOLD, **rule, **yes)).status_code == 303


async def test_staff_see_what_counts_where_they_work_and_change_nothing(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    for station, number in ((HERE, "21"), (ELSEWHERE, "22")):
        await post(client, HOLD, station=station, number=number, reason=WHY)
    here, there = [await setting(database, "hold_min", code) for code in (HERE, ELSEWHERE)]
    client.cookies.clear()
    (await people.staff("officer", station=HERE)).browse(client)
    page = (await client.get(PAGE, headers=EN)).text
    assert "21 min" in page
    assert "22 min" not in page
    assert "Set another value" not in page
    assert (await client.get(there)).status_code == 404
    assert (await client.get(HOLD)).status_code == 403
    assert (await client.post(here, data={"number": "9", "reason": WHY})).status_code == 403


async def test_a_rule_that_there_isnt_has_no_page(client: httpx.AsyncClient, people: People) -> None:
    (await people.staff("city_admin")).browse(client)
    assert (await client.get(f"{PAGE}/reach_km/new")).status_code == 404
