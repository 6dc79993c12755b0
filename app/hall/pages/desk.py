"""One's desk: signing in and out, breaks, and calling the next one to it."""

from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from app.accounts.service.organisations import person_of
from app.hall.pages.frame import HALL, WORK, AtBoard, AtWork, Typed, texts_of
from app.hall.working import calls_of, desk_of
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Problem

router = Door(route_class=RetryingRoute)
DeskCode = Annotated[str, Path(max_length=16)]
DESK = f"{HALL}/{{code}}/desks/{{desk}}"


@router.post(f"{DESK}/sign-in", dependencies=[WORK])
async def sign_in(here: AtWork, desk: DeskCode, typed: Typed) -> RedirectResponse:
    """Sit down, for all that the desk is for or only for the categories that are ticked."""
    at = here.at
    try:
        skills = at.skills_of(texts_of(typed, "categories"))
        await at.seats(here.station).sign_in(desk_of(here.station, desk), at.person_id, skills)
    except Problem as problem:
        return await here.refused(problem)
    return here.see(done="seated")


@router.post(f"{DESK}/break", dependencies=[WORK])
async def rest(here: AtWork, desk: DeskCode) -> RedirectResponse:
    """Begin a break at one's own desk, or end it."""
    seat = await here.my_seat()
    try:
        await here.at.seats(here.station).rest(desk_of(here.station, desk), here.at.person_id)
    except Problem as problem:
        return await here.refused(problem)
    return here.see(done="back" if seat and seat.break_since else "break")


@router.post(f"{DESK}/sign-out", dependencies=[WORK])
async def sign_out(here: AtWork, desk: DeskCode) -> RedirectResponse:
    """Leave a desk at which nobody is served: one's own, or as a manager anybody's."""
    whose = None if here.may_manage else here.at.person_id
    try:
        await here.at.seats(here.station).sign_out(desk_of(here.station, desk), whose)
    except Problem as problem:
        return await here.refused(problem)
    return here.see(done="left")


@router.post(f"{HALL}/{{code}}/next", dependencies=[WORK])
async def call_next(here: AtBoard) -> Response:
    """Call whoever is next by the rule to one's desk: in the call's own transaction, as often as the key is pressed."""
    at = here.at
    at.station(here.station.code)
    try:
        desk = await here.my_desk()
        called = await calls_of(at.request).next(here.station, desk, person_of(at.caller), at.now)
    except Problem as problem:
        return here.see(refused=problem.code)
    return here.see() if called else here.see(done="nobody")
