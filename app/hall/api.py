"""The counter for programs: its board, tickets, calling, and every step of a ticket."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Response

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Permission
from app.accounts.service.organisations import person_of
from app.hall import errors
from app.hall.queries import ticket_in, ticket_of
from app.hall.repeating import Repeatable
from app.hall.rules.states import Action, Priority
from app.hall.schemas import BoardOut, CallNext, CheckIn, SignIn, StepIn, TicketOut, WalkIn
from app.hall.shown import Boards, ticket_out
from app.hall.waits import counters_of
from app.hall.working import Asked, AtCounter, Watching, Why, Working, calls_of, desk_of
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.requests.errors import IdempotencyKeyReused, RequestUnknown
from app.requests.errors import InvalidTransition as RequestStands
from app.slots import errors as of_slots

router = Door(tags=["hall"], route_class=RetryingRoute)
READ = Depends(allowed(Permission.HALL_READ))
WORK = Depends(allowed(Permission.HALL_WORK))
StationCode = Annotated[str, Path(max_length=32)]
MAY = (*GUARDED, of_slots.StationUnknown, Invalid)
DeskPath = Annotated[str, Path(max_length=16)]
NO_CONTENT, JSON = 204, "application/json"


class Verb(StrEnum):
    """A step as it stands in an address."""

    CALL = "call"
    ANNOUNCE = "announce"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    PARK = "park"
    RESUME = "resume"
    REQUEUE = "requeue"
    COME_BACK = "come-back"
    TRANSFER = "transfer"
    SPLIT = "split"
    PRIORITISE = "prioritise"
    LEAVE = "leave"
    UNDO = "undo"

    @property
    def action(self) -> Action:
        return Action(self.replace("-", "_"))


@router.get("/desk/{station}/board", response_model=BoardOut, dependencies=[READ], responses=problem_responses(*MAY))
async def board(station: StationCode, at: Watching) -> Response:
    """Who waits, is called and is served now, with how long it will take. Staff's own; the display shows less."""
    found = at.station(station, Permission.HALL_READ)
    standing = await counters_of(at.request).of(found, at.network, at.now)
    boards: Boards = at.request.app.state.boards
    return Response(boards.json(standing), media_type=JSON)


@router.post(
    "/desk/{station}/tickets",
    status_code=201,
    response_model=TicketOut,
    dependencies=[WORK],
    responses=problem_responses(*MAY, errors.Exhausted, errors.HallClosed, errors.HallHalted, IdempotencyKeyReused),
)
async def issue_ticket(station: StationCode, sent: WalkIn, at: AtCounter, again: Repeatable) -> TicketOut:
    """A ticket for somebody without an appointment. With an Idempotency-Key it can be repeated."""
    found = at.station(station)
    why = Why(sent.priority, sent.priority_reason)
    return await again.of(
        f"ticket {found.code}", sent, lambda: at.walk_in(found, sent.service_codes, sent.language, why)
    )


@router.post(
    "/desk/{station}/check-ins",
    status_code=201,
    response_model=TicketOut,
    dependencies=[WORK],
    responses=problem_responses(
        *MAY,
        RequestUnknown,
        errors.OtherStation,
        errors.OtherDay,
        errors.AlreadyIn,
        errors.HallHalted,
        RequestStands,
        IdempotencyKeyReused,
    ),
)
async def check_in(station: StationCode, sent: CheckIn, at: AtCounter, again: Repeatable) -> TicketOut:
    """A ticket for somebody with an appointment of today; the request says that they are there.

    With an Idempotency-Key it can be repeated.
    """
    found, why = at.station(station), Why(sent.priority, sent.priority_reason)
    return await again.of(f"check-in {found.code}", sent, lambda: at.check_in(found, sent.reference, why))


@router.post(
    "/desk/{station}/call-next",
    response_model=TicketOut,
    dependencies=[WORK],
    responses={
        NO_CONTENT: {"description": "Nobody waits for this desk."},
        **problem_responses(
            *MAY, errors.DeskUnknown, errors.DeskUnattended, errors.HallHalted, errors.OnBreak, errors.DeskBusy
        ),
    },
)
async def call_next(station: StationCode, sent: CallNext, at: Watching) -> Response:
    """Call whoever is next by the rule and waits for something that the desk is for."""
    found = at.station(station)
    desk = desk_of(found, sent.desk)
    ticket_id = await calls_of(at.request).next(found, desk, person_of(at.caller), at.now)
    if ticket_id is None:
        return Response(status_code=NO_CONTENT)
    line = await ticket_of(at.database, ticket_id)
    if line is None:
        raise errors.TicketUnknown
    return Response(ticket_out(line, at.network).model_dump_json(), media_type=JSON)


@router.post(
    "/desk/{station}/sessions",
    status_code=NO_CONTENT,
    dependencies=[WORK],
    responses=problem_responses(*MAY, errors.DeskUnknown, errors.DeskTaken, errors.ElsewhereSignedIn),
)
async def sign_in(station: StationCode, sent: SignIn, at: AtCounter) -> None:
    """Sit down at a desk. Once more with other categories, they are changed."""
    found = at.station(station)
    await at.seats(found).sign_in(desk_of(found, sent.desk), at.person_id, at.skills_of(sent.categories))


@router.post(
    "/desk/{station}/sessions/{desk}/break",
    status_code=NO_CONTENT,
    dependencies=[WORK],
    responses=problem_responses(*MAY, errors.DeskUnknown, errors.DeskUnattended),
)
async def rest(station: StationCode, desk: DeskPath, at: AtCounter) -> None:
    """Begin a break at one's desk, or end it."""
    found = at.station(station)
    await at.seats(found).rest(desk_of(found, desk), at.person_id)


@router.delete(
    "/desk/{station}/sessions/{desk}",
    status_code=NO_CONTENT,
    dependencies=[WORK],
    responses=problem_responses(*MAY, errors.DeskUnknown, errors.DeskUnattended, errors.DeskBusy),
)
async def sign_out(station: StationCode, desk: DeskPath, at: AtCounter) -> None:
    """Leave a desk at which nobody is: one's own, or as a manager anybody's."""
    found = at.station(station)
    whose = None if at.reaches(found, Permission.HALL_MANAGE) else at.person_id
    await at.seats(found).sign_out(desk_of(found, desk), whose)


@router.get(
    "/tickets/{ticket_id}",
    response_model=TicketOut,
    dependencies=[READ],
    responses=problem_responses(*GUARDED, Invalid, errors.TicketUnknown),
)
async def get_ticket(ticket_id: UUID, at: Watching) -> TicketOut:
    """A ticket of a station where the caller works."""
    line = await ticket_of(at.database, ticket_id)
    if line is None or not at.reaches(at.network.station_by_id[line.station_id], Permission.HALL_READ):
        raise errors.TicketUnknown
    return ticket_out(line, at.network)


@router.post(
    "/tickets/{ticket_id}/{verb}",
    response_model=TicketOut,
    dependencies=[WORK],
    responses=problem_responses(
        *GUARDED,
        Invalid,
        errors.TicketUnknown,
        errors.DeskUnknown,
        errors.InvalidTransition,
        errors.CalledOften,
        errors.DeskBusy,
        errors.DeskUnattended,
        errors.OnBreak,
        errors.TooLateToUndo,
        errors.HallClosed,
        errors.HallHalted,
    ),
)
async def step_ticket(ticket_id: UUID, verb: Verb, at: AtCounter, sent: StepIn | None = None) -> TicketOut:
    """One step of a ticket. An impossible one is 409 `invalid_transition`, which names its state.

    `transfer` answers with the ticket at the other desk or station, `split` with the new one.
    """
    given = sent or StepIn.model_validate({})
    asked = Asked(
        given.desk,
        given.station,
        tuple(given.done),
        given.rest == "leave",
        tuple(given.service_codes),
        Why(given.priority or Priority.NONE, given.priority_reason),
    )
    return await answer(at, (await at.step(ticket_id, verb.action, asked)).id)


async def answer(at: Working, ticket_id: UUID) -> TicketOut:
    """The ticket as this transaction leaves it."""
    return ticket_out(await ticket_in(at.session, ticket_id), at.network)
