"""Unmet demand: counted from what was asked and declined, filtered, sorted, page by page, as files and as a page."""

import csv
import io
from collections import Counter
from datetime import date

import httpx
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from app.demand.rules import Asked, Outcome
from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker
from tests.support.papers import check_accessible, printed, share
from tests.support.people import People, Signed

pytestmark = pytest.mark.anyio
UNMET = "/api/v1/coverage/unmet"
PAGE = "/office/coverage/unmet"
TODAY = date(2026, 12, 1)
JINGHU, WANZHI, NOWHERE = (11838, 3133), (11858, 3115), (0, 0)
O = Outcome  # noqa: E741 - the table below is read more easily
ASKED = [
    ("MET-GEO-001", JINGHU, O.ROUTED, 30, TODAY),
    ("MET-GEO-001", JINGHU, O.NO_FREE_TIME, 10, TODAY),
    ("MET-GEO-001", WANZHI, O.BEYOND_REACH, 3, TODAY),
    ("MET-GEO-002", JINGHU, O.NOT_DESIGNATED, 4, TODAY),
    ("MET-GEO-002", JINGHU, O.NOT_CAPABLE, 5, date(2026, 11, 1)),
    ("MET-GEO-002", JINGHU, O.ROUTED, 91, date(2026, 11, 1)),
    ("MET-GEO-002", NOWHERE, O.NOT_CAPABLE, 50, date(2026, 8, 1)),
    ("MET-GEO-003", JINGHU, O.ROUTED, 7, TODAY),
]


@pytest.fixture
async def asked(app: FastAPI) -> FastAPI:
    network = await app.state.network.current()
    for code, (x, y), outcome, n, day in ASKED:
        service = network.services[network.service_index[code]].id
        app.state.questions.count(Asked(day, service, "station", x, y, outcome), n)
    app.state.questions.searched(found=False)
    app.state.questions.searched(found=True)
    await app.state.questions.write()
    return app


@pytest.fixture
async def admin(people: People) -> Signed:
    return await people.staff("city_admin")


async def get(client: httpx.AsyncClient, who: Signed, **params: str | int) -> dict[str, object]:
    answer = await client.get(UNMET, params=params, headers=who.bearer)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


def brief(body: dict[str, object]) -> list[tuple[str, str | None, int, int]]:
    return [
        (each["service_code"], each["county_adcode"], each["unmet"], each["questions"])
        for each in body["items"]  # type: ignore[attr-defined, index, misc]
    ]


async def test_each_service_and_county_with_something_unmet_is_a_row(
    asked: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    body = await get(client, admin)
    assert brief(body) == [
        ("MET-GEO-001", "340202", 10, 40),
        ("MET-GEO-002", "340202", 9, 100),
        ("MET-GEO-001", "340210", 3, 3),
    ]
    first, second, third = body["items"]  # type: ignore[misc]
    assert (first["no_free_time"], first["routed"], first["share"], first["few"]) == (10, 30, 0.25, False)
    assert (second["not_designated"], second["not_capable"], second["left_out"]) == (4, 5, 0)
    assert (third["beyond_reach"], third["share"], third["few"]) == (3, 1, True)
    assert body["totals"] == {
        "questions": 150, "unmet": 22, "declined": 0, "searches": 2, "searches_in_vain": 1
    }  # fmt: skip
    assert body["asked"] == {"from": "2026-09-02", "to": "2026-12-01", "service": None, "county": None}


async def test_the_figures_are_those_of_plain_counting(
    asked: FastAPI, client: httpx.AsyncClient, admin: Signed
) -> None:
    body = await get(client, admin, **{"from": "2026-01-01"})
    expected: Counter[tuple[str, str | None]] = Counter()
    county = {JINGHU: "340202", WANZHI: "340210", NOWHERE: None}
    for code, place, outcome, n, _day in ASKED:
        expected[code, county[place]] += n * (outcome is not O.ROUTED)
    assert {(code, where): n for code, where, n, _all in brief(body)} == {key: n for key, n in expected.items() if n}


async def test_filters_narrow_and_sorting_orders(asked: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    assert brief(await get(client, admin, county="湾沚区")) == [("MET-GEO-001", "340210", 3, 3)]
    assert [row[0] for row in brief(await get(client, admin, service="met-geo-002"))] == ["MET-GEO-002"]
    assert brief(await get(client, admin, **{"from": "2026-12-02", "to": "2026-12-03"})) == []
    by_share = [row[:2] for row in brief(await get(client, admin, sort="share"))]
    assert by_share == [("MET-GEO-001", "340202"), ("MET-GEO-002", "340202"), ("MET-GEO-001", "340210")]
    assert [row[3] for row in brief(await get(client, admin, sort="questions"))] == [100, 40, 3]


async def test_pages_put_together_are_the_whole(asked: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    whole, found, cursor = brief(await get(client, admin)), [], ""
    for _page in range(len(whole)):
        body = await get(client, admin, limit=1, cursor=cursor)
        found += brief(body)
        cursor = str(body["next"] or "")
    assert (found, cursor) == (whole, "")
    answer = await client.get(UNMET, params={"cursor": "bm9wZQ"}, headers=admin.bearer)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("params", "field", "code"),
    [
        ({"from": "2026-12-02", "to": "2026-12-01"}, "to", "range_reversed"),
        ({"from": "2020-01-01"}, "to", "range_too_long"),
        ({"from": "yesterday"}, "from", "date_parsing"),
        ({"county": "340999"}, "county", "county_unknown"),
        ({"service": "NO-SUCH"}, "service", "service_unknown"),
        ({"colour": "red"}, "colour", "extra_forbidden"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    client: httpx.AsyncClient, admin: Signed, params: dict[str, str], field: str, code: str
) -> None:
    answer = await client.get(UNMET, params=params, headers=admin.bearer)
    assert answer.status_code == 422
    found = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert found == [(field, code)]


async def test_files_have_all_rows(asked: FastAPI, client: httpx.AsyncClient, admin: Signed) -> None:
    answer = await client.get(UNMET, params={"format": "csv", "limit": 1}, headers=admin.bearer)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["unmet"] for row in rows] == ["10", "9", "3"]
    answer = await client.get(UNMET, params={"format": "xlsx"}, headers=admin.bearer)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[sheet[0].index("unmet")] for row in sheet[1:]] == [10, 9, 3]
    page = printed(await client.get(UNMET, params={"format": "pdf"}, headers=admin.bearer | {"accept-language": "en"}))
    check_accessible(page, lang="en-GB", title="Unmet demand")
    names = "beyond_reach not_capable not_designated capability_expired mode_not_offered inactive closed no_free_time"
    for row in rows:
        few = ["*"] if row["few"] == "true" else []
        figures = [row["questions"], row["unmet"], *few, share(row["share"]), row["declined"]]
        figures += [row[name] for name in (*names.split(), "left_out")]
        assert page.holds([row["service_name_en"], row["county_name_en"] or "Outside", *figures])


async def test_a_declined_request_counts_where_it_was_sent_from(
    app: FastAPI, client: httpx.AsyncClient, people: People, admin: Signed
) -> None:
    booker = Booker(client)
    made = await booker.book(origin={"lon": 118.58, "lat": 31.15, "crs": "wgs84"})
    officer = await people.staff("officer", station=made["appointment"]["station_code"])
    path = f"/api/v1/requests/{made['reference']}/items/1/decline"
    answer = await client.post(path, json={"reason": "没有量程合适的标准器"}, headers=officer.bearer)
    assert answer.status_code == 200, answer.text
    body = await get(client, admin, service=SERVICE, county="340210", sort="declined")
    assert [(each["declined"], each["county_adcode"]) for each in body["items"]] == [(1, "340210")]  # type: ignore[attr-defined]


async def test_the_page_says_it_with_filters_in_its_address(
    asked: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock
) -> None:
    (await people.staff("manager", station="WH-YJ-01")).browse(client)
    page = await client.get(PAGE, params={"county": "340202", "sort": "share"}, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Fully booked 10" in page.text
    assert "MET-GEO-003" not in page.text.partition("<tbody>")[2]
    assert 'aria-sort="descending"' in page.text
    assert f"{PAGE}?county=340202&amp;sort=share&amp;format=csv" in page.text
    assert f"{PAGE}?county=340202&amp;sort=share&amp;format=pdf" in page.text
    empty = await client.get(PAGE, params={"from": "2026-12-02", "to": "2026-12-03"}, headers={"accept-language": "en"})
    assert "Nothing was left unmet" in empty.text
    wrong = await client.get(PAGE, params={"from": "2026-12-02", "to": "2026-12-01"}, headers={"accept-language": "en"})
    assert (wrong.status_code, "must not be before the first" in wrong.text) == (422, True)
    file = await client.get(PAGE, params={"format": "csv"}, headers={"accept-language": "zh-CN"})
    assert file.content.decode("utf-8-sig").splitlines()[0].startswith("事项编码,服务事项,区县,查询次数,未能匹配")
