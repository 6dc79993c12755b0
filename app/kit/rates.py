"""How often a caller may do a thing: counted in the database, so that all processes count together.

One row a caller, thing and window, raised by one statement. A library's bucket on PostgreSQL keeps a table a bucket
and a row a hit; one counter is all that is needed here. The table is unlogged: after a crash counting begins anew.
A caller is an address or an account (``ip:192.0.2.1``, ``person:…``): count both where both are known.

What is refused is not counted, so nobody locks out the neighbours behind the same address by being refused often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Database, Model
from app.kit.problems import TooMany

MINUTE_SECONDS = 60
SWEEP_EVERY = 1000
LEVELS = 3
"""A thing that may be paid for can be done this many times as often again, at a rising price: see app.kit.work."""

COUNT: LiteralString = """
    INSERT INTO rate (caller, thing, minute, hits) VALUES (%s, %s, %s, %s)
    ON CONFLICT (caller, thing, minute) DO UPDATE SET hits = rate.hits + excluded.hits
    WHERE rate.hits < %s RETURNING hits
"""
COUNT_PAID: LiteralString = """
    WITH spent AS (
        INSERT INTO rate (caller, thing, minute, hits) VALUES (%s, 'work', %s, 1) ON CONFLICT DO NOTHING RETURNING 1
    )
    INSERT INTO rate (caller, thing, minute, hits) SELECT %s, %s, %s, 1 FROM spent
    ON CONFLICT (caller, thing, minute) DO UPDATE SET hits = rate.hits + 1 WHERE rate.hits < %s RETURNING hits
"""
HITS: LiteralString = "SELECT hits FROM rate WHERE caller = %s AND thing = %s AND minute = %s"
SWEEP: LiteralString = "DELETE FROM rate WHERE minute < %s"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many `times` in a window of so many `seconds` (whole minutes); `payable`: more often for a calculation.

    What is done often and costs little is written down in steps of so many at once, so that most times cost no
    statement; a caller of several processes then reaches the limit up to a step a process too early.
    """

    times: int
    seconds: int = MINUTE_SECONDS
    payable: bool = False
    step: int = 1

    def most(self, level: int) -> int:
        """How often in all for who pays the price of this level, from 0."""
        return self.times * (2 + level)

    def level(self, hits: int) -> int | None:
        """The price after so many times; None when it is not to be had any more."""
        level = max(hits // self.times - 1, 0)
        return level if self.payable and level < LEVELS else None


@dataclass(frozen=True, slots=True)
class Payment:
    """A calculation that was done: `proof` is its name (64 characters), good for once until `expires`."""

    proof: str
    level: int
    expires: datetime


class Rate(Model):
    """How often `caller` did `thing` in the window that began in this minute since the Unix epoch."""

    __tablename__ = "rate"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    thing: Mapped[str] = mapped_column(String(16), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hits: Mapped[int]


class Rates:
    """At most `limits[thing]` a window and caller; a thing without a limit is not counted."""

    def __init__(self, database: Database, limits: Mapping[str, Limit]) -> None:
        self._database = database
        self._limits = limits
        self._longest = max((limit.seconds for limit in limits.values()), default=0) // MINUTE_SECONDS
        self._counted = 0
        self._unwritten: dict[tuple[str, str, int], int] = {}
        self._minute = 0

    async def count(self, caller: str, thing: str, now: datetime) -> None:
        """Count once. Raises TooMany, with the seconds until the next window begins."""
        if not await self.free(caller, thing, now):
            raise TooMany(retry_after=self.wait(thing, now))

    async def free(self, caller: str, thing: str, now: datetime, *, paid: bool = False) -> bool:
        """Count once if that is within the limit; whether it was. `paid` is within what is to be had at any price."""
        limit = self._limits.get(thing)
        if limit is None:
            return True
        row = caller, thing, _window(limit, now)
        if self._waits(row, limit, _minute(now)):
            return True
        most = limit.most(LEVELS - 1) if paid and limit.payable else limit.times
        counted = await self._database.fetch(COUNT, (*row, limit.step, most))
        if not counted:
            self._unwritten.pop(row, None)  # so that the next time is asked about again
        await self._sweep(_minute(now))
        return bool(counted)

    def _waits(self, row: tuple[str, str, int], limit: Limit, minute: int) -> bool:
        """Whether this time needn't be written down, being part of a step that was."""
        if limit.step == 1:
            return False
        if minute != self._minute:
            self._unwritten.clear()
            self._minute = minute
        times = self._unwritten.get(row, 0)
        self._unwritten[row] = times + 1
        return times % limit.step != 0

    async def paid(self, caller: str, thing: str, now: datetime, payment: Payment) -> bool:
        """Count once beyond the limit; False when the payment was used before, or the price has risen since."""
        limit = self._limits[thing]
        row = caller, thing, _window(limit, now)
        spent = payment.proof, _minute(payment.expires)
        return bool(await self._database.fetch(COUNT_PAID, (*spent, *row, limit.most(payment.level))))

    async def price(self, caller: str, thing: str, now: datetime) -> int:
        """The level to pay for once more. Raises TooMany when it is not to be had."""
        limit = self._limits[thing]
        found = await self._database.fetch(HITS, (caller, thing, _window(limit, now)))
        level = limit.level(found[0][0] if found else 0)
        if level is None:
            raise TooMany(retry_after=self.wait(thing, now))
        return level

    def wait(self, thing: str, now: datetime) -> int:
        """Seconds until the next window of a thing begins."""
        seconds = self._limits[thing].seconds
        return seconds - int(now.timestamp()) % seconds

    async def _sweep(self, minute: int) -> None:
        """Now and then forget the windows that are over."""
        self._counted += 1
        if self._counted % SWEEP_EVERY == 0:
            await self._database.fetch(SWEEP, (minute - self._longest,))


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // MINUTE_SECONDS


def _window(limit: Limit, now: datetime) -> int:
    """The minute in which the window began."""
    seconds = int(now.timestamp())
    return (seconds - seconds % limit.seconds) // MINUTE_SECONDS
