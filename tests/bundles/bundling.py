"""Packages as a caller of the API begins and follows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from tests.requests.booking import Booker, Json

TOWN = "340202013"
GAUGE, VALVE, EQUIPMENT = "MET-MEC-015", "TST-025", "TST-024"
DRAFTING, DECLARING = "STD-003", "STD-004"
API = "/api/v1/bundles"


@dataclass
class Bundling:
    app: FastAPI
    client: httpx.AsyncClient
    booker: Booker

    async def begin(self, package: str = "new-plant", headers: Mapping[str, str] | None = None, **more: Any) -> Json:
        sent = {"package": package, "town": TOWN, **more}
        answer = await self.client.post(API, json=sent, headers=headers)
        assert answer.status_code == 201, answer.text
        body: Json = answer.json()
        return body

    async def post(
        self, bundle: Json, step: str, what: str, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> httpx.Response:
        path = f"{API}/{bundle['reference']}/steps/{step}/{what}"
        headers = code(bundle) if headers is None else headers
        return await self.client.post(path, json=sent or None, headers=headers)

    async def show(self, bundle: Json, headers: Mapping[str, str] | None = None) -> Json:
        answer = await self.client.get(
            f"{API}/{bundle['reference']}", headers=code(bundle) if headers is None else headers
        )
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    async def step(self, bundle: Json, key: str) -> Json:
        return step(await self.show(bundle), key)

    async def booked(self, service: str, headers: Mapping[str, str] | None = None, **more: Any) -> Json:
        """A request for a service, made on its own."""
        query = {"service": service, "lon": 118.37, "lat": 31.33}
        found = (await self.client.get("/api/v1/routes", params=query)).json()["candidates"][0]
        held = await self.booker.hold(found["station"]["code"], found["earliest_start"], (service,))
        inputs = await self.booker.some_answers(service)
        items = [{"service_code": service, "inputs": inputs}]
        body = await self.booker.filled_in(held, **{"items": items, "use": None, **more})
        answer = await self.booker.send(body, **(headers or {}))
        assert answer.status_code == 201, answer.text
        request: Json = answer.json()
        return request

    async def link(self, bundle: Json, key: str, request: Json) -> httpx.Response:
        sent = {"reference": request["reference"], "access_code": request["access_code"]}
        return await self.post(bundle, key, "link", **sent)

    async def set_state(self, request: Json, state: str) -> None:
        """As staff would, step by step; only the state matters here."""
        await self.app.state.database.fetch(
            "UPDATE request_item SET status = %s FROM request WHERE request.id = request_id AND reference = %s "
            "RETURNING 1",
            (state, request["reference"]),
        )


def code(bundle: Json) -> dict[str, str]:
    return {"X-Access-Code": bundle["access_code"]}


def step(bundle: Json, key: str) -> Json:
    return next(each for each in bundle["steps"] if each["key"] == key)
