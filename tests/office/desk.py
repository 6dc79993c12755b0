"""What the tests of the office share: people by role and place, their ids, what is on record, mails."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import event

from app.accounts.models import CodeCase
from app.kit.db import Database
from app.kit.ids import new_id

JINGHU, OTHER_COUNTY = "340202", "340207"
HERE, SAME_COUNTY, ELSEWHERE = "WH-JH-01", "WH-JH-02", "WH-JJ-01"
WRONG_CHECK = "91110000600037341X"


async def rows(database: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    return await database.fetch(statement, values)  # type: ignore[arg-type]  # statements of tests


async def actions(database: Database, object_id: object) -> list[str]:
    """What is on record about a thing, by name: what was done within one moment has no order between chains."""
    statement = "SELECT action FROM audit_entry WHERE object_id = %s ORDER BY action"
    return [action for (action,) in await rows(database, statement, str(object_id))]


async def mails(database: Database) -> list[tuple[str, str, str]]:
    """Kind, recipient and text of each mail."""
    return [tuple(row) for row in await rows(database, "SELECT kind, recipient, body FROM message ORDER BY created_at")]  # type: ignore[misc]


async def roles_of(database: Database, person_id: UUID) -> list[str]:
    found = await rows(database, "SELECT role FROM role_grant WHERE person_id = %s ORDER BY id", person_id)
    return [role for (role,) in found]


async def station_id(database: Database, code: str) -> int:
    [(found,)] = await rows(database, "SELECT id FROM station WHERE code = %s", code)
    return int(found)


async def case(
    database: Database,
    person_id: UUID,
    station: str,
    now: datetime,
    *,
    uscc: str = WRONG_CHECK,
    file_id: UUID | None = None,
) -> UUID:
    """A credit code before the staff of a station."""
    made = CodeCase(
        id=new_id(),
        uscc=uscc,
        organisation_name="芜湖长江阀门有限公司",
        person_id=person_id,
        station_id=await station_id(database, station),
        file_id=file_id,
        note="执照上就是这样印的",
        created_at=now,
    )
    async with database.writer() as session:
        session.add(made)
        await session.commit()
    return made.id


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    """The statements that sessions and the pool send."""
    database: Database = app.state.database
    seen: list[str] = []
    engine, fetch = database.engine.sync_engine, database.fetch

    def by_session(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    async def by_pool(statement: Any, params: Any) -> Any:
        seen.append(statement)
        return await fetch(statement, params)

    event.listen(engine, "before_cursor_execute", by_session)
    database.fetch = by_pool  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        database.fetch = fetch  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", by_session)
