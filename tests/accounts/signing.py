"""People with passwords and second factors, for tests of the way in; and what the way in does on its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import httpx
import pyotp
from fastapi import FastAPI
from sqlalchemy import event

from app.accounts.models import Person, RoleGrant
from app.accounts.rules.rights import AT_STATION, Role
from app.accounts.service.second_factor import Seeds, _replace_codes, seal_seeds
from app.kit.db import Database
from app.kit.ids import new_id
from app.kit.passwords import Passwords
from tests.conftest import Clock

PASSWORD = "correct horse battery staple"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def cheap() -> Passwords:
    """As sure as they need to be here."""
    return Passwords(passes=1, memory_kib=8, lanes=1)


@dataclass
class Somebody:
    id: UUID
    seed: str = ""
    codes: list[str] = field(default_factory=list)

    def code(self, at: datetime) -> str:
        return pyotp.TOTP(self.seed).at(at)


async def somebody(
    app: FastAPI,
    clock: Clock,
    *,
    role: str = "",
    place: str = "",
    factor: bool = False,
    password: str | None = PASSWORD,
    **values: Any,
) -> Somebody:
    """A person in the database, with one role at most; `place` is its station's code or its county."""
    database: Database = app.state.database
    hashed = await app.state.passwords.hash(password) if password else None
    named = {"username": "wang"} if not {"username", "email"} & set(values) else {}
    person = Person(id=new_id(), name="王工", password_hash=hashed, created_at=clock(), **named, **values)
    made = Somebody(person.id, pyotp.random_base32() if factor else "")
    async with database.writer() as session:
        session.add(person)
        await session.flush()
        if factor:
            seal_seeds(app.state.sealer, person, Seeds(made.seed))
            person.totp_confirmed_at = clock()
            made.codes = await _replace_codes(session, app.state.sealer, person.id)
        if role:
            session.add(await _grant(database, clock(), person.id, role, place))
        await session.commit()
    return made


async def _grant(database: Database, now: datetime, person_id: UUID, role: str, place: str) -> RoleGrant:
    granted = RoleGrant(person_id=person_id, role=role, granted_at=now)
    if Role(role) in AT_STATION:
        by_code: LiteralString = "SELECT id FROM station WHERE code = %s OR %s = '' ORDER BY code LIMIT 1"
        granted.station_id = (await database.fetch(by_code, (place, place)))[0][0]
    else:
        granted.county_adcode = place or None
    return granted


async def sign_in(
    client: httpx.AsyncClient, name: str = "wang", password: str = PASSWORD, **more: str
) -> httpx.Response:
    return await client.post("/sign-in", data={"name": name, "password": password, **more})


async def token(
    client: httpx.AsyncClient, username: str = "wang", password: str = PASSWORD, **more: str
) -> httpx.Response:
    return await client.post("/api/v1/auth/tokens", json={"username": username, "password": password, **more})


async def audited(database: Database, action: str = "") -> list[tuple[Any, ...]]:
    """Action, object, reason, after of what is on record, in its order."""
    return await database.fetch(
        "SELECT action, object_id, reason, after, actor_name FROM audit_entry "
        "WHERE action = %s OR %s = '' ORDER BY at, chain, n",
        (action, action),
    )


@contextmanager
def traced(app: FastAPI) -> Iterator[list[str]]:
    """Every statement and every hash that is computed, in order."""
    steps: list[str] = []
    database: Database = app.state.database
    passwords: Passwords = app.state.passwords
    plain_fetch, plain_verify = database._fetch, passwords._hash.verify_and_update

    async def fetch(statement: LiteralString, params: Any) -> Any:
        steps.append(" ".join(statement.split()))
        return await plain_fetch(statement, params)

    def verify(password: bytes, hashed: str) -> tuple[bool, str | None]:
        steps.append("hash")
        return plain_verify(password, hashed)

    def execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        steps.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", execute)
    database._fetch, passwords._hash.verify_and_update = fetch, verify  # type: ignore[method-assign]
    try:
        yield steps
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        database._fetch, passwords._hash.verify_and_update = plain_fetch, plain_verify  # type: ignore[method-assign]
