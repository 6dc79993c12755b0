"""The pages of performance: the same figures as the API, sorted by links, within one's reach."""

import re
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.kit.db import Database
from app.performance import service
from app.performance.capacity import Closed, capacity_min
from app.performance.pages.charts import HEIGHT, WIDTH, bars, lines
from app.performance.rules import FEW, Measure, unusual
from app.performance.spans import days, midnight, runs
from app.performance.tallies import minutes_of
from app.stations.snapshot import Network, load_network
from tests.conftest import Clock
from tests.performance.history import MONDAY, History
from tests.performance.past import some_past
from tests.support.people import People

PAGE = "/office/performance"
SPAN = {"from": "2026-03-02", "to": "2026-03-15"}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def past(app: FastAPI, history: History, network: Network, clock: Clock) -> History:
    clock.move(MONDAY + timedelta(days=9))
    await some_past(history, network, Random(11))  # noqa: S311 - a seeded past
    return history


def cells(html: str) -> list[list[str]]:
    """The rows of the page's first table, as words."""
    body = html.split('class="performance-rows"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    parts = (re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows)
    return [[re.sub(r"<[^>]+>|\s+", "", cell) for cell in row] for row in parts]


async def test_page_and_api_say_the_same(past: History, client: httpx.AsyncClient, people: People):
    boss = await people.staff("city_admin")
    boss.browse(client)
    for by in ("day", "week", "month", "county", "station", "service"):
        page = await client.get(PAGE, params=SPAN | {"by": by}, headers=ENGLISH)
        answer = await client.get("/api/v1/performance", params=SPAN | {"by": by}, headers=boss.bearer)
        items: list[dict[str, Any]] = answer.json()["items"]
        shown = cells(page.text)
        assert [row[1] for row in shown] == [str(item["requests"]) for item in items]
        assert [row[4] for row in shown] == [str(item["served"]) for item in items]
        file = await client.get(PAGE, params=SPAN | {"by": by, "format": "csv"})
        assert len(file.content.decode("utf-8-sig").splitlines()) == len(items) + 1
    rows = cells((await client.get(PAGE, params=SPAN | {"sort": "-requests"})).text)
    asked = [int(row[1]) for row in rows]
    assert asked == sorted(asked, reverse=True)


async def test_a_manager_sees_the_own_station_and_what_is_wrong_is_said_at_its_field(
    past: History, client: httpx.AsyncClient, people: People, network: Network
):
    own, other = network.stations[3], network.stations[40]
    (await people.staff("manager", station=own.code)).browse(client)
    page = await client.get(PAGE, params=SPAN | {"by": "station"}, headers=ENGLISH)
    assert own.name_en in page.text
    assert other.name_en not in page.text
    wrong = await client.get(PAGE, params=SPAN | {"station": other.code}, headers=ENGLISH)
    assert wrong.status_code == 422
    assert f"There is no station with the code {other.code}." in wrong.text
    backwards = await client.get(PAGE, params={"from": "2026-03-09", "to": "2026-03-01"})
    assert backwards.status_code == 422
    named = await client.get(PAGE, params={"service": network.services[0].name_zh})
    assert (named.status_code, f"service={network.services[0].code}" in named.headers["location"]) == (303, True)


async def test_the_page_of_checks_says_what_differs(
    past: History, app: FastAPI, client: httpx.AsyncClient, people: People
):
    boss = await people.staff("city_admin")
    boss.browse(client)
    assert "Nothing was compared yet" in (await client.get(f"{PAGE}/checks", headers=ENGLISH)).text
    database: Database = app.state.database
    network, now = await load_network(database), MONDAY + timedelta(days=9)
    await service.settle(database, network, now)
    await database.fetch("UPDATE performance_day SET served = served + 1 WHERE service_id = 0", ())
    await service.verify(database, network, now, by="test")
    await service.verify(database, network, now, by="test", mend=True)
    await service.verify(database, network, now, by="test")
    text = (await client.get(f"{PAGE}/checks", headers=ENGLISH)).text
    assert [text.index(words) for words in ("All alike", "Differed, counted anew", ">Differs<")] == sorted(
        text.index(words) for words in ("All alike", "Differed, counted anew", ">Differs<")
    )


class TestRules:
    @given(st.lists(st.integers(0, 500), min_size=1))
    def test_a_quantile_is_the_least_that_so_many_dont_exceed(self, minutes: list[int]):
        found = minutes_of(np.array(minutes, np.int64))
        assert found.count == len(minutes)
        for value, tenths in ((found.p50, 5), (found.p90, 9)):
            assert value is not None
            assert 10 * sum(each <= value for each in minutes) >= tenths * len(minutes)
            assert 10 * sum(each < value for each in minutes) < tenths * len(minutes)

    @given(st.lists(st.integers(0, 40), max_size=8))
    def test_what_is_usual_is_not_unusual_and_a_multiple_is(self, past: list[int]):
        usual = sorted(past)[len(past) // 2] if past else 0
        assert unusual(Measure.SERVED, usual, past) is None
        far = unusual(Measure.SERVED, 1000, past)
        assert (far is None) == (len(past) < FEW)

    @given(st.sets(st.integers(0, 60)))
    def test_runs_hold_every_day_once(self, numbers: set[int]):
        given_days = sorted(date(2026, 1, 1) + timedelta(days=n) for n in numbers)
        found = list(runs(given_days))
        assert [day for first, last in found for day in days(first, last)] == given_days
        assert all(second[0] - first[1] > timedelta(days=1) for first, second in pairwise(found))

    def test_bars_and_lines_stay_in_their_chart(self):
        drawn = bars([("a", 0), ("b", 5), ("c", 10)])
        assert [bar.height for bar in drawn] == [0, HEIGHT / 2, HEIGHT]
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn)
        assert lines([1, None, 2, 2], 2) == ["75.0,50.0", "375.0,0.0 525.0,0.0"]

    async def test_capacity_is_the_open_time_of_public_desks(self, network: Network):
        station, day = network.stations[3], date(2026, 3, 2)
        desks, hours = [desk for desk in station.desks if desk.public and desk.active], 7 * 60
        end = midnight(day + timedelta(days=1))
        assert capacity_min(station, network.calendar, (), day, end) == len(desks) * hours
        noon = midnight(day) + timedelta(hours=12)
        assert capacity_min(station, network.calendar, (), day, noon) == len(desks) * 210
        closed = Closed(None, noon - timedelta(hours=1), noon + timedelta(hours=3)), Closed(desks[0].id, noon, end)
        left = (len(desks) - 1) * (150 + 150) + 150
        assert capacity_min(station, network.calendar, closed, day, end) == left
        assert capacity_min(station, network.calendar, (), date(2026, 2, 17), end) == 0, "New Year"
