"""An answer as people see it: stations with their names, times and reasons in words. For `routing/cards.html`."""

from dataclasses import dataclass
from datetime import datetime

from app.kit.clock import LOCAL
from app.kit.i18n import LazyString
from app.kit.ticks import tick_time
from app.routing.queries import EXACT, Answer
from app.routing.ranking import Candidate, Reason
from app.routing.words import FAILED, NOBODY, WHY
from app.stations.snapshot import Network, ServiceFacts, StationFacts


@dataclass(frozen=True, slots=True)
class Card:
    """One candidate. `missing` are the services that must be had elsewhere; `soonest` has the first start of all."""

    rank: int
    station: StationFacts
    km: float
    start: datetime
    covers: tuple[ServiceFacts, ...]
    missing: tuple[ServiceFacts, ...]
    designated: bool
    approximate: bool
    soonest: bool
    why: tuple[LazyString, ...]


@dataclass(frozen=True, slots=True)
class PassedRow:
    """A nearer station that is not offered, with the reason."""

    station: StationFacts
    km: float
    why: LazyString


@dataclass(frozen=True, slots=True)
class Cards:
    """What a page shows; `nobody` says why there are no cards. `more_passed` are counted but not listed."""

    cards: tuple[Card, ...]
    passed_over: tuple[PassedRow, ...]
    more_passed: int
    escalated: bool
    nobody: LazyString | None


def cards(network: Network, answer: Answer) -> Cards:
    """The answer in words; sentences are translated when they are shown."""
    starts = [candidate.start for candidate in answer.candidates]
    rows = tuple(
        PassedRow(network.stations[passed.station], passed.km, FAILED[passed.check]) for passed in answer.passed_over
    )
    return Cards(
        cards=tuple(
            _card(network, answer, rank, candidate, candidate.start == min(starts))
            for rank, candidate in enumerate(answer.candidates, start=1)
        ),
        passed_over=rows,
        more_passed=answer.passed_over_total - len(rows),
        escalated=answer.escalated,
        nobody=None if answer.obstacle is None else NOBODY[answer.obstacle],
    )


def _card(network: Network, answer: Answer, rank: int, candidate: Candidate, soonest: bool) -> Card:
    station = network.stations[candidate.station]
    services = [network.services[index] for index in answer.question.services]
    return Card(
        rank=rank,
        station=station,
        km=candidate.km,
        start=tick_time(candidate.start, LOCAL),
        covers=tuple(services[place] for place in candidate.covers),
        missing=tuple(service for place, service in enumerate(services) if place not in candidate.covers),
        designated=bool({Reason.DESIGNATED, Reason.NEAREST_DESIGNATED} & set(candidate.reasons)),
        approximate=station.coord_class != EXACT,
        soonest=soonest,
        why=tuple(WHY[reason] for reason in candidate.reasons),
    )
