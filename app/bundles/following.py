"""A bundle as it is shown, by pages and by the API: how far it is, what comes next, when, and in how many visits."""

from dataclasses import dataclass
from enum import StrEnum

from app.bundles.queries import BundleView, Step
from app.bundles.rules import StepState
from app.bundles.rules.dates import Day, proposed
from app.bundles.rules.standing import Booking
from app.bundles.visits import Nearby, Visit, visits_for
from app.kit.clock import local_date
from app.policy.rules import Clock, allowance
from app.policy.snapshot import Policy
from app.requests.rules import ENDED
from app.requests.words import NEEDS_A_TIME
from app.stations.snapshot import ServiceFacts

ANSWER_WANTED = frozenset({"returned", "no_show", "consent_asked"})
"""States in which the applicant has something to do."""


class What(StrEnum):
    """What is to be done next."""

    ANSWER = "answer"
    BOOK = "book"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing to do: about this request, or book these steps in one visit."""

    what: What
    steps: tuple[Step, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """A bundle with everything that its page says. `starts` has proposed first days of open steps by key."""

    view: BundleView
    starts: dict[str, Day | None]
    visits: tuple[Visit, ...]
    next: Next

    @property
    def done(self) -> int:
        return len(self.view.among(StepState.DONE))

    @property
    def left_out(self) -> int:
        return len(self.view.among(StepState.LEFT_OUT))

    @property
    def total(self) -> int:
        return len(self.view.steps)


async def following(view: BundleView, policy: Policy, near: Nearby) -> Following:
    """Asks for free times only where something can be booked."""
    bookable = view.among(StepState.BOOKABLE)
    first = await visits_for([step for step in bookable if not step.standing.waits_for], near)
    visits = (*first, *await visits_for([step for step in bookable if step.standing.waits_for], near))
    work = {step.key: work_days(policy, step.service) for step in view.steps}
    planned = [step.planned for step in view.steps]
    found = {step.key: step.standing for step in view.steps}
    starts = proposed(planned, found, work, local_date(near.now), near.network.calendar)
    return Following(view, starts, visits, what_next(view, max((visit.steps for visit in first), key=len, default=())))


def what_next(view: BundleView, book: tuple[Step, ...]) -> Next:
    """First what somebody waits for, then the steps `book`, with nothing missing before them. While any goes on there
    may be none: the order of what is left is advised."""
    for step in view.among(StepState.BOOKED):
        for booking in step.bookings:
            if wants_answer(booking):
                return Next(What.ANSWER, (step,), booking.reference)
    if book:
        return Next(What.BOOK, book)
    return Next(What.NOTHING if view.finished else What.WAIT)


def wants_answer(booking: Booking) -> bool:
    """Whether the station waits for the applicant."""
    if booking.status in ENDED:
        return False
    return booking.status in ANSWER_WANTED or (not booking.has_time and booking.status in NEEDS_A_TIME)


def work_days(policy: Policy, service: ServiceFacts) -> int | None:
    """How many working days the work may take by the network's rule; None where there is none. A station may have a
    rule of its own, which counts once it has the request."""
    rules = policy.deadlines.get((None, None), ())
    found = allowance(
        rules,
        Clock.WORK,
        service_code=service.code,
        category=service.category,
        mode="station",
        county="",
        station_code="",
    )
    return found.days if found else None


def in_short(view: BundleView) -> Next:
    """What is next as a list of bundles says it, without asking for free times."""
    ready = (step for step in view.among(StepState.BOOKABLE) if not step.standing.waits_for)
    return what_next(view, tuple(ready))
