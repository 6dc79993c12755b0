"""Stations, counties, towns and the calendar by JSON and GeoJSON."""

import csv
import io
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.stations.geojson import signed_area
from tests.conftest import Clock

API = "/api/v1"
NAMES = {
    "code", "name_zh", "name_en", "county_adcode", "level", "model", "key_industry", "lon", "lat", "coord_class",
    "address_zh", "open_now", "provenance",
}  # fmt: skip


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    return await client.get(API + path, headers=headers)


async def items(client: httpx.AsyncClient, path: str) -> list[dict[str, object]]:
    answer = await get(client, path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


# --- Stations --------------------------------------------------------------------------------------------------------


async def test_stations_have_the_names_of_the_contract(client: httpx.AsyncClient):
    found = await items(client, "/stations?limit=200")
    assert len(found) == 79
    assert all(set(station) >= NAMES for station in found)
    assert {station["provenance"] for station in found} == {"reference network: real place, illustrative station"}


async def test_a_list_goes_on_until_next_is_null(client: httpx.AsyncClient):
    seen, cursor = [], ""
    for _ in range(4):
        page = (await get(client, f"/stations?limit=25&cursor={cursor}")).json()
        seen += [station["code"] for station in page["items"]]
        cursor = page["next"] or ""
    assert not cursor
    assert len(set(seen)) == len(seen) == page["total"] == 79


async def test_old_codes_and_names_of_counties_are_understood(client: httpx.AsyncClient):
    for county in ("340221", "芜湖县", "340210", "湾沚区"):
        assert {each["county_adcode"] for each in await items(client, f"/stations?county={county}")} == {"340210"}


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        ((2026, 12, 1, 9), (True, "2026-12-01T12:00:00+08:00", None)),
        ((2026, 12, 1, 12), (False, None, "2026-12-01T14:00:00+08:00")),
        ((2026, 10, 1, 9), (False, None, "2026-10-08T08:30:00+08:00")),
        ((2026, 10, 10, 9), (True, "2026-10-10T12:00:00+08:00", None)),
    ],
    ids=["a Tuesday morning", "noon", "National Day", "a make-up Saturday"],
)
async def test_a_station_says_whether_it_is_open(
    client: httpx.AsyncClient, clock: Clock, moment: tuple[int, ...], standing: tuple[object, ...]
):
    clock.move(datetime(*moment, tzinfo=LOCAL))
    [station] = await items(client, "/stations?q=WH-JH-01")
    assert (station["open_now"], station["closes_at"], station["opens_next"]) == standing


async def test_one_station_has_hours_closures_desks_and_services(client: httpx.AsyncClient):
    station = (await get(client, "/stations/WH-JH-01")).json()
    assert set(station) >= NAMES | {"hours", "closures", "services"}
    assert station["hours"][0] == {
        "iso_weekday": 1, "opens": "08:30", "closes": "12:00", "valid_from": None, "valid_until": None,
    }  # fmt: skip
    assert station["closures"] == []
    assert [desk["code"] for desk in station["desks"]] == ["01", "02", "03", "04"]
    assert len(station["services"]) == 115
    gauge = next(service for service in station["services"] if service["code"] == "MET-GEO-001")
    assert (gauge["modes"], gauge["designated"], gauge["valid_until"], gauge["in_force"]) == (
        ["station"], False, "2030-03-28", True,
    )  # fmt: skip


async def test_a_service_past_its_last_day_is_shown_as_no_longer_in_force(client: httpx.AsyncClient, clock: Clock):
    clock.move(datetime(2030, 3, 29, 9, tzinfo=LOCAL))
    services = (await get(client, "/stations/WH-JH-01")).json()["services"]
    assert not next(service for service in services if service["code"] == "MET-GEO-001")["in_force"]
    assert "WH-JH-01" not in [each["code"] for each in await items(client, "/stations?service=MET-GEO-001")]


async def test_an_unknown_station_is_not_found(client: httpx.AsyncClient):
    for code in ("WH-XX-01", "%00", "a" * 500, "%F0%A0%AE%B7"):
        answer = await get(client, f"/stations/{code}")
        assert answer.status_code == 404
    assert (await get(client, "/stations/WH-XX-01")).json()["code"] == "station_unknown"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("county=999999", "county", "county_unknown"),
        ("service=MET-NIL-999", "service", "service_unknown"),
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=201", "limit", "less_than_equal"),
        ("limit=many", "limit", "int_parsing"),
        ("cursor=abc", "cursor", "cursor_invalid"),
        ("q=%00", "q", "text_control_character"),
        (f"q={'x' * 10_000}", "q", "text_too_long"),
        ("countey=340202", "countey", "extra_forbidden"),
        ("format=pdf", "format", "literal_error"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_its_field(
    client: httpx.AsyncClient, query: str, field: str, code: str
):
    for path in ("/stations", "/stations.geojson"):
        if path.endswith("json") and field in ("limit", "cursor", "format"):
            continue
        answer = await get(client, f"{path}?{query}")
        assert answer.status_code == 422
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


async def test_a_refusal_speaks_the_callers_language_and_suggests(client: httpx.AsyncClient):
    english = (await get(client, "/stations?county=340203", **{"Accept-Language": "en"})).json()
    chinese = (await get(client, "/stations?county=340203")).json()
    assert "Did you mean" in english["errors"][0]["message"]
    assert "您要找的是" in chinese["errors"][0]["message"]
    assert [each["code"] for each in english["suggestions"]] == [each["code"] for each in chinese["suggestions"]] != []


async def test_a_list_comes_as_a_file_with_all_rows_when_asked(client: httpx.AsyncClient):
    by_format = await get(client, "/stations?format=csv")
    by_header = await get(client, "/stations", Accept="text/csv")
    assert by_format.headers["content-type"].startswith("text/csv")
    assert by_format.content == by_header.content
    rows = list(csv.DictReader(io.StringIO(by_format.content.decode("utf-8-sig"))))
    assert len(rows) == 79
    assert (rows[0]["code"], rows[-1]["code"]) == ("WH-ET-01", "WH-YJ-07")
    assert rows[0]["open_now"] == "true"


@pytest.mark.parametrize(("path", "count"), [("/counties", 7), ("/towns", 79)])
async def test_counties_and_towns_come_as_files_too(client: httpx.AsyncClient, path: str, count: int):
    answer = await get(client, f"{path}?format=csv")
    assert len(answer.content.decode("utf-8-sig").strip().splitlines()) == count + 1


# --- Places ----------------------------------------------------------------------------------------------------------


async def test_counties_tell_their_former_codes_and_how_many_stations_they_have(client: httpx.AsyncClient):
    found = {county["adcode"]: county for county in await items(client, "/counties")}
    assert found["340209"]["former"] == [{"adcode": "340208", "name_zh": "三山区"}]
    assert sum(county["station_count"] for county in found.values()) == 79
    assert found["340202"]["population_2020"] is None
    assert found["340223"]["population_2020"] == 431_148


async def test_towns_are_those_of_a_county_with_their_points(client: httpx.AsyncClient):
    found = await items(client, "/towns?county=三山区")
    assert {town["county_adcode"] for town in found} == {"340209"}
    assert all(117 < town["lon"] < 119 and 30 < town["lat"] < 32 for town in found)
    assert all(town["approximate"] == (town["coord_class"] != "geonames") for town in found)


# --- GeoJSON ---------------------------------------------------------------------------------------------------------


async def test_the_stations_collection_is_geojson_with_every_station(client: httpx.AsyncClient):
    answer = await get(client, "/stations.geojson")
    found = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == 79
    lons = [feature["geometry"]["coordinates"][0] for feature in found["features"]]
    assert (found["bbox"][0], found["bbox"][2]) == (min(lons), max(lons))
    marked = {
        feature["properties"]["coord_class"] for feature in found["features"] if feature["properties"]["approximate"]
    }
    assert marked == {"estimated", "computed"}


async def test_the_counties_collection_has_rings_after_the_right_hand_rule(client: httpx.AsyncClient):
    found = (await get(client, "/counties.geojson")).json()
    assert len(found["features"]) == 7
    for feature in found["features"]:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for outer, *holes in polygons:
            assert signed_area(outer) > 0
            assert all(signed_area(hole) < 0 for hole in holes)
            assert outer[0] == outer[-1]


async def test_a_collection_can_be_narrowed_as_the_list_is(client: httpx.AsyncClient):
    listed = await items(client, "/stations?county=340202&service=MET-GEO-001&limit=200")
    drawn = (await get(client, "/stations.geojson?county=340202&service=MET-GEO-001")).json()["features"]
    assert [station["code"] for station in listed] == [feature["id"] for feature in drawn] != []
    assert len((await get(client, "/counties.geojson?county=芜湖县")).json()["features"]) == 1


async def test_an_empty_choice_is_an_empty_collection_without_a_box(client: httpx.AsyncClient):
    assert (await get(client, "/stations.geojson?q=火星")).json() == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("path", ["/stations.geojson", "/counties.geojson", "/stations.geojson?county=340202"])
async def test_who_has_a_collection_already_is_told_so(client: httpx.AsyncClient, path: str):
    first = await get(client, path)
    tag = first.headers["etag"]
    for known in (tag, f'W/{tag}, "x"', "*", tag.replace("-gz", "")):
        again = await get(client, path, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await get(client, path, **{"If-None-Match": '"x"'})).status_code == 200


async def test_a_collection_is_compressed_only_for_who_takes_that(client: httpx.AsyncClient):
    squeezed = await get(client, "/stations.geojson", **{"Accept-Encoding": "gzip"})
    plain = await get(client, "/stations.geojson", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert squeezed.headers["content-encoding"] == "gzip"
    assert int(squeezed.headers["content-length"]) * 4 < int(plain.headers["content-length"])
    assert squeezed.content == plain.content


# --- Never stale -----------------------------------------------------------------------------------------------------


async def test_a_change_of_the_network_is_in_the_next_answers(changed: FastAPI, visitor: httpx.AsyncClient):
    tag = (await get(visitor, "/stations.geojson")).headers["etag"]
    await items(visitor, "/stations?q=zhangjiashan")
    database = changed.state.database
    await database.fetch("UPDATE station SET name_zh = '𠮷祥站', lon = 118.4 WHERE code = 'WH-JH-01'", ())
    await database.fetch("UPDATE town SET name_zh = '新名街道' WHERE code = '340202013'", ())
    await database.fetch("INSERT INTO division_alias (adcode, name_zh, now) VALUES ('340203', '马塘区', '340209')", ())
    assert [each["name_zh"] for each in await items(visitor, "/stations?q=𠮷祥")] == ["𠮷祥站"]
    assert [each["code"] for each in await items(visitor, "/stations?q=新名街道")] == ["WH-JH-01"]
    assert [each["name_zh"] for each in await items(visitor, "/towns?q=xinming")] == ["新名街道"]
    assert len(await items(visitor, "/stations?county=马塘区")) == 12
    again = await get(visitor, "/stations.geojson", **{"If-None-Match": tag})
    assert again.status_code == 200
    assert "𠮷祥站" in again.text


async def test_a_closure_closes_the_station_at_once_and_is_listed(
    changed: FastAPI, visitor: httpx.AsyncClient, clock: Clock
):
    await items(visitor, "/stations?q=WH-JH-01")
    await changed.state.database.fetch(
        "INSERT INTO closure (station_id, starts, ends, reason_zh, reason_en) SELECT id, '2026-12-01T08:00+08:00',"
        " '2026-12-02T08:00+08:00', '停电检修', 'Power cut' FROM station WHERE code = 'WH-JH-01'",
        (),
    )
    station = (await get(visitor, "/stations/WH-JH-01")).json()
    assert (station["open_now"], station["opens_next"]) == (False, "2026-12-02T08:30:00+08:00")
    assert station["closures"] == [
        {
            "starts": "2026-12-01T08:00:00+08:00", "ends": "2026-12-02T08:00:00+08:00", "desk": None,
            "reason_zh": "停电检修", "reason_en": "Power cut",
        }
    ]  # fmt: skip
    clock.move(datetime(2026, 12, 2, 9, tzinfo=LOCAL))
    station = (await get(visitor, "/stations/WH-JH-01")).json()
    assert (station["open_now"], station["closures"]) == (True, [])


# --- The calendar ----------------------------------------------------------------------------------------------------


async def test_the_calendar_tells_holidays_make_up_days_and_what_is_provisional(client: httpx.AsyncClient):
    found = {day["date"]: day for day in await items(client, "/calendar?from=2026-09-30&to=2026-10-10")}
    assert len(found) == 11
    assert found["2026-10-01"] == {
        "date": "2026-10-01", "kind": "holiday", "worked": False, "provisional": False, "name_zh": "国庆节",
        "name_en": "National Day",
    }  # fmt: skip
    assert (found["2026-10-10"]["kind"], found["2026-10-10"]["worked"]) == ("makeup", True)
    [day] = await items(client, "/calendar?from=2027-10-01&to=2027-10-01")
    assert (day["kind"], day["provisional"]) == ("workday", True)


async def test_the_calendar_begins_today_and_has_thirty_days_more(client: httpx.AsyncClient):
    found = await items(client, "/calendar")
    assert (found[0]["date"], found[-1]["date"]) == ("2026-12-01", "2026-12-31")
    assert (await items(client, "/calendar?from=9999-12-30"))[-1]["date"] == "9999-12-31"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=2026-02-30", "from", "date_from_datetime_parsing"),
        ("from=1764547200", "from", "date_parsing"),
        ("from=2026-12-02&to=2026-12-01", "to", "range_reversed"),
        ("from=2019-01-01&to=2026-01-01", "to", "range_too_long"),
        ("first=2026-12-01", "first", "extra_forbidden"),
    ],
)
async def test_an_impossible_range_of_days_is_refused(client: httpx.AsyncClient, query: str, field: str, code: str):
    answer = await get(client, f"/calendar?{query}")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
