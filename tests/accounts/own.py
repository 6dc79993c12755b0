"""Somebody with a password for tests of the own account, in a browser that is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pyotp
from fastapi import FastAPI

from app.accounts.models import Person
from app.kit.passwords import Passwords
from tests.conftest import Clock
from tests.support.people import PASSWORD, People, Signed

STEP = timedelta(seconds=30)


@dataclass
class Me:
    """The browser of one person, and what only this person has: the password, the authenticator."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: Clock
    signed: Signed
    seed: str = ""
    codes: Sequence[str] = field(default_factory=list)

    def code(self) -> str:
        """The next code of the authenticator: thirty seconds pass, as one can't be used twice."""
        self.clock.move(2 * STEP)
        return pyotp.TOTP(self.seed).at(self.clock.now)

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, path: str, **data: object) -> httpx.Response:
        return await self.client.post(path, data=data)

    async def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        return await self.app.state.database.fetch(statement, values)

    async def actions(self) -> list[str]:
        """What was put on record, oldest first."""
        return [str(row[0]) for row in await self.rows("SELECT action FROM audit_entry ORDER BY at, chain, n")]

    async def mails(self) -> list[tuple[object, ...]]:
        """Kind, recipient and text of what was written, oldest first."""
        return await self.rows("SELECT kind, recipient, body FROM message ORDER BY id")

    async def enrol(self) -> httpx.Response:
        """Set up a second factor through the pages; the answer that shows the recovery codes."""
        await self.post("/account/second-factor/begin", proof=PASSWORD)
        page = await self.get("/account/second-factor/set-up")
        self.seed = page.text.split('translate="no">')[1].split("<")[0].replace(" ", "")
        answer = await self.post("/account/second-factor/confirm", code=self.code())
        self.codes = [part.split('"')[0] for part in answer.text.split('name="code" value="')[1:]]
        return answer


async def me(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People, signed: Signed) -> Me:
    """Make the client this person's browser, and give the person the password of tests."""
    app.state.passwords = Passwords(passes=1, memory_kib=64, lanes=1)
    async with app.state.database.writer() as session:
        person = await session.get_one(Person, signed.id)
        person.password_hash = await app.state.passwords.hash(PASSWORD)
        person.email = person.email or f"{person.username}@example.com"
        await session.commit()
    signed.browse(client)
    return Me(app, client, clock, signed)
