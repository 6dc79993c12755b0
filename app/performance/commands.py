"""`onestop stats`: whether the figures that are kept are what was recorded."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from app.kit.clock import now
from app.kit.db import Database
from app.performance.service import Verdict, settle, verify
from app.stations.snapshot import load_network

Mend = Annotated[bool, typer.Option("--mend", help="Count the days that differ anew, and keep that.")]
MOST_SHOWN = 20


def stats_commands(opened: Callable[[], AbstractContextManager[str]]) -> typer.Typer:
    """The sub-commands, on the database whose URL `opened` gives."""
    counting = typer.Typer(no_args_is_help=True, help="The figures of days that are over.")

    @counting.command("verify")
    def verify_command(*, mend: Mend = False) -> None:
        """Count every day anew from what was recorded, and compare with what is kept. Ends with 1 if they differ."""
        with opened() as url:
            verdict = asyncio.run(_verify(url, mend=mend))
        for line in said(verdict):
            typer.echo(line)
        raise typer.Exit(1 if verdict.differences and not mend else 0)

    @counting.command("settle")
    def settle_command() -> None:
        """Keep the figures of every day that is over, as the running portal does by itself."""
        with opened() as url:
            typer.echo(f"{asyncio.run(_settle(url))} days were kept.")

    return counting


def said(verdict: Verdict) -> Iterator[str]:
    """A verdict in lines."""
    for each in verdict.differences[:MOST_SHOWN]:
        of = f"service {each.service_id}" if each.service_id else "all services"
        fields = ", ".join(f"{name} is kept as {old}, was {new}" for name, (old, new) in each.fields.items())
        yield f"{each.day} station {each.station_id}, {of}: {fields}"
    if len(verdict.differences) > MOST_SHOWN:
        yield f"… and {len(verdict.differences) - MOST_SHOWN} more."
    if not verdict.differences:
        yield f"{verdict.days} days were counted anew: all figures are as they are kept."
    elif verdict.mended:
        yield f"{len(verdict.mended)} of {verdict.days} days differed and were kept anew."
    else:
        wrong = len({each.day for each in verdict.differences})
        yield f"{wrong} of {verdict.days} days differ. `onestop stats verify --mend` keeps them anew."


async def _verify(url: str, *, mend: bool) -> Verdict:
    database = Database(url, pool_size=3)
    await database.open()
    try:
        return await verify(database, await load_network(database), await now(), by="onestop stats verify", mend=mend)
    finally:
        await database.close()


async def _settle(url: str) -> int:
    database = Database(url, pool_size=3)
    await database.open()
    try:
        return len(await settle(database, await load_network(database), await now()))
    finally:
        await database.close()
