"""One request: make it of a hold, look at it, move it, cancel it, put it into a calendar, see whom to call."""

from typing import Annotated

from fastapi import Depends, Request, Response

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.letterhead import Head
from app.accounts.rules.rights import Caller, Permission
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import Forbidden, Invalid, TooMany, problem_responses
from app.requests.access import (
    IdempotencyKey,
    MayAccess,
    Now,
    Reference,
    Repeatable,
    as_json,
    slowed,
    under,
)
from app.requests.along import Linker, Refused
from app.requests.answers import CALENDAR, calendar_response, whole, with_links
from app.requests.errors import AppointmentPast, IdempotencyKeyReused, RequestCancelled, RequestUnknown
from app.requests.owners import sender_of
from app.requests.queries import find_reached
from app.requests.reach import as_staff
from app.requests.request_schemas import RequestOut, SubmittedOut
from app.requests.schemas import (
    CancelIn,
    RescheduleIn,
    RevealIn,
    WholeRequestOut,
)
from app.requests.sending_schemas import RequestIn
from app.requests.service import Submissions, reveal
from app.slots.errors import HoldExpired, HoldUnknown, HoldUsed, NotBooked, StationClosed
from app.stations.snapshot import CurrentNetwork
from app.web.client import Client
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
HOLD_PROBLEMS = (HoldUnknown, HoldExpired, HoldUsed, StationClosed)
SLOWED = [Depends(slowed)]
UNKNOWN = (Invalid, RequestUnknown, SignInNeeded, TooMany)
CHANGE = (*UNKNOWN, IdempotencyKeyReused, RequestCancelled, AppointmentPast)
MayReveal = Annotated[Caller, Depends(allowed(Permission.CONTACT_REVEAL))]


@router.post(
    "/requests",
    status_code=201,
    response_model=SubmittedOut,
    dependencies=[Depends(limited("request"))],
    responses=problem_responses(Invalid, IdempotencyKeyReused, Forbidden, TooMany, Refused, *HOLD_PROBLEMS),
)
async def submit(
    *,
    request: Request,
    sent: RequestIn,
    caller: CurrentCaller,
    client: Client,
    now: Now,
    head: Head,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Book what is held and hand in the request, both or neither. With an Idempotency-Key it can be repeated.

    With a bearer token the request belongs to the organisation of this credit code, if the caller acts for it.
    """
    submissions: Submissions = request.app.state.submissions
    key = under(caller, client, idempotency_key, "submit", sent)
    submission, sender = sent.submission(), sender_of(caller)
    along = None
    if sent.ledger:
        linker: Linker = request.app.state.linker
        along = await linker(sent.ledger.given(), submission.items, caller, now)
    receipt = await submissions.submit(submission, key, sender, now, head, along=along)
    return as_json({**with_links(receipt.answer), "access_code": receipt.access_code}, 201)


@router.get(
    "/requests/{reference}",
    response_model=WholeRequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*UNKNOWN),
)
async def show(access: MayAccess, session: Reading) -> Response:
    """The request with its timeline and everything that is kept of it.

    By its access code, or signed in: people of its organisation, who sent it, staff of its station (masked).
    """
    seen = await access.open(session, Permission.REQUESTS_READ)
    return as_json(whole(seen.view, masked=seen.as_staff, secret_key=access.secret_key if seen.by_code else None))


@router.post(
    "/requests/{reference}/reschedule",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*CHANGE, *HOLD_PROBLEMS),
)
async def reschedule(access: MayAccess, repetition: Repeatable, sent: RescheduleIn) -> Response:
    """Move the appointment to what is held. The old time is kept until the new one is certain."""
    return await repetition.of(
        access,
        "reschedule",
        sent,
        lambda changes, found: changes.reschedule(found, sent.hold_id, sent.hold_token, sent.reason),
    )


@router.post(
    "/requests/{reference}/cancel",
    response_model=RequestOut,
    dependencies=SLOWED,
    responses=problem_responses(*CHANGE, NotBooked),
)
async def cancel(access: MayAccess, repetition: Repeatable, sent: CancelIn) -> Response:
    """Cancel the request; its time is offered to others again. Staff give a reason, which the applicant reads."""
    return await repetition.of(access, "cancel", sent, lambda changes, found: changes.cancel(found, sent.reason))


@router.get(
    "/requests/{reference}/calendar.ics",
    response_class=Response,
    dependencies=SLOWED,
    responses={200: {"content": {CALENDAR: {"schema": {"type": "string"}}}}, **problem_responses(*UNKNOWN)},
)
async def calendar(request: Request, access: MayAccess, session: Reading) -> Response:
    """The appointment for a calendar (RFC 5545); fetched again after a change it moves or strikes the event."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    return calendar_response(request, seen.view)


@router.post(
    "/requests/{reference}/reveal",
    response_model=WholeRequestOut,
    responses=problem_responses(Invalid, RequestUnknown, SignInNeeded, SecondFactorMissing, Forbidden),
)
async def reveal_contact(
    *,
    reference: Reference,
    sent: RevealIn,
    caller: MayReveal,
    session: Writing,
    network: CurrentNetwork,
    now: Now,
) -> Response:
    """The request for staff with names, numbers and addresses unmasked; the look and its reason go on record."""
    found = await find_reached(session, network, reference, as_staff(caller, Permission.CONTACT_REVEAL))
    await reveal(session, found, caller.actor, sent.reason, now)
    return as_json(whole(found))
