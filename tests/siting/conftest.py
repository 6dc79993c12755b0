"""An administrator who plans, and the job that answers, called by hand."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.siting.answering import answer
from app.siting.packing import unpacked
from app.siting.planner import Planner
from app.siting.statements import Taken
from app.slots.terms import from_environment
from tests.conftest import Clock
from tests.support.people import People, Signed

Json = dict[str, Any]
API = "/api/v1/coverage/plans"
GAUGE = "MET-MEC-015"
QUESTION = {"objective": "max_cover", "new_stations": 3, "within_km": 10, "service_codes": [GAUGE]}


@dataclass
class Planning:
    client: httpx.AsyncClient
    who: Signed
    planner: Planner
    people: People
    headers: dict[str, str] = field(default_factory=dict)

    async def post(self, path: str = "", **more: object) -> httpx.Response:
        headers = {**self.who.bearer, **self.headers}
        return await self.client.post(f"{API}{path}", json=more or None, headers=headers)

    async def ask(self, **more: object) -> Json:
        answer = await self.post(**(QUESTION | more))
        assert answer.status_code == 202, answer.text
        body: Json = answer.json()
        return body

    async def get(self, path: str = "", **query: object) -> httpx.Response:
        return await self.client.get(f"{API}{path}", params=query, headers=self.who.bearer)

    async def plan(self, plan: Json) -> Json:
        body: Json = (await self.get(f"/{plan['id']}")).json()
        return body

    async def answered(self, **more: object) -> Json:
        plan = await self.ask(**more)
        assert await self.planner.work()
        return await self.plan(plan)


@pytest.fixture
async def planning(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock) -> Planning:
    return Planning(client, await people.staff("city_admin"), planner_of(app, clock, AtOnce), people)


class AtOnce(Planner):
    """Answers in this process, which saves a second a plan; tests/siting/test_plans_races.py have the real ones."""

    async def _solved(self, taken: Taken, question: bytes) -> Json:
        said: Json = json.loads(json.dumps(answer(unpacked(question), lambda _done: None)))
        assert await self._leases.renew(taken, 1.0, await self._now())
        return said


def planner_of(app: FastAPI, clock: Callable[[], datetime], kind: type[Planner] = Planner) -> Planner:
    async def now() -> datetime:
        return clock()

    return kind(app.state.database, from_environment(app.state.settings), now)
