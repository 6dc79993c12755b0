"""A station that changes its time, and people who have booked there."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from app.config import LimitSettings
from app.kit import clock as app_clock
from tests.conftest import Clock, empty, furnished, make_settings
from tests.requests.booking import SERVICE, Booker, answers
from tests.support.people import People, Signed

Json = dict[str, Any]
STATION = "WH-YJ-01"
HOURS = f"/office/hours/{STATION}"
DAY = date(2026, 12, 3)


AS_BEFORE = """
    DO $$ BEGIN
        DELETE FROM closure;
        UPDATE desk SET active = true WHERE NOT active;
        DELETE FROM opening_hours WHERE valid_from IS NOT NULL;
        UPDATE opening_hours SET valid_until = NULL WHERE valid_until IS NOT NULL;
    END $$
"""
"""The reference network has no closure, no desk out of use, and the same hours since ever."""


@pytest.fixture
async def app(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[FastAPI]:
    """The application without limits for callers, so that one client can fill a day."""
    app = furnished(make_settings(database_url, tmp_path, limits=LimitSettings(limits="off")))
    app.dependency_overrides[app_clock.now] = clock
    async with app.router.lifespan_context(app):
        app.state.live.end()
        yield app
        await empty(app.state.database)
        await app.state.database.fetch(AS_BEFORE, ())


@dataclass
class Office:
    """The manager of a station at the pages of its hours, and applicants who book there."""

    app: FastAPI
    client: httpx.AsyncClient
    booker: Booker
    people: People
    manager: Signed

    async def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = await self.app.state.database.fetch(statement, params)
        return found

    async def free(self, day: date = DAY, service: str = SERVICE) -> list[str]:
        """Free starts at the station on a day."""
        return [start for start in await self.booker.starts(STATION, service) if start.startswith(day.isoformat())]

    async def book(self, start: str, service: str = SERVICE, **more: object) -> Json:
        """Somebody books at the station, without having signed in."""
        self.client.cookies.clear()
        held = await self.booker.hold(STATION, start, (service,))
        inputs = answers() if service == SERVICE else await self.booker.some_answers(service)
        own = {"items": [{"service_code": service, "inputs": inputs}], **more}
        answer = await self.booker.send(await self.booker.filled_in(held, **own))
        assert answer.status_code == 201, answer.text
        booked: Json = answer.json()
        return booked

    async def fill(self, count: int, day: date = DAY, service: str = SERVICE) -> list[Json]:
        """So many appointments on a day, or as many as fit."""
        booked: list[Json] = []
        while len(booked) < count and (starts := await self.free(day, service)):
            booked.append(await self.book(starts[0], service))
        return booked

    async def get(self, path: str, **query: str) -> httpx.Response:
        self.manager.browse(self.client)
        self.client.headers["Accept-Language"] = "en"
        return await self.client.get(f"{HOURS}{path}" + (f"?{urlencode(query)}" if query else ""))

    async def post(self, path: str, form: dict[str, str]) -> httpx.Response:
        self.manager.browse(self.client)
        return await self.client.post(f"{HOURS}{path}", data=form)

    async def check(self, path: str, **query: str) -> dict[str, str]:
        """The form of the second page, as it stands there: each person with what is offered first."""
        answer = await self.get(f"{path}/check", **query)
        assert answer.status_code == 200, answer.text
        return form_of(answer.text)


def form_of(html: str) -> dict[str, str]:
    """Hidden fields, and the choices that are made."""
    inside = html[html.index('<form method="post" action="/office/hours') :]
    tags = re.findall(r"<input[^>]*>", inside)
    made = [tag for tag in tags if 'type="hidden"' in tag or " checked" in tag]
    pairs = [(re.findall(r'name="([^"]*)"', tag), re.findall(r'value="([^"]*)"', tag)) for tag in made]
    return {unescape(name): unescape(value) for [name], [value] in pairs}


@pytest.fixture
async def office(app: FastAPI, client: httpx.AsyncClient, people: People) -> Office:
    return Office(app, client, Booker(client), people, await people.staff("manager", station=STATION))
