"""What a step makes of a request's items: decided before anything is written. Pure: facts in, rows out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.catalogue.rules import Use, needs_designation
from app.kit.clock import LOCAL, local_date
from app.kit.i18n import LazyString, lazy
from app.kit.problems import Conflict, FieldError, Invalid
from app.policy.rules import Allowance, Clock
from app.requests.errors import (
    AppointmentAhead,
    AppointmentPast,
    InvalidTransition,
    ItemUnknown,
    NotToSubcontract,
    RequestCancelled,
)
from app.requests.queries import Item, RequestView
from app.requests.rules import (
    ENDED,
    WHOLE_REQUEST,
    Action,
    Deadline,
    Effect,
    Need,
    Party,
    State,
    Step,
    begin,
)
from app.stations.rules import Calendar

Allowances = Callable[[Clock, Item], Allowance | None]

NEEDED: Mapping[Need, LazyString] = {
    Need.REASON: lazy("Please say why: both sides read it on the page of the request."),
    Need.FAULTS: lazy("Name everything that has to be corrected, and for each what is wanted."),
    Need.INPUTS: lazy("Please correct what was asked for."),
    Need.PLACE: lazy("Choose a time that is held."),
}
SECOND_RETURN = lazy("This was returned before, where everything should have been named. Please say why again.")
LATE = lazy("This is late. Please say why; the applicant reads it on the page of the request.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What the applicant shall correct: a field, as `items.<n>.inputs.<key>` (n from 1), and what is wanted there."""

    field: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a step. `inputs` are the items' answers anew, by number, already checked.

    `reason` is in its writer's words; with one in English as well (`reason_en`) it is in Chinese. `told` is what the
    timeline keeps of it besides.
    """

    reason: str = ""
    late_reason: str = ""
    faults: tuple[Fault, ...] = ()
    inputs: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    reason_en: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """An item after the step, and the step that it took."""

    item: Item
    step: Step


@dataclass(frozen=True, slots=True)
class Moment:
    """Against what a step is judged: who takes it, when, by which calendar and rules."""

    by: Party
    at: datetime
    calendar: Calendar
    allowances: Allowances


OPEN = "open"
STILL_AT_FAULT = frozenset({State.RETURNED, State.CANCELLED})
STANDS_STILL = frozenset({State.RETURNED, State.CONSENT_ASKED, State.SUSPENDED})
BEGINS: Mapping[Effect, Clock] = {Effect.ASK: Clock.FIRST_ANSWER, Effect.WORK: Clock.WORK}
COMPLAINTS = frozenset({Action.COMPLAIN, Action.CLOSE_COMPLAINT})


def possible(view: RequestView, action: Action, by: Party, now: datetime) -> bool:
    """Whether the step can be taken with some item at this moment, if what it needs is given."""
    steps = (item.step(action, by, booked=view.booked) for item in view.items)
    return any(steps) and _refused_now(view, action, by, now) is None


def check_moment(view: RequestView, action: Action, by: Party, now: datetime) -> None:
    """Raises AppointmentPast, AppointmentAhead, InvalidTransition when this isn't the moment for the step."""
    if refusal := _refused_now(view, action, by, now):
        raise refusal


def _refused_now(view: RequestView, action: Action, by: Party, now: datetime) -> Conflict | None:
    """What has begun isn't moved, and given up only by the station; nobody comes, or stays away, before the time."""
    start, begun = view.appointment.start, view.appointment.start <= now
    moves = action in (Action.RESCHEDULE, Action.UNBOOK) or (action is Action.CANCEL and by is Party.APPLICANT)
    if moves and begun and view.booked and view.request.status != State.NO_SHOW:
        return AppointmentPast()
    too_early = action is Action.CHECK_IN and view.booked and local_date(start) > local_date(now)
    if too_early or (action is Action.NO_SHOW and not begun):
        return AppointmentAhead(start=start.astimezone(LOCAL).isoformat(timespec="minutes"))
    if action in COMPLAINTS and (view.request.complaint == OPEN) is (action is Action.COMPLAIN):
        return InvalidTransition(action=action.value, item=1, state=view.request.status)
    return None


def plan(
    view: RequestView, action: Action, chosen: Collection[int] | None, given: Given, moment: Moment
) -> list[Changed]:
    """The items that change, as they are afterwards.

    `chosen` are numbers of items, each of which must be able to take the step; None is all that can. Raises
    ItemUnknown, InvalidTransition (naming item and state), RequestCancelled, and Invalid for what is missing.
    """
    named = _chosen(view.items, chosen)
    items = list(view.items) if action in WHOLE_REQUEST else named
    found = [(item, item.step(action, moment.by, booked=view.booked)) for item in items]
    able = [(item, step) for item, step in found if step is not None]
    stuck = [item for item, step in found if step is None]
    if not able or (chosen is not None and any(item in named for item in stuck)):
        raise _refusal(action, stuck or items)
    if action is Action.ASK_SUBCONTRACT and any(needs_designation(item.service, use_of(view)) for item, _ in able):
        raise NotToSubcontract
    if action is Action.RETURN and given.faults:
        able = _at_fault(able, given.faults)
    if action is Action.CORRECT and given.inputs:
        able = [(item, step) for item, step in able if item.n in given.inputs]
    _complete(able, action, given, moment)
    return [Changed(_after(item, step, given, moment), step) for item, step in able]


def use_of(view: RequestView) -> Use | None:
    return Use(view.request.use) if view.request.use else None


def _at_fault(able: list[tuple[Item, Step]], faults: Iterable[Fault]) -> list[tuple[Item, Step]]:
    """Only what is at fault is returned. Raises ItemUnknown for a fault of an item that can't be."""
    prefixes = {f"items.{item.n}.": (item, step) for item, step in able}
    named = {next((each for each in prefixes if fault.field.startswith(each)), "") for fault in faults}
    if "" in named:
        raise ItemUnknown
    return [found for prefix, found in prefixes.items() if prefix in named]


def _chosen(items: Iterable[Item], chosen: Collection[int] | None) -> list[Item]:
    every = list(items)
    if chosen is None:
        return every
    found = [item for item in every if item.n in chosen]
    if len(found) < len(set(chosen)):
        raise ItemUnknown
    return found


def _refusal(action: Action, items: Iterable[Item]) -> InvalidTransition | RequestCancelled:
    item = next(iter(items))
    if item.status == State.CANCELLED and action in (Action.CANCEL, Action.RESCHEDULE):
        return RequestCancelled()
    return InvalidTransition(action=action.value, item=item.n, state=item.status)


def _complete(able: Iterable[tuple[Item, Step]], action: Action, given: Given, moment: Moment) -> None:
    """Raises Invalid with every field that is needed and empty."""
    missing: dict[str, LazyString] = {}
    there = {Need.REASON: given.reason, Need.FAULTS: given.faults, Need.INPUTS: given.inputs}
    for item, step in able:
        missing |= {need: NEEDED[need] for need in step.needs if not there.get(need, True)}
        if action is Action.RETURN and item.returns and not given.reason:
            missing["reason"] = SECOND_RETURN
        if _late(item, step, moment) and not given.late_reason:
            missing["late_reason"] = LATE
    if missing:
        raise Invalid(errors=[FieldError(name, "required", words.msgid) for name, words in missing.items()])


def _late(item: Item, step: Step, moment: Moment) -> bool:
    """Whether the station does now what it should have done before."""
    answers = step.effect in (Effect.END, Effect.WORK) or step.action is Action.RETURN
    return bool(answers and moment.by is Party.STATION and item.due_at and item.due_at < moment.at)


def _after(item: Item, step: Step, given: Given, moment: Moment) -> Item:
    before = State(item.status)
    target = step.leads_from(before, State(item.before) if item.before else None)
    deadline = _deadline(item, step, target, moment)
    due = deadline.due(moment.calendar) if deadline and target not in ENDED else None
    returned = step.action is Action.RETURN
    return replace(
        item,
        status=target.value,
        before=before.value if target is State.CANCELLED else None,
        deadline=deadline,
        due_at=due[0] if due else None,
        due_provisional=due[1] if due else False,
        returns=item.returns + returned,
        faults=_faults(item, given) if returned else item.faults if target in STILL_AT_FAULT else (),
        inputs=given.inputs.get(item.n, item.inputs) if step.action is Action.CORRECT else item.inputs,
    )


def asked_elsewhere(each: Changed, moment: Moment) -> Changed:
    """What was moved to another station has to be answered there, though the one before has accepted it."""
    if each.item.status != State.SCHEDULED:
        return each
    deadline = begin(Clock.FIRST_ANSWER, moment.allowances(Clock.FIRST_ANSWER, each.item), moment.at)
    due_at, provisional = (deadline and deadline.due(moment.calendar)) or (None, False)
    status = State.SUBMITTED.value
    item = replace(each.item, status=status, deadline=deadline, due_at=due_at, due_provisional=provisional)
    return replace(each, item=item)


def _faults(item: Item, given: Given) -> tuple[Mapping[str, str], ...]:
    """Those of this item."""
    mine = f"items.{item.n}."
    return tuple(
        {"field": fault.field, "wanted": fault.wanted} for fault in given.faults if fault.field.startswith(mine)
    )


def _deadline(item: Item, step: Step, target: State, moment: Moment) -> Deadline | None:
    """The clock after the step."""
    now, begins = item.deadline, BEGINS.get(step.effect)
    if begins and not (now and now.clock is begins):
        return begin(begins, moment.allowances(begins, item), moment.at)
    if now is None or step.effect is Effect.END:
        return None
    if step.effect is Effect.PAUSE:
        return now.pause(moment.at, moment.calendar)
    goes_on = step.effect is Effect.RESUME and target not in STANDS_STILL
    return now.resume(moment.at) if goes_on or begins else now
