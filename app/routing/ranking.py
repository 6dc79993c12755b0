"""In which order stations are asked and offered, and why each stands where it does. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.kit.ticks import DAY_TICKS
from app.routing.rules import DM_PER_KM, Check, Policy

# `balanced` weighs in kilometres. A day's waiting counts as ten more: about 20 minutes of driving each way, what a
# firm gives to have an instrument back a day earlier. A wholly booked station counts as five more than an empty one:
# enough to spread people over stations that are much alike, never enough to outweigh a day.
KM_PER_DAY = 10.0
KM_WHEN_FULL = 5.0


class Reason(StrEnum):
    """Why a candidate stands where it does."""

    NEAREST_DESIGNATED = "nearest_designated"
    NEAREST_CAPABLE = "nearest_capable"
    SOONEST = "soonest"
    BEST_BALANCE = "best_balance"
    PARENT_STATION = "parent_station"
    DESIGNATED = "designated"
    CAPABLE = "capable"
    DESIGNATED_NOT_NEEDED = "designated_not_needed"
    ALL_SERVICES_IN_ONE_VISIT = "all_services_in_one_visit"
    SOME_SERVICES_ONLY = "some_services_only"
    EARLIER_THAN_NEARER = "earlier_than_nearer"
    BEYOND_REACH = "beyond_reach"
    APPROXIMATE_LOCATION = "approximate_location"


class Turn(NamedTuple):
    """A station (by its index) that may do some of what is asked, before it is known when.

    `dm` is its distance in decimetres, `covers` has a bit for each service asked. `above` counts how far above the
    nearest station it stands that it steps in for, when nobody in reach may.
    """

    station: int
    dm: int
    covers: int
    beyond: bool
    above: int = 0


class Option(NamedTuple):
    """A turn that has free time from the tick `start`; `load` is the share of its time that is taken, 0 to 1."""

    turn: Turn
    start: int
    load: float = 0.0


class Candidate(NamedTuple):
    """A station that is offered, in its rank. `covers` are places in the question's services."""

    station: int
    dm: int
    start: int
    covers: tuple[int, ...]
    reasons: tuple[Reason, ...]

    @property
    def km(self) -> float:
        return self.dm / DM_PER_KM


class PassedOver(NamedTuple):
    """A nearer station that is not offered, and the first check that it fails."""

    station: int
    dm: int
    check: Check

    @property
    def km(self) -> float:
        return self.dm / DM_PER_KM


def in_turn(beyond: npt.NDArray[np.bool_], counts: npt.NDArray[np.integer], services: int) -> npt.NDArray[np.intp]:
    """Whom to ask for free time, in order: places in the given arrays [m], which are ordered by distance.

    `counts` says how many services each covers, `beyond` who is out of reach. In reach who covers most, then who is
    nearer; then beyond reach in the same way. When nobody in reach can do all in one visit, the nearest elsewhere that
    can is asked along: one longer way may be better than two.
    """
    order = np.lexsort((-counts.astype(np.int64), beyond))
    whole = order[counts[order] == services]
    if len(whole) and beyond[whole[0]]:
        order = np.concatenate([whole[:1], order[order != whole[0]]])
    return order


def places_in(covers: int) -> list[int]:
    """The places of the bits that are set."""
    return [n for n in range(covers.bit_length()) if covers >> n & 1]


def at_one_desk(covers: int, skills: Sequence[int], desks: Iterable[int]) -> int:
    """What of the services that a station covers one of its desks can do in one visit: as many as possible, as bits.

    `skills` has the bits that each service asked needs, `desks` those that each desk has. Where no desk can do
    anything, all of it stays, for want of anything better to say than that there is no time.
    """
    best = 0
    for has in desks:
        able = sum(1 << n for n in places_in(covers) if skills[n] & has == skills[n])
        best = max(best, able, key=int.bit_count)
    return best or covers


def cost_km(km: float, wait_days: float, load: float) -> float:
    """What `balanced` ranks by: kilometres that distance, waiting and load are worth. Grows with each of them."""
    return km + KM_PER_DAY * wait_days + KM_WHEN_FULL * load


def ranked(options: Sequence[Option], policy: Policy, now_tick: int) -> list[Option]:
    """The options in the order in which they are offered.

    Always: the parent station that stands in for those in reach, who covers more services, who is in reach. Then by
    the policy; what is equal by it goes by distance, then by station code (which is the order of indices).
    """

    def place(option: Option) -> tuple[float, ...]:
        turn = option.turn
        tier = (not turn.above, -turn.covers.bit_count(), turn.beyond)
        if policy is Policy.SOONEST:
            return *tier, option.start, turn.dm, turn.station
        if policy is Policy.BALANCED:
            wait = max(0, option.start - now_tick) / DAY_TICKS
            return *tier, cost_km(turn.dm / DM_PER_KM, wait, option.load), turn.dm, turn.station
        return *tier, turn.dm, turn.station

    return sorted(options, key=place)


HEAD = {Policy.SOONEST: Reason.SOONEST, Policy.BALANCED: Reason.BEST_BALANCE}


class Case:
    """What the reasons of all candidates of one answer depend on.

    `designated` has a bit for each of the `services` asked that needs a designated station, `relieved` one for each
    that would for another use. `options` are all that have time, not only those that are offered.
    """

    def __init__(
        self, policy: Policy, services: int, *, designated: int, relieved: int, options: Sequence[Option]
    ) -> None:
        self._policy, self._services, self._options = policy, services, options
        self._designated, self._relieved = designated, relieved
        self._nearest: dict[int, int] = {}

    def reasons(self, option: Option, rank: int, *, approximate: bool) -> tuple[Reason, ...]:
        """Why this option stands at this rank (from 1), the weightiest first."""
        turn = option.turn
        bits = turn.covers.bit_count()
        return _in_words(
            Standing(
                above=turn.above > 0,
                head=HEAD.get(self._policy) if rank == 1 and not turn.above else None,
                designated=turn.covers & self._designated != 0,
                nearest=turn.station == self._nearest_of(bits),
                relieved=turn.covers & self._relieved != 0,
                whole=None if self._services == 1 else bits == self._services,
                earlier=self._policy is not Policy.NEAREST and self._beats_a_nearer(option),
                beyond=turn.beyond,
                approximate=approximate,
            )
        )

    def _nearest_of(self, bits: int) -> int:
        """The nearest station that covers at least so many services."""
        if bits not in self._nearest:
            covering = [option.turn for option in self._options if option.turn.covers.bit_count() >= bits]
            self._nearest[bits] = min((turn.dm, turn.station) for turn in covering)[1]
        return self._nearest[bits]

    def _beats_a_nearer(self, option: Option) -> bool:
        return any(other.turn.dm < option.turn.dm and other.start > option.start for other in self._options)


class Standing(NamedTuple):
    """How an option stands among the others. `whole` is None when only one service is asked for."""

    above: bool
    head: Reason | None
    designated: bool
    nearest: bool
    relieved: bool
    whole: bool | None
    earlier: bool
    beyond: bool
    approximate: bool


@lru_cache(maxsize=1024)
def _in_words(standing: Standing) -> tuple[Reason, ...]:
    said = (
        (Reason.PARENT_STATION, standing.above),
        (standing.head, True),
        (Reason.NEAREST_DESIGNATED, standing.designated and standing.nearest),
        (Reason.DESIGNATED, standing.designated and not standing.nearest),
        (Reason.NEAREST_CAPABLE, not standing.designated and standing.nearest),
        (Reason.CAPABLE, not standing.designated and not standing.nearest),
        (Reason.DESIGNATED_NOT_NEEDED, standing.relieved),
        (Reason.ALL_SERVICES_IN_ONE_VISIT, standing.whole is True),
        (Reason.SOME_SERVICES_ONLY, standing.whole is False),
        (Reason.EARLIER_THAN_NEARER, standing.earlier),
        (Reason.BEYOND_REACH, standing.beyond),
        (Reason.APPROXIMATE_LOCATION, standing.approximate),
    )
    return tuple(reason for reason, so in said if so and reason is not None)
