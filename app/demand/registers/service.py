"""Registers handed in, taken in, replaced and removed.

What was handed in waits in the same tables, counted nowhere, until somebody has looked at it; to take it in is then one
statement, so that all its rows count or none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.demand.models import Register
from app.demand.registers.checking import Checked, copied
from app.demand.registers.errors import RegisterTaken, RegisterUnknown, ReplacedGone
from app.kit.ids import new_id

COPY: LiteralString = """
    COPY register_point
        (register_id, line, lon, lat, weight, county_adcode, approximate, industry, code_hash) FROM STDIN
"""
COPY_FAULTS: LiteralString = 'COPY register_fault (register_id, n, line, "column", code, data) FROM STDIN'


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a register: its name, where it comes from, and the day whose state it has."""

    name: str
    source: str
    as_of: date
    replaces_id: UUID | None = None


async def hand_in(session: AsyncSession, caller: Caller, about: About, checked: Checked, now: datetime) -> UUID:
    """Keep a file's rows to be looked at; what the same person has handed in before and not taken in goes.

    Raises RegisterUnknown for one to be replaced that isn't there.
    """
    if about.replaces_id is not None and (await session.get(Register, about.replaces_id)) is None:
        raise RegisterUnknown
    await session.execute(delete(Register).where(Register.taken_at.is_(None), Register.created_by == caller.person_id))
    register = Register(
        id=new_id(),
        name=about.name,
        source=about.source,
        as_of=about.as_of,
        replaces_id=about.replaces_id,
        told=checked.told | {"replaces": str(about.replaces_id or "")},
        created_at=now,
        created_by=caller.person_id,
    )
    session.add(register)
    await session.flush()
    connection = await _driver(session)
    await _copy(connection, COPY, ((register.id, *row) for row in copied(checked.good)))
    faults = enumerate(checked.faults, start=1)
    rows = (
        (register.id, n, fault.line, fault.column, fault.code, orjson.dumps(fault.data).decode()) for n, fault in faults
    )
    await _copy(connection, COPY_FAULTS, rows)
    return register.id


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The driver's own connection, in the session's transaction."""
    raw = await (await session.connection()).get_raw_connection()
    connection: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]  # psycopg's
    return connection


async def _copy(
    connection: psycopg.AsyncConnection[Any], statement: LiteralString, rows: Iterable[tuple[object, ...]]
) -> None:
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


async def take_in(session: AsyncSession, caller: Caller, register_id: UUID, now: datetime) -> Register:
    """From now on its rows count, and those of the one that it replaces no more. Raises RegisterUnknown,
    RegisterTaken, ReplacedGone."""
    register = await _locked(session, register_id)
    if register.taken_at is not None or not register.told["good"]:
        raise RegisterTaken
    replaced = register.replaces_id
    if register.told["replaces"] and replaced is None:
        raise ReplacedGone
    if replaced is not None:
        await session.execute(delete(Register).where(Register.id == replaced))
        register.replaces_id = None
    register.taken_at, register.taken_by = now, caller.person_id
    after = _facts(register) | ({"replaces": str(replaced)} if replaced else {})
    await session.flush()
    await record(session, caller.actor, "register.taken_in", _object(register), at=now, after=after)
    return register


async def remove(session: AsyncSession, caller: Caller, register_id: UUID, now: datetime) -> None:
    """Its rows go. On record if they have counted. Raises RegisterUnknown."""
    register = await _locked(session, register_id)
    await session.execute(delete(Register).where(Register.id == register.id))
    if register.taken_at is not None:
        before = _facts(register)
        await record(session, caller.actor, "register.removed", _object(register), at=now, before=before)


async def _locked(session: AsyncSession, register_id: UUID) -> Register:
    found = await session.scalar(select(Register).where(Register.id == register_id).with_for_update())
    if found is None:
        raise RegisterUnknown
    return found


def _facts(register: Register) -> dict[str, object]:
    as_of = register.as_of.isoformat()
    return {"name": register.name, "source": register.source, "as_of": as_of, "rows": register.told["good"]}


def _object(register: Register) -> Object:
    return Object("register", str(register.id))
