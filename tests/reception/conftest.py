"""A station's reception for tests: a booking of three pressure gauges, and its counter by the API."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest

from app.kit.db import Database
from tests.conftest import Clock
from tests.requests.booking import Booker, Json
from tests.support.people import People, Signed


@dataclass
class Counter:
    """Reception of the station at which the request is booked."""

    client: httpx.AsyncClient
    people: People
    clock: Clock
    booked: Json
    who: list[Signed] = field(default_factory=list)

    @property
    def station(self) -> str:
        return str(self.booked["appointment"]["station_code"])

    @property
    def reference(self) -> str:
        return str(self.booked["reference"])

    @property
    def api(self) -> str:
        return f"/api/v1/reception/{self.station}"

    @property
    def office(self) -> str:
        return f"/office/reception/{self.station}"

    async def bearer(self) -> dict[str, str]:
        if not self.who:
            self.who.append(await self.people.staff("window", station=self.station))
        return {**(await self.people.sign_in(self.who[0].id)).bearer, "Accept-Language": "en"}

    def arrive(self) -> None:
        """The time of the visit has come."""
        self.clock.move(datetime.fromisoformat(self.booked["appointment"]["start"]))

    async def label(self, **parts: int) -> list[str]:
        body = {"reference": self.reference, "parts": parts or {"1": 3}}
        answer = await self.client.post(f"{self.api}/labels", json=body, headers=await self.bearer())
        assert answer.status_code == 201, answer.text
        return [thing["code"] for thing in answer.json()["things"]]

    async def act(self, code: str, verb: str, **said: Any) -> httpx.Response:
        path = f"{self.api}/things/{code}/{verb}"
        return await self.client.post(path, json=said, headers=await self.bearer())

    async def listed(self, view: str = "here") -> list[Json]:
        path = f"{self.api}/things?view={view}"
        answer = await self.client.get(path, headers=await self.bearer())
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["items"]
        return found


@pytest.fixture
async def counter(client: httpx.AsyncClient, people: People, clock: Clock) -> Counter:
    return Counter(client, people, clock, await Booker(client).book())


async def finish(database: Database, reference: str, at: datetime) -> None:
    """All of the work is done, as if by the steps for it."""
    ends = """WITH items AS (UPDATE request_item SET status = 'done', clock = NULL, due_at = NULL FROM request
            WHERE request.id = request_id AND reference = %(reference)s),
        told AS (INSERT INTO request_event (request_id, station_id, n, at, kind)
            SELECT id, station_id, 90, %(at)s, 'finished' FROM request WHERE reference = %(reference)s)
        UPDATE request SET status = 'done', due_at = NULL, changed_at = %(at)s WHERE reference = %(reference)s"""
    await database.fetch(ends, {"reference": reference, "at": at})
