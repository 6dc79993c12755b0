"""Passing a request on to another station that may do it, or single items, with its next free time, in one step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Response
from pydantic import BaseModel, Field

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.kit import ids
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.elsewhere import asked_from, others
from app.requests.many import MOST_ITEMS
from app.requests.models import REASON_LENGTH
from app.requests.pages.move import handle_of, said
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.requests.service.changes import Hold
from app.requests.service.planning import Given, possible
from app.requests.service.splitting import only
from app.requests.showing import show
from app.requests.standing import able_items, label
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, Choosing, Editor, FollowRoute, Visitor, see
from app.routing.cards import Card
from app.slots.service import Holds, Wish, release
from app.stations.snapshot import StationFacts
from app.web.client import Client, ClientId

router = Door(route_class=FollowRoute)
PAGE = f"{OFFICE}/{{reference}}/reroute"
CHANGE = Depends(allowed(Permission.REQUESTS_CHANGE))


class Asked(BaseModel):
    """Numbers of the items that shall go alone; `some` says that some were to be ticked."""

    items: Annotated[list[str], Field(default_factory=list, max_length=MOST_ITEMS)]
    some: Annotated[str, Field(max_length=1)] = ""


class Chosen(Asked):
    """What shall go where, and why."""

    station: Annotated[str, Field(max_length=32)] = ""
    reason: Annotated[str, Field(max_length=10_000)] = ""


@dataclass(frozen=True, slots=True)
class Going:
    """What shall go: the request with just that, and its items' numbers; None when it is all of it."""

    view: RequestView
    numbers: frozenset[int] | None


def going(view: RequestView, typed: Iterable[str]) -> Going | None:
    """What was ticked, all where nothing was; None when something of it isn't there any more."""
    ticked = set(typed)
    numbers = frozenset(item.n for item in view.items if str(item.n) in ticked)
    if len(numbers) < len(ticked):
        return None
    if len(numbers) in (0, len(view.items)):
        return Going(view, None)
    return Going(only(view, numbers), numbers)


@router.get(PAGE, dependencies=[CHANGE])
async def ask(visitor: Choosing, asked: Annotated[Asked, Query()]) -> Response:
    view = await visitor.open()
    goes = going(view, asked.items)
    if goes is None or not possible(goes.view, Action.REROUTE, visitor.party, visitor.now):
        return see(visitor.address())
    errors = {"items": _("Tick at least one item.")} if asked.some and not asked.items else {}
    return await reroute_page(visitor, view, goes, Chosen(items=asked.items), errors)


@router.post(PAGE, dependencies=[CHANGE])
async def pass_on(visitor: Changing, client: Client, chosen: Annotated[Chosen, Form()]) -> Response:
    """Keep the station's next free time, and make it the appointment: both or neither."""
    view = await visitor.open()
    goes = going(view, chosen.items)
    if goes is None:
        return see(f"{visitor.address()}?refused=item_unknown")
    reason, errors = _reason(chosen.reason)
    cards = await others(visitor, goes.view, view.appointment.station)
    card = next((card for card in cards if card.station.code == chosen.station), None)
    if card is None:
        errors["station"] = _("Choose a station.")
    if errors or card is None:
        return await reroute_page(visitor, view, goes, chosen, errors)
    try:
        hold = await _keep(visitor, client, goes.view, card)
    except Problem as problem:
        return await reroute_page(visitor, view, goes, chosen, {"station": said(problem)[0][1]})
    locked = await visitor.open(lock=True)
    parent = parent_of(visitor, locked)
    action = Action.ESCALATE if parent is not None and parent.code == card.station.code else Action.REROUTE
    try:
        await visitor.changes.act(locked, action, Given(reason), items=goes.numbers, hold=hold)
    except Problem as problem:
        await visitor.session.rollback()
        await release(visitor.request.app.state.database, hold.id, hold.token)
        return see(f"{visitor.address()}?refused={problem.code}")
    if goes.numbers:
        return see(f"{visitor.address()}?changed=split")
    return see(f"{OFFICE}?passed={locked.request.reference}")


async def _keep(visitor: Editor, client: ClientId, view: RequestView, card: Card) -> Hold:
    """A hold of the station's next free time. Raises what `Holds.hold` raises."""
    holds: Holds = visitor.request.app.state.holds
    new = handle_of(visitor, view, ids.new_secret(12))
    codes = tuple(service.code for service, _count in view.what)
    site = asked_from(view, view.appointment.station)
    await holds.hold(Wish(card.station.code, codes, view.request.mode, card.start, site), client.key, new, visitor.now)
    return Hold(new.id, new.token)


def _reason(typed: str) -> tuple[str, dict[str, str]]:
    try:
        reason = Paragraph(REASON_LENGTH, blank=True).validate(typed)
    except TextError as error:
        return "", {"reason": _(MESSAGES[error.code]).format(**error.context)}
    return reason, {} if reason else {"reason": _("Please say why: both sides read it on the page of the request.")}


def parent_of(visitor: Visitor, view: RequestView) -> StationFacts | None:
    parent = view.appointment.station.parent
    return None if parent is None else visitor.network.stations[parent]


async def reroute_page(
    visitor: Visitor, view: RequestView, goes: Going, chosen: Chosen, errors: Mapping[str, str]
) -> Response:
    cards: list[Card] = await others(visitor, goes.view, view.appointment.station)
    parent = parent_of(visitor, view)
    able = able_items(view, Action.REROUTE, visitor.party) if len(view.items) > 1 else []
    context: dict[str, Any] = {
        "view": view,
        "cards": cards,
        "parent": parent and parent.code,
        "items": [(str(item.n), label(item)) for item, _step in able],
        "alone": [(str(item.n), label(item)) for item in goes.view.items] if goes.numbers else [],
        "chosen": chosen,
        "errors": errors,
        "here_path": visitor.address("reroute"),
        "back": visitor.address(),
    }
    return show(visitor, "reroute.html", context, status_code=FORM_AGAIN if errors else 200)
