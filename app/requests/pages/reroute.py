"""Passing a request on to another station that may do it, with its next free time, in one step."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Form, Response
from pydantic import BaseModel, Field

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.kit import ids
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.elsewhere import asked_from, others
from app.requests.models import REASON_LENGTH
from app.requests.pages.move import handle_of, said
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.requests.service.changes import Hold
from app.requests.service.planning import Given, possible
from app.requests.showing import show
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, Choosing, FollowRoute, Visitor, see
from app.routing.cards import Card
from app.slots.service import Holds, Wish, release
from app.stations.snapshot import StationFacts
from app.web.client import Client

router = Door(route_class=FollowRoute)
PAGE = f"{OFFICE}/{{reference}}/reroute"
CHANGE = Depends(allowed(Permission.REQUESTS_CHANGE))


class Chosen(BaseModel):
    """Where the request shall go, and why."""

    station: Annotated[str, Field(max_length=32)] = ""
    reason: Annotated[str, Field(max_length=10_000)] = ""


@router.get(PAGE, dependencies=[CHANGE])
async def ask(visitor: Choosing) -> Response:
    view = await visitor.open()
    if not possible(view, Action.REROUTE, visitor.party, visitor.now):
        return see(visitor.address())
    return await reroute_page(visitor, view, Chosen(), {})


@router.post(PAGE, dependencies=[CHANGE])
async def pass_on(visitor: Changing, client: Client, chosen: Annotated[Chosen, Form()]) -> Response:
    """Keep the station's next free time, and make it the appointment: both or neither."""
    view = await visitor.open()
    reason, errors = _reason(chosen.reason)
    cards = await others(visitor, view, view.appointment.station)
    card = next((card for card in cards if card.station.code == chosen.station), None)
    if card is None:
        errors["station"] = _("Choose a station.")
    if errors or card is None:
        return await reroute_page(visitor, view, chosen, errors)
    holds: Holds = visitor.request.app.state.holds
    new = handle_of(visitor, view, ids.new_secret(12))
    codes = tuple(service.code for service, _count in view.what)
    try:
        await holds.hold(
            Wish(card.station.code, codes, view.request.mode, card.start, asked_from(view, view.appointment.station)),
            client.key,
            new,
            visitor.now,
        )
    except Problem as problem:
        return await reroute_page(visitor, view, chosen, {"station": said(problem)[0][1]})
    locked = await visitor.open(lock=True)
    parent = parent_of(visitor, locked)
    action = Action.ESCALATE if parent is not None and parent.code == card.station.code else Action.REROUTE
    try:
        await visitor.changes.act(locked, action, Given(reason), hold=Hold(new.id, new.token))
    except Problem as problem:
        await visitor.session.rollback()
        await release(visitor.request.app.state.database, new.id, new.token)
        return see(f"{visitor.address()}?refused={problem.code}")
    return see(f"{OFFICE}?passed={locked.request.reference}")


def _reason(typed: str) -> tuple[str, dict[str, str]]:
    try:
        reason = Paragraph(REASON_LENGTH, blank=True).validate(typed)
    except TextError as error:
        return "", {"reason": _(MESSAGES[error.code]).format(**error.context)}
    return reason, {} if reason else {"reason": _("Please say why: both sides read it on the page of the request.")}


def parent_of(visitor: Visitor, view: RequestView) -> StationFacts | None:
    parent = view.appointment.station.parent
    return None if parent is None else visitor.network.stations[parent]


async def reroute_page(visitor: Visitor, view: RequestView, chosen: Chosen, errors: Mapping[str, str]) -> Response:
    cards: list[Card] = await others(visitor, view, view.appointment.station)
    parent = parent_of(visitor, view)
    context: dict[str, Any] = {
        "view": view,
        "cards": cards,
        "parent": parent and parent.code,
        "chosen": chosen,
        "errors": errors,
        "here_path": visitor.address("reroute"),
        "back": visitor.address(),
    }
    return show(visitor, "reroute.html", context, status_code=FORM_AGAIN if errors else 200)
