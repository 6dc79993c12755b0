"""Whether the record is as it was written: every chain walked from its beginning, hashes made anew in Python.

Whoever owns the database can rewrite a whole chain with fitting hashes. That shows only against heads that were kept
outside (`onestop audit head`), so those are compared too when given.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg

from app.audit.rules import CHAINS, Fault, Head, Sealed, own_number, seal, whole

Connection = psycopg.AsyncConnection[Any]
Kept = Mapping[int, tuple[int, bytes]]

BATCH = 2000
HEADS: LiteralString = "SELECT chain, n, hash, first_n, first_previous FROM audit_chain ORDER BY chain"
COLUMNS: LiteralString = """
SELECT chain, n, extract(epoch FROM at)::text, previous_hash, hash, actor_kind, actor_id::text, actor_name, actor_via,
    address, action, object_kind, object_id, station_id::text, organisation_id::text, before::text, after::text,
    reason, trace
FROM audit_entry
"""
AFTER: LiteralString = COLUMNS + "WHERE chain = %s AND n > %s ORDER BY n LIMIT %s"
STRAY: LiteralString = COLUMNS + "WHERE chain < 0 OR chain > 15 ORDER BY at LIMIT 1"
HAS_HASH: LiteralString = "SELECT 1 FROM audit_entry WHERE chain = %s AND hash = %s"
BEFORE_ALL = -(2**63)
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Touched:
    """The first entry of a chain that isn't as it was written. `at` is its time, or that of what stands before it."""

    chain: int
    n: int
    fault: Fault
    at: datetime | None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: at most one touched entry a chain, beyond which nothing of it is known.

    `uncompared` are chains whose kept head is older than what is still there: pruned since.
    """

    entries: int
    touched: tuple[Touched, ...]
    uncompared: tuple[int, ...] = ()

    @property
    def first(self) -> Touched | None:
        """The first touched by time."""
        return min(
            self.touched, key=lambda each: (each.at or datetime.max.replace(tzinfo=UTC), each.chain), default=None
        )


@dataclass
class _Walk:
    """One chain on its way: what must come next."""

    connection: Connection
    head: Head
    kept: tuple[int, bytes] | None
    last: Sealed | None = None
    seen: int = 0
    expected: int = field(init=False)
    previous: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.expected, self.previous = self.head.first_n, self.head.first_previous

    async def run(self) -> Touched | None:
        if self.kept and self.kept[0] == self.head.first_n - 1 and self.kept[1] != self.head.first_previous:
            return Touched(self.head.chain, self.kept[0], Fault.REWRITTEN, None)
        async for entry in _entries(self.connection, self.head.chain):
            found = await self._fault(entry)
            if found:
                return found
            self.last, self.expected, self.previous = entry, entry.n + 1, entry.hash
            self.seen += 1
        return self._end()

    async def _fault(self, entry: Sealed) -> Touched | None:
        if entry.n < self.expected or entry.n > self.head.n:
            return _touched(entry, Fault.INSERTED)
        if entry.n > self.expected:
            return self._missing(entry)
        if not whole(entry):
            return await self._broken(entry)
        if entry.previous_hash != self.previous:
            return await self._unlinked(entry)
        if self.kept and entry.n == self.kept[0] and entry.hash != self.kept[1]:
            return _touched(entry, Fault.REWRITTEN)
        return None

    def _missing(self, following: Sealed | None) -> Touched:
        near = self.last or following
        return Touched(self.head.chain, self.expected, Fault.MISSING, near.at if near else None)

    async def _broken(self, entry: Sealed) -> Touched:
        """The entry isn't what its hash says: changed, or whole but under a number that isn't its own."""
        n = own_number(entry)
        if n is None:
            following = await _next(self.connection, entry)
            pushed = following and not whole(following) and seal(following, following.n - 1) == following.hash
            return _touched(entry, Fault.INSERTED if pushed else Fault.CHANGED)
        if self.last and n == entry.n - 1 and entry.previous_hash == self.last.previous_hash:
            return _touched(self.last, Fault.INSERTED)
        if n == entry.n + 1 and not await _has_hash(self.connection, entry.chain, entry.previous_hash):
            return self._missing(entry)
        return _touched(entry, Fault.MOVED)

    async def _unlinked(self, entry: Sealed) -> Touched:
        """The entry is whole and follows another than the one before it: which of the two is not the true one?"""
        following = await _next(self.connection, entry)
        confirmed = following.previous_hash if following else self.head.hash
        if confirmed != entry.hash:
            return _touched(entry, Fault.CHANGED)
        if self.last:
            return _touched(self.last, Fault.CHANGED)
        return _touched(entry, Fault.HEAD)

    def _end(self) -> Touched | None:
        if self.expected <= self.head.n:
            return self._missing(None)
        if self.kept and self.kept[0] > self.head.n:
            return self._missing(None)
        if self.previous == self.head.hash:
            return None
        if self.last:
            return _touched(self.last, Fault.CHANGED)
        return Touched(self.head.chain, self.head.n, Fault.HEAD, None)


async def heads(connection: Connection) -> list[Head]:
    """The head of each chain, by the owner."""
    cursor = await connection.execute(HEADS)
    return [Head(*row) for row in await cursor.fetchall()]


async def verify(connection: Connection, kept: Kept | None = None) -> Verdict:
    """Walk all chains within one snapshot; `kept` are heads printed earlier. By the owner, outside of a transaction.

    Memory stays bounded however long the record is: entries come 2,000 at a time.
    """
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        known = {head.chain: head for head in await heads(connection)}
        walks = [_Walk(connection, head, (kept or {}).get(chain)) for chain, head in known.items() if chain < CHAINS]
        found = [await walk.run() for walk in walks]
        found += [await _headless(connection, chain) for chain in range(CHAINS) if chain not in known]
        found.append(await _stray(connection))
    gone = [walk.head.chain for walk in walks if walk.kept and walk.kept[0] < walk.head.first_n - 1]
    return Verdict(sum(walk.seen for walk in walks), tuple(each for each in found if each), tuple(gone))


async def _headless(connection: Connection, chain: int) -> Touched:
    async for entry in _entries(connection, chain):
        return _touched(entry, Fault.HEAD)
    return Touched(chain, 1, Fault.HEAD, None)


async def _stray(connection: Connection) -> Touched | None:
    """An entry in a chain that doesn't exist."""
    row = await (await connection.execute(STRAY)).fetchone()
    return _touched(_sealed(row), Fault.INSERTED) if row else None


async def _entries(connection: Connection, chain: int) -> AsyncIterator[Sealed]:
    after = BEFORE_ALL
    while True:
        rows = await (await connection.execute(AFTER, (chain, after, BATCH))).fetchall()
        for row in rows:
            yield _sealed(row)
        if len(rows) < BATCH:
            return
        after = rows[-1][1]


async def _next(connection: Connection, entry: Sealed) -> Sealed | None:
    row = await (await connection.execute(AFTER, (entry.chain, entry.n, 1))).fetchone()
    return _sealed(row) if row else None


async def _has_hash(connection: Connection, chain: int, hashed: bytes) -> bool:
    return await (await connection.execute(HAS_HASH, (chain, hashed))).fetchone() is not None


def _sealed(row: tuple[Any, ...]) -> Sealed:
    chain, n, seconds, previous_hash, hashed, *fields = row
    return Sealed(chain, n, seconds, tuple(fields), previous_hash, hashed)


def _touched(entry: Sealed, fault: Fault) -> Touched:
    return Touched(entry.chain, entry.n, fault, entry.at, entry.action)
