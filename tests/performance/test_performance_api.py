"""Performance by the API: the same figures however they are put together, files, reach, and what is refused by name."""

import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from app.kit.db import Database
from app.performance import service
from app.stations.snapshot import Network
from tests.conftest import Clock
from tests.performance.history import MONDAY, History
from tests.performance.past import some_past
from tests.support.papers import check_accessible, csv_rows, printed, share, written
from tests.support.people import People, Signed

Json = dict[str, Any]
PERFORMANCE = "/api/v1/performance"
FIRST, LAST = MONDAY.date(), MONDAY.date() + timedelta(days=13)


@dataclass
class Asker:
    client: httpx.AsyncClient
    who: Signed

    async def get(self, path: str = "", **query: object) -> httpx.Response:
        asked = {"from": FIRST.isoformat(), "to": LAST.isoformat(), **query}
        return await self.client.get(f"{PERFORMANCE}{path}", params=asked, headers=self.who.bearer)

    async def json(self, path: str = "", **query: object) -> Json:
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body


@pytest.fixture
async def asker(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock) -> Asker:
    clock.move(MONDAY + timedelta(days=9))
    return Asker(client, await people.staff("city_admin"))


@pytest.fixture
async def past(history: History, database: Database, network: Network) -> History:
    """Some days of it are kept, others not, as after something came late."""
    await some_past(history, network, Random(7))  # noqa: S311 - a seeded past
    for n in (0, 1, 3, 4):
        await service.settle_day(database, network, FIRST + timedelta(days=n), MONDAY + timedelta(days=9))
    return history


def together(history: History, key: Callable[[date, int, int], Any]) -> dict[Any, Json]:
    """The expected rows put together by plain Python; a key of None isn't counted."""
    groups: dict[Any, Json] = defaultdict(lambda: defaultdict(int))
    for where, row in history.expected().items():
        if (group := key(*where)) is not None:
            for name, value in row.items():
                groups[group][name] = groups[group][name] + value if groups[group][name] else value
    return groups


def quantiles(values: list[int] | int) -> Json:
    ordered = sorted(values or [])  # type: ignore[arg-type]  # 0 where there is none
    p50, p90 = (ordered[ceil(len(ordered) * share) - 1] if ordered else None for share in (0.5, 0.9))
    return {"p50": p50, "p90": p90, "count": len(ordered)}


def same(found: Json, expected: Json) -> None:
    for name in ("requests", "appointments", "walk_ins", "served", "no_shows", "judged", "returns", "reroutes"):
        assert found[name] == expected[name], name
    for name in ("wait_min", "service_min", "answer_min"):
        assert found[name] == quantiles(expected[name]), name
    assert found["busy_min"] == pytest.approx(expected["busy_s"] / 60, abs=0.01)
    assert found["rating"]["count"] == expected["ratings"]
    if expected["judged"]:
        assert found["on_time_rate"] == pytest.approx(1 - expected["late"] / expected["judged"], abs=1e-5)


async def test_figures_are_the_same_however_they_are_put_together(asker: Asker, past: History, network: Network):
    codes = {each.id: each for each in network.stations}
    keys: dict[str, Callable[[date, int, int], Any]] = {
        "day": lambda day, _, s: day.isoformat() if s == 0 else None,
        "week": lambda day, _, s: (day - timedelta(days=day.weekday())).isoformat() if s == 0 else None,
        "month": lambda day, _, s: day.replace(day=1).isoformat() if s == 0 else None,
        "station": lambda _, station, s: codes[station].code if s == 0 else None,
        "county": lambda _, station, s: codes[station].county_adcode if s == 0 else None,
        "service": lambda *where: network.service_by_id[where[2]].code if where[2] else None,
    }
    everything = together(past, lambda _day, _station, s: "all" if s == 0 else None)["all"]
    for by, key in keys.items():
        found = await asker.json(by=by)
        same(found, everything)
        expected = together(past, key)
        assert [item["key"] for item in found["items"]] == sorted(expected, key=lambda k: order(k, by, network))
        for item in found["items"]:
            same(item, expected[item["key"]])
    one = network.services[0]
    found = await asker.json(service=one.code)
    same(found, together(past, lambda _day, _station, s: "all" if s == one.id else None)["all"])
    assert found["utilisation"] is None


def order(key: str, by: str, network: Network) -> Any:
    ids = {each.code: each.id for each in (*network.stations, *network.services)}
    return ids[key] if by in ("station", "service") else key


async def test_only_what_one_reaches_is_counted(asker: Asker, past: History, people: People, network: Network):
    station = network.stations[3]
    manager = Asker(asker.client, await people.staff("manager", station=station.code))
    same(await manager.json(), together(past, lambda _d, s, x: "all" if (s, x) == (station.id, 0) else None)["all"])
    answer = await manager.get(station=network.stations[40].code)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "station_unknown")
    county = Asker(asker.client, await people.staff("county_admin", county=station.county_adcode))
    assert {item["key"] for item in (await county.json(by="county"))["items"]} <= {station.county_adcode}
    officer = Asker(asker.client, await people.staff("officer", station=station.code))
    assert (await officer.get()).status_code == 403


async def test_a_file_has_the_same_rows(asker: Asker, past: History):
    items = (await asker.json(by="station"))["items"]
    text = (await asker.get(by="station", format="csv")).content.decode("utf-8-sig").splitlines()
    assert len(text) == len(items) + 1
    assert "wait_min_p50" in text[0]
    book = CalamineWorkbook.from_filelike(io.BytesIO((await asker.get(by="station", format="xlsx")).content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert [row[head.index("requests")] for row in rows] == [item["requests"] for item in items]
    answer = await asker.get("/unusual", format="csv")
    assert answer.content.decode("utf-8-sig").startswith("day,station_code")


async def test_paper_has_the_same_rows_to_the_last_digit(asker: Asker, past: History):
    for by in ("station", "day"):
        rows = csv_rows(await asker.get(by=by, format="csv"))
        page = printed(await asker.get(by=by, format="pdf"))
        check_accessible(page, lang="zh-CN", title="运行绩效")
        whole = await asker.json()
        assert page.holds(["合计", f"{whole['requests']:,}", f"{whole['appointments']:,}", f"{whole['walk_ins']:,}"])
        for row in rows:
            day = [int(part) for part in row["key"].split("-")] if by == "day" else []
            name = "{}年{}月{}日".format(*day) if day else row["name_zh"]
            assert page.holds([name, *paper_cells(row)]), row
        assert ("*少于五例" in page.text) == ("*" in page.text.partition("合计")[0])
    unusual = printed(await asker.get("/unusual", format="pdf"))
    assert "没有可列出的内容" in unusual.text


def paper_cells(row: dict[str, str]) -> list[str]:
    few = row["few"].split("|")

    def marked(name: str, cell: str) -> str:
        return f"*{cell}" if name in few else cell

    minutes = [
        marked(name, written(row[f"{name}_{part}"])) for name in ("wait_min", "service_min") for part in ("p50", "p90")
    ]
    hours = [row[f"answer_min_{part}"] and str(Decimal(row[f"answer_min_{part}"]) / 60) for part in ("p50", "p90")]
    return [
        *(written(row[name]) for name in ("requests", "appointments", "walk_ins", "served", "no_shows")),
        marked("no_show_rate", share(row["no_show_rate"], 1)),
        *minutes,
        *(marked("answer_min", written(each, 1)) for each in hours),
        marked("on_time_rate", share(row["on_time_rate"], 1)),
        *(written(row[name]) for name in ("returns", "reroutes")),
        share(row["utilisation"], 1),
        marked("rating", written(row["rating_mean"], 1)),
    ]


async def test_what_cannot_be_asked_is_refused_by_name(asker: Asker):
    for query, field, code in (
        ({"from": "2026-03-09", "to": "2026-03-01"}, "to", "before_from"),
        ({"from": "2020-03-09", "to": "2026-03-01"}, "from", "too_long"),
        ({"station": "NOWHERE"}, "station", "station_unknown"),
        ({"county": "nowhere"}, "county", "county_unknown"),
        ({"service": "nothing"}, "service", "service_unknown"),
        ({"by": "hour"}, "by", "enum"),
        ({"bye": "day"}, "bye", "extra_forbidden"),
    ):
        answer = await asker.get(**query)
        assert answer.status_code == 422, query
        error = answer.json()["errors"][0]
        assert (error["field"], error["code"]) in ((field, code), (field, error["code"])), error
        assert error["field"] == field


async def test_nothing_at_all_is_nothing(asker: Asker):
    found = await asker.json()
    assert (found["items"], found["requests"], found["rating"]) == ([], 0, {"mean": None, "count": 0})
    assert found["no_show_rate"] is None
    assert (await asker.json("/unusual"))["items"] == []
