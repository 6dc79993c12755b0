"""Bookings that have come as far as a page of the wizard needs, made as a browser of its own would have made them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Request, Response

from app.booking.drafts import Draft, DraftData, Held, Origin, SiteDraft, begin, load, save
from app.web.client import Clients
from tests.conftest import Clock

GAUGE = "MET-MEC-015"
COOKIE = "onestop_client"
STATION = "WH-ET-01"
IN_THE_CITY = Origin(lon=118.38, lat=31.34, label="镜湖区")
AT_THE_GATE = SiteDraft(address="九华南路 12 号", first_day=date(2026, 12, 1), last_day=date(2026, 12, 31))
APPLICANT = {
    "organisation_name": "芜湖𠮷祥阀门有限公司",
    "uscc": "91110000600037341L",
    "contact_name": "王𬭎",
    "mobile": "138 1234 5678",
    "email": "",
}
INSTRUMENT = {
    "instrument_name": "压力表",
    "model_spec": "Y-100",
    "serial_no": "A-17",
    "quantity": "3",
    "install_location": "锅炉房",
    "use_region_code": "340202",
}


def browser_cookie(app: FastAPI, key: str) -> str:
    """The cookie that a browser known as `key` sends."""
    clients: Clients = app.state.clients
    response = Response()
    clients.remember(Request({"type": "http", "path": "/", "headers": []}), response, key)
    return response.headers["set-cookie"].split(";")[0].removeprefix(f"{COOKIE}=")


@dataclass
class Booking:
    """A draft, and the browser that it belongs to."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: Clock
    id: UUID

    def path(self, page: str) -> str:
        return f"/book/{self.id}/{page}"

    async def get(self, page: str, **options: Any) -> httpx.Response:
        return await self.client.get(self.path(page), **options)

    async def post(self, page: str, form: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        return await self.client.post(self.path(page), data=form or {}, **options)

    async def data(self) -> DraftData:
        async with self.app.state.database.writer() as session:
            return (await load(session, self.id, "browser", self.clock.now)).data

    async def change(self, **values: Any) -> None:
        """Write into the draft what another page, or another tab, would have."""
        async with self.app.state.database.writer() as session:
            draft = await load(session, self.id, "browser", self.clock.now)
            draft.data = draft.data.model_copy(update=values)
            await save(session, draft, self.clock.now)
            await session.commit()

    async def details(self, **changes: Any) -> httpx.Response:
        """The fourth page, filled in right but for the changes."""
        return await self.post("details", right_details(**changes))


def right_details(**changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {f"items.0.inputs.{key}": value for key, value in INSTRUMENT.items()}
    form |= {f"applicant.{key}": value for key, value in APPLICANT.items()}
    form |= {"note": "", "consent_version": "2026-11-28"}
    return form | {name.replace("__", "."): value for name, value in changes.items()}


async def hold(client: httpx.AsyncClient, services: list[str], mode: str = "station", station: str = STATION) -> Held:
    """The first free time of the station."""
    there = {"lon": IN_THE_CITY.lon, "lat": IN_THE_CITY.lat} if mode == "onsite" else {}
    query = {"service": services, "mode": mode, **there}
    free = await client.get(f"/api/v1/stations/{station}/availability", params=query)
    start = next(day["starts"][0] for day in free.json()["days"] if day["starts"])
    body = {"service_codes": services, "station_code": station, "mode": mode, "start": start}
    body |= {"site": there} if there else {}
    held = (await client.post("/api/v1/holds", json=body)).json()
    times = {name: datetime.fromisoformat(held[name]) for name in ("start", "end", "expires_at")}
    return Held(hold_id=held["hold_id"], hold_token=held["hold_token"], **times)


async def booking(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, *services: str, mode: str = "station", **values: Any
) -> Booking:
    """A draft whose time is held: the next page is the one with the details."""
    client.cookies.set(COOKIE, browser_cookie(app, "browser"))
    codes = list(services) or [GAUGE]
    station = values.pop("station", STATION)
    data = DraftData(services=codes, mode=mode, origin=IN_THE_CITY, station=station)
    data.site = AT_THE_GATE if mode == "onsite" else None
    data.use = values.pop("use", "safety_protection")
    data.held = await hold(client, codes, mode, station)
    async with app.state.database.writer() as session:
        draft: Draft = await begin(session, "browser", data.model_copy(update=values), clock.now)
        await session.commit()
    return Booking(app, client, clock, draft.id)
