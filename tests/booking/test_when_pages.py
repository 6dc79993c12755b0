"""The third page of the wizard: days, times, and the time that is kept."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.slots.errors import StationClosed
from tests.booking.visitor import GAUGE, Visitor, another_browser, counted, taken, values, words
from tests.conftest import Clock

pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 4
SATURDAY = "2026-12-05"


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> Visitor:
    return Visitor(client)


async def test_a_week_is_shown_with_the_free_times_of_each_day(visitor: Visitor):
    await visitor.at_times()
    assert len(re.findall(r'class="day ', visitor.page)) == 7
    assert re.search(r"余 \d+", words(visitor.page))
    assert "下一周" in visitor.page
    assert "上一周" not in visitor.page
    assert "time--first" in visitor.page


async def test_the_times_are_those_of_the_api(visitor: Visitor, client: httpx.AsyncClient):
    station = await visitor.at_times()
    answer = await client.get(f"/api/v1/stations/{station}/availability", params={"service": GAUGE, "days": 1})
    assert values(visitor.page, "start") == answer.json()["days"][0]["starts"]


async def test_the_last_week_ends_with_the_horizon(visitor: Visitor):
    await visitor.at_times()
    await visitor.get("when", day="2026-12-31")
    assert "下一周" not in visitor.page
    assert "上一周" in visitor.page


async def test_a_closed_day_says_why_and_names_the_next_open_ones(visitor: Visitor):
    await visitor.at_times()
    await visitor.get("when", day=SATURDAY)
    assert "周末，服务站休息" in words(visitor.page)
    assert "?day=2026-12-04" in visitor.page
    assert "?day=2026-12-07" in visitor.page


@pytest.mark.parametrize("day", ["2026-11-30", "2027-01-01", "2026-02-30", "tomorrow", "0", "9" * 5000])
async def test_a_day_that_cannot_be_booked_is_refused_with_those_that_can(visitor: Visitor, day: str):
    await visitor.at_times()
    answer = await visitor.get("when", day=day)
    assert answer.status_code == 422
    assert "所选日期不能预约" in words(visitor.page)
    assert values(visitor.page, "start")


async def test_choosing_keeps_the_time_and_the_summary_counts_down(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    await visitor.hold()
    await visitor.get("when")
    assert "为您保留" in words(visitor.page)
    assert "data-hold-seconds" in visitor.page
    assert await taken(app) == 1


async def test_choosing_the_same_time_again_changes_nothing(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    start = await visitor.hold()
    assert (await visitor.post("when", start=start)).headers["location"] == f"{visitor.base}/details"
    assert await taken(app) == 1


async def test_choosing_another_time_gives_the_first_one_back(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    first = await visitor.hold()
    await visitor.get("when")
    await visitor.hold(3)
    await visitor.get("when")
    assert first in values(visitor.page, "start")
    assert await taken(app) == 1


async def test_a_time_taken_meanwhile_is_said_with_the_next_ones_and_the_old_one_is_kept(
    visitor: Visitor, app: FastAPI
):
    station = await visitor.at_times()
    await visitor.hold()
    await visitor.get("when", day="2026-12-02")
    wanted = values(visitor.page, "start")[0]
    await fill_up(app, station, wanted)
    answer = await visitor.post("when", start=wanted)
    assert answer.status_code == 409
    assert "已被" in words(visitor.page) or "刚刚" in words(visitor.page)
    assert "接下来可约的时间" in words(visitor.page)
    assert wanted not in values(visitor.page, "start")
    assert "为您保留" in words(visitor.page)


async def fill_up(app: FastAPI, station: str, start: str) -> None:
    """Others take all desks at that time."""
    body = {"service_codes": [GAUGE], "station_code": station, "mode": "station", "start": start}
    for _desk in range(20):
        async with another_browser(app) as other:
            await other.get("/book", params={"service": GAUGE})
            if (await other.post("/api/v1/holds", json=body)).status_code == 409:
                return
    raise AssertionError("the station has no end of desks")


async def test_one_browser_keeps_no_more_than_three_times(client: httpx.AsyncClient):
    for _tab in range(3):
        tab = Visitor(client)
        await tab.at_times()
        await tab.hold()
    tab = Visitor(client)
    await tab.at_times()
    answer = await tab.post("when", start=values(tab.page, "start")[0])
    assert answer.status_code == 429
    assert values(tab.page, "start")


@pytest.mark.parametrize(
    "start",
    [
        "",
        "soon",
        "2026-12-02T09:00:00",
        "2026-12-02T09:07:00+08:00",
        "2026-11-02T09:00:00+08:00",
        "2027-12-02T09:00:00+08:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "2026-12-02T03:00:00+08:00",
        "2026-12-02\0",
    ],
)
async def test_a_start_that_is_none_comes_back_with_the_times(visitor: Visitor, app: FastAPI, start: str):
    await visitor.at_times()
    answer = await visitor.post("when", start=start)
    assert answer.status_code == 422
    assert values(visitor.page, "start")
    assert await taken(app) == 0


async def test_after_ten_minutes_the_page_says_that_the_time_is_gone(visitor: Visitor, clock: Clock):
    await visitor.at_times()
    await visitor.hold()
    clock.move(timedelta(minutes=10))
    assert (await visitor.get("details")).headers["location"] == f"{visitor.base}/when"
    await visitor.get("when")
    assert "已不再为您保留" in words(visitor.page)
    await visitor.hold()


async def test_a_station_that_closes_while_booking_says_so(
    visitor: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    await visitor.at_times()

    async def closed(*_all: object) -> None:
        raise StationClosed(next_starts=["2026-12-03T09:00:00+08:00"])

    monkeypatch.setattr(app.state.holds, "hold", closed)
    answer = await visitor.post("when", start=values(visitor.page, "start")[0])
    assert answer.status_code == 409
    assert "12月3日 周四 09:00" in words(visitor.page)


async def test_a_full_day_offers_the_next_day_and_another_station(visitor: Visitor, app: FastAPI):
    station = await visitor.at_times()
    await block(app, station, "2026-12-02")
    await visitor.get("when", day="2026-12-02")
    assert "这一天的时段已全部约满" in words(visitor.page)
    assert "?day=2026-12-03" in visitor.page
    others = values(visitor.page, "station")
    assert others
    assert station not in others
    answer = await visitor.post("where", station=others[0], day="2026-12-02")
    assert answer.headers["location"] == f"{visitor.base}/when?day=2026-12-02"


async def block(app: FastAPI, station: str, day: str) -> None:
    """All desks of a station are taken for a whole day."""
    await app.state.database.fetch(
        """
        INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, active, mode, service_ids,
            created_at, changed_at)
        SELECT gen_random_uuid(), s.id, d.id,
            extract(epoch FROM (%s || 'T00:00:00+08:00')::timestamptz)::bigint / 300, 288, 'block', true, 'station',
            '{}', now(), now()
        FROM station s JOIN desk d ON d.station_id = s.id WHERE s.code = %s
        """,
        (day, station),
    )


async def test_the_times_take_few_statements(visitor: Visitor, app: FastAPI):
    await visitor.at_times()
    with counted(app) as statements:
        await visitor.get("when")
    assert len(statements) <= MOST_STATEMENTS, statements
