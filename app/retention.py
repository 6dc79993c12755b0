"""What is kept how long, in the whole product, and the job that ends it: daily by itself, or by `onestop retention`.

The record of what was done has its own rule and its own command (`onestop audit prune`), for the database's owner:
the portal itself can't remove any of it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Annotated, LiteralString

import typer

from app.accounts import retention as accounts
from app.audit.service import Actor, Object, record
from app.bundles import retention as bundles
from app.demand import retention as demand
from app.enterprise import retention as enterprise
from app.feeds import retention as feeds
from app.files import retention as files
from app.files.service import sweep
from app.files.store import FileStore
from app.hall import retention as hall
from app.hall.day import retention as hall_day
from app.kit import clock
from app.kit.db import Database
from app.kit.retention import Applied, Retention, apply, count_due
from app.kit.rounds import Rounds
from app.ledger import retention as ledger
from app.notify import retention as notify
from app.performance import retention as performance
from app.ratings import retention as ratings
from app.reception import retention as reception
from app.requests import retention as requests
from app.results import retention as results
from app.slots import retention as slots
from app.webhooks import retention as webhooks

RULES: tuple[Retention, ...] = (
    *hall.RULES,
    *ratings.RULES,
    *reception.RULES,
    *requests.RULES,
    *results.RULES,
    *bundles.RULES,
    *enterprise.RULES,
    *ledger.RULES,
    *feeds.RULES,
    *webhooks.RULES,
    *slots.RULES,
    *hall_day.RULES,
    *performance.RULES,
    *accounts.RULES,
    *notify.RULES,
    *demand.RULES,
    *files.RULES,
)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only count what would be ended.")]
A_DAY = timedelta(days=1)
ACTION = "retention.applied"
# Several processes serve: whoever finds that a day has passed does it, one at a time.
LAST: LiteralString = "SELECT max(at) FROM audit_entry WHERE object_kind = 'retention' AND object_id = 'all'"


async def run(database: Database, store: FileStore, now: datetime, *, by: str, dry_run: bool = False) -> list[Applied]:
    """Apply every rule, or only count what each would end. What was ended is on record, in numbers.

    The bytes of uploads follow their rows: those that have none are swept away.
    """
    if dry_run:
        return await count_due(database, RULES, now)
    done = await apply(database, RULES, now)
    await sweep(database, store, now)
    async with database.writer() as session:
        counts = {each.rule.key: each.count for each in done if each.count}
        await record(session, Actor("system", name=by), ACTION, Object("retention", "all"), at=now, after=counts)
        await session.commit()
    return done


class Keeper(Rounds):
    """Runs the job once a day; looks every hour whether a day has passed since somebody did."""

    name = "retention_applied"
    every, first_after = timedelta(hours=1), timedelta(minutes=10)

    def __init__(self, database: Database, store: FileStore, now: Callable[[], Awaitable[datetime]]) -> None:
        super().__init__()
        self._database = database
        self._store = store
        self._now = now

    async def look(self) -> int:
        return int(await self.once())

    async def once(self) -> bool:
        """Run the job if a day has passed since it last ran; whether it did."""
        now = await self._now()
        [(last,)] = await self._database.fetch(LAST, ())
        if last is not None and now - last < A_DAY:
            return False
        await run(self._database, self._store, now, by="daily job")
        return True


def retention_commands(
    opened: Callable[[], AbstractContextManager[str]], store: Callable[[], FileStore]
) -> typer.Typer:
    """`onestop retention`, on the database whose URL `opened` gives, and the uploads that belong to it."""
    keeping = typer.Typer(no_args_is_help=True, help="What is kept how long.")

    @keeping.command("run")
    def run_command(*, dry_run: DryRun = False) -> None:
        """End what was kept long enough, as the running portal does once a day."""
        with opened() as url:
            for each in asyncio.run(_run(url, store(), dry_run=dry_run)):
                typer.echo(f"{each.count:>8}  {each.rule.key}: {each.rule.what} ({each.rule.keep.days} days)")
        if dry_run:
            typer.echo("Nothing was changed.")

    @keeping.command("rules")
    def rules_command() -> None:
        """Say what is kept how long, and why."""
        for rule in RULES:
            typer.echo(f"{rule.keep.days:>5} days  {rule.key}: {rule.what}. {rule.why}.")

    return keeping


async def _run(url: str, store: FileStore, *, dry_run: bool) -> list[Applied]:
    database = Database(url, pool_size=2)
    await database.open()
    try:
        return await run(database, store, await clock.now(), by="onestop retention", dry_run=dry_run)
    finally:
        await database.close()
