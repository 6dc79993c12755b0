"""The wizard for a visit on site: the address and the days, the place, times that leave room for the way."""

from datetime import datetime, timedelta

import httpx
import pytest

from tests.booking.filled import AT_THE_GATE, booking
from tests.booking.visitor import GAUGE, JINGHU_TOWN, Visitor, values, words
from tests.conftest import Clock

pytestmark = pytest.mark.anyio
SCALE = "MET-MEC-019"
SITE = {
    "address": "九华南路 12 号 3 栋",
    "first_day": "2026-12-03",
    "last_day": "2026-12-09",
    "part_of_day": "morning",
    "contact_name": "",
    "contact_phone": "",
}
HERE = {"lon": "118.38", "lat": "31.34", "crs": "wgs84"}


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    return Visitor(client)


async def at_times(visitor: Visitor, **changes: str) -> str:
    """At the times of the nearest station; its code."""
    await visitor.at_where(GAUGE, mode="onsite")
    assert (await visitor.get("where")).headers["location"].endswith("/site")
    await visitor.get("site")
    assert (await visitor.post("site", **SITE | changes)).headers["location"].endswith("/where")
    await visitor.get("where")
    assert "九华南路 12 号 3 栋" in words(visitor.page)
    assert (await visitor.post("where", **HERE)).status_code == 303
    await visitor.get("where")
    station = values(visitor.page, "station")[0]
    assert (await visitor.post("where", station=station)).headers["location"].endswith("/when")
    await visitor.get("when")
    return station


async def test_the_times_are_those_when_somebody_is_there_with_room_for_the_way(visitor: Visitor):
    station = await at_times(visitor)
    page = words(visitor.page)
    assert "12月3日 周四至12月9日 周三，上午" in page
    assert "路途时间，按直线距离" in page
    query = {"service": GAUGE, "mode": "onsite", "from": "2026-12-03", "days": 1, "lon": 118.38, "lat": 31.34}
    answer = await visitor.client.get(f"/api/v1/stations/{station}/availability", params=query)
    free = answer.json()["days"][0]["starts"]
    assert values(visitor.page, "start") == [start for start in free if datetime.fromisoformat(start).hour < 12]
    assert visitor.page.count("?day=2026-12-0") >= 7
    assert "day=2026-12-02" not in visitor.page


async def test_what_is_typed_on_the_way_is_checked_and_sent(visitor: Visitor):
    await at_times(visitor, contact_name="李工", contact_phone="0553-5881234")
    start = await visitor.hold()
    form = await visitor.get("details")
    assert "site_address" not in form.text
    answers = {"instrument_name": "压力表", "model_spec": "Y-100", "serial_no": "A-17", "quantity": "1"}
    more = {"install_location": "锅炉房", "use_region_code": "340202"}
    details = {f"items.0.inputs.{key}": value for key, value in (answers | more).items()}
    applicant = {"organisation_name": "芜湖长江阀门有限公司", "uscc": "91110000600037341L", "contact_name": "王芳"}
    details |= {f"applicant.{key}": value for key, value in (applicant | {"mobile": "13812345678"}).items()}
    answer = await visitor.post("details", **details, consent_version="2026-11-28")
    assert answer.headers["location"].endswith("/check"), words(visitor.page)
    await visitor.get("check")
    page = words(visitor.page)
    for shown in ("九华南路 12 号 3 栋", "12月3日 周四至12月9日 周三，上午", "李工 0553-5881234", "往返各预留"):
        assert shown in page
    assert (await visitor.post("send")).headers["location"].endswith("/done")
    await visitor.get("done")
    page = words(visitor.page)
    assert "九华南路 12 号 3 栋" in page
    assert start[11:16] in page
    assert "路途时间，按直线距离" in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"address": " "}, "address", "门牌号"),
        ({"first_day": ""}, "first_day", "必填"),
        ({"last_day": "2026-11-30"}, "last_day", "已过"),
        ({"last_day": "2026-12-02"}, "last_day", "早于"),
        ({"first_day": "2027-03-01", "last_day": "2027-03-02"}, "first_day", "提前 30 天"),
        ({"first_day": "1.12."}, "first_day", "日期"),
        ({"part_of_day": "night"}, "part_of_day", "any"),
        ({"contact_phone": "12"}, "contact_phone", "手机号"),
    ],
)
async def test_a_fault_comes_back_with_its_sentence(visitor: Visitor, typed: dict[str, str], field: str, sentence: str):
    await visitor.at_where(GAUGE, mode="onsite")
    answer = await visitor.post("site", **SITE | typed)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in visitor.page
    assert sentence in words(visitor.page)


async def test_a_form_that_asks_the_address_is_answered_by_the_page_about_the_site(visitor: Visitor):
    await visitor.at_where(SCALE, mode="onsite", use="trade_settlement")
    await visitor.get("site")
    assert 'name="contact_name"' not in visitor.page  # its form asks who receives the staff
    await visitor.post("site", **SITE)
    await visitor.post("where", town=JINGHU_TOWN)
    await visitor.get("where")
    await visitor.post("where", station=values(visitor.page, "station")[0])
    await visitor.get("when")
    assert "按已知的大致位置估算" in words(visitor.page)  # a town only estimates the way
    await visitor.hold()
    await visitor.get("details")
    assert "items.0.inputs.site_address" not in visitor.page
    assert "items.0.inputs.site_contact" in visitor.page


async def test_other_days_or_another_site_give_the_kept_time_back(app, client: httpx.AsyncClient, clock: Clock):
    own = await booking(app, client, clock, GAUGE, mode="onsite", station="WH-ET-01")
    typed = AT_THE_GATE.model_dump(mode="json")
    await own.post("site", typed)
    assert (await own.data()).held is not None
    later = (AT_THE_GATE.first_day + timedelta(days=1)).isoformat()
    await own.post("site", typed | {"first_day": later})
    assert (await own.data()).held is None
    [(left,)] = await app.state.database.fetch("SELECT count(*) FROM reservation WHERE active", ())
    assert left == 0


async def test_a_visit_at_the_station_has_no_page_about_a_site(visitor: Visitor):
    await visitor.at_where(GAUGE)
    assert (await visitor.get("site")).headers["location"].endswith("/where")
    assert (await visitor.post("site", **SITE)).headers["location"].endswith("/where")
