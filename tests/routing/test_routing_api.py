"""`GET /routes` on the reference network: the contract, the truth of the files, and what bad input gets."""

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import PROJECT
from app.kit.clock import LOCAL
from app.kit.geo import Crs, Point, from_wgs84
from app.routing.rules import Check
from app.routing.schemas import RoutesOut
from tests.conftest import Clock
from tests.routing.nets import GEOD

pytestmark = pytest.mark.anyio

REFERENCE = PROJECT / "app" / "data" / "reference"
PLACE = {"lon": 118.38, "lat": 31.33}
CALIPER = "MET-GEO-001"


def rows(name: str, folder: Path = REFERENCE) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def routes(client: httpx.AsyncClient, service: str | list[str] = CALIPER, **params: Any) -> dict[str, Any]:
    place = {} if "town" in params or "lon" in params else PLACE
    response = await client.get("/api/v1/routes", params={"service": service, **place, **params})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    RoutesOut.model_validate(body)
    return body


async def refused(client: httpx.AsyncClient, language: str = "en", **params: Any) -> dict[str, tuple[str, str]]:
    """The fields at fault, each with code and sentence."""
    response = await client.get("/api/v1/routes", params=params, headers={"accept-language": language})
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return {error["field"]: (error["code"], error["message"]) for error in response.json()["errors"]}


def codes(body: dict[str, Any]) -> list[str]:
    return [candidate["station"]["code"] for candidate in body["candidates"]]


# --- The contract --------------------------------------------------------------------------------------------------


async def test_an_answer_has_what_the_contract_names(client: httpx.AsyncClient):
    body = await routes(client, limit=2)
    assert body["origin"] == {**PLACE, "crs": "wgs84", "given": {**PLACE, "crs": "wgs84", "town": None}}
    assert body["policy"] == "nearest"
    assert body["mode"] == "station"
    assert (body["from"], body["until"]) == ("2026-12-01", "2026-12-14")
    assert body["escalated"] is False
    assert [candidate["rank"] for candidate in body["candidates"]] == [1, 2]
    first = body["candidates"][0]
    assert set(first["station"]) >= {"code", "name_zh", "name_en", "lon", "lat"}
    assert first["covers"] == [CALIPER]
    assert first["reasons"][0] == "nearest_capable"
    assert first["earliest_start"] == "2026-12-01T10:00:00+08:00"
    assert all(set(each) == {"station_code", "distance_km", "reason"} for each in body["passed_over"])
    assert len(body["passed_over"]) == body["passed_over_total"]


@dataclass(frozen=True)
class Asked:
    """One random question, and what the files say of each station."""

    service: str
    mode: str
    use: str | None
    day: date
    lon: float
    lat: float
    listed: bool
    offers: Mapping[str, Mapping[str, str]]

    @property
    def params(self) -> dict[str, Any]:
        own = {"mode": self.mode, "lon": self.lon, "lat": self.lat, "from": str(self.day)}
        return {**own, "days": 7, "within_km": 5000, **({"use": self.use} if self.use else {})}

    def may(self, station: str) -> bool:
        row = self.offers.get(station)
        return (
            row is not None
            and (row["designated"] == "true" or not self.listed or self.use == "other")
            and (not row["valid_until"] or date.fromisoformat(row["valid_until"]) >= self.day)
            and self.mode in row["modes"].split("|")
        )

    def km(self, station: Mapping[str, str]) -> float:
        return GEOD.inv(self.lon, self.lat, float(station["lon"]), float(station["lat"]))[2] / 1000


def random_questions(count: int, listed: Mapping[str, bool]) -> Iterator[Asked]:
    offers: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("capabilities.csv"):
        offers.setdefault(row["service_code"], {})[row["station_code"]] = row
    some = random.Random(20261201)  # noqa: S311 (the same each time)
    for _ in range(count):
        service = some.choice(sorted(offers))
        yield Asked(
            service=service,
            mode=some.choice(["station", "onsite", "online"]),
            use=some.choice([None, "medical", "other"]),
            day=date(2026, 12, 1) + timedelta(days=some.randrange(30)),
            lon=some.uniform(117.7, 118.6),
            lat=some.uniform(30.8, 31.4),
            listed=listed[service],
            offers=offers[service],
        )


async def test_it_agrees_with_the_files_for_random_places_services_and_uses(client: httpx.AsyncClient):
    items = (await client.get("/api/v1/services?limit=200")).json()["items"]
    stations = {row["code"]: row for row in rows("stations.csv")}
    for asked in random_questions(40, {item["code"]: item["designation_required"] for item in items}):
        body = await routes(client, asked.service, **asked.params)
        # What is equal to a decimetre goes by code.
        km = {code: (round(asked.km(row), 4), code) for code, row in stations.items()}
        late = {each["station_code"] for each in body["passed_over"] if each["reason"] in ("closed", "no_free_time")}
        able = {code for code in stations if asked.may(code)} - late
        assert codes(body) == sorted(able, key=km.__getitem__)[:5]
        last = max((km[code] for code in codes(body)), default=(5000.0, ""))
        assert [each["station_code"] for each in body["passed_over"]] == sorted(
            (code for code in stations if code not in able and km[code] < last), key=km.__getitem__
        )
        for each in body["candidates"]:
            assert each["distance_km"] == pytest.approx(km[each["station"]["code"]][0], rel=1e-4, abs=2e-4)


async def test_the_same_place_in_three_systems_gives_the_same_stations(client: httpx.AsyncClient):
    there = Point(118.3683, 31.3476)
    found = []
    for crs in Crs:
        lon, lat = from_wgs84(there, crs)
        body = await routes(client, crs=crs.value, lon=lon, lat=lat)
        assert body["origin"]["given"] == {"lon": lon, "lat": lat, "crs": crs.value, "town": None}
        assert body["origin"]["lon"] == pytest.approx(there.lon, abs=1e-8)
        assert body["origin"]["lat"] == pytest.approx(there.lat, abs=1e-8)
        found.append([(each["station"]["code"], each["distance_km"]) for each in body["candidates"]])
    assert found[0] == found[1] == found[2]


TOWNS = {"340202013": "WH-JH", "340221100": "WH-WZ", "340221": "WH-WZ", "340281": "WH-WW"}


async def test_a_town_or_a_division_present_or_former_is_a_place(client: httpx.AsyncClient):
    for town, county in TOWNS.items():
        body = await routes(client, town=town)
        assert body["origin"]["given"] == {"lon": None, "lat": None, "crs": None, "town": town}
        assert body["candidates"][0]["station"]["code"].startswith(county)


async def test_without_a_mode_it_is_the_first_in_which_the_service_is_offered(client: httpx.AsyncClient):
    items = (await client.get("/api/v1/services?limit=200")).json()["items"]
    for modes in (["onsite"], ["online"]):
        service = next(item["code"] for item in items if item["modes"] == modes)
        body = await routes(client, service)
        assert body["mode"] == modes[0]
        assert body["candidates"]


async def test_soonest_and_balanced_rank_by_time_and_by_cost(client: httpx.AsyncClient):
    soonest = await routes(client, policy="soonest", limit=10)
    starts = [each["earliest_start"] for each in soonest["candidates"]]
    assert starts == sorted(starts)
    assert soonest["candidates"][0]["reasons"][0] == "soonest"
    balanced = await routes(client, policy="balanced", limit=3)
    assert balanced["candidates"][0]["reasons"][0] == "best_balance"


async def test_several_services_are_found_in_one_visit_first(client: httpx.AsyncClient):
    asked = [CALIPER, "MET-GEO-005"]
    body = await routes(client, asked, limit=20)
    counts = [len(each["covers"]) for each in body["candidates"]]
    assert counts == sorted(counts, reverse=True)
    assert set(counts) == {1, 2}
    assert all(set(each["covers"]) <= set(asked) for each in body["candidates"])
    for one, next_one in pairwise(body["candidates"]):
        assert len(one["covers"]) > len(next_one["covers"]) or one["distance_km"] <= next_one["distance_km"]


async def test_far_from_everybody_a_station_above_the_nearest_stands_in_or_the_nearest_itself(
    client: httpx.AsyncClient,
):
    body = await routes(client, lon=116.4, lat=39.9)
    assert body["escalated"] == ("parent_station" in body["candidates"][0]["reasons"])
    assert all("beyond_reach" in each["reasons"] for each in body["candidates"])


async def test_a_holiday_has_no_times_and_the_answer_says_why(client: httpx.AsyncClient, clock: Clock):
    clock.move(datetime(2026, 9, 25, 8, tzinfo=LOCAL))
    body = await routes(client, **{"from": "2026-10-01", "days": 2})
    assert body["candidates"] == []
    assert {each["reason"] for each in body["passed_over"]} >= {"closed"}
    assert body["explanation"]["code"] == "closed"
    english = await client.get(
        "/api/v1/routes",
        params={"service": CALIPER, **PLACE, "from": "2026-10-01", "days": 2},
        headers={"accept-language": "en"},
    )
    assert english.json()["explanation"]["text"].endswith("Please try other days.")
    assert english.json()["explanation"]["text"] != body["explanation"]["text"]


async def test_the_first_free_time_is_that_of_the_availability(client: httpx.AsyncClient):
    body = await routes(client)
    for candidate in body["candidates"]:
        code = candidate["station"]["code"]
        days = (await client.get(f"/api/v1/stations/{code}/availability", params={"service": CALIPER})).json()["days"]
        assert candidate["earliest_start"] == next(start for day in days for start in day["starts"])


async def test_a_place_that_was_taken_is_gone_from_the_next_answer(client: httpx.AsyncClient):
    before = (await routes(client, limit=1))["candidates"][0]
    hold = {"service_codes": [CALIPER], "station_code": before["station"]["code"], "start": before["earliest_start"]}
    while (await routes(client, limit=1))["candidates"][0]["earliest_start"] == before["earliest_start"]:
        response = await client.post("/api/v1/holds", json={**hold, "mode": "station"})
        if response.status_code == 429:
            pytest.skip("the station has more desks than one client may hold")
        assert response.status_code == 201
    after = (await routes(client, limit=1))["candidates"][0]
    assert after["earliest_start"] > before["earliest_start"]


# --- What bad input gets -------------------------------------------------------------------------------------------

HERE = {"service": CALIPER, **PLACE}


BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"service": CALIPER}, {"lon": "origin_missing", "lat": "origin_missing"}),
    ({"service": CALIPER, "lon": 118.4}, {"lat": "origin_missing"}),
    ({**HERE, "town": "340202013"}, {"town": "origin_twice"}),
    ({"service": CALIPER, "town": "340202013", "crs": "bd09"}, {"town": "origin_twice"}),
    ({"service": CALIPER, "town": "999999"}, {"town": "town_unknown"}),
    ({"service": CALIPER, "town": "340202999"}, {"town": "town_unknown"}),
    ({"service": CALIPER, "town": "镜湖"}, {"town": "string_pattern_mismatch"}),
    ({**HERE, "lon": 31.33, "lat": 118.38}, {"lon": "point_swapped", "lat": "point_swapped"}),
    ({**HERE, "lon": 31.33, "lat": 78.38}, {"lon": "point_swapped", "lat": "point_swapped"}),
    ({**HERE, "lon": 2.35, "lat": 48.85}, {"lon": "point_outside_country", "lat": "point_outside_country"}),
    ({**HERE, "lon": 1e300}, {"lon": "point_out_of_range", "lat": "point_out_of_range"}),
    ({**HERE, "lon": "nan"}, {"lon": "finite_number"}),
    ({**HERE, "lat": "-inf"}, {"lat": "finite_number"}),
    ({**HERE, "lon": "118,38"}, {"lon": "float_parsing"}),
    ({**HERE, "crs": "epsg:4326"}, {"crs": "enum"}),
    ({**HERE, "mode": "by_post"}, {"mode": "enum"}),
    ({**HERE, "use": "fun"}, {"use": "enum"}),
    ({**HERE, "policy": "cheapest"}, {"policy": "enum"}),
    ({**HERE, "from": "2026-02-30"}, {"from": "date_from_datetime_parsing"}),
    ({**HERE, "from": "2026-11-30"}, {"from": "past_date"}),
    ({**HERE, "from": "2027-12-01"}, {"from": "beyond_horizon"}),
    ({**HERE, "days": 0}, {"days": "greater_than_equal"}),
    ({**HERE, "days": 32}, {"days": "less_than_equal"}),
    ({**HERE, "limit": 51}, {"limit": "less_than_equal"}),
    ({**HERE, "within_km": 0}, {"within_km": "greater_than"}),
    ({**HERE, "reach": 5}, {"reach": "extra_forbidden"}),
    ({**PLACE}, {"service": "missing"}),
    ({**HERE, "service": "\x00"}, {"service": "service_unknown"}),
    ({**HERE, "service": "x" * 10_000}, {"service.0": "string_too_long"}),
    ({**HERE, "service": [CALIPER, CALIPER]}, {"service": "service_repeated"}),
    ({**HERE, "service": [CALIPER] * 11}, {"service": "too_long"}),
]


async def test_what_can_not_be_used_is_refused_by_the_name_of_its_field(client: httpx.AsyncClient):
    for params, fields in BAD:
        found = await refused(client, **params)
        assert {field: code for field, (code, _message) in found.items()} == fields
        assert all(message for _code, message in found.values())


async def test_an_unknown_service_is_answered_with_those_that_look_like_it(client: httpx.AsyncClient):
    response = await client.get("/api/v1/routes", params={**HERE, "service": "MET-GE0-001"})
    assert response.status_code == 422
    assert response.json()["suggestions"][0]["code"] == CALIPER
    assert CALIPER in response.json()["errors"][0]["message"]


async def test_refusals_speak_the_callers_language(client: httpx.AsyncClient):
    chinese, english = [(await refused(client, language, service=CALIPER))["lon"][1] for language in ("zh-CN", "en")]
    assert english.startswith("Please say where from")
    assert chinese.startswith("请说明从哪里出发")


async def test_the_document_names_each_reason_that_is_sent(client: httpx.AsyncClient):
    schema = (await client.get("/openapi.json")).json()["components"]["schemas"]["PassedOverOut"]
    named = set(schema["properties"]["reason"]["enum"])
    assert named == {check.reason for check in Check} - {Check.PASSED.reason}
