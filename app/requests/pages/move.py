"""Another time, at this station or another one: choose, check, confirm. The old time is kept until the new one is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.kit import ids
from app.kit.clock import LOCAL, local_date
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.elsewhere import others
from app.requests.models import REASON_LENGTH
from app.requests.onsite import on_site
from app.requests.pages.week import week
from app.requests.queries import KeptPlace, RequestView, held_place
from app.requests.rules import Action, Party
from app.requests.service.planning import possible
from app.requests.site_words import way_words
from app.requests.sites import point_of, way_to
from app.requests.visiting import FORM_AGAIN, Changing, Choosing, FollowRoute, Visitor, private, see
from app.slots.errors import HoldUnknown
from app.slots.queries import Availability
from app.slots.service import Handle, Holds, Wish, handle, release
from app.stations.snapshot import StationFacts
from app.web.client import Client
from app.web.limits import limited

router = Door(route_class=FollowRoute)
PAGE, CHECK = "reschedule", "reschedule/check"


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


class Checked(BaseModel):
    """The hold that was looked at, and why it is taken, where that has to be said."""

    hold: Annotated[str, Field(max_length=40)] = ""
    reason: Annotated[str, Field(max_length=10_000)] = ""


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
        wish = Wish(station.code, codes, view.request.mode, start, point_of(view.request))
        await holds.hold(wish, client.key, handle_of(visitor, view, nonce), visitor.now)
    except Problem as problem:
        again.day = start.astimezone(LOCAL).date().isoformat()
        return await times_page(visitor, view, again, said(problem), status_code=problem.status)
    await give_back(visitor, view, chosen.instead)
    return see(f"{visitor.address(CHECK)}?hold={nonce}")


@router.get("/r/{reference}/reschedule/check")
async def check(visitor: Choosing, hold: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Old and new side by side, while the new time is kept."""
    return await check_page(visitor, await visitor.open(), hold)


async def check_page(
    visitor: Visitor, view: RequestView, hold: str, errors: Mapping[str, str] | None = None
) -> Response:
    kept = await held_place(visitor.session, visitor.network, handle_of(visitor, view, hold).id, visitor.now)
    if kept is None or not movable(view, visitor):
        return see(lost(visitor))
    context = {
        "view": view,
        "there": on_site(view, masked=visitor.party is Party.STATION),
        "kept": kept,
        "kept_way": way_words(kept.travel, way_to(view.request, kept.station)) if kept.travel else "",
        "needs_reason": nobody_there(visitor, view, kept),
        "errors": errors or {},
        "hold": hold,
        "now": visitor.now,
        "here_path": visitor.address(CHECK),
        "again": f"{visitor.address(PAGE)}?station={kept.station.code}&instead={hold}",
        "back": visitor.address(),
    }
    return private(visitor.request, "move_check.html", context, status_code=FORM_AGAIN if errors else 200)


@router.post("/r/{reference}/reschedule/check")
async def move(visitor: Changing, chosen: Annotated[Checked, Form()]) -> Response:
    view = await visitor.open(lock=True)
    new = handle_of(visitor, view, chosen.hold)
    try:
        reason = Paragraph(REASON_LENGTH, blank=True).validate(chosen.reason)
        await visitor.changes.reschedule(view, new.id, new.token, reason)
    except TextError as error:
        sentence = _(MESSAGES[error.code]).format(**error.context)
        return await check_page(visitor, view, chosen.hold, {"reason": sentence})
    except Problem as problem:
        if missing := {error.field: error.sentence() for error in problem.errors if error.field == "reason"}:
            await visitor.session.rollback()
            return await check_page(visitor, await visitor.open(), chosen.hold, missing)
        await visitor.session.rollback()
        return see(lost(visitor))
    return see(f"{visitor.address()}?changed=moved")


def nobody_there(visitor: Visitor, view: RequestView, kept: KeptPlace) -> bool:
    """Whether staff have to say why they move a visit on site to when nobody is there."""
    return visitor.party is Party.STATION and bool(view.site and view.site.refuses(kept.start))


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
        site=point_of(view.request),
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
