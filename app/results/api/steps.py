"""Entering, verifying, issuing, correcting and withdrawing by JSON. They stand beside the other steps of an item."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

from fastapi import Depends, Path, Request, Response

from app.accounts.errors import SignInNeeded
from app.catalogue.snapshot import CurrentCatalogue, ServiceInfo
from app.files.models import StoredFile
from app.kit.db import RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import Forbidden, Invalid, TooMany, problem_responses
from app.requests.access import MayAccess, Repeatable, slowed
from app.requests.errors import IdempotencyKeyReused, InvalidTransition, ItemUnknown, RequestUnknown
from app.requests.queries import RequestView
from app.requests.request_schemas import RequestOut
from app.requests.rules import Action, permission_of
from app.requests.service import Changes
from app.requests.service.planning import Given
from app.results import service
from app.results.api.found import body_of, sent_by
from app.results.errors import OwnResult, ResultChanged, ResultUnknown
from app.results.rules import Finding
from app.results.schemas import CorrectedIn, FoundIn, LookIn
from app.results.service import At, Press

router = Door(route_class=RetryingRoute)
ITEM = "/requests/{reference}/items/{n}"
COMMON = (
    Invalid, RequestUnknown, ItemUnknown, SignInNeeded, InvalidTransition, IdempotencyKeyReused, Forbidden, TooMany,
)  # fmt: skip
SLOWED = [Depends(slowed)]
ItemNumber = Annotated[int, Path(ge=1, le=1000, description="The number of the item.")]
Step = Callable[[At], Awaitable[RequestView]]


class Enter(Protocol):
    """What keeps a finding: of the service, entering or correcting."""

    async def __call__(
        self, at: At, service: ServiceInfo, finding: Finding, *, file: StoredFile | None, given: Given
    ) -> RequestView: ...


class Taking:
    """One step with a result, as it was sent."""

    def __init__(
        self,
        *,
        request: Request,
        n: ItemNumber,
        access: MayAccess,
        repetition: Repeatable,
        session: Writing,
        catalogue: CurrentCatalogue,
    ) -> None:
        self._n = n
        self._request = request
        self._access = access
        self._repetition = repetition
        self._session = session
        self._catalogue = catalogue

    async def take(self, action: Action, sent: FoundIn | LookIn, step: Step, more: str = "") -> Response:
        """`more` is what was sent besides, to know a repetition by."""

        async def change(changes: Changes, found: RequestView) -> RequestView:
            by = self._access.caller.person_id
            return await step(At(self._session, changes, found, self._n, by, self._access.now))

        name = f"{action} {self._n} {more}".rstrip()
        return await self._repetition.of(self._access, name, sent, change, permission_of(action))

    def press(self, at: At) -> Press:
        state = self._request.app.state
        about = self._catalogue.by_code[at.item.service.code]
        return Press(state.settings.secret_key, about, state.issue_listeners)

    async def withdraw(self, at: At, sent: LookIn) -> RequestView:
        return await service.withdraw(at, sent.given(), self._request.app.state.withdrawal_listeners)

    async def enter(self, kind: type[FoundIn], action: Action, step: Enter) -> Response:
        """What was found, with its report file if one was sent."""
        store = self._request.app.state.files
        async with sent_by(self._request, kind) as sent:

            async def entered(at: At) -> RequestView:
                about = self._catalogue.by_code[at.item.service.code]
                finding = sent.found.finding(has_file=sent.upload is not None)
                file = await service.report(at, store, sent.upload, action) if sent.upload else None
                return await step(at, about, finding, file=file, given=sent.found.given())

            return await self.take(action, sent.found, entered, sent.digest)


Take = Annotated[Taking, Depends()]


@router.post(
    f"{ITEM}/record-result",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON),
    openapi_extra=body_of(FoundIn),
)
async def record_result(take: Take) -> Response:
    """What was found for the item, in rows of values or as a report file. Somebody else has to verify it."""
    return await take.enter(FoundIn, Action.RECORD_RESULT, service.enter)


@router.post(
    f"{ITEM}/correct-result",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON),
    openapi_extra=body_of(CorrectedIn),
)
async def correct_result(take: Take) -> Response:
    """All that the document says, anew: once verified and issued it is the next version of the same number."""
    return await take.enter(CorrectedIn, Action.CORRECT_RESULT, service.correct)


@router.post(
    f"{ITEM}/verify",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON, OwnResult, ResultChanged, ResultUnknown),
)
async def verify(sent: LookIn, take: Take) -> Response:
    """Say that the result is right. Who has entered it can't: 403 `own_result`."""
    return await take.take(Action.VERIFY, sent, lambda at: service.verify(at, sent.attempt, sent.given()))


@router.post(
    f"{ITEM}/refuse-result",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON, ResultChanged, ResultUnknown),
)
async def refuse_result(sent: LookIn, take: Take) -> Response:
    """Send the result back to be looked at again, with a reason for the colleagues."""
    return await take.take(Action.REFUSE_RESULT, sent, lambda at: service.refuse(at, sent.attempt, sent.given()))


@router.post(
    f"{ITEM}/issue",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON, ResultUnknown),
)
async def issue(sent: LookIn, take: Take) -> Response:
    """Issue the document under the station's next number of the year, or as the next version of one."""
    return await take.take(Action.ISSUE, sent, lambda at: service.issue(at, take.press(at), sent.given()))


@router.post(
    f"{ITEM}/invalidate",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*COMMON, ResultUnknown),
)
async def invalidate(sent: LookIn, take: Take) -> Response:
    """Withdraw the document: what was found is wrong, and the work is done anew."""
    return await take.take(Action.INVALIDATE, sent, lambda at: take.withdraw(at, sent))
