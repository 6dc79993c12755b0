"""What becomes of a ticket that a kiosk has given out by itself, when it hands it in. Pure.

**Numbers.** The only source is `hall_day.last_number`. A kiosk leases a range of the day's numbers ahead, under the
lock of that row, and gives them out in their order, online and offline alike; nobody else gets one of them. What it
hasn't given out when the day ends is void. So each number of a day, from 1 to the last one, is that of one ticket, or
stands in a lease as void: there is no other gap, and none twice. Numbers of a lease never go back: they may be on
somebody's paper.

**Handing in** is harmless however often it is done: a ticket is known by the id that the kiosk made for it. Nobody who
holds a ticket is forgotten: what can't stay as it was given out is put right, in this order.

1. The id is known: nothing happens.
2. The number isn't of this kiosk's leases of that day, or another ticket has it: a new number of the day.
3. It is of a day that is over: it is kept on record with its number, as left.
4. Else it is taken in as it was given out, with its place in the queue by when that was.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.kit.clock import local_date

LEASED = 50
"""So many numbers a kiosk leases at once; more, when fewer than half of that are left."""
MOST_OPEN = 10 * LEASED
"""So many leased numbers a device may have that no ticket has yet, in all browsers that have its address."""


class Outcome(StrEnum):
    """What became of a ticket that was handed in."""

    TAKEN = "taken"
    KNOWN = "known"
    RENUMBERED = "renumbered"
    """It has another number than the one that was given out."""
    LATE = "late"
    REFUSED = "refused"
    """None of its services is known any more: it can't be a ticket."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `first` to `last`, both included, of a day."""

    day: date
    first: int
    last: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Claim:
    """A ticket as a kiosk says that it has given it out: the number, and the aware time."""

    number: int
    given_at: datetime

    @property
    def day(self) -> date:
        return local_date(self.given_at)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows: the kiosk's leases, the numbers of the claim's day that tickets have, the aware time."""

    leases: Collection[Range]
    taken: Collection[int]
    now: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome, the time that counts, and the number that it keeps: None for a new one."""

    outcome: Outcome
    given_at: datetime
    number: int | None = None


def settle(claim: Claim, facts: Facts) -> Settled:
    """What becomes of one whose id isn't known. The kiosk's clock may be ahead: nobody has come later than now."""
    given_at = min(claim.given_at, facts.now)
    if not _its_own(claim, facts):
        same_day = local_date(given_at) == local_date(facts.now)
        return Settled(Outcome.RENUMBERED, given_at if same_day else facts.now)
    if claim.day < local_date(facts.now):
        return Settled(Outcome.LATE, given_at, claim.number)
    return Settled(Outcome.TAKEN, given_at, claim.number)


def _its_own(claim: Claim, facts: Facts) -> bool:
    leased = any(lease.day == claim.day and claim.number in lease for lease in facts.leases)
    return leased and claim.number not in facts.taken and claim.day <= local_date(facts.now)


def wants_more(unused: int, unused_of_device: int) -> bool:
    """Whether a browser with so many leased numbers of today that no ticket has yet is to get another lease."""
    return unused < LEASED / 2 and unused_of_device <= MOST_OPEN - LEASED
