"""`onestop audit`: prove the record, print its heads, remove what is old. For the owner of the database."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import psycopg
import typer

from app.audit.retention import Pruned, TooYoungError, prune
from app.audit.rules import KEPT, Fault, HeadsError, heads_text, read_heads
from app.audit.verifying import Kept, Touched, Verdict, heads, verify
from app.kit.clock import now
from app.kit.db import libpq_url

T = TypeVar("T")
Against = Annotated[Path | None, typer.Option(help="A file of heads that `onestop audit head` printed earlier.")]
KeepDays = Annotated[int, typer.Option(help="Entries that are older than so many days are removed; 180 at least.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many entries would be removed.")]
WHAT = {
    Fault.CHANGED: "was changed after it was written",
    Fault.MISSING: "is missing: it was removed",
    Fault.INSERTED: "was inserted: no such entry was ever written",
    Fault.MOVED: "is not in its place: entries were put in another order",
    Fault.REWRITTEN: "is not the one whose hash was printed: it, or one before it, was rewritten with fitting hashes",
    Fault.HEAD: "is where it shows that the head of the chain was changed",
}


def audit_commands(opened: Callable[[], AbstractContextManager[str]]) -> typer.Typer:
    """The sub-commands, on the database whose owner's URL `opened` gives."""
    auditing = typer.Typer(no_args_is_help=True, help="Prove and keep the record of what was done.")

    @auditing.command("verify")
    def verify_command(against: Against = None) -> None:
        """Prove that nothing on record was changed; else name the first entry touched."""
        kept = _kept(against)
        with opened() as url:
            verdict = asyncio.run(_verify(url, kept))
        for line in report(verdict):
            typer.echo(line)
        raise typer.Exit(1 if verdict.touched else 0)

    @auditing.command("head")
    def head_command() -> None:
        """Print the newest hash of each chain, to be kept outside: then a rewriting by the owner shows too."""
        with opened() as url:
            typer.echo(asyncio.run(_heads(url)))

    @auditing.command("prune")
    def prune_command(keep_days: KeepDays = KEPT.days, dry_run: DryRun = False) -> None:
        """Remove entries that were kept long enough; that is itself on record."""
        with opened() as url:
            try:
                pruned = asyncio.run(_prune(url, keep_days, dry_run))
            except TooYoungError as error:
                typer.echo(str(error), err=True)
                raise typer.Exit(1) from None
        typer.echo(f"{pruned.entries} entries {'would be' if dry_run else 'were'} removed.")

    return auditing


def report(verdict: Verdict) -> list[str]:
    """The verdict in plain words, the first entry touched before all others."""
    first = verdict.first
    pruned = [f"Chain {chain} can't be compared: its kept head was pruned since." for chain in verdict.uncompared]
    if first is None:
        return [f"The record is as it was written: {verdict.entries} entries proven.", *pruned]
    others = [f"Also {_named(each)}." for each in verdict.touched if each is not first]
    return ["THE RECORD WAS TOUCHED.", f"First {_named(first)}.", *others, *pruned]


def _named(touched: Touched) -> str:
    known = " ".join(
        part for part in (touched.action, f"{touched.at:%Y-%m-%d %H:%M:%S} UTC" if touched.at else "") if part
    )
    when = f" ({'near ' if not touched.action and touched.at else ''}{known})" if known else ""
    return f"entry {touched.n} of chain {touched.chain}{when} {WHAT[touched.fault]}"


def _kept(against: Path | None) -> Kept | None:
    if against is None:
        return None
    try:
        return read_heads(against.read_text(encoding="utf-8"))
    except (OSError, HeadsError, UnicodeDecodeError) as error:
        typer.echo(f"{against}: {error}", err=True)
        raise typer.Exit(2) from None


async def _connected(url: str, work: Callable[[psycopg.AsyncConnection[Any]], Awaitable[T]]) -> T:
    async with await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True) as connection:
        return await work(connection)


async def _verify(url: str, kept: Kept | None) -> Verdict:
    return await _connected(url, lambda connection: verify(connection, kept))


async def _heads(url: str) -> str:
    return heads_text(await _connected(url, heads), await now())


async def _prune(url: str, keep_days: int, dry_run: bool) -> Pruned:
    moment = await now()
    before = moment - timedelta(days=keep_days)
    return await _connected(url, lambda connection: prune(connection, before, now=moment, dry_run=dry_run))
