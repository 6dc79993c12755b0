"""A ledger as its people use it: by the API with a bearer token, by pages in a browser."""

from datetime import date, datetime
from typing import Any, LiteralString

import httpx
from fastapi import FastAPI

from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.ids import new_id
from app.results.issued import Issued
from tests.support.people import People, Signed

Json = dict[str, Any]
GAUGE = "MET-MEC-015"  # pressure gauges: 6 months, mandatory by use
CALIPER = "MET-GEO-001"  # calipers: 12 months, never mandatory


def gauge(number: object = "A-1", **more: object) -> Json:
    """A pressure gauge with all that its booking asks for."""
    return {
        "instrument_name": "弹性元件式一般压力表",
        "model_spec": "Y-100",
        "measuring_range": "(0~1.6) MPa",
        "accuracy_class": "1.6级",
        "serial_no": str(number),
        "manufacturer": "红旗仪表",
        "install_location": "锅炉房",
        "use_region_code": "340202",
        "use_purpose": "safety_protection",
        "delivery": "station",
        "service_code": GAUGE,
        "last_cert_date": "2026-06-15",
        **more,
    }


def caliper(number: object = "C-1", **more: object) -> Json:
    return {
        "instrument_name": "游标卡尺",
        "model_spec": "(0~150) mm",
        "serial_no": str(number),
        "service_code": CALIPER,
        "last_cert_date": "2026-01-10",
        **more,
    }


class Keeper:
    """Somebody who acts for an organisation."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, who: Signed) -> None:
        self.app = app
        self.client = client
        self.who = who

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    @property
    def api(self) -> str:
        return f"/api/v1/organisations/{self.who.organisation_id}/instruments"

    @property
    def pages(self) -> str:
        return f"/organisation/{self.who.organisation_id}/instruments"

    def browser(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://testserver")
        self.who.browse(client)
        return client

    async def get(self, path: str = "", **query: object) -> httpx.Response:
        params: Any = query
        return await self.client.get(self.api + path, params=params, headers=self.who.bearer)

    async def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return await self.client.post(self.api + path, json=body, headers={**self.who.bearer, **headers})

    async def add(self, said: Json) -> Json:
        answer = await self.post("", said)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def change(self, made: Json, **said: object) -> httpx.Response:
        body = {"version": made["version"], **said}
        return await self.client.patch(f"{self.api}/{made['id']}", json=body, headers=self.who.bearer)

    async def names(self, **query: object) -> list[str]:
        """Serial numbers, or names, of a page of the list."""
        answer = await self.get(**query)
        assert answer.status_code == 200, answer.text
        return [each["serial_no"] or each["instrument_name"] for each in answer.json()["items"]]

    async def rows(self, statement: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        return await self.database.fetch(statement, params)


async def keeper_of(app: FastAPI, client: httpx.AsyncClient, people: People, role: str = "owner", **of: Any) -> Keeper:
    return Keeper(app, client, await people.enterprise(role, **of))


def issued_for(keeper: Keeper, service_id: int, number: str) -> Issued:
    """A certificate of 1 December 2026 about the gauge A-1 of the keeper's organisation, valid for six months."""
    return Issued(
        request_id=new_id(),
        station_id=1,
        n=1,
        organisation_id=keeper.who.organisation_id,
        service_id=service_id,
        inputs={key: gauge()[key] for key in ("serial_no", "manufacturer", "model_spec")},
        number=number,
        version=1,
        passed=True,
        done_on=date(2026, 12, 1),
        valid_until=date(2027, 5, 31),
        at=datetime(2026, 12, 2, 10, tzinfo=LOCAL),
    )
