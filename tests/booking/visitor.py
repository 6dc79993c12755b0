"""A visitor who walks through the pages of the wizard by their forms, as a browser without scripts would."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event

GAUGE, SCALE = "MET-MEC-015", "MET-MEC-019"
CALIPER, ADVICE, LOOKUP = "MET-GEO-001", "STD-009", "STD-020"
JINGHU_TOWN = "340202013"
ANSWERS = {"use": "safety_protection", "mode": "station", "go": "on"}


def words(page: str) -> str:
    """What can be read on a page, in one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def values(page: str, name: str) -> list[str]:
    """The values of the buttons of that name, in order."""
    return re.findall(rf'<button[^>]*\bname="{name}"\s+value="([^"]*)"', page)


def options(page: str) -> list[str]:
    return [value for value in re.findall(r'<option value="([^"]*)"', page) if value]


class Visitor:
    """One browser; `base` is the address of the draft that it is at, `page` what it was shown last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.base = ""
        self.page = ""

    async def begin(self, *services: str, **more: str) -> httpx.Response:
        answer = await self.client.get("/book", params={"service": services, **more})
        if answer.status_code == 303:
            self.base = answer.headers["location"].rsplit("/", 1)[0]
        return answer

    async def get(self, step: str, **query: str) -> httpx.Response:
        answer = await self.client.get(f"{self.base}/{step}", params=query)
        self.page = answer.text
        return answer

    async def post(self, step: str, **form: Any) -> httpx.Response:
        answer = await self.client.post(f"{self.base}/{step}", data=form)
        self.page = answer.text
        return answer

    async def at_where(self, *services: str, **answers: str) -> None:
        await self.begin(*(services or (GAUGE,)))
        answer = await self.post("what", **{**ANSWERS, **answers})
        assert answer.headers["location"] == f"{self.base}/where"

    async def at_stations(self, *services: str, town: str = JINGHU_TOWN, **answers: str) -> None:
        await self.at_where(*services, **answers)
        assert (await self.post("where", town=town)).status_code == 303
        await self.get("where")

    async def at_times(self, *services: str, **answers: str) -> str:
        """At the first station that is offered; its code."""
        await self.at_stations(*services, **answers)
        station = values(self.page, "station")[0]
        assert (await self.post("where", station=station)).status_code == 303
        await self.get("when")
        return station

    async def hold(self, place: int = 0) -> str:
        """Choose a time of those shown; what was chosen."""
        start = values(self.page, "start")[place]
        answer = await self.post("when", start=start)
        assert answer.headers["location"] == f"{self.base}/details", words(self.page)
        return start


async def taken(app: FastAPI) -> int:
    """How many places at desks are held or booked."""
    [(number,)] = await app.state.database.fetch("SELECT count(*) FROM reservation WHERE active", ())
    return int(number)


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    """The statements that the application sends, by sessions and by the pool."""
    database = app.state.database
    seen: list[str] = []
    engine, fetch = database.engine.sync_engine, database.fetch

    def by_session(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    async def by_pool(statement: Any, params: Any) -> Any:
        seen.append(statement)
        return await fetch(statement, params)

    event.listen(engine, "before_cursor_execute", by_session)
    database.fetch = by_pool
    try:
        yield seen
    finally:
        database.fetch = fetch
        event.remove(engine, "before_cursor_execute", by_session)


@asynccontextmanager
async def another_browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client
