"""The working calendar on its page: announced, changed, gone back to; what follows from it at once."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from app.kit import clock as app_clock
from app.kit.db import libpq_url
from app.policy.dates import SpecialDay, read_year, workdays
from app.stations.rules import Calendar
from app.stations.transfer import export_network, import_network
from tests.conftest import Clock, furnished, make_settings
from tests.policy.desk import HERE, WHY, rows
from tests.support.people import People

EN = {"Accept-Language": "en"}
PATH = "/office/settings/calendar"
TUESDAY, SATURDAY = "2026-12-08", "2026-12-12"
YEAR = "2027-01-01, holiday, 元旦, New Year's Day\n2027-01-02\t放假\t元旦\n2027-01-03，上班"


@pytest.fixture
async def app(private_database: str, clock: Clock, tmp_path: Path) -> AsyncIterator[FastAPI]:
    app = furnished(make_settings(private_database, tmp_path))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        yield app


async def state_of(client: httpx.AsyncClient, day: str) -> str:
    """What a station offers on a day, as the public API says it."""
    codes = (await client.get("/api/v1/services?category=metrology")).json()["items"]
    asked: dict[str, str | int] = {"service": codes[0]["code"], "mode": "station", "from": day, "days": 1}
    answer = await client.get(f"/api/v1/stations/{HERE}/availability", params=asked)
    [found] = answer.json()["days"]
    return f"{found['state']} {found['reason'] or ''}".strip()


def test_a_pasted_year_is_read_line_by_line() -> None:
    days, faults = read_year(YEAR, 2027)
    assert not faults
    assert days == [
        SpecialDay(date(2027, 1, 1), "holiday", "元旦", "New Year's Day"),
        SpecialDay(date(2027, 1, 2), "holiday", "元旦"),
        SpecialDay(date(2027, 1, 3), "makeup"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2027-02-30, holiday", "date"),
        ("", "none"),
        ("2026-01-01, holiday", "year"),
        ("2027-01-01, party", "kind"),
        ("2027-01-01", "kind"),
        ("2027-01-01, makeup", "weekday"),
        ("2027-01-01, holiday\n2027-01-01, holiday", "twice"),
        ("2027-01-01, holiday, " + "元" * 61, "name"),
        ("2027-01-02, makeup", "none"),
        ("2027-01-01, holiday\n" * 121, "many"),
    ],
)
def test_each_wrong_line_is_named(line: str, code: str) -> None:
    assert [fault.code for fault in read_year(line, 2027)[1]] == [code]
    assert read_year(line, 2027)[1][0].sentence()


def test_the_working_days_of_a_year_are_counted() -> None:
    assert workdays(Calendar(), 2027) == 261


@pytest.mark.anyio
async def test_free_times_and_deadlines_follow_a_change_at_once_and_one_can_go_back(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    assert await state_of(client, TUESDAY) == "open"
    (await people.staff("city_admin")).browse(client)
    assert "2026-12-03" in (await client.get("/office/settings", headers=EN)).text
    data = {"kind": "holiday", "name_zh": "测试假日", "day.reason": WHY, "last": ""}
    for day in (TUESDAY, "2026-12-03"):
        answer = await client.post(f"{PATH}/2026/days", data=data | {"day": day})
        assert answer.headers["location"] == f"{PATH}?year=2026&done=day_set"
    assert await state_of(client, TUESDAY) == "closed holiday"
    page = (await client.get("/office/settings", headers=EN)).text
    assert 'datetime="2026-12-04"' in page  # two working days from Tuesday, the third of December a holiday now
    [(change,)] = await rows(app.state.database, "SELECT max(id) FROM policy_change WHERE key = %s", TUESDAY)
    gone = await client.post(f"{PATH}/2026/days/remove", data={"day": TUESDAY, "last": change, "gone.reason": WHY})
    assert gone.headers["location"].endswith("done=day_removed")
    assert await state_of(client, TUESDAY) == "open"
    [(newest,)] = await rows(app.state.database, "SELECT max(id) FROM policy_change WHERE key = %s", TUESDAY)
    back = await client.post(f"/office/settings/changes/{newest}/restore/{change}", data={"reason": WHY})
    assert back.headers["location"].endswith("done=restored")
    assert await state_of(client, TUESDAY) == "closed holiday"
    record = await rows(
        app.state.database, "SELECT 1 FROM audit_entry WHERE object_id = %s", f"network calendar {TUESDAY}"
    )
    assert len(record) == 3


@pytest.mark.anyio
async def test_an_imported_day_stands_in_the_history_as_it_was(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    (await people.staff("city_admin")).browse(client)
    answer = await client.post(f"{PATH}/2026/days/remove", data={"day": "2026-10-01", "last": "", "gone.reason": WHY})
    assert answer.status_code == 303
    found = await rows(
        app.state.database, "SELECT value, changed_by IS NULL FROM policy_change WHERE key = '2026-10-01' ORDER BY id"
    )
    assert found == [({"kind": "holiday", "name_zh": None, "name_en": "National Day"}, True), (None, False)]


@pytest.mark.anyio
async def test_a_year_is_announced_and_what_is_exported_can_be_imported(
    app: FastAPI, client: httpx.AsyncClient, people: People, private_database: str, tmp_path: Path
) -> None:
    (await people.staff("city_admin")).browse(client)
    assert "not announced yet" in (await client.get(f"{PATH}?year=2027", headers=EN)).text
    answer = await client.post(f"{PATH}/2027/announce", data={"rows": YEAR, "announce.reason": WHY})
    assert answer.headers["location"] == f"{PATH}?year=2027&done=announced"
    page = (await client.get(f"{PATH}?year=2027", headers=EN)).text
    assert "New Year&#39;s Day" in page
    again = await client.post(f"{PATH}/2027/announce", data={"rows": YEAR, "announce.reason": WHY})
    assert again.status_code == 409
    makeup = await client.post(
        f"{PATH}/2026/days", data={"day": SATURDAY, "kind": "makeup", "last": "", "day.reason": WHY}
    )
    assert makeup.status_code == 303
    assert await state_of(client, SATURDAY) == "open"
    async with await psycopg.AsyncConnection.connect(libpq_url(private_database)) as connection:
        await export_network(connection, tmp_path / "out")
        years = json.loads((tmp_path / "out" / "workdays.json").read_text())["years"]
        assert years["2027"]["workday_count"] == 261 - 1 + 1
        assert SATURDAY in years["2026"]["makeup_workdays"]
        report = await import_network(connection, tmp_path / "out")
        assert not any(count.created or count.changed or count.removed for count in report.counts.values())


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"day": "2027-12-08"}, "day"),
        ({"day": "soon"}, "day"),
        ({"kind": "party"}, "kind"),
        ({"kind": "makeup"}, "kind"),
        ({"name_zh": "元" * 61}, "name_zh"),
        ({"day.reason": ""}, "day-reason"),
        ({"day": "2026-10-01", "name_zh": "", "name_en": "National Day"}, "day"),
    ],
)
async def test_each_field_of_a_day_says_what_is_wrong_with_it(
    client: httpx.AsyncClient, people: People, change: dict[str, str], field: str
) -> None:
    (await people.staff("city_admin")).browse(client)
    data = {"day": TUESDAY, "kind": "holiday", "name_zh": "假", "last": "", "day.reason": WHY} | change
    answer = await client.post(f"{PATH}/2026/days", data=data, headers=EN)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


@pytest.mark.anyio
async def test_only_the_citys_administrators_change_the_calendar_and_the_second_of_two_sees_the_firsts_change(
    client: httpx.AsyncClient, people: People
) -> None:
    data = {"day": TUESDAY, "kind": "holiday", "last": "", "day.reason": WHY}
    (await people.staff("manager", station=HERE)).browse(client)
    assert "Save the day" not in (await client.get(PATH, headers=EN)).text
    assert (await client.post(f"{PATH}/2026/days", data=data)).status_code == 403
    announced = await client.post(f"{PATH}/2027/announce", data={"rows": YEAR, "announce.reason": WHY})
    assert announced.status_code == 403
    client.cookies.clear()
    (await people.staff("city_admin")).browse(client)
    assert (await client.post(f"{PATH}/2026/days", data=data | {"name_zh": "一"})).status_code == 303
    late = await client.post(f"{PATH}/2026/days", data=data | {"name_zh": "二"}, headers=EN)
    assert late.status_code == 409
    assert "Somebody has changed this setting in the meantime." in late.text


@pytest.mark.anyio
async def test_a_year_is_withdrawn_with_a_reason_and_announced_anew(
    app: FastAPI, client: httpx.AsyncClient, people: People
) -> None:
    (await people.staff("city_admin")).browse(client)
    assert await state_of(client, "2026-10-01") != "open"
    wordless = await client.post(f"{PATH}/2026/withdraw", data={}, headers=EN)
    assert wordless.status_code == 422
    assert 'href="#f-withdraw-reason"' in wordless.text
    answer = await client.post(f"{PATH}/2026/withdraw", data={"withdraw.reason": WHY})
    assert answer.headers["location"] == f"{PATH}?year=2026&done=withdrawn"
    page = (await client.get(f"{PATH}?year=2026", headers=EN)).text
    assert "not announced yet" in page
    deadlines = (await client.get("/office/settings", headers=EN)).text
    assert "(provisional)" in deadlines
    twice = await client.post(f"{PATH}/2026/withdraw", data={"withdraw.reason": WHY}, headers=EN)
    assert twice.status_code == 409
    assert await rows(app.state.database, "SELECT count(*) FROM calendar_day WHERE year = 2026") == [(0,)]
    told = "SELECT value, reason FROM policy_change WHERE key = %s ORDER BY id"
    assert await rows(app.state.database, told, "2026") == [({"announced": True}, ""), (None, WHY)]
    assert [value for value, _why in await rows(app.state.database, told, "2026-10-01")][-1] is None
    [(last,)] = await rows(app.state.database, "SELECT max(id) FROM policy_change WHERE key = '2026-10-01'")
    assert "Go back to" not in (await client.get(f"/office/settings/changes/{last}", headers=EN)).text
    rows_again = "2026-10-01, holiday, 国庆节, National Day"
    again = await client.post(f"{PATH}/2026/announce", data={"rows": rows_again, "announce.reason": WHY})
    assert again.headers["location"].endswith("done=announced")
    assert len(await rows(app.state.database, told, "2026")) == 3


@pytest.mark.anyio
async def test_only_the_citys_administrators_withdraw_a_year(client: httpx.AsyncClient, people: People) -> None:
    (await people.staff("manager", station=HERE)).browse(client)
    assert "Withdraw" not in (await client.get(PATH, headers=EN)).text
    assert (await client.post(f"{PATH}/2026/withdraw", data={"withdraw.reason": WHY})).status_code == 403
