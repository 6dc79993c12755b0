"""Which stations may do what is asked, and which check the others fail. Pure: arrays and numbers in, verdicts out.

A station is put to the checks of `Check` in their order. What it fails first is the one reason that is given for it;
who is asked for several services in one visit fails with the lowest check that it fails for any of them.

The order is the trade's: designation, capability, in force on the day, mode, in use, open, free. One thing is told
apart before: a station that does not do the service at all is `not_capable`, also when a designated one is needed.
"Not designated" is kept for those that do it but not by mandate, because only there it tells the applicant something.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.catalogue.rules import Use
from app.kit.geo import Crs, Point

Bytes = npt.NDArray[np.uint8]
Checks = Bytes
"""Values of `Check`."""
Ordinals = npt.NDArray[np.int32]

DM_PER_KM = 10_000


class Policy(StrEnum):
    """What comes first among those that may do it."""

    NEAREST = "nearest"
    SOONEST = "soonest"
    BALANCED = "balanced"


class Mode(StrEnum):
    """Where the service is done: at the station, at the enterprise, or over the net."""

    STATION = "station"
    ONSITE = "onsite"
    ONLINE = "online"


class Check(IntEnum):
    """What a station failed, in the order in which it is looked at; `PASSED` is above all.

    `CAPABILITY_EXPIRED` also stands for a capability that is not in force yet.
    """

    NOT_CAPABLE = 1
    NOT_DESIGNATED = 2
    CAPABILITY_EXPIRED = 3
    MODE_NOT_OFFERED = 4
    INACTIVE = 5
    CLOSED = 6
    NO_FREE_TIME = 7
    PASSED = 8

    @property
    def reason(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the applicant is: WGS-84, and as it was given: in another system, or as a town of the list."""

    point: Point
    lon: float
    lat: float
    crs: Crs = Crs.WGS84
    town: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `services` are indices of the network, each once; `first` and `days` are the days in question.

    `reach_km` is how far is near enough. It means nothing to `online`, where nobody travels.
    """

    services: tuple[int, ...]
    origin: Origin
    mode: Mode
    first: date
    days: int
    use: Use | None = None
    policy: Policy = Policy.NEAREST
    limit: int = 5
    reach_km: float = math.inf

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def reach_dm(self) -> float:
        return math.inf if self.mode is Mode.ONLINE else self.reach_km * DM_PER_KM


@lru_cache(maxsize=64)
def verdicts(mode_bit: int, designated_bit: int) -> Checks:
    """What each possible byte of a network's `offers` means; `designated_bit` is 0 where none is needed."""
    table = np.empty(256, np.uint8)
    for offer in range(256):
        if not offer:
            verdict = Check.NOT_CAPABLE
        elif offer & designated_bit != designated_bit:
            verdict = Check.NOT_DESIGNATED
        else:
            verdict = Check.PASSED if offer & mode_bit else Check.MODE_NOT_OFFERED
        table[offer] = verdict
    table.flags.writeable = False
    return table


def judge(offers: Bytes, since: Ordinals, until: Ordinals, days: tuple[int, int], table: Checks) -> Checks:
    """The lowest check that each station [m] fails for one service, before it is asked whether it is in use and open.

    `offers` are its bytes, `since` and `until` the ordinals of the days between which its capability is in force,
    both inclusive; it must be so on some of the `days` (first, last). `table` is that of `verdicts`.
    """
    first, last = days
    found = table.take(offers)
    out_of_force = np.maximum(since, first) > np.minimum(until, last)
    if out_of_force.any():
        found[out_of_force] = np.minimum(found[out_of_force], Check.CAPABILITY_EXPIRED)
    return found
