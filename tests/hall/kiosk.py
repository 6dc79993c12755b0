"""A kiosk for tests: made by a manager, called by its key and at its address."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from app.audit.service import Actor
from app.hall.kiosk.service import Devices
from app.kit.db import Database
from app.kit.ids import new_id
from tests.hall.conftest import Hall, Json


async def secret_of_new(database: Database, station_id: int, now: datetime, name: str = "大厅东侧") -> str:
    async with database.writer() as session:
        secret = await Devices(session, station_id, Actor("system", name="tests"), now).make(name)
        await session.commit()
    return secret


@dataclass
class KioskAt:
    """A kiosk of a hall, in one browser."""

    hall: Hall
    secret: str
    holder: UUID = field(default_factory=new_id)

    @property
    def base(self) -> str:
        return f"/kiosk/{self.secret}"

    async def call(self, name: str, body: Json) -> httpx.Response:
        return await self.hall.client.post(f"/api/v1/kiosks/{name}", json=body, headers={"X-Kiosk-Key": self.secret})

    async def lease(self) -> list[int]:
        """All numbers that it has today, in their order."""
        answer = await self.call("leases", {"holder": str(self.holder)})
        assert answer.status_code == 200, answer.text
        return [number for each in answer.json()["ranges"] for number in range(each["first"], each["last"] + 1)]

    def given(self, number: int, at: datetime | None = None, **more: Any) -> Json:
        """A ticket that it has given out by itself."""
        moment = at or self.hall.clock()
        body = {"ticket_id": str(new_id()), "number": number, "given_at": moment.isoformat(), "language": "en"}
        return body | {"service_codes": self.hall.services[:1]} | more

    async def hand_in(self, tickets: Iterable[Json]) -> list[Json]:
        answer = await self.call("hand-ins", {"tickets": list(tickets)})
        assert answer.status_code == 200, answer.text
        items: list[Json] = answer.json()["items"]
        return items

    async def take(self, *services: str, **more: Any) -> httpx.Response:
        """At its page, by the form."""
        body = {"service_codes": list(services or self.hall.services[:1]), **more}
        return await self.hall.client.post(f"{self.base}/new?lang=en", data=body)


async def kiosk_at(hall: Hall) -> KioskAt:
    return KioskAt(hall, await secret_of_new(hall.app.state.database, hall.station.id, hall.clock()))
