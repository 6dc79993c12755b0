"""The board of a counter: who waits, is called, served, parked and done, and what is at one's own desk."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse

from app.accounts.callers import anew
from app.accounts.rules.rights import Permission
from app.accounts.service.organisations import person_of
from app.hall.forecasts import longer_than_told
from app.hall.live import topic_of
from app.hall.offers import CALL_NEXT, CHECK_IN, LAST, PRIORITIES, UNDO, WALK_IN, Offer, offers_for
from app.hall.opening import opening_of
from app.hall.pages.frame import HALL, READ, SEE_OTHER, AtBoard, Here, said
from app.hall.queries import Last, Line, Seat, begun_with, last_step_of
from app.hall.rules.calling import AGEING
from app.hall.rules.planning import UNDO_WITHIN
from app.hall.rules.states import Action, Priority, State
from app.hall.waits import Standing, counters_of
from app.hall.words import HALT_REASONS, STATES
from app.hall.working import Watching
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.requests.answers import NOT_TO_KEEP
from app.requests.showing import show_office
from app.stations.snapshot import StationFacts
from app.web.streams import LastEvent, Since, stream

router = Door(route_class=RetryingRoute)
Said = Annotated[str, Query(max_length=40)]
MINUTE = timedelta(minutes=1)


@router.get(HALL, dependencies=[READ])
async def choose(at: Watching) -> Response:
    """The stations where the caller works; with one straight to its board."""
    scope = at.caller.scope(Permission.HALL_READ)
    own = [each for each in at.network.stations if each.active and scope.reaches(each.id, each.county_adcode)]
    if len(own) == 1:
        return RedirectResponse(f"{HALL}/{own[0].code}", SEE_OTHER, NOT_TO_KEEP)
    return show_office(at.request, at.caller, "hall/stations.html", {"section": HALL, "stations": own})


@router.get(f"{HALL}/{{code}}", dependencies=[READ])
async def board(here: AtBoard, done: Said = "", refused: Said = "") -> HTMLResponse:
    """Raises StationUnknown, also where the caller may not look."""
    return await board_page(here, said(done, refused))


@router.get(f"{HALL}/{{code}}/live", dependencies=[READ])
async def live(here: AtBoard, since: Since = None, last: LastEvent = None) -> EventSourceResponse:
    """What changes at this counter."""

    async def still() -> bool:
        scope = (await anew(here.at.request)).scope(Permission.HALL_READ)
        return scope.reaches(here.station.id, here.station.county_adcode)

    return stream(here.at.request, {topic_of(here.station.id)}, last or since, still)


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own desk: the seat, the ticket that is there, and what can be done with it; `begun` are its services."""

    seat: Seat | None
    line: Line | None
    offers: list[Offer]
    begun: tuple[int, ...]

    @property
    def free(self) -> bool:
        """Whether somebody can be called to it."""
        return self.seat is not None and self.seat.break_since is None and self.line is None


async def board_page(here: Here, words: dict[str, str]) -> HTMLResponse:
    request = here.at.request
    request.state.mark = request.app.state.live.mark  # before anything is read: what changes later is told
    standing = await counters_of(request).of(here.station, here.at.network, here.at.now)
    mine = await mine_of(here, standing)
    opening = await opening_of(here.at.database, here.station, here.at.now)
    context = {
        **words,
        **told(here, standing),
        "late": await longer_than_told(here.at.database, standing.board, here.at.now),
        "opening": opening,
        "reason": str(HALT_REASONS[opening.reason]) if opening.reason else "",
        "mine": mine,
        "last": await last_of(here) if here.may_work else None,
        "keys": {"next": CALL_NEXT, "undo": UNDO, "walk_in": WALK_IN, "check_in": CHECK_IN},
        "may_manage": here.may_manage,
    }
    return here.show("board.html", context)


async def mine_of(here: Here, standing: Standing) -> Mine:
    board, person_id = standing.board, here.at.caller.person_id
    seat = next((seat for seat in board.seats.values() if here.may_work and seat.person_id == person_id), None)
    at_desk = (line for line in (*board.called, *board.serving) if seat and line.desk_id == seat.desk_id)
    line = next(at_desk, None)
    if line is None:
        return Mine(seat, None, [], ())
    serving = line.state is State.SERVING
    begun = await begun_with(here.at.database, line) if serving else first_fitting(here, line, seat)
    return Mine(seat, line, offers_for(line, may_call=False), begun)


def first_fitting(here: Here, line: Line, seat: Seat | None) -> tuple[int, ...]:
    """What is begun with unless something else is said: the first open service that the desk is for."""
    skill = {each: here.at.network.service_by_id[each].skill for each in line.open_ids}
    return tuple([each for each in line.open_ids if seat and skill[each] & seat.skills] or line.open_ids)[:1]


async def last_of(here: Here) -> dict[str, Any] | None:
    """What the caller did last, in words, and until when it can be taken back."""
    last = await last_step_of(here.at.database, here.station, person_of(here.at.caller), here.at.now)
    if last is None:
        return None
    left = UNDO_WITHIN - (here.at.now - last.at)
    words = str(LAST[last.action]).format(number=last.shown)
    return {"last": last, "words": words, "left": int(left.total_seconds()) if may_undo(last, left) else 0}


def may_undo(last: Last, left: timedelta) -> bool:
    return last.kept and last.action is not Action.UNDO and left > timedelta()


def told(here: Here, standing: Standing) -> dict[str, Any]:
    """The board in words for the template."""
    board, now = standing.board, here.at.now
    return {
        "board": board,
        "waits": standing.waits,
        "waited": lambda since: max((now - since) // MINUTE, 0),
        "late": frozenset[UUID](),
        "long": lambda line: now - line.issued_at >= AGEING,
        "priority_of": lambda line: "" if line.priority is Priority.NONE else str(PRIORITIES[line.priority]),
        "state_of": lambda line: str(STATES[line.state]),
        "desk_of": here.desk_by_id,
        "desks": [desk for desk in here.station.desks if desk.active],
        "categories_of": lambda skills: [code for code, bit in here.at.network.category_bit.items() if bit & skills],
        "names_of": names_of(here.station),
    }


def names_of(station: StationFacts) -> dict[int, str]:
    return {desk.id: desk.code for desk in station.desks}
