"""How long things are kept: a rule a kind, declared beside its table, told to people, applied in small batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from app.kit.db import Database
from app.kit.i18n import LazyString

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Retention:
    """One rule: rows of `table` that are `over`, as a condition with `%(before)s`, go after `keep`.

    `what` and `why` are shown to people. `rows` are the columns that tell rows apart. Where a row stays and only what
    names people goes, `instead` is what is set (`%(now)s` may stand in it), and `over` must not find such a row again.
    """

    key: str
    what: LazyString
    why: LazyString
    keep: timedelta
    table: LiteralString
    over: LiteralString
    rows: LiteralString = "id"
    instead: LiteralString = ""

    @property
    def due(self) -> LiteralString:
        """How many are over."""
        return f"SELECT count(*) FROM {self.table} WHERE {self.over}"  # noqa: S608 - put together from our own words

    @property
    def apply(self) -> LiteralString:
        """End up to `%(most)s` of them, those left alone that somebody is just changing; a row for each."""
        some = f"SELECT {self.rows} FROM {self.table} WHERE {self.over} LIMIT %(most)s FOR UPDATE SKIP LOCKED"  # noqa: S608
        what = f"UPDATE {self.table} SET {self.instead}" if self.instead else f"DELETE FROM {self.table}"  # noqa: S608
        return f"{what} WHERE ({self.rows}) IN ({some}) RETURNING 1"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a rule found, or did."""

    rule: Retention
    count: int


async def count_due(database: Database, rules: Iterable[Retention], now: datetime) -> list[Applied]:
    """A dry run: how many each rule would end; nothing is changed."""
    found = []
    for rule in rules:
        [(count,)] = await database.fetch(rule.due, {"before": now - rule.keep})
        found.append(Applied(rule, count))
    return found


async def apply(database: Database, rules: Iterable[Retention], now: datetime) -> list[Applied]:
    """End what is older than its rule allows, in batches that each are a transaction of their own."""
    return [Applied(rule, await _apply(database, rule, now)) for rule in rules]


async def _apply(database: Database, rule: Retention, now: datetime) -> int:
    total = 0
    while True:
        rows = await database.fetch(rule.apply, {"before": now - rule.keep, "most": AT_ONCE, "now": now})
        total += len(rows)
        if len(rows) < AT_ONCE:
            return total
