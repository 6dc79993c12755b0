"""The pages of coverage: the question in the address, files, links that lead further, and wrong questions."""

import io
import re
from html import unescape

import pytest
from python_calamine import CalamineWorkbook

from tests.coverage.conftest import Asker
from tests.support.people import People

PAGE = "/office/coverage"
GAUGE = "MET-MEC-015"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def reader(asker: Asker) -> Asker:
    asker.who.browse(asker.client)
    return asker


async def text(reader: Asker, path: str, **query: object) -> str:
    answer = await reader.client.get(f"{PAGE}{path}", params=query, headers=ENGLISH)
    assert answer.status_code == 200, answer.text
    return unescape(re.sub(r"\s+", " ", answer.text))


async def test_the_page_and_the_api_say_the_same(reader: Asker):
    page = await text(reader, "", service=GAUGE, within_km=15, within_days=5)
    told = await reader.json("/summary", service=GAUGE, within_km=15, within_days=5)
    assert f'<dd class="figure__value num">{told["share_within"]:.0%}</dd>' in page
    assert f"{told['capable_stations']} stations may do it" in page
    rows = (await reader.json("/counties", service=GAUGE, within_km=15, within_days=5))["items"]
    for row in rows:
        assert re.search(rf'{row["name_en"]}</a>.*?<td class="num">{row["share_within"]:.0%}</td>', page)
    drawn = re.search(r'"shares": ({.*?})', page)
    assert drawn is not None
    assert all(f'"{row["county"]}": {row["share_within"]}' in drawn[1] for row in rows)


async def test_the_counties_are_sorted_by_links(reader: Asker):
    rows = (await reader.json("/counties", service=GAUGE))["items"]
    names = [row["name_en"] for row in sorted(rows, key=lambda row: row["distance_km"]["p50"])]

    def shown(page: str) -> list[str]:
        return re.findall(r'<th scope="row"> <a href="[^"]*">([^<]+)</a>', page)

    assert shown(await text(reader, "", service=GAUGE, sort="p50")) == names
    page = await text(reader, "", service=GAUGE, sort="-p50")
    assert shown(page) == names[::-1]
    assert 'aria-sort="descending"' in page
    assert shown(await text(reader, "", service=GAUGE, sort="nothing")) == [row["name_en"] for row in rows]


async def test_a_service_is_asked_for_by_its_name(reader: Asker):
    for words in ("General pressure gauge verification", "弹性元件式一般压力表检定", "met-mec-015"):
        answer = await reader.client.get(PAGE, params={"service": words, "within_km": "9"})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{PAGE}?service={GAUGE}&within_km=9"


@pytest.mark.parametrize("path", ["", "/gaps", "/ending"])
async def test_a_wrong_question_is_shown_at_its_fields_with_what_was_meant(reader: Asker, path: str):
    wrong = {"service": "pressure gage", "within_km": "-3", "county": "atlantis"}
    answer = await reader.client.get(f"{PAGE}{path}", params=wrong, headers=ENGLISH)
    assert answer.status_code == 422
    assert 'id="f-within_km-error"' in answer.text
    wrong["within_km"] = "3"
    answer = await reader.client.get(f"{PAGE}{path}", params=wrong, headers=ENGLISH)
    assert answer.status_code == 422
    assert 'id="f-service-error"' in answer.text
    assert 'id="f-county-error"' in answer.text
    assert re.search(r'href="[^"]*service=MET-[^"]*">[^<]*pressure', answer.text, re.IGNORECASE)


async def test_files_have_heads_in_the_readers_language_and_the_figures_of_the_page(reader: Asker):
    rows = (await reader.json("/counties", service=GAUGE))["items"]
    book = await reader.client.get(PAGE, params={"service": GAUGE, "format": "xlsx"}, headers={"Accept-Language": "zh"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert sheet[0][:3] == ["区县代码", "中文名称", "英文名称"]
    column = sheet[0].index("可达比例")
    assert [row[column] for row in sheet[1:]] == [row["share_within"] for row in rows]
    for path in ("", "/gaps", "/ending", "/table"):
        csv = await reader.client.get(f"{PAGE}{path}", params={"service": GAUGE, "format": "csv"}, headers=ENGLISH)
        assert csv.headers["content-type"] == "text/csv; charset=utf-8"
        assert len(csv.content.decode("utf-8-sig").splitlines()) > 1
    drawn = await reader.client.get(f"{PAGE}/gaps", params={"service": GAUGE, "within_km": 5, "format": "geojson"})
    assert drawn.headers["content-type"] == "application/geo+json"
    assert drawn.json()["features"]


async def test_every_link_of_the_table_leads_to_a_page(reader: Asker):
    for layout in (
        {"rows": "county", "columns": "category"},
        {"rows": "county", "columns": "service", "category": "ip"},
    ):
        page = await text(reader, "/table", **layout)
        cells = re.findall(r'<(?:td|th)[^>]*> ?<a href="([^"]+)"', page)
        assert len(cells) > 7
        for href in cells[:: max(len(cells) // 6, 1)]:
            assert (await reader.client.get(href)).status_code == 200, href


async def test_without_demand_the_page_says_so(reader: Asker):
    page = await text(reader, "", basis="requests")
    assert "There is no demand to count" in page
    assert "There is no demand to count" in await text(reader, "/gaps", basis="requests")
    assert "No gap: everybody has a station in reach" in await text(reader, "/gaps", service=GAUGE, within_km=500)


async def test_managers_look_and_window_staff_do_not(reader: Asker, people: People):
    (await people.staff("manager", station="WH-YJ-01")).browse(reader.client)
    assert (await reader.client.get(PAGE)).status_code == 200
    (await people.staff("window", station="WH-YJ-01")).browse(reader.client)
    assert (await reader.client.get(PAGE)).status_code == 403
