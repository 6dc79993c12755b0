"""A counter for tests: a station with staff at its desks, walk-ins, steps by the API."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.hall.asked import offered
from app.kit.clock import local_date
from app.stations.snapshot import Network, StationFacts
from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.support.people import People, Signed

Json = dict[str, Any]
STATION = "WH-YJ-01"


@dataclass
class Hall:
    """The counter of one station, worked at by the API."""

    app: FastAPI
    client: httpx.AsyncClient
    people: People
    clock: Clock
    station: StationFacts
    network: Network
    staff: dict[str, Signed] = field(default_factory=dict)

    @property
    def services(self) -> list[str]:
        """Codes that a walk-in may ask for, one of each category first."""
        found = offered(self.network, self.station, local_date(self.clock()))
        first: dict[int, str] = {}
        for service in found:
            first.setdefault(service.skill, service.code)
        return [*first.values(), *(each.code for each in found if each.code not in first.values())]

    @property
    def desks(self) -> list[str]:
        return [desk.code for desk in self.station.desks if desk.active]

    def desk_for(self, service: str) -> str:
        skill = self.network.services[self.network.service_index[service]].skill
        return next(desk.code for desk in self.station.desks if desk.active and desk.skills & skill)

    async def by(self, desk: str) -> Signed:
        """Whoever works at a desk; the sign-in of the browser is anew each time, as the clock moves."""
        if desk not in self.staff:
            self.staff[desk] = await self.people.staff("window", station=self.station.code)
        return await self.people.sign_in(self.staff[desk].id)

    async def post(self, path: str, body: Json | None = None, *, desk: str = "") -> httpx.Response:
        who = await self.by(desk or self.desks[0])
        return await self.client.post(f"/api/v1{path}", json=body or {}, headers={**who.bearer})

    async def sit(self, *desks: str) -> None:
        for desk in desks or self.desks:
            answer = await self.post(f"/desk/{self.station.code}/sessions", {"desk": desk}, desk=desk)
            assert answer.status_code == 204, answer.text

    async def issue(self, *services: str, **more: Any) -> Json:
        body = {"service_codes": list(services or self.services[:1]), **more}
        answer = await self.post(f"/desk/{self.station.code}/tickets", body)
        assert answer.status_code == 201, answer.text
        ticket: Json = answer.json()
        return ticket

    async def next(self, desk: str) -> httpx.Response:
        return await self.post(f"/desk/{self.station.code}/call-next", {"desk": desk}, desk=desk)

    async def step(self, ticket: Json, verb: str, *, desk: str = "", **body: Any) -> httpx.Response:
        return await self.post(f"/tickets/{ticket['ticket_id']}/{verb}", body, desk=desk)

    async def board(self) -> Json:
        who = await self.by(self.desks[0])
        answer = await self.client.get(f"/api/v1/desk/{self.station.code}/board", headers={**who.bearer})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@pytest.fixture
async def hall(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock) -> Hall:
    network = await app.state.network.current()
    return Hall(app, client, people, clock, network.stations[network.station_index[STATION]], network)


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    """Somebody who books a visit, step by step."""
    return Booker(client)
