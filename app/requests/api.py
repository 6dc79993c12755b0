"""Requests for programs: make one of a hold, look at it, move it, cancel it, put it into a calendar."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit import clock
from app.kit.db import Hot, Reading, RetryingRoute, Writing
from app.kit.problems import Invalid, TooMany, problem_responses
from app.kit.schemas import Strict
from app.requests.answers import CALENDAR, NOT_TO_KEEP, calendar_response, described, whole, with_links
from app.requests.errors import AppointmentPast, IdempotencyKeyReused, RequestCancelled, RequestUnknown
from app.requests.idempotency import Key, content, keep, look_up
from app.requests.queries import RequestView, find
from app.requests.schemas import (
    CancelIn,
    RequestIn,
    RequestOut,
    RescheduleIn,
    SubmittedOut,
    WholeRequestOut,
)
from app.requests.service import Changes, Submissions
from app.slots.errors import HoldExpired, HoldUnknown, HoldUsed, NotBooked, StationClosed
from app.stations.snapshot import CurrentNetwork
from app.web.client import Client, ClientId
from app.web.limits import limited

router = APIRouter(tags=["requests"], route_class=RetryingRoute)
JSON = "application/json"

Now = Annotated[datetime, Depends(clock.now)]
Reference = Annotated[str, Path(max_length=40, examples=["ZT-7K3M-9QXD-J"])]
AccessCode = Annotated[str, Header(max_length=40, description="The access code that came with the reference.")]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$", description="At most 255 characters.")
]
HOLD_PROBLEMS = (HoldUnknown, HoldExpired, HoldUsed, StationClosed)
SLOWED = [Depends(limited("follow"))]  # access codes are short: nobody may try many
UNKNOWN = (Invalid, RequestUnknown, TooMany)
CHANGE = (*UNKNOWN, IdempotencyKeyReused, RequestCancelled, AppointmentPast)


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, NOT_TO_KEEP, media_type=JSON)


def under(client: ClientId, key: str | None, operation: str, sent: Strict) -> Key | None:
    """The caller's key for this call, if it gave one."""
    return Key(client.key, key, content(operation, sent.model_dump_json())) if key else None


class Owner:
    """Whoever shows a request's reference and access code."""

    def __init__(
        self, request: Request, reference: Reference, x_access_code: AccessCode, network: CurrentNetwork, now: Now
    ) -> None:
        self.network = network
        self.now = now
        self._shown = reference, x_access_code
        self._secret_key: bytes = request.app.state.settings.secret_key

    async def open(self, session: AsyncSession, *, lock: bool = False) -> RequestView:
        """The request. Raises RequestUnknown."""
        return await find(session, self.network, self._shown, self._secret_key, lock=lock)


IsOwner = Annotated[Owner, Depends()]


class Repetition:
    """A change that can be repeated under an Idempotency-Key."""

    def __init__(self, database: Hot, session: Writing, client: Client, idempotency_key: IdempotencyKey = None) -> None:
        self.session = session
        self._database = database
        self._client = client
        self._key = idempotency_key

    async def of(
        self, owner: Owner, name: str, sent: Strict, change: Callable[[RequestView], Awaitable[RequestView]]
    ) -> Response:
        """The answer to the change, or the one that was given to it before."""
        found = await owner.open(self.session, lock=True)
        key = under(self._client, self._key, f"{name} {found.request.id}", sent)
        if before := await look_up(self._database, key, owner.now):
            return as_json(before.answer)
        answer = described(await change(found))
        await keep(self.session, key, found.request.id, answer, owner.now)
        return as_json(answer)


Repeatable = Annotated[Repetition, Depends()]


@router.post(
    "/requests",
    status_code=201,
    response_model=SubmittedOut,
    dependencies=[Depends(limited("request"))],
    responses=problem_responses(Invalid, IdempotencyKeyReused, TooMany, *HOLD_PROBLEMS),
)
async def submit(
    request: Request, sent: RequestIn, client: Client, now: Now, idempotency_key: IdempotencyKey = None
) -> Response:
    """Book what is held and hand in the request, both or neither. With an Idempotency-Key it can be repeated."""
    submissions: Submissions = request.app.state.submissions
    receipt = await submissions.submit(sent.submission(), under(client, idempotency_key, "submit", sent), now)
    return as_json({**with_links(receipt.answer), "access_code": receipt.access_code}, 201)


@router.get(
    "/requests/{reference}",
    response_model=WholeRequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*UNKNOWN),
)
async def show(owner: IsOwner, session: Reading) -> Response:
    """The request with its timeline and everything that is kept of it."""
    return as_json(whole(await owner.open(session)))


@router.post(
    "/requests/{reference}/reschedule",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*CHANGE, *HOLD_PROBLEMS),
)
async def reschedule(owner: IsOwner, repetition: Repeatable, sent: RescheduleIn) -> Response:
    """Move the appointment to what is held. The old time is kept until the new one is certain."""
    changes = Changes(repetition.session, owner.network, owner.now)
    return await repetition.of(
        owner, "reschedule", sent, lambda found: changes.reschedule(found, sent.hold_id, sent.hold_token)
    )


@router.post(
    "/requests/{reference}/cancel",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*CHANGE, NotBooked),
)
async def cancel(owner: IsOwner, repetition: Repeatable, sent: CancelIn) -> Response:
    """Cancel the request; its time is offered to others again."""
    changes = Changes(repetition.session, owner.network, owner.now)
    return await repetition.of(owner, "cancel", sent, lambda found: changes.cancel(found, sent.reason))


@router.get(
    "/requests/{reference}/calendar.ics",
    response_class=Response,
    dependencies=SLOWED,
    responses={200: {"content": {CALENDAR: {"schema": {"type": "string"}}}}, **problem_responses(*UNKNOWN)},
)
async def calendar(request: Request, owner: IsOwner, session: Reading) -> Response:
    """The appointment for a calendar (RFC 5545); fetched again after a change it moves or strikes the event."""
    return calendar_response(request, await owner.open(session))
