"""The pages of stations: what stands on them, in both languages, also when nothing fits."""

import html
import json
import re
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from tests.conftest import Clock

ENGLISH = {"Accept-Language": "en"}


async def words(client: httpx.AsyncClient, path: str, *, status: int = 200, english: bool = False) -> str:
    """The text of a page's main part, as one line."""
    answer = await client.get(path, headers=ENGLISH if english else {})
    assert answer.status_code == status, answer.text
    main = answer.text.split("<main", 1)[1].split("</main>", 1)[0]
    main = re.sub("<script.*?</script>", "", main, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", main)))


def codes_listed(page: str) -> list[str]:
    return re.findall(r'data-station-code="([^"]*)"', page)


def points_drawn(page: str) -> list[str]:
    [points] = re.findall(r'id="station-points">(.*?)</script>', page, flags=re.DOTALL)
    return [feature["properties"]["code"] for feature in json.loads(points)["features"]]


# --- The list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?county=340202",
        "?county=芜湖县",
        "?service=MET-MEC-015",
        "?q=zhangjiashan",
        "?county=340207&q=开发区",
        "?q=火星",
    ],
)
async def test_the_list_and_the_map_have_the_same_stations(client: httpx.AsyncClient, query: str):
    page = (await client.get(f"/stations{query}")).text
    listed = codes_listed(page)
    assert sorted(listed) == sorted(set(listed))
    if listed:
        assert points_drawn(page) == listed
    api = (await client.get(f"/api/v1/stations{query}{'&' if query else '?'}limit=200")).json()["items"]
    assert sorted(listed) == [station["code"] for station in api] or sorted(listed) == sorted(s["code"] for s in api)


async def test_all_stations_stand_by_county_in_the_operators_order(client: httpx.AsyncClient):
    text = await words(client, "/stations")
    assert "共 79 个服务站" in text
    assert text.index("镜湖区 10") < text.index("鸠江区 14") < text.index("无为市 21")
    assert codes_listed((await client.get("/stations")).text)[0] == "WH-JH-01"


async def test_the_list_speaks_english_too(client: httpx.AsyncClient):
    text = await words(client, "/stations?q=WH-JH-01", english=True)
    assert "1 station found" in text
    assert "Open now until 12:00 · 115 services offered" in text
    assert "District-level sub-centre · For enterprises of all kinds" in text


async def test_a_service_shows_how_and_by_whom_it_may_be_done(client: httpx.AsyncClient):
    text = await words(client, "/stations?service=MET-MEC-015&county=340210")
    assert "到站办理、上门服务 强制检定指定站点" in text


async def test_approximate_points_are_called_so(client: httpx.AsyncClient):
    assert "地图位置为大致估计" in await words(client, "/stations?q=WH-JH-02")
    assert "地图位置为大致估计" not in await words(client, "/stations?q=WH-JH-01")


async def test_nothing_found_says_what_to_do_next(client: httpx.AsyncClient):
    text = await words(client, "/stations?q=火星")
    assert "没有符合条件的服务站" in text
    assert "查看全部服务站" in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("county=镜胡区", "没有名为“镜胡区”的区县，您要找的是 镜湖区 (340202) 吗？"),
        ("service=MET-NIL", "没有“MET-NIL”这项服务"),
        ("page=0", "请填写不小于 1 的数"),
        ("page=x", "请用数字填写整数"),
        ("q=%00", "请删除第 1 位的控制字符"),
    ],
)
async def test_a_wrong_filter_is_named_and_nothing_is_listed(client: httpx.AsyncClient, query: str, sentence: str):
    answer = await client.get(f"/stations?{query}")
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert codes_listed(answer.text) == []


async def test_what_may_have_been_meant_is_a_link_that_keeps_the_rest(client: httpx.AsyncClient):
    answer = await client.get("/stations?county=镜胡区&q=街道")
    assert 'href="/stations?county=340202&amp;q=%E8%A1%97%E9%81%93"' in answer.text


async def test_names_that_we_do_not_know_in_the_address_do_no_harm(client: httpx.AsyncClient):
    assert (await client.get("/stations?utm_source=newsletter&lang=en")).status_code == 200


async def test_a_long_list_has_pages(visitor: httpx.AsyncClient, changed: FastAPI):
    await changed.state.database.fetch(
        "INSERT INTO station (code, position, name_zh, name_en, county_adcode, division_code, town_code, lon, lat,"
        " coord_class, coord_precision, address_zh, model, level, provenance) SELECT 'X-' || n, 1000 + n, '站' || n,"
        " 'Station ' || n, '340202', '340202', '340202013', 118, 31, 'geonames', '', '', 'park', 'workstation', ''"
        " FROM generate_series(1, 150) n",
        (),
    )
    first, third = (await visitor.get("/stations")).text, (await visitor.get("/stations?page=3")).text
    assert (len(codes_listed(first)), len(codes_listed(third))) == (100, 29)
    assert 'rel="next" href="/stations?page=2"' in first
    assert 'rel="prev" href="/stations?page=2"' in third
    assert "共 229 个服务站" in await words(visitor, "/stations?page=2")
    assert codes_listed((await visitor.get("/stations?page=9")).text) == []


# --- A station -------------------------------------------------------------------------------------------------------


async def test_a_station_says_everything_that_is_known_and_nothing_else(client: httpx.AsyncClient):
    text = await words(client, "/stations/WH-JH-02")
    for known in (
        "方村街道质量基础设施一站式服务站", "工作站", "综合型", "参考网络：地点真实", "正在服务 至 12:00",
        "周二 (今天)",
        "08:30–12:00、14:00–17:30", "安徽省芜湖市镜湖区方村街道", "WH-JH-02", "误差约 4 km", "可办 44 项",
        "张家山街道质量基础设施一站式服务站", "1号窗口",
    ):  # fmt: skip
        assert known in text, known
    assert "电话" not in text


async def test_services_stand_by_category_with_modes_badges_and_validity(client: httpx.AsyncClient):
    text = await words(client, "/stations/WH-ET-01?find=MET-MEC-015", english=True)
    assert "General pressure gauge verification Designated for mandatory verification" in text
    assert "valid until 28 May 2030" in text
    assert "Mandatory verification costs the enterprise nothing." in text
    everything = await words(client, "/stations/WH-ET-01", english=True)
    assert "CNAS: accredited by the national accreditation service" in everything


async def test_a_link_books_this_service_at_this_station(client: httpx.AsyncClient):
    page = (await client.get("/stations/WH-ET-01?find=压力表")).text
    assert 'href="/book?service=MET-MEC-015&amp;station=WH-ET-01"' in page
    assert 'href="/book?station=WH-ET-01"' in page


async def test_a_service_no_longer_in_force_is_named_and_cannot_be_booked(client: httpx.AsyncClient, clock: Clock):
    clock.move(datetime(2030, 5, 29, 9, tzinfo=LOCAL))
    page = await client.get("/stations/WH-ET-01?find=MET-MEC-015")
    assert "今天不在有效期内" in page.text
    assert "service=MET-MEC-015&" not in page.text


async def test_holidays_make_up_days_and_closures_to_come_are_listed(
    changed: FastAPI, visitor: httpx.AsyncClient, clock: Clock
):
    clock.move(datetime(2026, 9, 29, 9, tzinfo=LOCAL))
    await changed.state.database.fetch(
        "INSERT INTO closure (station_id, desk_id, starts, ends, reason_zh, reason_en)"
        " SELECT s.id, d.id, v.starts::timestamptz, v.ends::timestamptz, v.zh, v.en FROM station s, (VALUES"
        " ('02', '2026-12-08T09:00+08:00', '2026-12-08T12:00+08:00', '设备检修', 'Repairs'),"
        " (NULL, '2026-12-09T08:00+08:00', '2026-12-10T08:00+08:00', '', '')) v (desk, starts, ends, zh, en)"
        " LEFT JOIN desk d ON d.code = v.desk AND d.station_id = (SELECT id FROM station WHERE code = 'WH-JH-01')"
        " WHERE s.code = 'WH-JH-01'",
        (),
    )
    text = await words(visitor, "/stations/WH-JH-01")
    assert "10月1日 周四 – 10月7日 周三 国庆节，休息" in text
    assert "10月10日 周六 调休上班，08:30–12:00、14:00–17:30 正常服务" in text
    assert "12月8日 周二 09:00 – 12月8日 周二 12:00 2号窗口暂停服务：设备检修" in text
    assert "12月9日 周三 08:00 – 12月10日 周四 08:00 全站暂停服务" in text
    english = await words(visitor, "/stations/WH-JH-01", english=True)
    assert "Thu 1 Oct – Wed 7 Oct National Day, closed" in english
    assert "Desk 2 closed: Repairs" in english


async def test_a_year_that_is_not_announced_is_called_provisional(client: httpx.AsyncClient, clock: Clock):
    assert "尚未公布" not in await words(client, "/stations/WH-JH-01")
    clock.move(datetime(2026, 12, 20, 9, tzinfo=LOCAL))
    assert "2027年放假安排尚未公布，1月1日起的服务时间可能调整" in await words(client, "/stations/WH-JH-01")


async def test_other_hours_to_come_are_shown_with_their_first_day(changed: FastAPI, visitor: httpx.AsyncClient):
    await changed.state.database.fetch(
        "INSERT INTO opening_hours (station_id, iso_weekday, opens, closes, valid_from)"
        " SELECT id, 7, '10:00', '24:00', '2027-03-01' FROM station WHERE code = 'WH-JH-01'",
        (),
    )
    text = await words(visitor, "/stations/WH-JH-01")
    assert text.index("周日 休息") < text.index("2027年3月1日起") < text.index("周日 10:00–24:00")


async def test_a_station_without_services_hours_or_desks_still_has_a_page(changed: FastAPI, visitor: httpx.AsyncClient):
    await changed.state.database.fetch(
        "INSERT INTO station (code, position, name_zh, name_en, county_adcode, division_code, town_code, lon, lat,"
        " coord_class, coord_precision, address_zh, model, level, provenance)"
        " VALUES ('NEW', 999, '𠮷祥站', '', '340202', '340202', '', 118, 31, 'surveyed', '', '', 'mobile', 'counter',"
        " 'own list')",
        (),
    )
    text = await words(visitor, "/stations/NEW", english=True)
    for known in ("𠮷祥站", "No services are listed yet", "No regular opening hours are known", "mobile", "own list"):
        assert known in text, known
    assert "NEW" in codes_listed((await visitor.get("/stations")).text)


async def test_a_station_out_of_use_says_so_and_offers_no_booking(changed: FastAPI, visitor: httpx.AsyncClient):
    await changed.state.database.fetch("UPDATE station SET active = false WHERE code = 'WH-JH-01'", ())
    page = await visitor.get("/stations/WH-JH-01")
    assert "该服务站已停止服务" in page.text
    assert "/book" not in page.text.split("<main", 1)[1]
    assert "WH-JH-01" not in codes_listed((await visitor.get("/stations")).text)


async def test_an_unknown_station_has_a_page_that_leads_on(client: httpx.AsyncClient):
    assert "没有编号为 WH-XX-01 的服务站" in await words(client, "/stations/WH-XX-01", status=404)


@pytest.mark.parametrize("find", ["%00", "x" * 5000, "<script>alert(1)</script>", "%F0%A0%AE%B7"])
async def test_strange_words_in_a_stations_search_do_no_harm(client: httpx.AsyncClient, find: str):
    answer = await client.get(f"/stations/WH-ET-01?find={find}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
