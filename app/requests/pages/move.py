"""Another time, at this station or another one: choose, check, confirm. The old time is kept until the new one is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.catalogue.rules import USE_FIELD, Use
from app.kit import ids
from app.kit.clock import LOCAL, local_date
from app.kit.geo import Point
from app.kit.i18n import gettext as _
from app.kit.problems import Problem
from app.requests.pages.week import week
from app.requests.queries import RequestView, held_place
from app.requests.rules import Action
from app.requests.service.planning import possible
from app.requests.visiting import Changing, Choosing, FollowRoute, Visitor, private, see
from app.routing.cards import Card, cards
from app.routing.queries import route
from app.routing.rules import Mode, Origin, Question
from app.slots.errors import HoldUnknown
from app.slots.queries import Availability
from app.slots.service import Handle, Holds, Wish, handle, release
from app.stations.snapshot import StationFacts
from app.web.client import Client
from app.web.limits import limited

router = APIRouter(route_class=FollowRoute)
PAGE, CHECK = "reschedule", "reschedule/check"
OTHERS = 4


class Chosen(BaseModel):
    """The time chosen on the page, at which station, and the hold that it replaces."""

    start: Annotated[str, Field(max_length=40)] = ""
    station: Annotated[str, Field(max_length=32)] = ""
    instead: Annotated[str, Field(max_length=40)] = ""


class Asked(BaseModel):
    """Which day at which station is looked at; `lost` says that a time kept before is kept no longer."""

    day: Annotated[str, Field(max_length=10)] = ""
    station: Annotated[str, Field(max_length=32)] = ""
    instead: Annotated[str, Field(max_length=40)] = ""
    lost: Annotated[str, Field(max_length=1)] = ""


@router.get("/r/{reference}/reschedule")
async def times(visitor: Choosing, asked: Annotated[Asked, Query()]) -> Response:
    view = await visitor.open()
    if not movable(view, visitor):
        return see(visitor.address())
    errors = [("", _("That time is no longer kept for you. Please choose again."))] if asked.lost else []
    return await times_page(visitor, view, asked, errors)


@router.post("/r/{reference}/reschedule", dependencies=[Depends(limited("hold"))])
async def choose(visitor: Choosing, client: Client, chosen: Annotated[Chosen, Form()]) -> Response:
    """Keep the time that was chosen; then it can be checked in peace."""
    view = await visitor.open()
    station = station_of(visitor, view, chosen.station)
    start = moment(chosen.start)
    again = Asked(station=station.code, instead=chosen.instead)
    if start is None:
        return await times_page(visitor, view, again, [("", _("Please choose a time."))], status_code=422)
    state = visitor.request.app.state
    holds: Holds = state.holds
    codes = tuple(service.code for service, _count in view.what)
    nonce = ids.new_secret(12)
    try:
        wish = Wish(station.code, codes, view.request.mode, start)
        await holds.hold(wish, client.key, handle_of(visitor, view, nonce), visitor.now)
    except Problem as problem:
        again.day = start.astimezone(LOCAL).date().isoformat()
        return await times_page(visitor, view, again, said(problem), status_code=problem.status)
    await give_back(visitor, view, chosen.instead)
    return see(f"{visitor.address(CHECK)}?hold={nonce}")


@router.get("/r/{reference}/reschedule/check")
async def check(visitor: Choosing, hold: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Old and new side by side, while the new time is kept."""
    view = await visitor.open()
    kept = await held_place(visitor.session, visitor.network, handle_of(visitor, view, hold).id, visitor.now)
    if kept is None or not movable(view, visitor):
        return see(lost(visitor))
    context = {
        "view": view,
        "kept": kept,
        "hold": hold,
        "now": visitor.now,
        "here_path": visitor.address(CHECK),
        "again": f"{visitor.address(PAGE)}?station={kept.station.code}&instead={hold}",
        "back": visitor.address(),
    }
    return private(visitor.request, "move_check.html", context)


@router.post("/r/{reference}/reschedule/check")
async def move(visitor: Changing, hold: Annotated[str, Form(max_length=40)] = "") -> Response:
    view = await visitor.open(lock=True)
    new = handle_of(visitor, view, hold)
    try:
        await visitor.changes.reschedule(view, new.id, new.token)
    except Problem:
        await visitor.session.rollback()
        return see(lost(visitor))
    return see(f"{visitor.address()}?changed=moved")


def movable(view: RequestView, visitor: Visitor) -> bool:
    return possible(view, Action.RESCHEDULE, visitor.party, visitor.now)


def lost(visitor: Visitor) -> str:
    return f"{visitor.address(PAGE)}?lost=1"


def handle_of(visitor: Visitor, view: RequestView, nonce: str) -> Handle:
    """The hold of this move; its token is derived, so that it is in no address and no page."""
    return handle(f"move {view.request.id}", nonce, visitor.request.app.state.settings.secret_key)


async def give_back(visitor: Visitor, view: RequestView, nonce: str) -> None:
    """The time that was kept before another one was chosen."""
    if nonce:
        old = handle_of(visitor, view, nonce)
        try:
            await release(visitor.request.app.state.database, old.id, old.token)
        except HoldUnknown:
            return


def station_of(visitor: Visitor, view: RequestView, code: str) -> StationFacts:
    """The station that was chosen, else that of the appointment."""
    index = visitor.network.station_index.get(code)
    return view.appointment.station if index is None else visitor.network.stations[index]


def moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def said(problem: Problem) -> list[tuple[str, str]]:
    """The sentences of a problem for the error summary."""
    return [("", error.sentence()) for error in problem.errors] or [("", problem.sentence())]


async def times_page(
    visitor: Visitor, view: RequestView, asked: Asked, errors: Sequence[tuple[str, str]], *, status_code: int = 200
) -> HTMLResponse:
    station = station_of(visitor, view, asked.station)
    path = f"{visitor.address(PAGE)}?station={station.code}&instead={asked.instead}"
    availability: Availability = visitor.request.app.state.availability
    horizon = availability.terms(visitor.network, station.index).horizon_days + 1
    days = await availability.days(
        visitor.network,
        station.index,
        [service.index for service, _count in view.what],
        mode=view.request.mode,
        first=local_date(visitor.now),
        days=horizon,
        now=visitor.now,
    )
    context: Mapping[str, Any] = {
        "view": view,
        "station": station,
        "week": week(days, day_of(asked.day), path),
        "instead": asked.instead,
        "errors": errors,
        "others": await others(visitor, view, station),
        "from_you": view.request.crs is not None,
        "here_path": visitor.address(PAGE),
        "back": visitor.address(),
    }
    return private(visitor.request, "move.html", context, status_code=status_code)


async def others(visitor: Visitor, view: RequestView, station: StationFacts) -> list[Card]:
    """The nearest other stations that may do all of it and have time."""
    request = view.request
    availability: Availability = visitor.request.app.state.availability
    lon, lat = (
        (request.lon, request.lat)
        if request.lon is not None and request.lat is not None
        else (station.lon, station.lat)
    )
    question = Question(
        services=tuple(service.index for service, _count in view.what),
        origin=Origin(Point(lon, lat), lon, lat),
        mode=Mode(request.mode),
        first=local_date(visitor.now),
        days=availability.farthest(visitor.network) + 1,
        use=use_of_all(view),
        limit=OTHERS + 1,
        reach_km=visitor.request.app.state.settings.booking.reach_km,
    )
    answer = await route(visitor.network, availability, question, visitor.now)
    found = cards(visitor.network, answer).cards
    return [card for card in found if not card.missing and card.station.code != station.code][:OTHERS]


def use_of_all(view: RequestView) -> Use | None:
    """`other` only if every instrument is for that: then no designated station is needed."""
    own = [view.request.use or item.inputs.get(USE_FIELD) for item in view.items]
    return Use.OTHER if all(use == Use.OTHER for use in own) else None
