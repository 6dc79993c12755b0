"""Which open steps can be done in one visit: by routing, which knows who covers how many of them at one desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.bundles.queries import Step
from app.kit.clock import LOCAL, local_date
from app.kit.ticks import tick_time
from app.requests.many import MOST_SERVICES
from app.routing.queries import route
from app.routing.rules import Mode, Origin, Question
from app.slots.queries import Availability
from app.stations.snapshot import MODES, Network, StationFacts

MOST_VISITS = 2
"""So many are worked out, each by a statement or two. What is left over can be booked one by one."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Steps that one station can do in one visit, and the nearest such station, with its first free time.

    `station` is None for what is not done at a station, or where nobody in reach can do it there.
    """

    steps: tuple[Step, ...]
    station: StationFacts | None = None
    km: float = 0.0
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nearby:
    """Where the enterprise is, None where that isn't known; how far is near enough; who knows when there is time."""

    network: Network
    availability: Availability
    origin: Origin | None
    reach_km: float
    now: datetime


async def visits_for(steps: Sequence[Step], near: Nearby) -> tuple[Visit, ...]:
    """The steps by visit: first as many as one station can do, then of the others. Each stands once."""
    at_station = [step for step in steps if step.service.modes & MODES[Mode.STATION]]
    found: list[Visit] = []
    while at_station and len(found) < MOST_VISITS:
        visit = await _visit(at_station[:MOST_SERVICES], near)
        if visit is None:
            break
        found.append(visit)
        done = {step.key for step in visit.steps}
        at_station = [step for step in at_station if step.key not in done]
    seen = {step.key for visit in found for step in visit.steps}
    return (*found, *(Visit((step,)) for step in steps if step.key not in seen))


async def _visit(steps: Sequence[Step], near: Nearby) -> Visit | None:
    """The best station for these, and what of them it does; None where nobody does any of them.

    What an instrument is used for isn't known yet, so where it matters only designated stations count.
    """
    network = near.network
    if near.origin is None:
        return None
    question = Question(
        services=tuple(network.service_index[step.service.code] for step in steps),
        origin=near.origin,
        mode=Mode.STATION,
        first=local_date(near.now),
        days=near.availability.farthest(network) + 1,
        limit=1,
        reach_km=near.reach_km,
    )
    answer = await route(network, near.availability, question, near.now)
    if not answer.candidates:
        return None
    best = answer.candidates[0]
    return Visit(
        tuple(steps[place] for place in best.covers),
        network.stations[best.station],
        best.km,
        tick_time(best.start, LOCAL),
    )
