"""Statements on the connection of an import. Never prepared: temporary tables come and go, plans would outlive them."""

from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed

Connection = AsyncConnection[Any]


async def execute(connection: Connection, statement: SQL | Composed) -> int:
    """How many rows the statement touched."""
    cursor = await connection.execute(statement, prepare=False)
    return cursor.rowcount


async def one_row(connection: Connection, statement: SQL | Composed) -> tuple[Any, ...]:
    cursor = await connection.execute(statement, prepare=False)
    row = await cursor.fetchone()
    return tuple(row or ())


async def count(connection: Connection, statement: SQL | Composed) -> int:
    (found,) = await one_row(connection, statement)
    return int(found)
