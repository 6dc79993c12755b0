"""What tests of rights share: browsers of people who have signed in, other places, entries of the record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from tests.requests.booking import Booker, Json
from tests.support.people import Signed


@asynccontextmanager
async def signed_in_client(app: FastAPI, signed: Signed) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which this person has signed in."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        signed.browse(client)
        yield client


async def stations(booker: Booker) -> list[Json]:
    items: list[Json] = (await booker.client.get("/api/v1/stations", params={"limit": 200})).json()["items"]
    return items


async def other_station(booker: Booker, booked: Json) -> str:
    """The code of a station in the same county, where there is one: next door is no nearer."""
    own = booked["appointment"]["station_code"]
    county = await county_of(booker, booked)
    others = [each for each in await stations(booker) if each["code"] != own]
    found = min(others, key=lambda each: (each["county_adcode"] != county, each["code"]))["code"]
    return str(found)


async def county_of(booker: Booker, booked: Json, *, other: bool = False) -> str:
    """The county of the request's station; or another one."""
    items = await stations(booker)
    own = next(each["county_adcode"] for each in items if each["code"] == booked["appointment"]["station_code"])
    return str(next(each["county_adcode"] for each in items if each["county_adcode"] != own) if other else own)


async def audited(app: FastAPI, action: str) -> list[dict[str, Any]]:
    """What is on record of this kind, oldest first."""
    rows = await app.state.database.fetch(
        "SELECT actor_kind, actor_id, actor_name, actor_via, address, object_kind, object_id, station_id, "
        "organisation_id, before, after, reason FROM audit_entry WHERE action = %s ORDER BY at, chain, n",
        (action,),
    )
    names = ("actor_kind", "actor_id", "actor_name", "actor_via", "address", "object_kind", "object_id", "station_id")
    return [dict(zip((*names, "organisation_id", "before", "after", "reason"), row, strict=True)) for row in rows]


async def write(app: FastAPI, *rows: object) -> None:
    """Rows that no door of this room writes."""
    async with app.state.database.writer() as session:
        session.add_all(rows)
        await session.commit()
