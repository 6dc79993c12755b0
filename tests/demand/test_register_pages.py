"""Registers from file to figure: handed in, looked at, taken in, replaced, removed; by whom, and what is on record."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from app.demand.queries import Enterprises, register_points
from app.demand.retention import RULES
from app.kit.retention import apply
from tests.conftest import Clock
from tests.demand.nasty import CODES, ONE, table, workbook
from tests.support.people import People, Signed

pytestmark = pytest.mark.anyio
PATH = "/office/registers"
ABOUT = {"name": "规上企业 2026", "source": "市统计局提供", "as_of": "2026-06-30"}
ENGLISH = {"accept-language": "en"}


@pytest.fixture
async def admin(people: People, client: httpx.AsyncClient) -> Signed:
    who = await people.staff("city_admin")
    who.browse(client)
    return who


async def hand_in(client: httpx.AsyncClient, data: bytes, file_name: str = "a.csv", **about: str) -> httpx.Response:
    return await client.post(f"{PATH}/new", data={**ABOUT, **about}, files={"file": (file_name, data)}, headers=ENGLISH)


async def taken(client: httpx.AsyncClient, data: bytes, **about: str) -> str:
    """The path of a register that was handed in and taken in."""
    answer = await hand_in(client, data, **about)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    answer = await client.post(f"{path}/take-in")
    assert answer.headers["location"] == f"{PATH}?done=taken_in"
    return str(path)


async def points(app: FastAPI) -> Enterprises:
    async with app.state.database.reader() as session:
        return await register_points(session)


async def rows(app: FastAPI, statement: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = await app.state.database.fetch(statement, ())
    return found


async def test_nothing_counts_until_somebody_has_looked_at_it(
    app: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    data = table(
        {"企业名称": "王小二豆腐坊", "地址": "镜湖区某巷 3 号", **ONE, "从业人数": 12, "uscc": CODES[0]},
        {"经度": "31.334", "纬度": "118.376"},
    )
    answer = await hand_in(client, data)
    path = answer.headers["location"]
    page = (await client.get(path, headers=ENGLISH)).text
    assert "Nothing is taken in yet" in page
    assert "Take in 1 row" in page
    assert "Longitude and latitude look swapped" in page
    assert "<circle" in page
    assert "Not looked at: 企业名称, 地址." in page
    assert len((await points(app)).lon) == 0
    await client.post(f"{path}/take-in")
    found = await points(app)
    assert (found.lon.tolist(), found.lat.tolist(), found.weight.tolist()) == ([118.376], [31.334], [12])
    assert (found.county, found.approximate.tolist()) == (["340202"], [False])
    listed = (await client.get(PATH, headers=ENGLISH)).text
    assert ABOUT["name"] in listed
    assert "市统计局提供" in listed


async def test_no_name_address_or_code_is_kept_anywhere(app: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    secret = {"企业名称": "王小二豆腐坊", "地址": "镜湖区某巷三号", "uscc": CODES[0], **ONE}
    await taken(client, table(secret, {**secret, "经度": "王小二"}))
    kept = str(await rows(app, "SELECT p.*, f.* FROM register_point p, register_fault f"))
    kept += str(await rows(app, "SELECT * FROM register")) + str(await rows(app, "SELECT * FROM audit_entry"))
    assert not [words for words in ("王小二", "三号", CODES[0]) if words in kept]
    assert "'规上企业 2026'" in kept


async def test_who_stands_in_two_registers_counts_once_as_in_the_newest(
    app: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    await taken(client, table({**ONE, "weight": 5, "uscc": CODES[0]}, {**ONE, "weight": 1}), as_of="2026-01-01")
    await taken(client, workbook({**ONE, "weight": 7, "uscc": CODES[0]}, {**ONE, "weight": 2}), as_of="2025-01-01")
    assert sorted((await points(app)).weight.tolist()) == [1, 2, 5]


async def test_a_register_takes_the_place_of_another_in_one_step(
    app: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    old = await taken(client, table({**ONE, "weight": 5}))
    answer = await hand_in(client, table({**ONE, "weight": 6}), replaces=old.rsplit("/", 1)[1])
    assert "takes the place of" in (await client.get(answer.headers["location"], headers=ENGLISH)).text
    assert (await points(app)).weight.tolist() == [5]
    await client.post(f"{answer.headers['location']}/take-in")
    assert (await points(app)).weight.tolist() == [6]
    assert (await client.get(old)).status_code == 404
    actions = await rows(
        app, "SELECT action, after ->> 'rows' FROM audit_entry WHERE object_kind = 'register' ORDER BY at, n"
    )
    assert actions == [("register.taken_in", "1")] * 2


async def test_what_was_to_be_replaced_and_is_gone_stops_it(
    app: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    old = await taken(client, table({**ONE, "weight": 5}))
    new = (await hand_in(client, table(ONE), replaces=old.rsplit("/", 1)[1])).headers["location"]
    assert (await client.post(f"{old}/remove")).headers["location"] == f"{PATH}?done=removed"
    assert (await client.post(f"{new}/take-in")).status_code == 409
    assert len((await points(app)).lon) == 0
    removed = await rows(app, "SELECT before ->> 'name' FROM audit_entry WHERE action = 'register.removed'")
    assert removed == [(ABOUT["name"],)]


async def test_of_two_who_take_in_the_same_one_does(app: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    path = (await hand_in(client, table(ONE))).headers["location"]
    answers = await asyncio.gather(*(client.post(f"{path}/take-in") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]


async def test_a_file_without_any_good_row_cannot_be_taken_in(client: httpx.AsyncClient, admin: Signed) -> None:
    path = (await hand_in(client, table({"经度": "x", "纬度": "y"}))).headers["location"]
    assert "/take-in" not in (await client.get(path)).text
    assert (await client.post(f"{path}/take-in")).status_code == 409
    assert (await client.post(f"{path}/remove")).headers["location"] == f"{PATH}?done=discarded"


async def test_what_was_not_taken_in_goes_with_the_next_file_and_after_a_day(
    app: FastAPI, client: httpx.AsyncClient, admin: Signed, clock: Clock
) -> None:
    first = (await hand_in(client, table(ONE))).headers["location"]
    second = (await hand_in(client, table(ONE))).headers["location"]
    assert [(await client.get(path)).status_code for path in (first, second)] == [404, 200]
    await taken(client, table(ONE))
    await hand_in(client, table(ONE))
    await apply(app.state.database, RULES, clock.now.replace(day=3))
    assert await rows(app, "SELECT count(*), count(taken_at) FROM register") == [(1, 1)]
    assert await rows(app, "SELECT count(*) FROM register_point") == [(1,)]


async def test_faults_are_a_file_in_the_language_of_the_reader(client: httpx.AsyncClient, admin: Signed) -> None:
    path = (await hand_in(client, table(*[{"经度": "x", "纬度": "31"}] * 60, ONE))).headers["location"]
    page = (await client.get(path, headers=ENGLISH)).text
    assert "50 of 60 faults are shown" in page
    answer = await client.get(f"{path}/faults", params={"kind": "csv"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[:2] == [["行", "列", "如何处理"], ["2", "经度", "请填写数字，例如 118.376。"]]
    answer = await client.get(f"{path}/faults", headers=ENGLISH)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert (len(sheet), sheet[0]) == (61, ["Row", "Column", "What to do"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_template_can_be_handed_in_as_it_is(client: httpx.AsyncClient, admin: Signed, kind: str) -> None:
    template = (await client.get(f"{PATH}/template", params={"kind": kind})).content
    answer = await hand_in(client, template, f"a.{kind}")
    assert "Take in 1 row" in (await client.get(answer.headers["location"], headers=ENGLISH)).text


@pytest.mark.parametrize(
    ("about", "data", "sentence"),
    [
        ({"name": ""}, table(ONE), "Give the register a name"),
        ({"source": ""}, table(ONE), "Say who keeps it"),
        ({"as_of": "2026-12-02"}, table(ONE), "That day is still to come"),
        ({"as_of": "30.6.2026"}, table(ONE), "f-as_of"),
        ({"replaces": "x"}, table(ONE), "Choose one of the list"),
        ({}, b"", "The first row must name the columns"),
        ({}, b"a,b\n1,2\n", "The first row must name the columns"),
    ],
)
async def test_what_is_wrong_about_the_form_stands_at_its_field(
    client: httpx.AsyncClient, admin: Signed, about: dict[str, str], data: bytes, sentence: str
) -> None:
    answer = await hand_in(client, data, **about)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Look at “" not in (await client.get(PATH, headers=ENGLISH)).text


async def test_a_form_without_a_file_says_so(client: httpx.AsyncClient, admin: Signed) -> None:
    answer = await client.post(f"{PATH}/new", data=ABOUT, headers=ENGLISH)
    assert (answer.status_code, "Please choose a file" in answer.text) == (422, True)


async def test_replacing_what_is_not_there_is_refused(client: httpx.AsyncClient, admin: Signed) -> None:
    assert (await hand_in(client, table(ONE), replaces=str(UUID(int=1)))).status_code == 404


async def test_a_file_of_many_megabytes_is_taken_here_and_nowhere_else(
    client: httpx.AsyncClient, admin: Signed
) -> None:
    large = table(ONE) + b"\r\n" * 1_000_000
    assert (await hand_in(client, large)).status_code == 303
    assert (await client.post("/office/people/new", content=large)).status_code == 413
    assert (await hand_in(client, b"\n" * (33 * 1024 * 1024))).status_code == 413


async def test_thousands_of_rows_are_copied_as_they_are(app: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    many = [{"lon": 118.3 + n / 100_000, "lat": 31.3, "weight": n + 1, "industry": "制造\t业\\"} for n in range(5000)]
    await taken(client, table(*many))
    found = await points(app)
    assert (len(found.lon), found.weight.sum()) == (5000, sum(range(5001)))
    assert await rows(app, "SELECT DISTINCT industry FROM register_point") == [("制造 业\\",)]


async def test_only_the_city_administrator_gets_there(client: httpx.AsyncClient, people: People) -> None:
    others = [("manager", ""), ("county_admin", "340202"), ("auditor", "")]
    for role, county in others:
        (await people.staff(role, county=county)).browse(client)
        assert (await client.get(PATH)).status_code == 403
