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
    """One rule. `due` selects what is older than `%(before)s`, one row each; `apply` ends up to `%(most)s` of these.

    `apply` returns a row for each one that it deleted or anonymised. `what` and `why` are shown to people.
    """

    key: str
    what: LazyString
    why: LazyString
    keep: timedelta
    due: LiteralString
    apply: LiteralString


@dataclass(frozen=True, slots=True)
class Applied:
    """What a rule found, or did."""

    rule: Retention
    count: int


async def count_due(database: Database, rules: Iterable[Retention], now: datetime) -> list[Applied]:
    """A dry run: how many each rule would end; nothing is changed."""
    found = []
    for rule in rules:
        [(count,)] = await database.fetch(f"SELECT count(*) FROM ({rule.due}) due", {"before": now - rule.keep})  # noqa: S608 - ours
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
