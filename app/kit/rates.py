"""How often a caller may do a thing: counted in the database, so that all processes count together.

One row a caller, thing and minute, raised by one statement. A library's bucket on PostgreSQL keeps a table a bucket
and a row a hit; one counter is all that is needed here. The table is unlogged: after a crash counting begins anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import LiteralString

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Database, Model
from app.kit.problems import TooMany

WINDOW_SECONDS = 60
SWEEP_EVERY = 1000

COUNT: LiteralString = """
    INSERT INTO rate (caller, thing, minute, hits) VALUES (%s, %s, %s, 1)
    ON CONFLICT (caller, thing, minute) DO UPDATE SET hits = rate.hits + 1 RETURNING hits
"""
SWEEP: LiteralString = "DELETE FROM rate WHERE minute < %s"


class Rate(Model):
    """How often `caller` did `thing` in a minute since the Unix epoch."""

    __tablename__ = "rate"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    thing: Mapped[str] = mapped_column(String(16), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hits: Mapped[int]


class Rates:
    """At most `limits[thing]` times a minute and caller; a thing without a limit is not counted."""

    def __init__(self, database: Database, limits: Mapping[str, int]) -> None:
        self._database = database
        self._limits = limits
        self._counted = 0

    async def count(self, caller: str, thing: str, now: datetime) -> None:
        """Count once. Raises TooMany, with the seconds until the next minute begins."""
        limit = self._limits.get(thing)
        if limit is None:
            return
        minute, second = divmod(int(now.timestamp()), WINDOW_SECONDS)
        [(hits,)] = await self._database.fetch(COUNT, (caller, thing, minute))
        if hits > limit:
            raise TooMany(retry_after=WINDOW_SECONDS - second)
        await self._sweep(minute)

    async def _sweep(self, minute: int) -> None:
        """Now and then forget the minutes that are over."""
        self._counted += 1
        if self._counted % SWEEP_EVERY == 0:
            await self._database.fetch(SWEEP, (minute - 1,))
