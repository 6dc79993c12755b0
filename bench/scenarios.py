"""The calls that are measured, built from what the server itself says it offers."""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bench.data import Member
from bench.load import get, post

API = "/api/v1"
WEST, EAST, SOUTH, NORTH = 117.5, 118.7, 30.65, 31.53
QUERIES = (
    "压力表", "压力表校验", "电子秤", "yalibiao", "ylb", "pressure gauge", "天平", "商标", "zhuanli", "iso9001", "水表",
    "caliper", "血压计", "wenduji", "食品检测", "条码", "bioazhun", "硬度计", "品牌", "染料",
)  # fmt: skip
EXAMPLE = {
    "text": "A-1",
    "textarea": "-",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "date": "2026-01-05",
    "region": "340202",
}
APPLICANT = {
    "organisation_name": "芜湖市测速有限公司",
    "uscc": "91110108551385082Q",
    "contact_name": "王𠮷",
    "mobile": "13800138000",
    "email": "",
}


def empty() -> Iterator[bytes]:
    return itertools.repeat(get("/bench/empty"))


def typing() -> Iterator[bytes]:
    """Every prefix of what people look for, in random order."""
    prefixes = [query[:n] for query in QUERIES for n in range(1, len(query) + 1)]
    chance = random.Random(1)  # noqa: S311 - a load, not a secret
    while True:
        yield get(f"{API}/suggest?{httpx.QueryParams(q=chance.choice(prefixes))}")


@dataclass
class Offer:
    """What stations offer in the mode `station`: codes of stations with codes of their services."""

    by_station: dict[str, list[str]] = field(default_factory=dict)
    forms: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    consent: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(station, service) for station, services in self.by_station.items() for service in services]


def ask_offer(client: httpx.Client) -> Offer:
    """Read the offer by the API, as a client would; services of 30 minutes, so that bookings are alike."""
    offer = Offer(consent=client.get(f"{API}/consent").json()["version"])
    items = client.get(f"{API}/services", params={"limit": 200}).json()["items"]
    short = {item["code"] for item in items if item["duration_min"] == 30 and "station" in item["modes"]}
    for code in short:
        offer.forms[code] = client.get(f"{API}/services/{code}").json()["inputs"]
    for station in client.get(f"{API}/stations", params={"limit": 200}).json()["items"]:
        services = client.get(f"{API}/stations/{station['code']}").json()["services"]
        offer.by_station[station["code"]] = [
            service.get("service_code", service["code"])
            for service in services
            if "station" in service["modes"] and service["code"] in short
        ]
    return offer


def availability(offer: Offer) -> Iterator[bytes]:
    chance = random.Random(2)  # noqa: S311 - a load, not a secret
    while True:
        station, service = chance.choice(offer.pairs)
        yield get(f"{API}/stations/{station}/availability?service={service}&mode=station&days=7")


def own_requests(member: Member) -> Iterator[bytes]:
    """The list of one's organisation, signed in: one statement for the session, one for the rows."""
    path = f"{API}/organisations/{member.organisation_id}/requests?limit=20"
    return itertools.repeat(get(path, bearer=member.token))


def routes(services: list[str]) -> Iterator[bytes]:
    """The five nearest with their first free times, from random points of the city."""
    chance = random.Random(3)  # noqa: S311 - a load, not a secret
    while True:
        lon, lat = round(chance.uniform(WEST, EAST), 5), round(chance.uniform(SOUTH, NORTH), 5)
        yield get(f"{API}/routes?service={chance.choice(services)}&lon={lon}&lat={lat}&policy=nearest&limit=5")


class Bookings:
    """Holds of free places, each followed by the request that confirms it."""

    def __init__(self, client: httpx.Client, offer: Offer) -> None:
        self._offer = offer
        self._places = self._free(client)
        self._wanted: dict[str, str] = {}

    def _free(self, client: httpx.Client) -> list[dict[str, Any]]:
        """Free starts that don't overlap, all over the network and the coming weeks, in random order."""
        chance = random.Random(4)  # noqa: S311 - a load, not a secret
        places = []
        for station, services in self._offer.by_station.items():
            if not services:
                continue
            service = chance.choice(services)
            params: dict[str, str | int] = {"service": service, "days": 28}
            for day in client.get(f"{API}/stations/{station}/availability", params=params).json()["days"]:
                starts = [datetime.fromisoformat(start) for start in day["starts"]]
                places += [hold(station, service, start) for start in apart(starts, timedelta(minutes=30))]
        chance.shuffle(places)
        return places

    def wish(self) -> dict[str, Any]:
        """The next free place, as a hold is asked for."""
        return self._places.pop()

    def holds(self) -> Iterator[bytes]:
        while self._places:
            yield post(f"{API}/holds", json.dumps(self.wish()).encode())

    def confirm(self, status: int, body: bytes) -> bytes | None:
        """After a hold, the request; after a request, the next hold."""
        answer = json.loads(body)
        if status != 201 or "hold_id" not in answer:
            return None
        return post(f"{API}/requests", json.dumps(self.request(answer), ensure_ascii=False).encode())

    def request(self, held: dict[str, Any]) -> dict[str, Any]:
        """The body of the request that a hold is for."""
        service = held["service_codes"][0]
        return {
            "hold_id": held["hold_id"],
            "hold_token": held["hold_token"],
            "items": [{"service_code": service, "inputs": inputs(self._offer.forms[service])}],
            "use": "other",
            "applicant": {name: value for name, value in APPLICANT.items() if value},
            "consent_version": self._offer.consent,
        }


def apart(starts: list[datetime], length: timedelta) -> Iterator[datetime]:
    """Of ordered starts, those that leave each other so much time."""
    last: datetime | None = None
    for start in starts:
        if last is None or start - last >= length:
            last = start
            yield start


def hold(station: str, service: str, start: datetime) -> dict[str, Any]:
    return {"station_code": station, "service_codes": [service], "mode": "station", "start": start.isoformat()}


def inputs(form: list[dict[str, Any]]) -> dict[str, Any]:
    """A value for every required field, by its type."""
    filled = {}
    for item in form:
        if item["required"] and item["type"] != "file":
            options = [option["value"] if isinstance(option, dict) else option for option in item.get("options") or []]
            one = options[0] if options else None
            filled[item["key"]] = [one] if item["type"] == "multi_enum" else one or EXAMPLE[item["type"]]
    return filled
