"""People of enterprises for tests of this room: browsers of their own, mails as they were written."""

import re
from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import update

from app.accounts.models import Person
from app.accounts.service.sessions import begin
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.uscc import check_character, organisation_check_digit
from tests.support.people import DEVICE, People, Signed

PASSWORD = "a pump for every valley"
LINK = re.compile(r"/join/([\w-]{40,})")


def code_of(number: int) -> str:
    """A credit code of Wuhu with right check digits."""
    start = f"9134020{number % 10}{number:08d}"
    seventeen = start + organisation_check_digit(start[8:16])
    return seventeen + check_character(seventeen)


def wrong_code(number: int) -> str:
    """The same with a check digit that doesn't fit."""
    code = code_of(number)
    return code[:17] + ("2" if code[17] != "2" else "3")


class Town:
    """Makes people and asks the database; `browser` is somebody's own."""

    def __init__(self, app: FastAPI, people: People, clock: Any) -> None:
        self.app = app
        self.people = people
        self.clock = clock

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    def browser(self, who: Signed | None = None) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://testserver")
        if who:
            who.browse(client)
        return client

    async def person(self, email: str = "", name: str = "李工", *, password: str = "") -> Signed:
        """Somebody with an account and no organisation."""
        person = Person(
            id=new_id(),
            email=email or f"{new_id().hex[-12:]}@example.com",
            name=name,
            mobile="13812345678",
            created_at=self.clock(),
        )
        if password:
            person.password_hash = await self.app.state.passwords.hash(password)
        async with self.database.writer() as session:
            session.add(person)
            await session.commit()
        return await self.sign_in(person.id)

    async def sign_in(self, person_id: UUID) -> Signed:
        timeouts = self.app.state.callers.timeouts
        async with self.database.writer() as session:
            browser = await begin(session, person_id, DEVICE, timeouts, self.clock())
            token = await begin(session, person_id, DEVICE, timeouts, self.clock(), kind="token")
            await session.commit()
        return Signed(person_id, "", browser.secret, token.secret)

    async def give_password(self, who: Signed) -> None:
        hashed = await self.app.state.passwords.hash(PASSWORD)
        async with self.database.writer() as session:
            await session.execute(update(Person).where(Person.id == who.id).values(password_hash=hashed))
            await session.commit()

    async def rows(self, statement: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        return await self.database.fetch(statement, params)

    async def roles(self, organisation_id: UUID) -> dict[UUID, str]:
        rows = await self.rows("SELECT person_id, role FROM membership WHERE organisation_id = %s", organisation_id)
        return dict(rows)

    async def recorded(self, *actions: str) -> Sequence[dict[str, Any]]:
        """What is on record under these actions, the oldest first."""
        rows = await self.rows(
            "SELECT action, actor_id, object_id, before, after FROM audit_entry WHERE action = ANY (%s) ORDER BY at, n",
            list(actions),
        )
        return [dict(zip(("action", "actor", "object", "before", "after"), row, strict=True)) for row in rows]

    async def invited(self, email: str) -> str:
        """The secret of the newest link that was mailed to the address."""
        rows = await self.rows("SELECT body FROM message WHERE recipient = %s ORDER BY created_at DESC, id DESC", email)
        found = LINK.search(rows[0][0])
        assert found, rows
        return found[1]
