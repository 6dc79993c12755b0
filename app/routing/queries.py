"""`route`: which stations to offer for a question, when each has time, and which nearer ones were passed over and why.

What the network in memory can say is said by `survey`; free time is asked of slots, for all stations concerned in one
statement, and again only when too many of these turn out to be full.
"""

import asyncio
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.rules import Use, needs_designation
from app.kit.ticks import floor_tick
from app.routing.ground import Ground, ground_of, matter_of
from app.routing.ranking import Candidate, Case, Option, PassedOver, Turn, places_in, ranked
from app.routing.rules import Check, Policy, Question
from app.routing.survey import (
    MOST_ASKED,
    Queue,
    Survey,
    surveys,
    whole_survey,
)
from app.routing.times import NEVER, Outlook, SlotTimes, Times
from app.slots.queries import Availability
from app.stations.snapshot import Network

MOST_NAMED = 200
"""So many stations at most are named as passed over: the nearest; `Answer.passed_over_total` counts all."""
EXACT = "geonames"
PASSED = Check.PASSED.value
CHECKS = {check.value: check for check in Check}


@dataclass(frozen=True, slots=True)
class Answer:
    """Candidates by rank, and the nearer stations that are not among them, by distance.

    `escalated`: nobody in reach may do it, so a station above the nearest one stands in. `obstacle`, when there is no
    candidate at all: the farthest check that anybody came to. `needs_designation` has an entry for each service.
    """

    question: Question
    candidates: tuple[Candidate, ...]
    passed_over: tuple[PassedOver, ...]
    passed_over_total: int
    escalated: bool
    needs_designation: tuple[bool, ...]
    obstacle: Check | None


async def route(network: Network, availability: Availability, question: Question, now: datetime) -> Answer:
    """The best stations for a question, at most `question.limit`, by its policy, with their first free time."""
    return await answer(network, SlotTimes(availability, network, question, now), question, now)


async def answer(network: Network, times: Times, question: Question, now: datetime) -> Answer:
    """`route`, with the free times from wherever they come."""
    ground, inquiry = ground_of(network), Inquiry(question, times)
    for near, part in surveys(ground, question):  # noqa: B007 (the last one is used below)
        found = await inquiry.among(Queue(ground, question, part))
        if inquiry.enough(found):
            break
    options = ranked(found, question.policy, floor_tick(now))
    offered = options[: question.limit]
    named, total = _passed_over(ground, inquiry, near, offered)
    needed = _needed(network, question)
    return Answer(
        question=question,
        candidates=_candidates(network, question, needed, offered, options),
        passed_over=named,
        passed_over_total=total,
        escalated=any(option.turn.above > 0 for option in offered),
        needs_designation=needed,
        obstacle=None if offered else _obstacle(ground, inquiry),
    )


class Inquiry:
    """Asks stations in their turn for free time, until enough have some. What was found is never asked again.

    What it finds does not depend on how many are asked at once: for `nearest` the first in turn that have time; else
    all in reach that have time, and all of the queue when these are too few.
    """

    def __init__(self, question: Question, times: Times) -> None:
        self.question = question
        self.failed: dict[int, Check] = {}
        self._found: dict[int, Outlook] = {}
        self._why: dict[int, Check] = {}
        self._times = times

    def enough(self, options: Sequence[Option]) -> bool:
        return len(options) >= self.question.limit or len(self._found) >= MOST_ASKED

    async def among(self, queue: Queue) -> list[Option]:
        """Those of a queue that are to be ranked."""
        nearest, limit = self.question.policy is Policy.NEAREST, self.question.limit
        until = limit if nearest else queue.in_reach or len(queue)
        while True:
            part = queue.first(until)
            await self._ask([turn for turn in part if turn.station not in self._found])
            options = self._with_time(part)
            if self.enough(options) or until >= len(queue):
                return options
            until = until + 2 * limit if nearest else len(queue)

    async def _ask(self, turns: Sequence[Turn]) -> None:
        groups: dict[int, dict[int, Turn]] = {}
        for turn in turns[: MOST_ASKED - len(self._found)]:
            groups.setdefault(turn.covers, {})[turn.station] = turn
        asking = [self._ask_alike(covers, list(group)) for covers, group in groups.items()]
        if len(asking) == 1:
            await asking[0]  # without the cost of a task
        else:
            await asyncio.gather(*asking)

    async def _ask_alike(self, covers: int, indices: Sequence[int]) -> None:
        """Ask stations that cover the same services."""
        services = [self.question.services[place] for place in places_in(covers)]
        ask = self._times.outlook if self.question.policy is Policy.BALANCED else self._times.earliest
        found = await ask(indices, services)
        self._found.update(found)
        for index in indices:
            if found[index].start is None:
                bookable = self._times.bookable(index, services)
                self._why[index] = Check.NO_FREE_TIME if bookable else Check.CLOSED

    def _with_time(self, turns: Sequence[Turn]) -> list[Option]:
        """Those with time, for `nearest` until they are enough; the others until then have `failed`.

        Of the stations above the nearest one only the lowest stands in; the others have their turn like any.
        """
        options: dict[int, Option] = {}
        self.failed = {}
        for turn in turns:
            start, load = self._found.get(turn.station, NEVER)
            if start is None:
                self.failed.update({turn.station: self._why[turn.station]} if turn.station in self._why else {})
            elif turn.station not in options and not (turn.above and options):
                options[turn.station] = Option(turn, start, load)
                if self.question.policy is Policy.NEAREST and len(options) == self.question.limit:
                    break
        return list(options.values())


def _needed(network: Network, question: Question) -> tuple[bool, ...]:
    services = (network.services[index] for index in question.services)
    return tuple(needs_designation(service, question.use) for service in services)


def _candidates(
    network: Network,
    question: Question,
    needed: Sequence[bool],
    offered: Sequence[Option],
    options: Sequence[Option],
) -> tuple[Candidate, ...]:
    other = question.use is Use.OTHER
    relieved = _bits([other and network.services[index].designation_required for index in question.services])
    case = Case(question.policy, len(question.services), designated=_bits(needed), relieved=relieved, options=options)

    def candidate(rank: int, option: Option) -> Candidate:
        turn = option.turn
        approximate = network.stations[turn.station].coord_class != EXACT
        why = case.reasons(option, rank, approximate=approximate)
        return Candidate(turn.station, turn.dm, option.start, tuple(places_in(turn.covers)), why)

    return tuple(candidate(rank, option) for rank, option in enumerate(offered, start=1))


def _bits(flags: Sequence[bool]) -> int:
    return sum(flag << n for n, flag in enumerate(flags))


def _passed_over(
    ground: Ground, inquiry: Inquiry, near: Survey, offered: Sequence[Option]
) -> tuple[tuple[PassedOver, ...], int]:
    """Who is nearer than the farthest candidate but not one, with the reason; without candidates, who is in reach.

    A station that may do everything and has time is not passed over: it only comes later by the policy. Returns the
    nearest of them and how many there are.
    """
    turns = [option.turn for option in offered]
    farthest = max(((turn.dm, turn.station) for turn in turns), default=(inquiry.question.reach_dm, math.inf))
    survey = near if near.goes_to(farthest[0]) else whole_survey(ground, inquiry.question)
    stations, dms, checks = (column.tolist() for column in (survey.near.indices, survey.near.dm, survey.checks))
    cut = bisect_right(dms, farthest[0])
    while cut and (dms[cut - 1], stations[cut - 1]) > farthest:
        cut -= 1
    if inquiry.failed or len(inquiry.question.services) > 1:
        _correct(stations, checks, inquiry.failed, [turn.station for turn in turns])
    over = [n for n in range(cut) if checks[n] != PASSED]
    return tuple(PassedOver(stations[n], dms[n], CHECKS[checks[n]]) for n in over[:MOST_NAMED]), len(over)


def _correct(stations: Sequence[int], checks: list[int], failed: Mapping[int, Check], chosen: Sequence[int]) -> None:
    """Put into the checks what came out when stations were asked for their time; who is offered has passed."""
    place = {station: n for n, station in enumerate(stations)}
    for station, check in failed.items():
        if station in place:
            checks[place[station]] = min(check.value, checks[place[station]])
    for station in chosen:
        checks[place[station]] = PASSED


def _obstacle(ground: Ground, inquiry: Inquiry) -> Check:
    """The farthest check that any station came to."""
    if inquiry.failed:
        return max(inquiry.failed.values())
    checks, _covers = ground.judged(matter_of(inquiry.question))
    return CHECKS[int(checks.max(initial=Check.NOT_CAPABLE))]
