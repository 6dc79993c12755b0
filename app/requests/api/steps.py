"""Moving a request on by JSON: one step of the table, with one item or with all that can take it."""

from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Path, Response

from app.accounts.errors import SignInNeeded
from app.catalogue.snapshot import CurrentCatalogue
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.requests.access import MayAccess, Repeatable, slowed
from app.requests.corrections import Against, check_faults, corrected
from app.requests.errors import (
    AppointmentAhead,
    AppointmentPast,
    IdempotencyKeyReused,
    InvalidTransition,
    ItemUnknown,
    NotToSubcontract,
    RequestCancelled,
    RequestUnknown,
)
from app.requests.queries import RequestView
from app.requests.request_schemas import RequestOut
from app.requests.rules import Action, permission_of
from app.requests.schemas import StepIn
from app.requests.service import Changes
from app.slots.errors import HoldExpired, HoldUnknown, HoldUsed, StationClosed
from app.stations.directory import CurrentDirectory

router = Door(route_class=RetryingRoute)


class Verb(StrEnum):
    """A step as it stands in an address; sending, moving and cancelling have calls of their own."""

    RETURN = "return"
    CORRECT = "correct"
    ACCEPT = "accept"
    DECLINE = "decline"
    CHECK_IN = "check-in"
    NO_SHOW = "no-show"
    RECEIVE = "receive"
    REJECT_ITEM = "reject-item"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_SUBCONTRACT = "ask-subcontract"
    CONSENT = "consent"
    REFUSE_CONSENT = "refuse-consent"
    DELIVER = "deliver"
    FINISH = "finish"
    ARCHIVE = "archive"
    REROUTE = "reroute"
    ESCALATE = "escalate"
    RESTORE = "restore"
    UNBOOK = "unbook"
    COMPLAIN = "complain"
    CLOSE_COMPLAINT = "close-complaint"

    @property
    def action(self) -> Action:
        return Action(self.replace("-", "_"))


RESPONSES = problem_responses(
    Invalid,
    RequestUnknown,
    ItemUnknown,
    SignInNeeded,
    InvalidTransition,
    NotToSubcontract,
    AppointmentAhead,
    AppointmentPast,
    RequestCancelled,
    IdempotencyKeyReused,
    HoldUnknown,
    HoldExpired,
    HoldUsed,
    StationClosed,
    TooMany,
)
ItemNumber = Annotated[int, Path(ge=1, le=1000, description="The number of the item.")]


class Stepping:
    """One step, as it was sent."""

    def __init__(
        self, access: MayAccess, repetition: Repeatable, catalogue: CurrentCatalogue, directory: CurrentDirectory
    ) -> None:
        self._access = access
        self._repetition = repetition
        self._catalogue = catalogue
        self._directory = directory

    async def take(self, action: Action, sent: StepIn, n: int | None) -> Response:
        async def change(changes: Changes, found: RequestView) -> RequestView:
            asked = sent.inputs_of(n)
            at = Against(self._catalogue, self._directory, self._access.now)
            inputs = corrected(found, asked, at) if asked else {}
            given = sent.given(inputs)
            check_faults(found, given.faults, self._catalogue)
            return await changes.act(found, action, given, items=None if n is None else {n}, hold=sent.hold)

        name = f"{action} {n or 'all'}"
        return await self._repetition.of(self._access, name, sent, change, permission_of(action))


Step = Annotated[Stepping, Depends()]


@router.post(
    "/requests/{reference}/items/{n}/{verb}",
    response_model=RequestOut,
    dependencies=[Depends(slowed)],
    responses=RESPONSES,
)
async def step_item(n: ItemNumber, verb: Verb, sent: StepIn, step: Step) -> Response:
    """One step of the life of one item. An impossible one is 409 `invalid_transition`, which names its state.

    An item that goes to another station without the rest becomes a request of its own, which `linked` names.
    """
    return await step.take(verb.action, sent, n)


@router.post(
    "/requests/{reference}/actions/{verb}",
    response_model=RequestOut,
    dependencies=[Depends(slowed)],
    responses=RESPONSES,
)
async def step_request(verb: Verb, sent: StepIn, step: Step) -> Response:
    """The same with all items that can take the step."""
    return await step.take(verb.action, sent, None)
