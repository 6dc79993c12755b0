"""A request for its owner: when, where, what, how it stands, and what can be done."""

from typing import Annotated

import segno
from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from app.catalogue.labels import mode_label
from app.catalogue.snapshot import CurrentCatalogue
from app.kit.doors import Door
from app.requests.answers import calendar_response, page_url
from app.requests.beside import beside
from app.requests.errors import RequestUnknown
from app.requests.given import given, to_bring
from app.requests.many import grouped
from app.requests.onsite import on_site
from app.requests.opened import Opened
from app.requests.owners import own_organisation
from app.requests.queries import CANCELLED, RequestView
from app.requests.rating_words import rated
from app.requests.rules import Action, Event, State
from app.requests.section import talk_of
from app.requests.service.planning import possible
from app.requests.service.rating import ratable, rating_of
from app.requests.showing import others_of
from app.requests.standing import REFUSALS, REFUSED, dues, has_results, label
from app.requests.telling import Told
from app.requests.visiting import FollowRoute, Looking, Visitor, address, ask, private, see
from app.requests.words import CHOOSE_ANEW, NEEDS_A_TIME, NEXT, state_words
from app.stations.directory import CurrentDirectory, approximate
from app.web.limits import limited

router = Door(route_class=FollowRoute)
OFFERED = (
    Action.RESCHEDULE,
    Action.CANCEL,
    Action.CORRECT,
    Action.CONSENT,
    Action.REFUSE_CONSENT,
    Action.COMPLAIN,
)
CHANGES = ("moved", "cancelled", "corrected", "step", "rated")


@router.get("/r/{reference}")
async def follow(
    visitor: Looking,
    catalogue: CurrentCatalogue,
    directory: CurrentDirectory,
    changed: Annotated[str, Query(max_length=20)] = "",
    refused: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The request. Raises NotOpenedError, which shows the page that asks for the access code."""
    view = await visitor.open()
    station = view.appointment.station
    answers = [(catalogue.by_code[item.service.code], item.inputs) for item in view.items]
    choose = not view.booked and view.request.status in NEEDS_A_TIME
    context = {
        "view": view,
        "there": on_site(view),
        "choose": choose,
        "moved": None if changed else moved_by_station(view, visitor),
        "own": own_organisation(view.request, visitor.caller),
        "opened": visitor.knows_code(view),
        "here_path": address(view.request.reference),
        "changed": changed if changed in CHANGES else "",
        "refused": str(REFUSALS.get(refused, REFUSED)) if refused else "",
        "state": state_words(view.request.status, booked=view.booked),
        "next": str(CHOOSE_ANEW if choose else NEXT[State(view.request.status)]),
        "item_tag": lambda item: state_words(item.status),
        "label": label,
        "mixed": len({item.status for item in view.items}) > 1,
        "dues": dues(view, visitor.network.calendar),
        "cancelled": view.appointment.status == CANCELLED,
        "past": view.appointment.start <= visitor.now,
        "can": {action.value: can(view, visitor, action) for action in OFFERED},
        "mode": mode_label(view.request.mode),
        "approximate": approximate(station.coord_class),
        "given": grouped(
            (item.n, item.service, given(service, inputs, directory.atlas.divisions))
            for item, (service, inputs) in zip(view.items, answers, strict=True)
        ),
        "bring": to_bring(answers),
        "qr": qr_code(page_url(visitor.request, view.request.reference)),
        "others": others_of(visitor, view),
        "has_results": has_results(view),
        "rating": rated(await rating_of(visitor.session, view.request.id)) if ratable(view) else None,
        "ratable": ratable(view),
        "beside": await beside(visitor, view),
        "thread": await talk_of(visitor, view),
    }
    return private(visitor.request, "follow.html", context)


def moved_by_station(view: RequestView, visitor: Visitor) -> Told | None:
    """The last that has happened, when it is that the station has moved a visit that is still to come."""
    last = view.timeline[-1]
    moved = last.kind == Event.RESCHEDULED and last.person_id is not None
    return last if moved and view.booked and view.appointment.start > visitor.now else None


def can(view: RequestView, visitor: Visitor, action: Action) -> bool:
    return possible(view, action, visitor.party, visitor.now)


def qr_code(url: str) -> Markup:
    """An SVG of the page's address, which is no secret: it asks for the code."""
    return Markup(segno.make(url, error="m").svg_inline(omitsize=True, lineclass=None, border=2))  # noqa: S704 - ours


@router.post("/r/{reference}", dependencies=[Depends(limited("follow"))])
async def enter(visitor: Looking, code: Annotated[str, Form(max_length=40)] = "") -> Response:
    """The access code, typed on the page of one request."""
    try:
        return await visitor.enter(code)
    except RequestUnknown:
        return ask(visitor.request, visitor.reference, wrong=True)


@router.get("/r/{reference}/calendar.ics")
async def calendar(visitor: Looking) -> Response:
    return calendar_response(visitor.request, await visitor.open())


@router.post("/r/{reference}/close")
async def close(visitor: Looking) -> Response:
    """Forget on this device that the code was shown."""
    response = see("/find")
    Opened(visitor.request).forget(response, visitor.reference)
    return response
