"""The second page of the wizard: the place, then the stations with their reasons."""

import re
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import CALIPER, GAUGE, JINGHU_TOWN, Visitor, counted, options, taken, values, words

pytestmark = pytest.mark.anyio
HERE = {"lon": "118.38", "lat": "31.34", "crs": "wgs84"}
MOST_STATEMENTS = 5
NO_CALIPER = "WH-JH-02"


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    return Visitor(client)


async def test_the_place_is_asked_for_without_needing_scripts(visitor: Visitor):
    await visitor.at_where()
    await visitor.get("where")
    assert "您在哪里" in words(visitor.page)
    assert len([code for code in options(visitor.page) if len(code) == 9]) == 79
    assert "<optgroup" in visitor.page


async def test_a_town_leads_to_stations_by_rank_as_the_api_ranks_them(visitor: Visitor, client: httpx.AsyncClient):
    await visitor.at_stations()
    query = {"service": GAUGE, "town": JINGHU_TOWN, "use": "safety_protection", "days": 31}
    routes = (await client.get("/api/v1/routes", params=query)).json()
    ranked = [candidate["station"]["code"] for candidate in routes["candidates"]]
    assert values(visitor.page, "station") == ranked
    assert "镜湖区 张家山街道" in words(visitor.page)
    assert "为什么推荐这里" in visitor.page


async def test_nearer_stations_that_are_passed_over_have_their_reason(visitor: Visitor):
    await visitor.at_stations(town="340202012")
    assert "更近但未推荐的站点" in visitor.page
    assert "不办理此事项" in visitor.page


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
async def test_a_point_is_taken_in_each_system_and_named(visitor: Visitor, crs: str):
    await visitor.at_where()
    assert (await visitor.post("where", **HERE | {"crs": crs})).status_code == 303
    await visitor.get("where")
    assert f"118.3800, 31.3400 ({crs.upper().replace('84', '-84').replace('02', '-02').replace('BD09', 'BD-09')})" in (
        words(visitor.page).replace("BD09", "BD-09")
    )


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"lon": "", "lat": "", "crs": "wgs84"}, "lon", "在地图上点选"),
        ({"lon": "118.38", "lat": "", "crs": "wgs84"}, "lat", "数字"),
        ({"lon": "abc", "lat": "31.3", "crs": "wgs84"}, "lon", "数字"),
        ({"lon": "31.34", "lat": "80", "crs": "wgs84"}, "lon", "经度"),
        ({"lon": "31.34", "lat": "118.38", "crs": "wgs84"}, "lat", "90"),
        ({"lon": "2.35", "lat": "48.86", "crs": "wgs84"}, "lon", "中国"),
        ({"lon": "nan", "lat": "1e999", "crs": "wgs84"}, "lon", "数字"),
        (HERE | {"crs": "mars"}, "crs", "wgs84"),
        ({"town": ""}, "town", "请从列表中选择"),
        ({"town": "999999999"}, "town", "999999999"),
        ({"town": "\0"}, "town", ""),
        ({"town": "1" * 10_000}, "town", ""),
    ],
)
async def test_a_place_that_is_none_comes_back_as_it_was_typed(
    visitor: Visitor, typed: dict[str, str], field: str, sentence: str
):
    await visitor.at_where()
    answer = await visitor.post("where", **typed)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in visitor.page
    assert sentence in words(visitor.page)
    if typed.get("lon"):
        assert f'value="{typed["lon"]}"' in visitor.page


async def test_the_order_is_kept(visitor: Visitor):
    await visitor.at_stations()
    assert (await visitor.post("where", policy="soonest")).status_code == 303
    await visitor.get("where")
    assert re.search(r'value="soonest"\s+aria-pressed="true"', visitor.page)
    await visitor.post("where", policy="luckiest")
    await visitor.get("where")
    assert re.search(r'value="soonest"\s+aria-pressed="true"', visitor.page)


async def test_the_place_can_be_changed_and_kept(visitor: Visitor):
    await visitor.at_stations()
    await visitor.get("where", change="1")
    assert re.search(rf'value="{JINGHU_TOWN}"\s+selected', visitor.page)
    await visitor.get("where")
    assert values(visitor.page, "station")


async def test_more_stations_are_shown_when_asked_for(visitor: Visitor):
    await visitor.at_stations()
    assert len(values(visitor.page, "station")) == 5
    await visitor.get("where", more="1")
    assert len(values(visitor.page, "station")) > 5


@pytest.mark.parametrize("code", ["NO-SUCH", "", "\0", "WH-JH-02"])
async def test_a_station_that_does_not_do_it_is_refused_with_those_that_do(visitor: Visitor, code: str):
    await visitor.at_stations()
    answer = await visitor.post("where", station=code)
    assert answer.status_code == 422
    assert "该服务站不办理这些事项" in words(visitor.page)
    assert values(visitor.page, "station")


async def test_choosing_a_station_leads_to_its_times(visitor: Visitor):
    await visitor.at_stations()
    answer = await visitor.post("where", station=values(visitor.page, "station")[0])
    assert (answer.status_code, answer.headers["location"]) == (303, f"{visitor.base}/when")


async def test_choosing_another_station_gives_the_time_back(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    await visitor.hold()
    await visitor.get("where")
    answer = await visitor.post("where", station=values(visitor.page, "station")[1])
    assert answer.headers["location"] == f"{visitor.base}/when"
    assert await taken(app) == 0


async def test_choosing_the_same_station_keeps_the_time(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    await visitor.hold()
    await visitor.get("where")
    answer = await visitor.post("where", station=values(visitor.page, "station")[0])
    assert answer.headers["location"] == f"{visitor.base}/details"
    assert await taken(app) == 1


async def test_a_station_for_part_of_it_puts_the_rest_aside(visitor: Visitor, app: FastAPI):
    metal = "TST-002"
    await visitor.at_stations(metal, CALIPER)
    network = await app.state.network.current()
    rows = [network.service_index[code] for code in (metal, CALIPER)]
    only = next(
        station.code
        for station in network.stations
        if network.offers[rows[0], station.index] & 1 and not network.offers[rows[1], station.index]
    )
    answer = await visitor.post("where", station=only, covers=[metal])
    assert answer.headers["location"] == f"{visitor.base}/when"
    await visitor.get("when")
    assert "另行预约的事项" in words(visitor.page)
    assert f'href="/book?service={CALIPER}"' in visitor.page
    await visitor.get("what")
    assert values(visitor.page, "add") == [CALIPER]
    await visitor.post("what", add=CALIPER)
    await visitor.get("what")
    assert values(visitor.page, "remove") == [metal, CALIPER]
    assert values(visitor.page, "add") == []


async def test_a_station_chosen_beforehand_that_does_not_do_it_is_named(visitor: Visitor):
    await visitor.begin(CALIPER, station=NO_CALIPER)
    answer = await visitor.get("when")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{visitor.base}/where")
    await visitor.post("where", town=JINGHU_TOWN)
    await visitor.get("where")
    assert "不办理该事项" in words(visitor.page)


async def test_an_answer_without_stations_helps_on(visitor: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch):
    await visitor.at_stations()
    network = await app.state.network.current()
    nobody = network.offers.copy()
    nobody[network.service_index[GAUGE]] = 0
    monkeypatch.setattr(app.state.network, "_network", replace(network, offers=nobody))
    await visitor.get("where")
    assert values(visitor.page, "station") == []
    assert "换一个出发位置" in words(visitor.page)
    assert "更改事项、用途或办理方式" in words(visitor.page)


async def test_in_a_large_network_the_town_is_looked_up_by_its_name(visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.booking.places.MOST_LISTED", 10)
    await visitor.at_where()
    await visitor.get("where")
    assert "<optgroup" not in visitor.page
    await visitor.get("where", find="zhangjiashan")
    assert values(visitor.page, "town") == [JINGHU_TOWN]
    await visitor.get("where", find="qqqq")
    assert "没有找到名为“qqqq”的镇街" in words(visitor.page)


async def test_the_stations_take_few_statements(visitor: Visitor, app: FastAPI):
    await visitor.at_stations()
    with counted(app) as statements:
        await visitor.get("where", more="1")
    assert len(statements) <= MOST_STATEMENTS, statements
