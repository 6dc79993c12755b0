"""The record as auditors read it: whole or not at all.

Whoever may read it may read all of it; a scope that reaches less than everything finds nothing.
"""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Organisation, Person
from app.accounts.rules.rights import Scope
from app.audit import queries as audit
from app.audit.models import AuditEntry
from app.audit.queries import Entry, Filters, Found
from app.audit.rules import CHAINS, Head, Sealed, whole
from app.audit.verifying import COLUMNS
from app.kit.db import Database
from app.kit.uscc import normalise
from app.notify.rules import masked

NEWEST = 200
"""How many entries of each chain are proven at once: some 3,000 in all, within a blink."""
NOTHING_YET = bytes(32)
NAMED = ("person", "organisation")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Each chain's two ends by its key: as quick for a long record as for a short one.
HEADS = text("""
    SELECT chain, newest.n, newest.hash, oldest.n, oldest.previous_hash FROM generate_series(0, 15) chain
    LEFT JOIN LATERAL (
        SELECT n, hash FROM audit_entry entry WHERE entry.chain = chain.chain ORDER BY n DESC LIMIT 1
    ) newest ON true
    LEFT JOIN LATERAL (
        SELECT n, previous_hash FROM audit_entry entry WHERE entry.chain = chain.chain ORDER BY n LIMIT 1
    ) oldest ON true
    ORDER BY chain
""")


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry with its place in its chain."""

    entry: Entry
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Proven:
    """How many of the newest entries are as they were written, and the first that isn't (chain, number)."""

    entries: int
    touched: tuple[int, int] | None


async def search(session: AsyncSession, scope: Scope, filters: Filters, cursor: str | None, limit: int) -> Found:
    """A page of entries, newest first. Raises audit.CursorError."""
    return await audit.search(session, filters, cursor, limit) if scope.everything else Found([], None)


async def export(session: AsyncSession, scope: Scope, filters: Filters) -> AsyncIterator[Entry]:
    """All entries that fit, oldest first."""
    if scope.everything:
        async for entry in audit.export(session, filters):
            yield entry


async def find(session: AsyncSession, scope: Scope, chain: int, n: int) -> Shown | None:
    """One entry by its place."""
    if not scope.everything:
        return None
    asked = select(*audit.COLUMNS, AuditEntry.previous_hash, AuditEntry.hash)
    row = (await session.execute(asked.where(AuditEntry.chain == chain, AuditEntry.n == n))).first()
    if row is None:
        return None
    *told, previous_hash, own_hash = row
    return Shown(Entry(*told), previous_hash.hex(), own_hash.hex())


async def called(session: AsyncSession, scope: Scope, entries: Iterable[Entry]) -> dict[str, str]:
    """What the people and organisations are called that entries tell of, by their id: nobody knows a person by that.

    Staff by their user name, others by their masked mail address.
    """
    told = {(entry.object_kind, entry.object_id) for entry in entries}
    ids = {kind: {UUID(each) for own, each in told if own == kind and ID.fullmatch(each)} for kind in NAMED}
    found: dict[str, str] = {}
    if scope.everything and ids["person"]:
        people = select(Person.id, Person.username, Person.email).where(Person.id.in_(ids["person"]))
        rows = await session.execute(people)
        found |= {str(each): username or masked(email or "") for each, username, email in rows}
    if scope.everything and ids["organisation"]:
        named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids["organisation"]))
        found |= {str(each): name for each, name in await session.execute(named)}
    return found


async def organisation_by_code(session: AsyncSession, uscc: str) -> UUID | None:
    """The organisation that has this credit code, or had it last."""
    named = select(Organisation.id).where(Organisation.uscc == normalise(uscc))
    found: UUID | None = await session.scalar(named.order_by(Organisation.closed_at.desc().nulls_first()).limit(1))
    return found


async def heads(session: AsyncSession, scope: Scope) -> list[Head]:
    """The newest entry of each chain, and where the chain begins, as the entries themselves say."""
    if not scope.everything:
        return []
    rows = await session.execute(HEADS)
    return [
        Head(number, n or 0, end or NOTHING_YET, first_n or 1, before or NOTHING_YET)
        for number, n, end, first_n, before in rows
    ]


async def prove_newest(database: Database, scope: Scope) -> Proven:
    """Walk the newest entries of each chain: each as its hash says, and in line with the one before it."""
    proven = 0
    for chain in range(CHAINS) if scope.everything else ():
        rows = await database.fetch(COLUMNS + "WHERE chain = %s ORDER BY n DESC LIMIT %s", (chain, NEWEST))
        entries = [
            Sealed(place, n, seconds, tuple(fields), before, own) for place, n, seconds, before, own, *fields in rows
        ]
        following: Sealed | None = None
        for entry in entries:
            if not whole(entry) or (following and not _in_line(entry, following)):
                return Proven(proven, (chain, entry.n))
            following, proven = entry, proven + 1
    return Proven(proven, None)


def _in_line(entry: Sealed, following: Sealed) -> bool:
    return entry.n + 1 == following.n and entry.hash == following.previous_hash
