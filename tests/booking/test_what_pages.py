"""The first page of the wizard: services, their use, how they are done."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.visitor import ADVICE, CALIPER, GAUGE, LOOKUP, SCALE, Visitor, another_browser, values, words

pytestmark = pytest.mark.anyio


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    return Visitor(client)


async def test_beginning_gives_the_browser_a_cookie_and_the_draft_an_address(visitor: Visitor):
    answer = await visitor.begin(GAUGE)
    assert answer.status_code == 303
    assert re.fullmatch(r"/book/[0-9a-f-]{36}/what", answer.headers["location"])
    assert "onestop_client" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]


async def test_a_service_with_nothing_to_choose_leads_straight_to_the_stations(visitor: Visitor):
    assert (await visitor.begin(CALIPER)).headers["location"].endswith("/where")


async def test_a_station_may_be_chosen_beforehand(visitor: Visitor):
    assert (await visitor.begin(CALIPER, station="WH-JH-01")).headers["location"].endswith("/when")


async def test_the_language_of_a_link_is_that_of_the_booking(visitor: Visitor):
    assert "lang=en; " in (await visitor.begin(CALIPER, lang="en")).headers["set-cookie"]


@pytest.mark.parametrize("query", [{"service": "NO-SUCH"}, {"station": "NO-SUCH"}, {"service": "A\0B"}])
async def test_unknown_codes_are_not_found(client: httpx.AsyncClient, query: dict[str, str]):
    answer = await client.get("/book", params=query)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


async def test_without_a_service_the_page_asks_for_one(visitor: Visitor):
    await visitor.begin()
    await visitor.get("what")
    assert 'name="q"' in visitor.page
    answer = await visitor.post("what", go="on")
    assert answer.status_code == 422
    assert "请先查找并添加要办的事项" in words(visitor.page)


async def test_the_page_says_what_it_is_how_long_it_takes_and_what_comes_out(visitor: Visitor):
    await visitor.begin(GAUGE)
    await visitor.get("what")
    for part in ("弹性元件式一般压力表检定", "约需 30 分钟", "检定证书", "第 1 步，共 5 步", "这件器具用来做什么"):
        assert part in words(visitor.page)


async def test_use_and_way_must_be_answered_and_what_was_answered_stays(visitor: Visitor):
    await visitor.begin(GAUGE)
    answer = await visitor.post("what", mode="onsite", go="on")
    assert answer.status_code == 422
    assert 'href="#f-use"' in visitor.page
    assert re.search(r'value="onsite"\s+checked', visitor.page)
    assert (await visitor.post("what", use="medical", go="on")).headers["location"] == f"{visitor.base}/where"
    await visitor.get("what")
    assert re.search(r'value="onsite"\s+checked', visitor.page)
    assert re.search(r'value="medical"\s+checked', visitor.page)


async def test_an_answer_that_is_none_is_asked_for_again(visitor: Visitor):
    await visitor.begin(GAUGE)
    assert (await visitor.post("what", use="fun", mode="moon", go="on")).status_code == 422


async def test_only_the_ways_that_all_services_share_are_offered(visitor: Visitor):
    await visitor.begin(ADVICE, LOOKUP)
    await visitor.get("what")
    assert "线上办理" in words(visitor.page)
    assert 'name="mode"' not in visitor.page


async def test_services_without_a_common_way_are_told_apart(visitor: Visitor):
    await visitor.begin(CALIPER, LOOKUP)
    await visitor.get("what")
    assert "不能一次办完" in words(visitor.page)
    assert (await visitor.post("what", go="on")).status_code == 422
    await visitor.post("what", remove=LOOKUP)
    assert (await visitor.post("what", go="on")).headers["location"] == f"{visitor.base}/where"


async def test_another_service_is_searched_for_and_added(visitor: Visitor):
    await visitor.begin(GAUGE)
    answer = await visitor.post("what", q="数字压力计", use="medical")
    assert answer.headers["location"].startswith(f"{visitor.base}/what?q=")
    await visitor.get("what", q="数字压力计")
    assert re.search(r'value="medical"\s+checked', visitor.page), "searching loses no answer"
    found = values(visitor.page, "add")
    assert found
    assert GAUGE not in found
    await visitor.post("what", add=found[0])
    await visitor.get("what")
    assert values(visitor.page, "remove") == [GAUGE, found[0]]
    assert "一次到访、一个窗口办完" in words(visitor.page)


async def test_a_search_without_success_says_so(visitor: Visitor):
    await visitor.begin(GAUGE)
    await visitor.get("what", q="qqqqzzzz")
    assert "没有找到与“qqqqzzzz”相关的其他事项" in words(visitor.page)


async def test_a_service_is_added_once_and_an_unknown_one_not_at_all(visitor: Visitor):
    await visitor.begin(GAUGE)
    await visitor.post("what", add=GAUGE)
    assert (await visitor.post("what", add="NO-SUCH")).status_code == 404
    await visitor.get("what")
    assert values(visitor.page, "remove") == [GAUGE]


async def test_more_services_than_a_request_takes_are_refused(visitor: Visitor, client: httpx.AsyncClient):
    items = (await client.get("/api/v1/services", params={"limit": 11, "category": "standards"})).json()["items"]
    codes = [item["code"] for item in items]
    await visitor.begin(*codes[:10])
    assert (await visitor.post("what", add=codes[10])).status_code == 409
    assert (await visitor.begin(*codes)).status_code == 422


async def test_two_tabs_do_not_mix(client: httpx.AsyncClient):
    one, two = Visitor(client), Visitor(client)
    await one.begin(GAUGE)
    await two.begin(SCALE)
    await one.get("what")
    await two.get("what")
    assert values(one.page, "remove") == [GAUGE]
    assert values(two.page, "remove") == [SCALE]


@pytest.mark.parametrize("step", ["what", "where", "when"])
async def test_another_browser_gets_a_page_with_a_new_start(app: FastAPI, visitor: Visitor, step: str):
    await visitor.begin(GAUGE)
    async with another_browser(app) as other:
        for address in (f"{visitor.base}/{step}", f"/book/nonsense/{step}"):
            for answer in (await other.get(address), await other.post(address, data={"go": "on"})):
                assert answer.status_code == 404
                assert "重新预约" in answer.text


@pytest.mark.parametrize("step", ["where", "when", "details", "check"])
async def test_a_later_page_leads_back_to_the_first_open_one(visitor: Visitor, step: str):
    await visitor.begin(GAUGE)
    answer = await visitor.get(step)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{visitor.base}/what")


async def test_changing_the_use_keeps_a_station_only_where_it_may_do_it(visitor: Visitor):
    await visitor.at_stations(GAUGE, use="other")
    offered = {code: await designated(visitor, code) for code in values(visitor.page, "station")}
    undesignated = next(code for code, may in offered.items() if not may)
    await visitor.post("where", station=undesignated)
    answer = await visitor.post("what", use="safety_protection", mode="station", go="on")
    assert answer.headers["location"] == f"{visitor.base}/where"


async def designated(visitor: Visitor, station: str) -> bool:
    services = (await visitor.client.get(f"/api/v1/stations/{station}")).json()["services"]
    return any(service["code"] == GAUGE and service["designated"] for service in services)


async def test_english_is_complete(visitor: Visitor, client: httpx.AsyncClient):
    client.headers["Accept-Language"] = "en"
    await visitor.begin(GAUGE)
    await visitor.get("what")
    for part in ("What is the instrument used for?", "takes 30 min", "Step 1 of 5"):
        assert part in words(visitor.page)
