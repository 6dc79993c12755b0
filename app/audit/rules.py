"""The arithmetic of the chains, apart from the database: what is hashed, and what is wrong with an entry out of line.

The database's function `audit_text` makes the same text; docs/audit.md describes it for whoever wants to make it with
other means.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

CHAINS = 16
VERSION = "onestop-audit-1"
START = bytes(32)
"""What stands before the first entry of a chain."""
MICROS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_KEPT = timedelta(days=180)
KEPT = timedelta(days=1096)
NEARBY = 1000
"""How far from its place the number of an entry that was moved is looked for."""


class Fault(StrEnum):
    """What was found at an entry, the first of its chain that isn't as it was written."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "moved"
    REWRITTEN = "rewritten"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as it is stored. `seconds` since the epoch and `fields` (in the order of the text) are as text."""

    chain: int
    n: int
    seconds: str
    fields: tuple[str | None, ...]
    previous_hash: bytes
    hash: bytes

    @property
    def action(self) -> str:
        """What it says was done; the fields before it are those of the actor."""
        return self.fields[5] or ""

    @property
    def at(self) -> datetime | None:
        """The entry's time; None where somebody wrote one that no calendar has."""
        try:
            return EPOCH + timedelta(microseconds=int(micros(self.seconds)))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain, and where the chain begins: `first_previous` is the hash before entry `first_n`."""

    chain: int
    n: int
    hash: bytes
    first_n: int
    first_previous: bytes


def storable(value: str) -> str:
    """Without what PostgreSQL refuses: the record takes whatever somebody tried, and never fails because of it."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def micros(seconds: str) -> str:
    """Seconds with decimals as whole microseconds; `Infinity` stays, and so fits no hash."""
    value = Decimal(seconds)
    return str(int(value * MICROS)) if value.is_finite() else seconds


def field(value: str | None) -> str:
    """A field with the number of its UTF-8 bytes before it, or a dash for none."""
    return "-," if value is None else f"{len(value.encode())}:{value},"


def text(entry: Sealed, n: int | None = None) -> str:
    """What is hashed, also as it would be if the entry had another number."""
    place = str(entry.chain), str(entry.n if n is None else n), micros(entry.seconds)
    return f"{VERSION}," + "".join(map(field, (*place, *entry.fields)))


def seal(entry: Sealed, n: int | None = None) -> bytes:
    """The hash that the entry must have, given what it says stands before it."""
    return hashlib.sha256(entry.previous_hash + text(entry, n).encode()).digest()


def whole(entry: Sealed) -> bool:
    """Whether the entry is as its own hash says; whether that hash is the true one, the chain says."""
    return seal(entry) == entry.hash


def own_number(entry: Sealed) -> int | None:
    """The number under which an entry that was moved was written, when it is nearby."""
    near = range(max(1, entry.n - NEARBY), entry.n + NEARBY + 1)
    return next((n for n in near if seal(entry, n) == entry.hash), None)


class HeadsError(ValueError):
    """A list of heads that was kept isn't one, or was mistyped."""


def heads_text(heads: Iterable[Head], at: datetime) -> str:
    """The heads as lines to be written down outside, with one digest over all that can be read out to somebody."""
    lines = [f"onestop-audit-heads-1 {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]
    lines += [f"{head.chain:02} {head.n} {head.hash.hex()}" for head in heads]
    return "\n".join([*lines, f"digest {_digest(lines)}"])


def read_heads(content: str) -> dict[int, tuple[int, bytes]]:
    """Number and hash of each chain's newest entry, as `heads_text` wrote them. Raises HeadsError."""
    lines = [line.strip() for line in content.strip().splitlines()]
    if len(lines) != CHAINS + 2 or not lines[0].startswith("onestop-audit-heads-1 "):
        raise HeadsError("This isn't what `onestop audit head` prints.")
    if lines[-1] != f"digest {_digest(lines[:-1])}":
        raise HeadsError("The digest doesn't fit the lines above it: the file was changed since it was printed.")
    rows = [line.split() for line in lines[1:-1]]
    return {int(chain): (int(n), bytes.fromhex(hashed)) for chain, n, hashed in rows}


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
