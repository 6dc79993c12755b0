"""A request for its owner: when, where, what, how it stands, and what can be done."""

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from app.catalogue.labels import mode_label
from app.catalogue.snapshot import CurrentCatalogue
from app.requests.answers import calendar_response, page_url
from app.requests.errors import RequestUnknown
from app.requests.given import given, to_bring
from app.requests.many import grouped
from app.requests.opened import Opened
from app.requests.owners import own_organisation
from app.requests.pages.frame import FollowRoute, Looking, Visitor, address, ask, private, see
from app.requests.queries import CANCELLED, RequestView
from app.requests.rules import Action, State, possible
from app.stations.directory import CurrentDirectory, approximate
from app.web.limits import limited

router = APIRouter(route_class=FollowRoute)
CHANGES = ("moved", "cancelled")


@router.get("/r/{reference}")
async def follow(
    visitor: Looking,
    catalogue: CurrentCatalogue,
    directory: CurrentDirectory,
    changed: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """The request. Raises NotOpenedError, which shows the page that asks for the access code."""
    view = await visitor.open()
    station = view.appointment.station
    answers = [(catalogue.by_code[item.service.code], item.inputs) for item in view.items]
    context = {
        "view": view,
        "own": own_organisation(view.request, visitor.caller),
        "opened": visitor.reference in Opened(visitor.request),
        "here_path": address(view.request.reference),
        "changed": changed if changed in CHANGES else "",
        "cancelled": view.appointment.status == CANCELLED,
        "past": view.appointment.start <= visitor.now,
        "can": {action.value: can(view, visitor, action) for action in (Action.RESCHEDULE, Action.CANCEL)},
        "mode": mode_label(view.request.mode),
        "approximate": approximate(station.coord_class),
        "given": grouped(
            (item.n, item.service, given(service, inputs, directory.atlas.divisions))
            for item, (service, inputs) in zip(view.items, answers, strict=True)
        ),
        "bring": to_bring(answers),
        "qr": qr_code(page_url(visitor.request, view.request.reference)),
    }
    return private(visitor.request, "follow.html", context)


def can(view: RequestView, visitor: Visitor, action: Action) -> bool:
    return possible(action, State(view.request.status)) and view.appointment.start > visitor.now


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
