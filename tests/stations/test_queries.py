"""Which stations, counties and towns are found, in which order, page by page."""

import dataclasses
import json
from datetime import date, datetime, timedelta

import pytest

from app.catalogue.snapshot import Catalogue, CatalogueStore
from app.catalogue.version import NetworkVersion
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.problems import Invalid
from app.stations.atlas import load_atlas
from app.stations.directory import Directory, station_feature
from app.stations.errors import StationUnknown
from app.stations.geojson import document
from app.stations.queries import (
    Found,
    Wanted,
    counties,
    offers,
    openings,
    page_of,
    select,
    station_of,
    towns,
    wanted,
    wanted_county,
)
from app.stations.snapshot import ClosureFacts, Network
from tests.stations.big import COUNTIES, STATIONS, national_directory

TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 9, tzinfo=LOCAL)
PRESSURE_GAUGE = "MET-MEC-015"


@pytest.fixture
async def directory(database: Database, network: Network) -> Directory:
    return Directory(network, await load_atlas(database))


@pytest.fixture
async def catalogue(database: Database) -> Catalogue:
    return await CatalogueStore(database, NetworkVersion(database)).current()


def codes(directory: Directory, **choice: object) -> list[str]:
    return [found.station.code for found in select(directory, Wanted(**choice), TODAY)]  # type: ignore[arg-type]


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "张家山", "張家山", "张家山街道质量基础设施一站式服务站", "镜湖张家山", "镜湖区张家山街道", "张家山 镜湖",
        "zhangjiashan", "ZhangJiaShan", "zhang jia shan", "zjsjd", "Zhangjiashan Subdistrict", "WH-JH-01", "wh jh 01",
        "whjh01", "ＷＨ-ＪＨ-01",
    ],
)  # fmt: skip
async def test_a_station_is_found_by_name_town_address_pinyin_initials_english_and_code(directory: Directory, q: str):
    assert codes(directory, q=q)[0] == "WH-JH-01"


async def test_the_code_itself_finds_that_station_alone(directory: Directory):
    assert codes(directory, q="wh-jh-01") == ["WH-JH-01"]


async def test_the_beginning_of_codes_finds_them_first_in_order(directory: Directory):
    assert codes(directory, q="WH-JH")[:10] == [f"WH-JH-{n:02}" for n in range(1, 11)]


async def test_a_county_as_a_word_finds_its_stations(directory: Directory):
    assert len(codes(directory, q="南陵县")) == len(codes(directory, q="nanling county")) == 9


@pytest.mark.parametrize("q", ["火星", "zhangjiashann", "张家山 火星", "镜湖火星", "%", "_"])
async def test_words_that_are_nowhere_find_nothing_or_everything_but_never_fail(directory: Directory, q: str):
    assert codes(directory, q=q) in ([], codes(directory))


@pytest.mark.parametrize("q", ["", " ", "·"])
async def test_no_words_find_all_stations_by_code(directory: Directory, q: str):
    found = codes(directory, q=q)
    assert len(found) == 79
    assert found == sorted(found)


# --- Filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("county", "adcode"),
    [
        ("340202", "340202"),
        ("镜湖区", "340202"),
        ("镜湖", "340202"),
        ("Jinghu District", "340202"),
        ("jinghu", "340202"),
        ("340208", "340209"),
        ("三山区", "340209"),
        ("340221", "340210"),
        ("芜湖县", "340210"),
        ("340222", "340212"),
        ("繁昌县", "340212"),
        ("無為市", "340281"),
    ],
)
async def test_a_county_is_known_by_its_codes_and_names_present_and_former(
    directory: Directory, county: str, adcode: str
):
    found = wanted_county(directory, county)
    assert found is not None
    assert found.adcode == adcode


@pytest.mark.parametrize("county", ["340299", "芜湖", "District", "区", "34020"])
async def test_what_is_no_county_is_refused_by_name(directory: Directory, county: str):
    with pytest.raises(Invalid) as refused:
        wanted_county(directory, county)
    [error] = refused.value.errors
    assert (error.field, error.code, error.data["value"]) == ("county", "county_unknown", county)


async def test_a_slip_in_a_county_is_answered_with_the_likest(directory: Directory, catalogue: Catalogue):
    with pytest.raises(Invalid) as refused:
        wanted(directory, catalogue, county="镜胡区", service="压力表")
    assert [error.field for error in refused.value.errors] == ["county", "service"]
    suggested = [each["code"] for each in refused.value.data["suggestions"]]
    assert suggested[0] == "340202"
    assert PRESSURE_GAUGE in suggested


async def test_a_slip_in_a_services_code_is_answered_with_codes(directory: Directory, catalogue: Catalogue):
    with pytest.raises(Invalid) as refused:
        wanted(directory, catalogue, service="MET-MEC-0155")
    assert PRESSURE_GAUGE in [each["code"] for each in refused.value.data["suggestions"]]


async def test_a_name_that_several_counties_bear_is_not_guessed(directory: Directory):
    twin = dataclasses.replace(directory.atlas.divisions[0], adcode="340999")
    atlas = dataclasses.replace(directory.atlas, divisions=(*directory.atlas.divisions, twin))
    assert atlas.county(twin.name_zh) is None
    assert atlas.county("340999") == twin


async def test_a_service_finds_those_that_may_do_it_today(
    directory: Directory, catalogue: Catalogue, database: Database
):
    choice = wanted(directory, catalogue, service=PRESSURE_GAUGE.lower())
    found = [each.station.code for each in select(directory, choice, TODAY)]
    rows = await database.fetch(
        "SELECT s.code FROM capability c JOIN station s ON s.id = c.station_id JOIN service v ON v.id = c.service_id"
        " WHERE v.code = %s AND (valid_until IS NULL OR valid_until >= %s) ORDER BY 1",
        (PRESSURE_GAUGE, TODAY),
    )
    assert found == [code for (code,) in rows] != []


async def test_a_capability_counts_through_its_last_day(directory: Directory, database: Database):
    [(station, service, last)] = await database.fetch(
        "SELECT s.code, v.code, valid_until FROM capability c JOIN station s ON s.id = c.station_id"
        " JOIN service v ON v.id = c.service_id WHERE valid_until IS NOT NULL ORDER BY valid_until LIMIT 1",
        (),
    )
    choice = Wanted(service=directory.network.services[directory.network.service_index[service]])
    assert station in [found.station.code for found in select(directory, choice, last)]
    assert station not in [found.station.code for found in select(directory, choice, last + timedelta(days=1))]


async def test_a_station_out_of_use_is_not_listed_but_still_known_by_its_code(directory: Directory):
    closed = dataclasses.replace(directory.network.stations[0], active=False)
    network = dataclasses.replace(directory.network, stations=(closed, *directory.network.stations[1:]))
    changed = Directory(network, directory.atlas)
    assert closed.code not in codes(changed)
    assert station_of(changed, closed.code) is closed
    assert [each.open_now for each in openings(network, [closed], NOW)] == [False]
    assert changed.station_counts[closed.county_adcode] == directory.station_counts[closed.county_adcode] - 1


@pytest.mark.parametrize("code", ["WH-XX-01", "wh-jh-01 ", "", "\x00"])
async def test_an_unknown_code_is_no_station(directory: Directory, code: str):
    with pytest.raises(StationUnknown):
        station_of(directory, code)


# --- Pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 7, 78, 79, 200])
async def test_pages_together_are_the_whole_list(directory: Directory, limit: int):
    found = select(directory, Wanted(), TODAY)
    seen: list[Found] = []
    cursor = None
    for _ in range(len(found) // limit + 1):
        page = page_of(found, Found.order, cursor, limit)
        assert page.total == 79
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert seen == found


async def test_a_page_goes_on_where_the_last_one_ended_though_that_station_is_gone(directory: Directory):
    found = select(directory, Wanted(), TODAY)
    cursor = page_of(found, Found.order, None, 5).next
    following = page_of([*found[:4], *found[5:]], Found.order, cursor, 5)
    assert following.items == found[5:10]


@pytest.mark.parametrize(
    "cursor", ["abc", "WzAsIld", "bnVsbA", "WyJhIiwgImIiXQ", "W3RydWUsImEiXQ", "é", "W10", "====", "\x00"]
)
async def test_a_cursor_that_is_not_ours_is_refused(directory: Directory, cursor: str):
    with pytest.raises(Invalid) as refused:
        page_of(select(directory, Wanted(), TODAY), Found.order, cursor, 5)
    assert [error.code for error in refused.value.errors] == ["cursor_invalid"]


# --- What a station offers, places ------------------------------------------------------------------------------------


async def test_what_a_station_offers_is_what_the_arrays_say(directory: Directory, database: Database):
    network = directory.network
    for code in ("WH-ET-01", "WH-WW-02"):
        station = network.stations[network.station_index[code]]
        found = await offers(database, station)
        offered = [service.code for service in network.services if network.offers[service.index, station.index]]
        assert sorted(offer.code for offer in found) == offered
        assert sum(offer.in_force(TODAY) for offer in found) == directory.offered_by([station], TODAY)[0]


async def test_a_closure_of_one_desk_does_not_close_the_station(directory: Directory):
    network, station = directory.network, directory.network.stations[0]
    times = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    one_desk = dataclasses.replace(station, closures=(ClosureFacts(*times, station.desks[0].id, "", ""),))
    everything = dataclasses.replace(station, closures=(ClosureFacts(*times, None, "", ""),))
    assert [each.open_now for each in openings(network, [station, one_desk, everything], NOW)] == [True, True, False]


async def test_counties_and_towns_stand_in_the_operators_order(directory: Directory):
    assert [division.adcode for _, division in counties(directory)][:2] == ["340202", "340207"]
    assert len(towns(directory)) == 79
    jinghu = directory.atlas.county("镜湖区")
    assert {town.county_adcode for _, town in towns(directory, jinghu)} == {"340202"}


@pytest.mark.parametrize("q", ["张家山", "zhangjiashan", "zjsjd", "镜湖张家山", "Zhangjiashan", "张家山街道"])
async def test_a_town_is_found_by_name_pinyin_and_english(directory: Directory, q: str):
    assert [town.code for _, town in towns(directory, q=q)] == ["340202013"]


# --- The size of a country --------------------------------------------------------------------------------------------


def test_a_network_of_the_size_of_the_country_is_listed_searched_and_drawn():
    directory = national_directory()
    assert len(select(directory, Wanted(), TODAY)) == STATIONS
    assert len(select(directory, Wanted(service=directory.network.services[0]), TODAY)) == STATIONS // 2
    assert [found.station.code for found in select(directory, Wanted(q="qingxi 41351 town"), TODAY)] == ["ST-41351"]
    in_county = select(directory, Wanted(county=directory.atlas.county("测试7区")), TODAY)
    assert len(in_county) == len([n for n in range(STATIONS) if n % COUNTIES == 7])
    assert len(json.loads(directory.stations_document.body)["features"]) == STATIONS
    assert document([station_feature(found.station) for found in in_county]).body.count(b'"Feature"') == len(in_county)
    assert sum(each.open_now for each in openings(directory.network, directory.network.stations, NOW)) == STATIONS
