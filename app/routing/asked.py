"""What became of a question, for the counts of what is asked for and where: a number, nothing about who has asked."""

from collections.abc import Mapping
from datetime import datetime

from app.catalogue.rules import Use
from app.demand.counting import Questions
from app.demand.rules import Asked, Outcome, cell_of
from app.kit.clock import local_date
from app.routing.ground import Matter, ground_of
from app.routing.queries import Answer
from app.routing.rules import Check, Question
from app.stations.snapshot import Network

OUTCOMES: Mapping[Check, Outcome] = {check: Outcome(check.reason) for check in Check if check is not Check.PASSED}


def tell(questions: Questions, network: Network, answer: Answer, at: datetime) -> None:
    """Count an answered question: once for each of its services."""
    question, day = answer.question, local_date(at)
    x, y = cell_of(question.origin.point)
    for place, service in enumerate(question.services):
        outcome = outcome_of(network, answer, place)
        questions.count(Asked(day, network.services[service].id, question.mode, x, y, outcome))


def outcome_of(network: Network, answer: Answer, place: int) -> Outcome:
    """What became of the service at a place of the question."""
    reach = answer.question.reach_dm
    found = [candidate.dm <= reach for candidate in answer.candidates if place in candidate.covers]
    if found:
        return Outcome.ROUTED if any(found) else Outcome.BEYOND_REACH
    if answer.obstacle is not None and len(answer.question.services) == 1:
        return OUTCOMES[answer.obstacle]
    return _alone(network, answer.question, answer.obstacle, place)


def _alone(network: Network, question: Question, obstacle: Check | None, place: int) -> Outcome:
    """The farthest check that any station comes to for this one of several services; who passes all of them wasn't
    offered because of the others, or has no time."""
    matter = Matter(
        (question.services[place],), question.mode, question.use is Use.OTHER, question.first, question.last
    )
    checks, _covers = ground_of(network).judged(matter)
    highest = Check(int(checks.max(initial=Check.NOT_CAPABLE)))
    if highest is not Check.PASSED:
        return OUTCOMES[highest]
    return Outcome.LEFT_OUT if obstacle is None else OUTCOMES[obstacle]
