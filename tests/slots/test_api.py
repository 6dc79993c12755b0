"""The doors: what they take and refuse, in whose words, and that they say so in the document."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import orjson
import psycopg
import pytest
from fastapi import FastAPI

from app.config import BookingSettings, LimitSettings, Settings
from app.kit import clock as app_clock
from app.slots.schemas import AvailabilityOut, HoldOut
from app.stations.snapshot import Network, StationFacts
from tests.conftest import Clock, furnished, make_settings
from tests.slots.support import OVERLAPS, able, counted, local

pytestmark = pytest.mark.anyio
API = "/api/v1"


@pytest.fixture
def station(network: Network) -> StationFacts:
    return network.stations[network.station_index["WH-FC-01"]]


@pytest.fixture
def code(network: Network, station: StationFacts) -> str:
    return able(network, station, 30)


@pytest.fixture
def wish(station: StationFacts, code: str) -> dict[str, Any]:
    return {
        "service_codes": [code],
        "station_code": station.code,
        "mode": "station",
        "start": "2026-12-02T09:00:00+08:00",
    }


@pytest.fixture
def free(station: StationFacts, code: str) -> str:
    return f"{API}/stations/{station.code}/availability?service={code}"


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[FastAPI]:
    app = furnished(settings)
    app.dependency_overrides[app_clock.now] = Clock()
    async with app.router.lifespan_context(app):
        yield app


def caller(app: FastAPI, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A program at an address of its own; limits are counted by it."""
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


class TestAvailability:
    async def test_a_week_is_told_day_by_day(self, client: httpx.AsyncClient, free: str, code: str) -> None:
        answer = await client.get(free)
        assert answer.status_code == 200
        body = answer.json()
        assert (body["station_code"], body["service_codes"], body["duration_min"]) == ("WH-FC-01", [code], 30)
        assert [day["date"] for day in body["days"]] == [f"2026-12-0{n}" for n in range(1, 8)]
        assert body["days"][0]["starts"][0] == "2026-12-01T10:00:00+08:00"
        assert body["days"][5] == {"date": "2026-12-06", "state": "closed", "reason": "weekend", "starts": []}

    async def test_the_answer_has_the_declared_shape(self, client: httpx.AsyncClient, free: str) -> None:
        answer = await client.get(f"{free}&from=2026-11-28&days=62")
        AvailabilityOut.model_validate_json(answer.content, strict=True)
        assert answer.headers["content-type"] == "application/json"
        assert len(answer.json()["days"]) == 62

    async def test_an_answer_takes_two_statements(self, client: httpx.AsyncClient, free: str) -> None:
        await client.get(free)
        with counted() as sent:
            await client.get(free)
        assert len(sent) == 2

    async def test_several_services_take_as_long_as_all_together(
        self, client: httpx.AsyncClient, free: str, network: Network, station: StationFacts
    ) -> None:
        both = await client.get(f"{free}&service={able(network, station, 60, category='standards')}&from=2026-12-02")
        assert both.json()["duration_min"] == 90
        assert both.json()["days"][0]["starts"][-1] == "2026-12-02T16:00:00+08:00"

    @pytest.mark.parametrize(
        ("query", "field", "error"),
        [
            ("days=0", "days", "greater_than_equal"),
            ("days=-1", "days", "greater_than_equal"),
            ("days=1000000000", "days", "less_than_equal"),
            ("days=63", "days", "less_than_equal"),
            ("days=x", "days", "int_parsing"),
            ("from=0001-01-01", "from", "date_out_of_range"),
            ("from=9999-12-31", "from", "date_out_of_range"),
            ("from=2026-02-30", "from", "date_from_datetime_parsing"),
            ("from=20261201", "from", "date_parsing"),
            ("from=1796083200", "from", "date_parsing"),
            ("from=tomorrow", "from", "date_parsing"),
            ("from=", "from", "date_parsing"),
            ("mode=walk", "mode", "literal_error"),
            ("mode=online", "mode", "mode_not_offered"),
            ("sevrice=1", "sevrice", "extra_forbidden"),
            ("service=NO-SUCH", "service.1", "service_unknown"),
            ("service=%00", "service.1", "service_unknown"),
            ("service=" + "9" * 10_000, "service.1", "string_too_long"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_name(
        self, client: httpx.AsyncClient, free: str, query: str, field: str, error: str
    ) -> None:
        answer = await client.get(f"{free}&{query}")
        assert answer.status_code == 422
        assert faults(answer) == [(field, error)]

    async def test_a_service_named_twice_is_refused(self, client: httpx.AsyncClient, free: str, code: str) -> None:
        answer = await client.get(f"{free}&service={code}")
        assert (answer.status_code, faults(answer)) == (422, [("service.1", "service_repeated")])

    async def test_more_services_than_one_visit_can_hold_are_refused(
        self, client: httpx.AsyncClient, free: str
    ) -> None:
        answer = await client.get(free + "&service=A" * 10)
        assert (answer.status_code, faults(answer)) == (422, [("service", "too_long")])

    async def test_without_a_service_there_is_no_answer(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"{API}/stations/WH-FC-01/availability")
        assert (answer.status_code, faults(answer)) == (422, [("service", "missing")])

    @pytest.mark.parametrize("station_code", ["WH-XX-99", quote("芜湖"), "%00", "x" * 32])
    async def test_an_unknown_station_is_not_found(
        self, client: httpx.AsyncClient, code: str, station_code: str
    ) -> None:
        answer = await client.get(f"{API}/stations/{station_code}/availability?service={code}")
        assert (answer.status_code, answer.json()["code"]) == (404, "station_unknown")

    async def test_a_service_not_offered_there_is_refused(
        self, client: httpx.AsyncClient, network: Network, station: StationFacts
    ) -> None:
        missing = next(s.code for s in network.services if not network.offers[s.index, station.index])
        answer = await client.get(f"{API}/stations/{station.code}/availability?service={missing}")
        assert (answer.status_code, answer.json()["code"]) == (422, "not_capable")
        assert faults(answer) == [("service", "not_capable")]


class TestHolds:
    async def test_a_hold_is_answered_with_its_secret(
        self, client: httpx.AsyncClient, wish: dict[str, Any], free: str
    ) -> None:
        answer = await client.post(f"{API}/holds", json=wish)
        assert answer.status_code == 201
        HoldOut.model_validate_json(answer.content)
        body = answer.json()
        assert body["start"] == "2026-12-02T09:00:00+08:00"
        assert body["end"] == "2026-12-02T09:30:00+08:00"
        assert body["expires_at"] == "2026-12-01T09:10:00+08:00"
        assert {key: body[key] for key in ("station_code", "service_codes", "mode")} == {
            key: wish[key] for key in ("station_code", "service_codes", "mode")
        }

    async def test_any_offset_means_the_same_moment(self, client: httpx.AsyncClient, wish: dict[str, Any]) -> None:
        answer = await client.post(f"{API}/holds", json=wish | {"start": "2026-12-02T01:00:00Z"})
        assert answer.json()["start"] == "2026-12-02T09:00:00+08:00"

    async def test_a_hold_given_back_cannot_be_given_back_again(
        self, client: httpx.AsyncClient, wish: dict[str, Any]
    ) -> None:
        held = (await client.post(f"{API}/holds", json=wish)).json()
        address, token = f"{API}/holds/{held['hold_id']}", {"X-Hold-Token": held["hold_token"]}
        wrong = await client.delete(address, headers={"X-Hold-Token": "no"})
        assert (wrong.status_code, wrong.json()["code"]) == (404, "hold_unknown")
        gone = await client.delete(address, headers=token)
        assert (gone.status_code, gone.content) == (204, b"")
        again = await client.delete(address, headers=token)
        assert again.json() == wrong.json()

    async def test_a_hold_without_token_or_with_a_strange_number_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete(f"{API}/holds/{uuid4()}")
        assert (answer.status_code, faults(answer)) == (422, [("x-hold-token", "missing")])
        answer = await client.delete(f"{API}/holds/17", headers={"X-Hold-Token": "x"})
        assert (answer.status_code, faults(answer)) == (422, [("hold_id", "uuid_parsing")])

    async def test_a_taken_place_is_told_with_the_next_free_times(self, app: FastAPI, wish: dict[str, Any]) -> None:
        answers = []
        for n in range(4):
            async with caller(app, f"10.0.0.{n}") as client:
                answers.append(await client.post(f"{API}/holds", json=wish))
        assert [answer.status_code for answer in answers] == [201, 201, 201, 409]
        problem = answers[-1].json()
        assert problem["code"] == "slot_taken"
        assert problem["next_starts"][0] == "2026-12-02T09:30:00+08:00"
        assert "刚刚被约走" in problem["detail"]

    async def test_the_fourth_hold_of_a_client_is_too_many(
        self, client: httpx.AsyncClient, wish: dict[str, Any]
    ) -> None:
        for day in (2, 3, 4):
            answer = await client.post(f"{API}/holds", json=wish | {"start": local(day, 9).isoformat()})
            assert answer.status_code == 201
        answer = await client.post(
            f"{API}/holds", json=wish | {"start": local(7, 9).isoformat()}, headers={"Accept-Language": "en"}
        )
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_holds")
        assert answer.headers["retry-after"] == "601"
        assert answer.json()["open_holds"] == [{"expires_at": "2026-12-01T09:10:00+08:00"}] * 3
        assert answer.json()["detail"].startswith("You are already keeping 3 places.")

    @pytest.mark.parametrize(
        ("changes", "field", "error"),
        [
            ({"start": "2026-12-02T09:00:00"}, "start", "timezone_aware"),
            ({"start": "2026-12-02"}, "start", "datetime_parsing"),
            ({"start": "2026-02-30T09:00:00+08:00"}, "start", "datetime_from_date_parsing"),
            ({"start": 1796173200}, "start", "datetime_parsing"),
            ({"start": "1796173200"}, "start", "datetime_parsing"),
            ({"start": None}, "start", "datetime_parsing"),
            ({"start": "2026-12-02T09:07:00+08:00"}, "start", "off_grid"),
            ({"start": "2026-12-01T08:00:00+08:00"}, "start", "past_start"),
            ({"start": "0001-01-01T00:00:00+08:00"}, "start", "past_start"),
            ({"start": "9999-12-31T23:45:00-12:00"}, "start", "beyond_horizon"),
            ({"start": "2026-12-01T09:45:00+08:00"}, "start", "too_soon"),
            ({"start": "2026-12-06T09:00:00+08:00"}, "start", "outside_hours"),
            ({"mode": "walk"}, "mode", "literal_error"),
            ({"service_codes": []}, "service_codes", "too_short"),
            ({"service_codes": "MET"}, "service_codes", "list_type"),
            ({"service_codes": ["\x00"]}, "service_codes.0", "service_unknown"),
            ({"service_codes": ["9" * 10_000]}, "service_codes.0", "string_too_long"),
            ({"station_code": "WH-XX-99"}, "station_code", "station_unknown"),
            ({"station_code": "\x00"}, "station_code", "station_unknown"),
            ({"station_code": 7}, "station_code", "string_type"),
            ({"note": "hello"}, "note", "extra_forbidden"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_name(
        self, client: httpx.AsyncClient, wish: dict[str, Any], changes: dict[str, Any], field: str, error: str
    ) -> None:
        answer = await client.post(f"{API}/holds", json=wish | changes)
        assert answer.status_code == 422
        assert faults(answer) == [(field, error)]
        assert answer.json()["errors"][0]["message"]

    async def test_the_same_key_gives_the_same_hold_and_another_wish_is_refused(
        self, client: httpx.AsyncClient, wish: dict[str, Any]
    ) -> None:
        key = {"Idempotency-Key": "one"}
        first = await client.post(f"{API}/holds", json=wish, headers=key)
        again = await client.post(f"{API}/holds", json=wish, headers=key)
        assert (again.status_code, again.json()) == (201, first.json())
        other = await client.post(f"{API}/holds", json=wish | {"start": local(3, 9).isoformat()}, headers=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    async def test_only_json_is_taken(self, client: httpx.AsyncClient, wish: dict[str, Any]) -> None:
        form = await client.post(f"{API}/holds", content=orjson.dumps(wish), headers={"content-type": "text/plain"})
        assert form.status_code == 415
        broken = await client.post(f"{API}/holds", content=b"{", headers={"content-type": "application/json"})
        assert broken.status_code == 422


class TestLanguages:
    @pytest.mark.parametrize(("language", "words"), [("zh-CN", "每 15 分钟"), ("en", "every 15 minutes")])
    async def test_a_refusal_speaks_the_callers_language(
        self, client: httpx.AsyncClient, wish: dict[str, Any], language: str, words: str
    ) -> None:
        off_grid = wish | {"start": "2026-12-02T09:07:00+08:00"}
        answer = await client.post(f"{API}/holds", json=off_grid, headers={"Accept-Language": language})
        assert words in answer.json()["errors"][0]["message"]
        assert answer.json()["code"] == "off_grid"


class TestSettings:
    async def test_step_lead_and_horizon_are_settings(self, database_url: str, tmp_path: Path, free: str) -> None:
        booking = BookingSettings(step_min=60, lead_min=0, horizon_days=1)
        async with running(make_settings(database_url, tmp_path, booking=booking)) as app, caller(app) as client:
            days = (await client.get(f"{free}&days=3")).json()["days"]
        assert days[0]["starts"][:2] == ["2026-12-01T09:00:00+08:00", "2026-12-01T10:00:00+08:00"]
        assert days[2]["reason"] == "beyond_horizon"

    async def test_limits_can_be_off(self, database_url: str, tmp_path: Path, wish: dict[str, Any]) -> None:
        settings = make_settings(database_url, tmp_path, limits=LimitSettings(limits="off"))
        async with running(settings) as app, caller(app) as client:
            for day in (2, 3, 4, 7, 8):
                answer = await client.post(f"{API}/holds", json=wish | {"start": local(day, 9).isoformat()})
                assert answer.status_code == 201
            await app.state.database.fetch("DELETE FROM reservation", ())


@pytest.mark.race
async def test_of_200_callers_at_once_one_gets_the_last_place_and_199_the_next_free_times(
    private_database: str, tmp_path: Path, network: Network
) -> None:
    station = network.stations[network.station_index["WH-FC-02"]]
    wish = {
        "service_codes": [able(network, station, 60, category="brand")],
        "station_code": station.code,
        "start": local(2, 9).isoformat(),
    }
    async with running(make_settings(private_database, tmp_path)) as app:

        async def ask(n: int) -> httpx.Response:
            async with caller(app, f"10.0.{n // 250}.{n % 250}") as client:
                return await client.post(f"{API}/holds", json=wish)

        answers = await asyncio.gather(*(ask(n) for n in range(200)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 199
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert all(problem["code"] == "slot_taken" and len(problem["next_starts"]) == 5 for problem in lost)
    with psycopg.connect(private_database) as connection:
        assert connection.execute(OVERLAPS).fetchone() == (0,)


async def test_the_document_declares_what_the_doors_say(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    holds, days = paths[f"{API}/holds"]["post"], paths[f"{API}/stations/{{code}}/availability"]["get"]
    assert {"201", "409", "422", "429"} <= set(holds["responses"])
    assert "`slot_taken`" in holds["responses"]["409"]["description"]
    assert {"200", "404", "422"} <= set(days["responses"])
    names = {parameter["name"] for parameter in days["parameters"]}
    assert {"code", "service", "mode", "from", "days"} <= names


def test_the_clock_of_these_tests_is_the_first_of_december() -> None:
    assert Clock().now == datetime(2026, 12, 1, 9, tzinfo=app_clock.LOCAL) == local(1, 9) + timedelta(0)
