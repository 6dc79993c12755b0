"""What tests of this room share: a job that may send to loopback, and webhooks set up by the pages."""

import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.db import Database
from app.kit.outbound import Outbound
from app.kit.targets import Policy, networks, port_ranges
from app.notify.relaying.relay import Relay
from app.webhooks.sending import Sender
from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.support.people import People, Signed
from tests.webhooks.chats import Chats, chatting
from tests.webhooks.receiver import Receiver, receiving

LOOPBACK = Policy(http=True, ports=port_ranges("1-65535"), allowed=networks("127.0.0.1"))
ENGLISH = {"Accept-Language": "en"}


@dataclass
class Hooks:
    """Webhooks of somebody, set up and looked at as in a browser, and the job that sends."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: Callable[[], Any]
    who: Signed
    base: str
    relay: Relay

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def sender(self) -> Sender:
        async def now() -> Any:
            return self.clock()

        state = self.app.state
        return Sender(state.database, state.sealer, Outbound(LOOPBACK), state.letterhead, now, relay=self.relay)

    async def post(self, path: str = "", **data: object) -> httpx.Response:
        self.who.browse(self.client)
        return await self.client.post(f"{self.base}{path}", data=data, headers=ENGLISH)

    async def get(self, path: str = "") -> httpx.Response:
        self.who.browse(self.client)
        return await self.client.get(f"{self.base}{path}", headers=ENGLISH)

    async def make(self, url: str, **data: object) -> tuple[str, str]:
        """The path of a new one below the list, and its secret."""
        answer = await self.post("", name="ERP", url=url, **data)
        assert answer.status_code == 200, answer.text
        secret = answer.text.split('translate="no">')[1].split("<")[0]
        [(made,)] = await self.database.fetch(
            "SELECT id FROM webhook_subscription ORDER BY created_at DESC, id DESC LIMIT 1", ()
        )
        return f"/{made}", secret

    async def states(self) -> list[str]:
        rows = await self.database.fetch("SELECT state FROM webhook_delivery ORDER BY event_n, subscription_id", ())
        return [state for (state,) in rows]


@pytest.fixture
def booker(client: httpx.AsyncClient) -> Booker:
    return Booker(client)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def relay(chats: Chats) -> AsyncIterator[Relay]:
    """The real process with the real library; only where the makers of chats are is another place."""
    relay = Relay((sys.executable, "-m", "tests.webhooks.chats_at_loopback", chats.url))
    yield relay
    await relay.stop()


@pytest.fixture
async def chats() -> AsyncIterator[Chats]:
    async with chatting() as chats:
        yield chats


@pytest.fixture
async def owner(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock, relay: Relay) -> Hooks:
    app.state.outbound = Outbound(LOOPBACK)
    signed = await people.enterprise()
    return Hooks(app, client, clock, signed, f"/organisation/{signed.organisation_id}/webhooks", relay)


@pytest.fixture
async def admin(app: FastAPI, client: httpx.AsyncClient, people: People, clock: Clock, relay: Relay) -> Hooks:
    app.state.outbound = Outbound(LOOPBACK)
    signed = await people.staff("city_admin")
    await app.state.database.fetch("UPDATE person SET email = 'chief@example.com' WHERE id = %s", (signed.id,))
    return Hooks(app, client, clock, signed, "/office/webhooks", relay)
