"""Removing what has been on record long enough: the oldest entries of each chain, which then begins later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from app.audit.rules import CHAINS, LEAST_KEPT
from app.audit.service import Actor, Object, record_on

PRUNER = Actor("system", name="onestop audit prune")
REMOVE: LiteralString = "SELECT removed, begins FROM audit_prune(%s::smallint, %s)"
# As the function does: up to the first entry that stays, and not those behind it.
WOULD_REMOVE: LiteralString = """
SELECT count(*) FROM audit_entry WHERE chain = %(chain)s AND n < coalesce(
    (SELECT n FROM audit_entry WHERE chain = %(chain)s AND at >= %(before)s ORDER BY n LIMIT 1), 9223372036854775807)
"""


class TooYoungError(ValueError):
    """Entries younger than 180 days were to be removed; the law wants them kept (Cybersecurity Law, article 21)."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many entries were removed (or would be), of how many chains."""

    entries: int
    chains: int


async def prune(
    connection: psycopg.AsyncConnection[Any], before: datetime, *, now: datetime, dry_run: bool = False
) -> Pruned:
    """Remove what is older than `before`, by the owner; each chain in a transaction of its own, with an entry for it.

    Raises TooYoungError when `before` is less than 180 days before `now`; the database refuses that too.
    """
    if before > now - LEAST_KEPT:
        raise TooYoungError(f"Entries are kept for {LEAST_KEPT.days} days at least.")
    counts = []
    for chain in range(CHAINS):
        if dry_run:
            cursor = await connection.execute(WOULD_REMOVE, {"chain": chain, "before": before})
            counts.append(int((await cursor.fetchall())[0][0]))
        else:
            counts.append(await _prune(connection, chain, before, now))
    return Pruned(sum(counts), sum(1 for count in counts if count))


async def _prune(connection: psycopg.AsyncConnection[Any], chain: int, before: datetime, now: datetime) -> int:
    async with connection.transaction():
        [(removed, begins)] = await (await connection.execute(REMOVE, (chain, before))).fetchall()
        if removed:
            after = {"removed": removed, "begins": begins, "before": before}
            await record_on(connection, PRUNER, "audit.pruned", Object("audit", str(chain)), at=now, after=after)
    return int(removed)
