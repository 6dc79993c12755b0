"""The deadlines on their pages: read, added, changed, taken away, gone back to; by whom; and what is on record."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.db import Database
from tests.policy.desk import (
    ELSEWHERE,
    HERE,
    JINGHU,
    NEW,
    SAME_COUNTY,
    WHY,
    first_answer,
    last_change,
    rows,
    station_id,
)
from tests.support.people import People

pytestmark = pytest.mark.anyio
EN = {"Accept-Language": "en"}
RULE = {"clock": "first_answer", "place": "network", "category": "metrology", "number": "3", "reason": WHY}


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def post(client: httpx.AsyncClient, path: str, **data: Any) -> httpx.Response:
    return await client.post(path, data=data, headers=EN)


async def test_a_rule_is_added_and_is_in_force_with_its_history_and_on_record(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    answer = await post(client, NEW, **RULE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/settings?done=set")
    page = (await client.get("/office/settings", headers=EN)).text
    assert "3 working days" in page
    assert "Metrology" in page
    asked = "/office/settings?service=M01&mode=station&station=" + HERE
    service = (await rows(database, "SELECT code FROM service WHERE category_code = 'metrology' AND active LIMIT 1"))[
        0
    ][0]
    tried = (await client.get(asked.replace("M01", service), headers=EN)).text
    assert "By the rule of the network, for this category" in tried
    assert WHY in (await client.get("/office/settings/history", headers=EN)).text
    [(object_id, before, after, reason)] = await rows(
        database, "SELECT object_id, before, after, reason FROM audit_entry WHERE action = 'setting.changed'"
    )
    assert (object_id, before, after, reason) == (
        "network deadline first_answer/*/metrology/*", {"value": None}, {"value": {"days": 3}}, WHY
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "0"}, "Enter a whole number from 1 to 250."),
        ({"number": "251"}, "Enter a whole number from 1 to 250."),
        ({"number": "two"}, "Enter a whole number, in digits."),
        ({"number": ""}, "Enter a whole number, in digits."),
        ({"reason": " "}, "Say why, for the history."),
        ({"clock": "sleep"}, "Choose what is counted."),
        ({"place": "county:999999"}, "Choose for whom this holds."),
        ({"station": "WH-XX-99"}, "There is no station of yours with this code."),
        ({"service": "NO-1", "category": ""}, "Choose a service."),
        ({"category": "magic"}, "Choose a category."),
        ({"mode": "by post"}, "Choose one of the list, or none."),
    ],
)
async def test_each_field_says_what_is_wrong_with_it(
    client: httpx.AsyncClient, people: People, change: dict[str, str], sentence: str
) -> None:
    (await people.staff("city_admin")).browse(client)
    answer = await post(client, NEW, **(RULE | change))
    assert answer.status_code == 422
    assert f'href="#f-{next(iter(change))}"' in answer.text
    assert sentence in answer.text


async def test_a_rule_that_is_there_already_is_named_instead_of_made_twice(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    answer = await post(client, NEW, **(RULE | {"category": ""}))
    assert answer.status_code == 422
    assert "There is a rule about exactly this already." in answer.text
    assert await first_answer(database) in answer.text


async def test_a_rule_is_changed_taken_away_and_gone_back_to(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    came = await first_answer(database)
    changed = await post(client, came, number="5", **{"set.reason": WHY})
    assert changed.headers["location"] == f"{await first_answer(database)}?done=set"
    gone = await post(client, f"{await first_answer(database)}/remove", **{"removed.reason": WHY})
    assert gone.headers["location"].endswith("done=removed")
    page = (await client.get(await first_answer(database), headers=EN)).text
    assert "no rule" in page
    assert "Go back to 2 working days" in page
    original = came.rpartition("/")[2]
    back = await post(
        client, f"{await first_answer(database)}/restore/{original}", **{f"restored{original}.reason": WHY}
    )
    assert back.headers["location"].endswith("done=restored")
    values = await rows(
        database, "SELECT value FROM policy_change WHERE key = 'first_answer/*/*/*' AND scope = 'network' ORDER BY id"
    )
    assert [value and value["days"] for (value,) in values] == [2, 5, None, 2]


async def test_who_changes_what_somebody_else_has_just_changed_sees_the_new_state_first(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    seen = await first_answer(database)
    await post(client, seen, number="5", **{"set.reason": WHY})
    late = await post(client, seen, number="7", **{"set.reason": "我的理由"})
    assert late.status_code == 409
    assert "Somebody has changed this setting in the meantime." in late.text
    assert "5 working days" in late.text
    assert 'value="7"' in late.text
    assert f'action="{await first_answer(database)}"' in late.text
    confirmed = await post(client, await first_answer(database), number="7", **{"set.reason": "我的理由"})
    assert confirmed.status_code == 303


@pytest.mark.parametrize(
    "case",
    [
        ("manager", {"station": HERE}, {"station": HERE}, {"station": SAME_COUNTY}),
        ("manager", {"station": HERE}, {"station": HERE}, {"place": "network"}),
        ("manager", {"station": HERE}, {"station": HERE}, {"place": f"county:{JINGHU}"}),
        ("county_admin", {"county": JINGHU}, {"place": f"county:{JINGHU}"}, {"place": "network"}),
        ("county_admin", {"county": JINGHU}, {"station": SAME_COUNTY}, {"station": ELSEWHERE}),
    ],
)
async def test_everybody_sets_what_is_ones_own_and_nothing_else(
    client: httpx.AsyncClient, people: People, case: tuple[str, dict[str, str], dict[str, str], dict[str, str]]
) -> None:
    role, where, yes, no = case
    (await people.staff(role, **where)).browse(client)
    rule = {name: value for name, value in RULE.items() if name != "place"}
    assert (await post(client, NEW, **rule, **no)).status_code == 422
    assert (await post(client, NEW, **rule, **yes)).status_code == 303


async def test_staff_read_what_holds_where_they_work_and_the_address_opens_nothing_else(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("city_admin")).browse(client)
    for station, number in ((HERE, "6"), (ELSEWHERE, "9")):
        assert (await post(client, NEW, **(RULE | {"station": station, "number": number}))).status_code == 303
    key = "first_answer/*/metrology/*"
    here, there = [
        await last_change(database, f"station:{await station_id(database, code)}", "deadline", key)
        for code in (HERE, ELSEWHERE)
    ]
    client.cookies.clear()
    (await people.staff("officer", station=HERE)).browse(client)
    for path in ("/office/settings", "/office/settings/history"):
        page = (await client.get(path, headers=EN)).text
        assert "6 working days" in page
        assert "9 working days" not in page
        assert "2 working days" in page
    assert (await client.get(f"/office/settings/changes/{here}")).status_code == 200
    assert (await client.get(f"/office/settings/changes/{there}")).status_code == 404
    refused = await client.post(f"/office/settings/changes/{here}", data={"number": "1", "reason": WHY})
    assert refused.status_code == 403


async def test_a_manager_cant_change_what_the_network_says(
    client: httpx.AsyncClient, people: People, database: Database
) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    path = await first_answer(database)
    page = (await client.get(path, headers=EN)).text
    assert "2 working days" in page
    assert "Take it away" not in page
    answers = [
        await post(client, path, number="9", reason=WHY),
        await post(client, f"{path}/remove", reason=WHY),
        await post(client, f"{path}/restore/{path.rpartition('/')[2]}", reason=WHY),
    ]
    assert [each.status_code for each in answers] == [403, 403, 403]
    assert await first_answer(database) == path
