"""Coverage on paper: the same rows as in the files, to the last digit, in the reader's language, for programs too."""

import math
from datetime import date

import pytest
from fastapi import FastAPI

from app.coverage.papers.map import Frame, rings_of
from app.web import papers
from tests.coverage.conftest import Asker
from tests.support.papers import Printed, check_accessible, csv_rows, printed, share, written

ZH, EN = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}
GAUGE = "MET-MEC-015"
PAGES = "/office/coverage"


async def on_paper(asker: Asker, path: str, lang: dict[str, str] = EN, **query: object) -> Printed:
    headers = asker.who.bearer | lang | {"Accept": "application/pdf"}
    return printed(await asker.client.get(f"/api/v1/coverage{path}", params=query, headers=headers))


async def test_counties_stand_on_paper_as_in_the_file(asker: Asker):
    rows = csv_rows(await asker.get("/counties", service=GAUGE, within_days=5, format="csv"))
    chinese = await on_paper(asker, "/counties", ZH, service=GAUGE, within_days=5)
    check_accessible(chinese, lang="zh-CN", title="各区县覆盖情况")
    assert "弹性元件式一般压力表检定" in chinese.text
    assert "15千米且5个工作日内" in chinese.text
    assert "生成于2026年12月1日" in chinese.text
    for row in rows:
        cells = [row["name_zh"] + ("*" if row["few"] == "true" else ""), row["demand_points"]]
        cells += [written(row["demand_weight"]), row["stations"], row["capable_stations"], row["designated_stations"]]
        cells += [row["services_offered"], share(row["share_within"]), share(row["backup_share"])]
        cells += [written(row[f"distance_km_{name}"], 2) for name in ("p50", "p90", "max", "mean")]
        cells += [written(row[f"days_to_first_slot_{name}"]) for name in ("p50", "p90")]
        cells += [written(row[name], 2) for name in ("accessibility", "accessibility_enhanced")]
        assert chinese.holds([*cells, written(row["gini"], 3)]), cells
    first = rows[0]
    assert f"1{first['name_zh']}{share(first['share_within'])}" in chinese.text, "a bar with the number of its area"
    assert "可达比例分布图" in chinese.text
    assert "GS(2024)0650" in chinese.text
    english = await on_paper(asker, "/counties", service=GAUGE, within_days=5)
    check_accessible(english, lang="en-GB", title="Coverage by county")
    assert all(english.holds([row["name_en"]]) for row in rows)
    assert "Figure" in {tag.removeprefix("/") for tag in english.tags}


async def test_a_summary_has_its_figures_one_below_the_other(asker: Asker):
    [row] = csv_rows(await asker.get("/summary", service=GAUGE, format="csv"))
    page = await on_paper(asker, "/summary", service=GAUGE)
    assert page.holds(["Within reach", share(row["share_within"])])
    assert page.holds(["Mean distance (km)", written(row["distance_km_mean"], 2)])


async def test_gaps_are_all_there_with_their_head_on_every_page(asker: Asker):
    rows = csv_rows(await asker.get("/gaps", within_km=3, format="csv"))
    page = await on_paper(asker, "/gaps", within_km=3)
    assert len(rows) > 60
    assert len(page.pages) > 1
    assert all("Servicesoutofreach" in text for text in page.pages)
    for row in rows:
        assert page.holds([written(row["weight"]), row["missing"], written(row["nearest_km"], 2)]), row
        assert page.holds([row["name_en"] or row["name_zh"]])
    of_one = csv_rows(await asker.get("/gaps", service=GAUGE, within_km=3, format="csv"))
    assert (await on_paper(asker, "/gaps", service=GAUGE, within_km=3)).holds(
        [written(of_one[0]["weight"]), written(of_one[0]["nearest_km"], 2)]
    )


async def test_what_ends_and_who_goes_where_stand_on_paper(asker: Asker):
    rows = csv_rows(await asker.get("/expiring", category="metrology", days=120, format="csv"))
    page = await on_paper(asker, "/expiring", category="metrology", days=120)
    assert rows
    for row in rows:
        day = date.fromisoformat(row["valid_until"])
        assert page.holds([f"{day.day} {day:%b %Y}", row["service_name_en"], row["station_name_en"]])
        left = [row["stations_left"], row["stations_left_in_county"]]
        assert page.holds([*left, share(row["share_within"]), share(row["share_without"])])
    flows = csv_rows(await asker.get("/flows", service=GAUGE, format="csv"))
    page = await on_paper(asker, "/flows", service=GAUGE)
    assert all(page.holds([written(row["weight"]), share(row["share"])]) for row in flows)


async def test_the_table_of_all_stations_and_services_is_cut_into_blocks(asker: Asker):
    """The widest one: 79 stations by 193 services, which no paper has room for side by side."""
    rows = csv_rows(await asker.get("/matrix", rows="station", columns="service", format="csv"))
    page = await on_paper(asker, "/matrix", rows="station", columns="service")
    able = sum(row["capable"] == "1" for row in rows)
    assert page.text.count("●") == able + 1, "once in the notes"
    assert len(rows) == 79 * 193
    names = {row["name_en"] for row in csv_rows(await asker.client.get("/api/v1/stations?format=csv&limit=200"))}
    assert all(page.holds([name]) for name in names)
    assert page.text.count("Soundlevelmeterverification") == page.text.count("Columns") > 1


async def test_cells_of_a_matrix_say_what_the_file_says(asker: Asker):
    rows = csv_rows(await asker.get("/matrix", format="csv"))
    page = await on_paper(asker, "/matrix")
    for row in rows:
        designated = f"·D{row['designated']}" if row["designated"] != "0" else ""
        assert page.holds([f"{row['services_one']}({row['services_two']})·{share(row['share_within'], 1)}{designated}"])
    upright = await on_paper(asker, "/matrix", rows="station", columns="category", county="340202")
    assert upright.holds(["Metrology (75)"])


async def test_pages_offer_the_same_paper_and_say_what_is_too_long(
    asker: Asker, app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    asker.who.browse(asker.client)
    for path in ("", "/table", "/gaps", "/ending"):
        page = await asker.client.get(f"{PAGES}{path}", params={"service": GAUGE, "within_km": 3}, headers=EN)
        assert "format=pdf" in page.text or "No capability ends" in page.text, path
        query = {"service": GAUGE, "within_km": 3, "format": "pdf"}
        paper = printed(await asker.client.get(f"{PAGES}{path}", params=query, headers=ZH))
        assert "可达是指3千米" in paper.text
    monkeypatch.setattr(papers, "MOST_CELLS", 10)
    answer = await asker.get("/gaps", within_km=3, format="pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long_for_paper")
    page = await asker.client.get(f"{PAGES}/gaps", params={"within_km": 3, "format": "pdf"}, headers=EN)
    assert page.status_code == 422
    assert "take the rows as XLSX or CSV" in page.text


def test_areas_keep_their_shape_on_a_map_and_none_is_drawn_where_one_is_unknown():
    square = {"type": "Polygon", "coordinates": [[[118, 31], [119, 31], [119, 32], [118, 32], [118, 31]]]}
    islands = {"type": "MultiPolygon", "coordinates": [square["coordinates"], square["coordinates"]]}
    assert [len(list(rings_of(each))) for each in (square, islands, None)] == [1, 2, 0]
    frame = Frame([(118.0, 31.0), (120.0, 33.0)])
    assert frame.at(118, 33) == (0, 0)
    assert frame.at(120, 31) == (1, frame.height)
    assert frame.height == pytest.approx(1 / math.cos(math.radians(32)), abs=1e-4)
