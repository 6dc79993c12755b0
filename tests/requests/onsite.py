"""Booking a visit on site as a caller of the API does."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.requests.booking import SERVICE, Booker, Json, answers

SITE = {"lon": 118.38, "lat": 31.34}
FAR = {"lon": 118.62, "lat": 31.12}
ADDRESS = "九华南路 12 号 3 栋锅炉房"
USE = "safety_protection"


class Visits:
    """Holds, and requests made of them, for pressure gauges that are verified where they are built in."""

    def __init__(self, booker: Booker) -> None:
        self.booker, self.client = booker, booker.client

    async def stations(self, **site: float) -> list[Json]:
        query = {"service": SERVICE, "mode": "onsite", "use": USE, **(site or SITE)}
        found: list[Json] = (await self.client.get("/api/v1/routes", params=query)).json()["candidates"]
        return found

    async def starts(self, station: str, **query: Any) -> list[datetime]:
        wanted = {"service": SERVICE, "mode": "onsite", "days": 14, **SITE, **query}
        asked = {name: value for name, value in wanted.items() if value is not None}
        days = (await self.client.get(f"/api/v1/stations/{station}/availability", params=asked)).json()["days"]
        return [datetime.fromisoformat(start) for day in days for start in day["starts"]]

    async def try_hold(self, station: str, start: datetime, **more: object) -> httpx.Response:
        wish = {"service_codes": [SERVICE], "station_code": station, "mode": "onsite", "start": start.isoformat()}
        return await self.client.post("/api/v1/holds", json={**wish, **more})

    async def hold(self, *, station: str = "", place: int = 0, site: Json | None = None) -> Json:
        station = station or (await self.stations())[0]["station"]["code"]
        starts = await self.starts(station, **(site or SITE))
        answer = await self.try_hold(station, starts[place], site=site or SITE)
        assert answer.status_code == 201, answer.text
        held: Json = answer.json()
        return held

    def site(self, held: Json, **more: object) -> Json:
        """A site with two days around the time that is held."""
        day = datetime.fromisoformat(held["start"]).date()
        days = {"first_day": day.isoformat(), "last_day": (day + timedelta(days=2)).isoformat()}
        return {"address": ADDRESS, **SITE, **days, **more}

    async def try_send(self, held: Json, **more: object) -> httpx.Response:
        items = [{"service_code": SERVICE, "inputs": answers()}]
        return await self.booker.send(await self.booker.filled_in(held, items=items, **more))

    async def book(self, held: Json | None = None, **site: object) -> Json:
        held = held or await self.hold()
        answer = await self.try_send(held, site=self.site(held, **site))
        assert answer.status_code == 201, answer.text
        booked: Json = answer.json()
        return booked
