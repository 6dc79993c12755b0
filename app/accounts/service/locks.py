"""Slowing down those who guess: after some failures a name, or the network that they come from, is locked for a while.

An attempt is counted before its password is looked at, and taken back when it was right: so of any number of guesses
at once only as many as are allowed get as far as a password. Each count is one statement of its own, committed at
once; a lock begins with the failure that reaches the limit and lasts 1, 2, 4 … at most 60 minutes, each time after
one more failure. A lock ends by itself: whoever knows a name can keep its owner waiting, never out for ever; sessions
that the owner has elsewhere go on, and a new password by mail lifts the lock.

A *name* is forgotten a day after its last failure, and with a success. It is locked as it was typed, in one spelling,
whether there is such a person or not; so a lock tells nothing. A *network* (an IPv4 address, an IPv6 /64) may stand
for a whole office: it is allowed more, one failure is forgotten every three minutes, and a success takes back only
itself, else an attacker's own account would wipe the slate.

Keys are HMACs under the installation's key: the table names nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from app.accounts.errors import SignInLocked
from app.kit.db import Database
from app.kit.ids import hash_secret

ALLOWED_BY_NETWORK = 20
NETWORK_FORGETS_ONE = timedelta(minutes=3)
FORGOTTEN_AFTER = timedelta(days=1)
LONGEST_MIN = 60
DOUBLINGS = 6
"""After so many the delay has reached the longest."""

COUNT: LiteralString = """
INSERT INTO sign_in_failure AS known (key, failures, last_at, locked_until)
VALUES (%(key)s, 1, %(now)s, CASE WHEN %(allowed)s <= 1 THEN %(now)s::timestamptz + interval '1 minute' END)
ON CONFLICT (key) DO UPDATE SET (failures, last_at, locked_until) = (
    SELECT n, CASE WHEN n = 1 THEN %(now)s::timestamptz ELSE aged END,
        CASE WHEN n >= %(allowed)s THEN %(now)s::timestamptz
            + least(%(longest)s, power(2, least(n - %(allowed)s, %(doublings)s))) * interval '1 minute' END
    FROM (
        SELECT 1 + CASE WHEN known.last_at <= %(now)s::timestamptz - %(forgotten)s::interval THEN 0
                ELSE greatest(known.failures - forgiven, 0) END AS n,
            CASE WHEN %(one_every)s::interval IS NULL THEN %(now)s::timestamptz
                ELSE known.last_at + forgiven * %(one_every)s::interval END AS aged
        FROM (SELECT coalesce(floor(extract(epoch FROM %(now)s::timestamptz - known.last_at)
            / extract(epoch FROM %(one_every)s::interval)), 0)::int AS forgiven) AS age
    ) AS counted)
WHERE known.locked_until IS NULL OR known.locked_until <= %(now)s
RETURNING locked_until
"""
TAKE_BACK: LiteralString = """
UPDATE sign_in_failure SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE key = ANY (%(keys)s)
"""
FORGET: LiteralString = """
WITH forgotten AS (DELETE FROM sign_in_failure WHERE key = %(account)s)
UPDATE sign_in_failure SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE key = %(network)s
"""
LOCKED_UNTIL: LiteralString = "SELECT locked_until FROM sign_in_failure WHERE key = %s"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was let through and is counted; `locks_until` when it is the one that locks, should it fail."""

    account: bytes
    network: bytes
    locks_until: datetime | None


class Locks:
    """Counts attempts. `allowed` failures by name, ALLOWED_BY_NETWORK by network; `secret_key` hides both."""

    def __init__(self, database: Database, secret_key: bytes, allowed: int) -> None:
        self._database = database
        self._secret_key = secret_key
        self._allowed = allowed
        self._allowed_by_network = max(ALLOWED_BY_NETWORK, allowed)

    async def attempt(self, account: str, network: str, now: datetime) -> Attempt:
        """Count one. `account` is a name as typed, in one spelling, or what else is guessed at ("code:" and a person).

        `network` as `app.web.client.network_of` has it. Raises SignInLocked, and then nothing was counted.
        """
        keys = self._key(f"account:{account}"), self._key(f"ip:{network}")
        by_network = await self._count(keys[1], self._allowed_by_network, NETWORK_FORGETS_ONE, now)
        try:
            by_account = await self._count(keys[0], self._allowed, None, now)
        except SignInLocked:
            await self._database.fetch(TAKE_BACK, {"keys": [keys[1]]})
            raise
        return Attempt(*keys, max((until for until in (by_account, by_network) if until), default=None))

    async def right(self, attempt: Attempt) -> None:
        """It was right: the name is as if nothing had happened, the network as before."""
        await self._database.fetch(FORGET, {"account": attempt.account, "network": attempt.network})

    async def untried(self, attempt: Attempt) -> None:
        """Nothing was compared after all (too many were waiting): both are as before."""
        await self._database.fetch(TAKE_BACK, {"keys": [attempt.account, attempt.network]})

    async def lift(self, *accounts: str) -> None:
        """Forget the failures of these names."""
        keys = [self._key(f"account:{account}") for account in accounts]
        await self._database.fetch("DELETE FROM sign_in_failure WHERE key = ANY (%s)", (keys,))

    async def _count(self, key: bytes, allowed: int, one_every: timedelta | None, now: datetime) -> datetime | None:
        """Until when this failure locks, if it does."""
        values = {
            "key": key,
            "now": now,
            "allowed": allowed,
            "one_every": one_every,
            "forgotten": FORGOTTEN_AFTER,
            "longest": LONGEST_MIN,
            "doublings": DOUBLINGS,
        }
        counted = await self._database.fetch(COUNT, values)
        if not counted:
            raise await self._locked(key, now)
        until: datetime | None = counted[0][0]
        return until

    async def _locked(self, key: bytes, now: datetime) -> SignInLocked:
        rows = await self._database.fetch(LOCKED_UNTIL, (key,))
        until: datetime = (rows[0][0] if rows else None) or now
        return SignInLocked(retry_after=max(1, int((until - now).total_seconds())))

    def _key(self, text: str) -> bytes:
        return hash_secret(text, self._secret_key)
