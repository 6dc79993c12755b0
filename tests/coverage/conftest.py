"""An administrator who asks about coverage, and the same figures by plain SQL and geodesics."""

from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from pyproj import Geod

from app.kit.db import Database
from tests.support.people import People, Signed

Json = dict[str, Any]
API = "/api/v1/coverage"
MAY = """
    SELECT station.code, station.county_adcode, station.lon, station.lat, capability.designated
    FROM capability JOIN station ON station.id = station_id JOIN service ON service.id = service_id
    WHERE service.code = %s AND station.active AND coalesce(valid_from, date '0001-01-01') <= %s
        AND coalesce(valid_until, date '9999-12-31') >= %s AND (designated OR NOT service.designation_required)
    ORDER BY station.code COLLATE "C"
"""
TOWNS = """
    SELECT town.code, town.county_adcode, town.lon, town.lat,
        coalesce(population_2020, nullif(facts->>'population_later', '')::int)::float8
            / count(*) OVER (PARTITION BY county_adcode)
    FROM town JOIN division ON adcode = county_adcode ORDER BY town.position
"""


@dataclass
class Asker:
    client: httpx.AsyncClient
    who: Signed
    database: Database

    async def get(self, path: str, **query: object) -> httpx.Response:
        return await self.client.get(f"{API}{path}", params=query, headers=self.who.bearer)

    async def json(self, path: str, **query: object) -> Json:
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body


@pytest.fixture
async def asker(app: FastAPI, client: httpx.AsyncClient, people: People) -> Asker:
    return Asker(client, await people.staff("city_admin"), app.state.database)


@dataclass
class Truth:
    """Towns [n] and the stations [s] that may do a service, as SQL says, with geodesic distances [n, s]."""

    towns: list[tuple[Any, ...]]
    able: list[tuple[Any, ...]]

    @property
    def km(self) -> np.ndarray:
        geod = Geod(ellps="WGS84")
        return np.array([[geod.inv(t[2], t[3], s[2], s[3])[2] / 1000 for s in self.able] for t in self.towns])

    @property
    def weight(self) -> np.ndarray:
        """A county without any figure has as many people a town as the others on average."""
        usual = {town[1]: town[4] for town in self.towns if town[4] is not None}
        return np.array([town[4] if town[4] is not None else np.mean(list(usual.values())) for town in self.towns])


async def truth(database: Database, service: str, on: str) -> Truth:
    return Truth(await database.fetch(TOWNS, ()), await database.fetch(MAY, (service, on, on)))
