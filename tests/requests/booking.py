"""Booking as a caller of the API does."""

from typing import Any

import httpx

SERVICE = "MET-MEC-015"  # pressure gauges: mandatory by use, 30 minutes
ORGANISATION = "91110000600037341L"
Json = dict[str, Any]


def answers(**more: object) -> Json:
    """The form of SERVICE, filled in."""
    return {
        "instrument_name": "压力表",
        "model_spec": "Y-100 (0~1.6) MPa",
        "serial_no": "20260001",
        "quantity": 3,
        "install_location": "锅炉房",
        "use_region_code": "340202",
        **more,
    }


class Booker:
    """Takes holds and makes requests of them at a station that may verify pressure gauges for any use."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.version = ""

    async def designated(self, *, use: str = "safety_protection", service: str = SERVICE) -> list[str]:
        """Codes of stations with free time that may do the service for this use."""
        query = {"service": service, "lon": 118.37, "lat": 31.33, "use": use}
        answer = await self.client.get("/api/v1/routes", params=query)
        assert answer.status_code == 200, answer.text
        return [candidate["station"]["code"] for candidate in answer.json()["candidates"]]

    async def both(self, *services: str) -> list[str]:
        """Codes of stations that may do all of them in one visit, for a mandatory use."""
        query = {"service": list(services), "lon": 118.37, "lat": 31.33, "use": "safety_protection", "limit": 20}
        candidates = (await self.client.get("/api/v1/routes", params=query)).json()["candidates"]
        return [each["station"]["code"] for each in candidates if len(each["covers"]) == len(services)]

    async def some_answers(self, service: str) -> Json:
        """The form of a service, filled in with something for each question that must be answered."""
        fields = (await self.client.get(f"/api/v1/services/{service}")).json()["inputs"]
        return {field["key"]: _some(field) for field in fields if field["required"] and field["key"] != "use_purpose"}

    async def starts(self, station: str, *services: str) -> list[str]:
        """Free starts there within the next days."""
        query = {"service": list(services or (SERVICE,)), "days": 14}
        answer = await self.client.get(f"/api/v1/stations/{station}/availability", params=query)
        assert answer.status_code == 200, answer.text
        return [start for day in answer.json()["days"] for start in day["starts"]]

    def wish(self, station: str, start: str, services: tuple[str, ...] = (SERVICE,)) -> Json:
        return {"service_codes": list(services), "station_code": station, "start": start}

    async def fill(self, station: str, start: str) -> list[Json]:
        """Hold every desk that could take a visit at that time; the last one is the last place."""
        holds = []
        while (answer := await self.client.post("/api/v1/holds", json=self.wish(station, start))).status_code == 201:
            holds.append(answer.json())
        assert answer.json()["code"] == "slot_taken", answer.text
        return holds

    async def hold(self, station: str = "", start: str = "", services: tuple[str, ...] = (SERVICE,)) -> Json:
        station = station or (await self.designated())[0]
        start = start or (await self.starts(station, *services))[0]
        answer = await self.client.post("/api/v1/holds", json=self.wish(station, start, services))
        assert answer.status_code == 201, answer.text
        held: Json = answer.json()
        return held

    async def consent(self) -> str:
        if not self.version:
            self.version = (await self.client.get("/api/v1/consent")).json()["version"]
        return self.version

    async def filled_in(self, held: Json, **more: object) -> Json:
        """A whole body of POST /requests for what is held."""
        return {
            "hold_id": held["hold_id"],
            "hold_token": held["hold_token"],
            "items": [{"service_code": SERVICE, "inputs": answers()}],
            "use": "safety_protection",
            "applicant": {
                "organisation_name": "芜湖长江阀门有限公司",
                "uscc": ORGANISATION,
                "contact_name": "王芳",
                "mobile": "13812345678",
                "email": "wang@example.com",
            },
            "origin": {"lon": 118.37, "lat": 31.33, "crs": "wgs84"},
            "consent_version": await self.consent(),
            "note": "请提前电话联系",
            **more,
        }

    async def send(self, body: Json, **headers: str) -> httpx.Response:
        return await self.client.post("/api/v1/requests", json=body, headers=headers)

    async def book(self, **more: object) -> Json:
        """A booked request: the answer of POST /requests."""
        answer = await self.send(await self.filled_in(await self.hold(), **more))
        assert answer.status_code == 201, answer.text
        booked: Json = answer.json()
        return booked

    async def show(self, booked: Json, **headers: str) -> httpx.Response:
        return await self.client.get(booked["links"]["self"], headers=code(booked) | headers)

    async def change(self, booked: Json, what: str, body: Json, **headers: str) -> httpx.Response:
        return await self.client.post(booked["links"][what], json=body, headers=code(booked) | headers)

    async def move(self, booked: Json, held: Json, **headers: str) -> httpx.Response:
        hold = {name: held[name] for name in ("hold_id", "hold_token")}
        return await self.change(booked, "reschedule", hold, **headers)

    async def cancel(self, booked: Json, reason: str | None = None, **headers: str) -> httpx.Response:
        return await self.change(booked, "cancel", {"reason": reason} if reason else {}, **headers)


def _some(field: Json) -> object:
    kinds = {"integer": 1, "number": 1.5, "boolean": True, "date": "2026-11-01", "region": "340202", "file": "营业执照"}
    return field["options"][0] if "options" in field else kinds.get(field["type"], "某某")


def code(booked: Json) -> dict[str, str]:
    return {"X-Access-Code": booked["access_code"]}
