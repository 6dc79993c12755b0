"""Which statements a call runs, with what they were given: taken down from the real application, for pgbench to run."""

import re
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
from psycopg.sql import Literal
from sqlalchemy import event

from app.kit.db import Database, Params
from bench.server import build

PLACE = re.compile(r"%\((\w+)\)s|%s|%%")
# pgbench takes a colon before a letter for a variable, also inside of quotes; JSON may have a blank there.
TAKEN_FOR_A_VARIABLE = re.compile(r"(?<!:):(?=[A-Za-z_])")


Given = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True)
class Statement:
    """One statement in psycopg's spelling. `given` by name, or in order."""

    text: str
    given: Given

    def filled(
        self,
        connection: psycopg.Connection,
        *,
        named: Mapping[str, str] | None = None,
        within: Mapping[str, str] | None = None,
    ) -> str:
        """As pgbench runs it, on one line: what was given stands in it, or an SQL expression instead of it.

        `named` says which expression stands for a place of that name; `within` which one for a text wherever it occurs
        in what was given: an id, a reference.
        """
        rest = iter(self.given.values() if isinstance(self.given, Mapping) else self.given)

        def value(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            name = found[1]
            if name and named and name in named:
                return named[name]
            given = self.given[name] if name and isinstance(self.given, Mapping) else next(rest)
            return _literal(given, connection, within or {})

        return " ".join(PLACE.sub(value, self.text).split())


def _literal(given: object, connection: psycopg.Connection, within: Mapping[str, str]) -> str:
    text = TAKEN_FOR_A_VARIABLE.sub(": ", Literal(given).as_string(connection))
    quoted, cast = (text[: text.rindex("'") + 1], text[text.rindex("'") + 1 :]) if "'" in text else ("", text)
    for known, expression in within.items():
        quoted = quoted.replace(known, f"' || {expression} || '")
    return f"({quoted}){cast}" if " || " in quoted else quoted + cast


@dataclass
class Taken:
    """What was taken down: statements of sessions, and those of the bare pool, each in order."""

    of_sessions: list[Statement]
    of_the_pool: list[Statement]

    def clear(self) -> None:
        self.of_sessions.clear()
        self.of_the_pool.clear()

    def first(self, text: str) -> Statement:
        """The first one of the bare pool with this very text."""
        return next(statement for statement in self.of_the_pool if statement.text == text)


@asynccontextmanager
async def recording(url: str) -> AsyncIterator[tuple[httpx.AsyncClient, Taken]]:
    """A caller of the application, in process, and what the application has asked of the database since."""
    taken = Taken([], [])
    with tempfile.TemporaryDirectory() as home:
        app = build(url, Path(home))
        async with app.router.lifespan_context(app):
            database: Database = app.state.database
            database.fetch = _noted(database.fetch, taken)  # type: ignore[method-assign, assignment]  # looking over its shoulder

            @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
            def note(_connection: object, _cursor: object, text: str, given: Given, *_rest: object) -> None:
                taken.of_sessions.append(Statement(text, given))

            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                yield client, taken


Fetch = Callable[[LiteralString, Params], Coroutine[Any, Any, list[tuple[Any, ...]]]]


def _noted(fetch: Fetch, taken: Taken) -> Fetch:
    async def noted(statement: LiteralString, params: Params) -> list[tuple[Any, ...]]:
        taken.of_the_pool.append(Statement(statement, params))
        return await fetch(statement, params)

    return noted
