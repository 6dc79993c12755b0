"""The database: reading and writing sessions of different types, a bare pool for hot statements, named constraints.

Writing sessions commit in the exit of a dependency with `scope="function"`: after the endpoint has returned and its
answer is serialised, before the response is sent. A plain `yield` dependency would commit after the client has read
"201", and a failing commit would then be a lie.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, LiteralString, TypeVar

import psycopg
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

type_names = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
T = TypeVar("T")
Params = Sequence[object] | Mapping[str, object]

RETRYABLE = frozenset({"40001", "40P01"})
ATTEMPTS = 4
PATIENCE = "-c lock_timeout=8000 -c max_parallel_workers_per_gather=0"
"""Milliseconds: who waits longer for another's transaction gives its connection back and answers 503. And no helpers
for one statement: to start one takes 8 ms, longer than any page's statement, and others wait for its processor."""


class Model(DeclarativeBase):
    """Base of every table. Constraint names follow one convention, because errors are mapped by them."""

    metadata = MetaData(naming_convention=type_names)


class ReadSession(AsyncSession):
    """A session whose transaction is READ ONLY: a page of statistics can't write, even by mistake."""


class WriteSession(AsyncSession):
    """A session that commits when the endpoint has returned, before the client hears."""


class Database:
    """One engine for the ORM (writing and, when given, a replica for reading) and one pool of bare connections.

    The pool's connections are in autocommit mode with server-side prepared statements: for statements that carry
    their whole transaction in themselves (see slots) and for batched hot reads.
    """

    def __init__(self, url: str, *, read_url: str | None = None, pool_size: int = 10) -> None:
        self.url = driver_url(url)
        self.engine = _engine(self.url, pool_size)
        reading = _engine(driver_url(read_url), pool_size) if read_url else self.engine
        self._owned = {self.engine, reading}
        self.reader = async_sessionmaker(
            reading.execution_options(postgresql_readonly=True), class_=ReadSession, expire_on_commit=False
        )
        self.writer = async_sessionmaker(self.engine, class_=WriteSession, expire_on_commit=False)
        self.pool: AsyncConnectionPool[psycopg.AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            libpq_url(url),
            min_size=1,
            max_size=pool_size,
            timeout=10,
            open=False,
            kwargs={"autocommit": True, "row_factory": tuple_row, "prepare_threshold": 0, "options": PATIENCE},
            check=None,
        )

    async def open(self) -> None:
        await self.pool.open()

    async def close(self) -> None:
        await self.pool.close()
        for engine in self._owned:
            await engine.dispose()

    async def fetch(self, statement: LiteralString, params: Params) -> list[tuple[Any, ...]]:
        """Rows of one bare statement in autocommit mode; a connection found broken is replaced and tried once more."""
        try:
            return await self._fetch(statement, params)
        except psycopg.OperationalError as error:
            if error.sqlstate is not None and not error.sqlstate.startswith(("57P", "08")):
                raise
            await self.pool.check()
            return await self._fetch(statement, params)

    async def _fetch(self, statement: LiteralString, params: Params) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(statement, params)
            return await cursor.fetchall() if cursor.description else []


def _engine(url: str, pool_size: int) -> AsyncEngine:
    """What a statement that failed was given doesn't stand in its error, which is logged: it may be personal."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"options": PATIENCE},
        hide_parameters=True,
    )


def driver_url(url: str) -> str:
    """A PostgreSQL URL of any spelling as SQLAlchemy's with psycopg 3 (also when async)."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)


def libpq_url(url: str) -> str:
    """The same URL for psycopg itself."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


async def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def read_session(database: Annotated[Database, Depends(get_database)]) -> AsyncIterator[ReadSession]:
    async with database.reader() as session:
        yield session


async def write_session(database: Annotated[Database, Depends(get_database)]) -> AsyncIterator[WriteSession]:
    async with database.writer() as session:
        yield session
        await session.commit()


Hot = Annotated[Database, Depends(get_database)]
Reading = Annotated[ReadSession, Depends(read_session, scope="function")]
Writing = Annotated[WriteSession, Depends(write_session, scope="function")]


class RetryingRoute(APIRoute):
    """Runs the whole endpoint again when the database asks for it: a deadlock or a serialisation failure.

    The writing session lives inside the handler (`scope="function"`), so each attempt has a transaction of its own,
    and nothing was answered yet. Bounded, because a fault that stays must be seen.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def retrying(request: Request) -> Response:
            for _attempt in range(ATTEMPTS - 1):
                try:
                    return await handler(request)
                except DBAPIError as error:
                    if sqlstate(error) not in RETRYABLE:
                        raise
            return await handler(request)

        return retrying


def driver_error(error: DBAPIError) -> psycopg.Error | None:
    """The driver's own error: `exc.orig.orig` under async, `exc.orig` otherwise."""
    inner = error.orig
    found = getattr(inner, "orig", inner)
    return found if isinstance(found, psycopg.Error) else None


def sqlstate(error: DBAPIError) -> str | None:
    found = driver_error(error)
    return found.sqlstate if found else None


def violated(error: DBAPIError | psycopg.Error) -> str | None:
    """The name of the constraint that refused a write, to be mapped to an error of the room."""
    found = driver_error(error) if isinstance(error, DBAPIError) else error
    return found.diag.constraint_name if found else None


async def once_more(work: Callable[[], Awaitable[T]]) -> T:
    """The same retry for a bare statement outside of a session."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return await work()
        except psycopg.errors.OperationalError as error:
            if error.sqlstate not in RETRYABLE:
                raise
    return await work()


@asynccontextmanager
async def session_on(connection: AsyncConnection) -> AsyncIterator[WriteSession]:
    """A writing session on a connection whose outer transaction belongs to someone else: its commits are savepoints."""
    async with WriteSession(
        bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    ) as session:
        yield session
