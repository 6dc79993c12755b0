"""One ticket: how it stands with all that can be done with it, each step, taking the last one back, and on paper."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.datastructures import FormData

from app.hall.asked import offered
from app.hall.models import REASON_LENGTH
from app.hall.offers import ASKING, PRIORITIES, VERBS, offers_for
from app.hall.pages.board import first_fitting, mine_of, told
from app.hall.pages.frame import (
    FORM_AGAIN,
    HALL,
    READ,
    WORK,
    AtBoard,
    AtWork,
    Here,
    HereAtWork,
    Typed,
    sentences,
    text_of,
    texts_of,
)
from app.hall.queries import Line, begun_with, seats_of
from app.hall.rules.states import Action, Priority, State
from app.hall.waits import counters_of
from app.hall.working import UNKNOWN, Asked, Why
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import lazy, tr
from app.kit.problems import FieldError, Invalid, NotFound, Problem
from app.stations.snapshot import StationFacts
from app.web.templating import page

router = Door(route_class=RetryingRoute)
ONE = f"{HALL}/{{code}}/tickets/{{ticket_id}}"
Verb = Annotated[str, Path(max_length=20)]
FORMS = ASKING | {Action.START, Action.FINISH}
NOTHING: Mapping[str, Any] = {}
NOTHING_DONE = lazy("Tick what was done, or put them back to the queue.")
NO_PRIORITY = lazy("Choose one of these.")


@router.get(ONE, dependencies=[READ])
async def one(here: AtBoard, ticket_id: UUID, issued: bool = False) -> HTMLResponse:
    """Raises TicketUnknown, also for a ticket of another station."""
    line = await here.ticket(ticket_id)
    return await ticket_page(here, line, {"issued": issued})


@router.get(f"{ONE}/print", dependencies=[READ])
async def printed(here: AtBoard, ticket_id: UUID) -> HTMLResponse:
    """The ticket as a slip of 80 mm, in both languages, with the address of its page for phones as QR code."""
    line = await here.ticket(ticket_id)
    url = ticket_url(here.at.request, line.id)
    context = {"line": line, "station": here.station, "services": here.services_of(line.service_ids), "url": url}
    return page(here.at.request, "hall/print.html", context | {"qr": qr_code(url), "back": here.path})


@router.get(f"{ONE}/{{verb}}", dependencies=[WORK])
async def ask(here: AtBoard, ticket_id: UUID, verb: Verb) -> HTMLResponse:
    """The form of a step. Raises NotFound for a step that has none."""
    action = action_of(verb)
    if action not in FORMS:
        raise NotFound
    return await step_page(here, await here.ticket(ticket_id), action)


@router.post(f"{ONE}/undo", dependencies=[WORK])
async def undo(here: AtWork, ticket_id: UUID) -> Response:
    """Take the last step back."""
    try:
        await here.ticket(ticket_id)
        await here.at.step(ticket_id, Action.UNDO, Asked())
    except Problem as problem:
        return await here.refused(problem)
    return here.see()


@router.post(f"{ONE}/{{verb}}", dependencies=[WORK])
async def take(here: AtWork, ticket_id: UUID, verb: Verb, typed: Typed) -> Response:
    """Take a step: back to the board, or to the form with what is wrong in it."""
    action = action_of(verb)
    line = await here.ticket(ticket_id)
    try:
        await here.at.step(ticket_id, action, await asked(here, action, typed))
    except Invalid as problem:
        await here.at.session.rollback()
        return await step_page(here, line, action, typed=typed, errors=in_form(sentences(problem)))
    except Problem as problem:
        return await here.refused(problem)
    return here.see()


def in_form(errors: Mapping[str, str]) -> dict[str, str]:
    """Desks and stations are chosen in one field."""
    return {"to" if name in ("desk", "station") else name: sentence for name, sentence in errors.items()}


def action_of(verb: str) -> Action:
    """Raises NotFound."""
    name = verb.replace("-", "_")
    if name not in set(Action) or Action(name) not in VERBS:
        raise NotFound
    return Action(name)


async def asked(here: HereAtWork, action: Action, typed: FormData) -> Asked:
    """What came with the step. Raises Invalid, DeskUnattended, OnBreak."""
    if action is Action.CALL:
        return Asked(desk=(await here.my_desk()).code)
    if action is Action.TRANSFER:
        kind, _, code = text_of(typed, "to").partition(":")
        return Asked(desk=code if kind == "desk" else None, station=code if kind == "station" else None)
    if action is Action.FINISH:
        return Asked(done=what_was_done(here, typed), rest_left=text_of(typed, "rest") == "leave")
    if action is Action.PRIORITISE:
        return Asked(why=why_of(typed))
    return Asked(service_codes=tuple(texts_of(typed, "service_codes")))


def what_was_done(here: Here, typed: FormData) -> tuple[str, ...]:
    """The codes that were ticked and one that was typed; none where the form showed none. Raises Invalid."""
    more = text_of(typed, "more", 40).upper()
    if more and more not in here.at.network.service_index:
        raise Invalid(errors=[FieldError("more", "service_unknown", UNKNOWN.msgid, {"code": more})])
    codes = tuple(dict.fromkeys([*texts_of(typed, "done"), *([more] if more else [])]))
    if "some" in typed and not codes:
        raise Invalid(errors=[FieldError("done", "required", NOTHING_DONE.msgid)])
    return codes


def why_of(typed: FormData) -> Why:
    """Raises Invalid."""
    chosen = text_of(typed, "priority", 20) or Priority.NONE
    if chosen not in set(Priority):
        raise Invalid(errors=[FieldError("priority", "enum", NO_PRIORITY.msgid)])
    return Why(Priority(chosen), text_of(typed, "priority_reason", REASON_LENGTH))


async def ticket_page(here: Here, line: Line, more: Mapping[str, Any] = NOTHING) -> HTMLResponse:
    standing = await counters_of(here.at.request).of(here.station, here.at.network, here.at.now)
    mine = await mine_of(here, standing)
    context = {
        **told(here, standing),
        "line": line,
        "offers": offers_for(line, may_call=mine.free) if here.may_work else [],
        "url": ticket_url(here.at.request, line.id),
        **more,
    }
    return here.show("ticket.html", context)


async def step_page(
    here: Here, line: Line, action: Action, *, typed: FormData | None = None, errors: Mapping[str, str] = NOTHING
) -> HTMLResponse:
    """The form of a step, with what was typed and what is wrong with it."""
    begun = await begun_with(here.at.database, line) if line.state is State.SERVING else ()
    if not begun and line.open_ids:
        begun = first_fitting(here, line, await here.my_seat())
    codes = [service.code for service in here.services_of(begun)]
    name = "service_codes" if action is not Action.FINISH else "done"
    context = {
        "line": line,
        "action": action,
        "verb": str(VERBS[action]),
        "possible": any(offer.action is action for offer in offers_for(line, may_call=False)),
        "open": [(service.code, tr(service, "name")) for service in here.services_of(line.open_ids)],
        "chosen": texts_of(typed, name) if typed else [] if action is Action.SPLIT else codes,
        "typed": typed or {"priority": line.priority.value, "priority_reason": line.priority_reason or ""},
        "errors": errors,
        "priorities": [(each.value, str(words)) for each, words in PRIORITIES.items()],
        "places": await places(here, line) if action is Action.TRANSFER else [],
    }
    return here.show("step.html", context, status_code=FORM_AGAIN if errors else 200)


async def places(here: Here, line: Line) -> list[tuple[str, str]]:
    """Where a ticket can be passed on to: other desks where somebody sits, then stations that do all that is open."""
    seats = await seats_of(here.at.database, here.station, here.at.now)
    desks = [
        (f"desk:{desk.code}", tr(desk, "name"))
        for desk in here.station.desks
        if desk.active and desk.id in seats and desk.id != line.desk_id
    ]
    there = [(f"station:{each.code}", tr(each, "name")) for each in able(here, line)]
    return [*desks, *there]


def able(here: Here, line: Line) -> list[StationFacts]:
    """The stations of the own county first."""
    network, day = here.at.network, local_date(here.at.now)
    found = [
        each
        for each in network.stations
        if each.active
        and each.id != here.station.id
        and set(line.open_ids) <= {s.id for s in offered(network, each, day)}
    ]
    return sorted(found, key=lambda each: each.county_adcode != here.station.county_adcode)


def ticket_url(request: Request, ticket_id: UUID) -> str:
    """Where whoever has the ticket follows it by phone, on the installation's public address."""
    public = request.app.state.settings.web.public_url
    return f"{str(public or request.base_url).rstrip('/')}/t/{ticket_id}"


def qr_code(url: str) -> Markup:
    return Markup(segno.make(url, error="m").svg_inline(omitsize=True, lineclass=None, border=2))  # noqa: S704 - ours
