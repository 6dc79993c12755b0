"""Requests for staff: the list of those of their stations, and one of them with what may be done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.catalogue.labels import mode_label
from app.catalogue.snapshot import CurrentCatalogue
from app.inbox.offers import names_of, steps_for
from app.kit.i18n import gettext as _
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.answers import calendar_response
from app.requests.given import given
from app.requests.many import grouped
from app.requests.masking import contact_of, inputs_of
from app.requests.models import REASON_LENGTH
from app.requests.onsite import on_site
from app.requests.queries import CANCELLED, RequestView
from app.requests.revealed import Revealed
from app.requests.rules import SHORTEST_REASON, Action, State
from app.requests.section import talk_of
from app.requests.service import reveal
from app.requests.service.planning import possible
from app.requests.showing import show_office
from app.requests.standing import REFUSALS, REFUSED, dues, label
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, FollowRoute, Looking, Visitor, see
from app.requests.words import OTHER, REASONS, state_tag
from app.stations.directory import CurrentDirectory

router = APIRouter(route_class=FollowRoute)
READ, CHANGE = (Depends(allowed(each)) for each in (Permission.REQUESTS_READ, Permission.REQUESTS_CHANGE))
REVEAL = Depends(allowed(Permission.CONTACT_REVEAL))
ONE = f"{OFFICE}/{{reference}}"


@router.get(ONE, dependencies=[READ])
async def one(
    visitor: Looking,
    catalogue: CurrentCatalogue,
    directory: CurrentDirectory,
    changed: Annotated[str, Query(max_length=20)] = "",
    refused: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """A request of one of the caller's stations. Raises RequestUnknown, also for one of another station."""
    view = await visitor.open()
    more = {
        "changed": changed,
        "refused": str(REFUSALS.get(refused, REFUSED)) if refused else "",
        "names": await names_of(visitor.session, view),
        "thread": await talk_of(visitor, view),
    }
    return request_page(visitor, view, catalogue, directory, more)


def request_page(
    visitor: Visitor,
    view: RequestView,
    catalogue: CurrentCatalogue,
    directory: CurrentDirectory,
    more: Mapping[str, Any],
    *,
    status_code: int = 200,
) -> HTMLResponse:
    station, divisions = view.appointment.station, directory.atlas.divisions
    caller, where = visitor.caller, (station.id, station.county_adcode)
    may_reveal = caller.scope(Permission.CONTACT_REVEAL).reaches(*where)
    until = Revealed(visitor.request, caller, visitor.now).until(visitor.reference) if may_reveal else None
    context: dict[str, Any] = {
        "view": view,
        "there": on_site(view, masked=until is None),
        "here_path": visitor.address(),
        "tag": state_tag(State(view.request.status)),
        "item_tag": lambda item: state_tag(State(item.status)),
        "label": label,
        "mixed": len({item.status for item in view.items}) > 1,
        "steps": steps_for(view, visitor),
        "dues": dues(view, visitor.network.calendar),
        "names": {},
        "refused": "",
        "cancelled": view.appointment.status == CANCELLED,
        "past": view.appointment.start <= visitor.now,
        "now": visitor.now,
        "may_change": caller.scope(Permission.REQUESTS_CHANGE).reaches(*where) and changeable(view, visitor),
        "may_reveal": may_reveal,
        "until": until,
        "contact": contact_of(view.request, masked=until is None),
        "mode": mode_label(view.request.mode),
        "reasons": [(code, str(words)) for code, words in REASONS.items()],
        "given": grouped(
            (
                item.n,
                item.service,
                given(catalogue.by_code[item.service.code], inputs_of(item.inputs, masked=until is None), divisions),
            )
            for item in view.items
        ),
        "errors": {},
        "typed": {},
        "changed": "",
    }
    return show_office(visitor.request, caller, "inbox/request.html", context | dict(more), status_code=status_code)


def changeable(view: RequestView, visitor: Visitor) -> bool:
    return possible(view, Action.RESCHEDULE, visitor.party, visitor.now)


class Why(BaseModel):
    """Why contact data are needed: one of the usual reasons, and words that the last one of them needs."""

    why: Annotated[str, Form(max_length=20)] = ""
    words: Annotated[str, Form(max_length=10_000)] = ""


@router.post(f"{ONE}/reveal", dependencies=[REVEAL])
async def reveal_contact(
    visitor: Changing, catalogue: CurrentCatalogue, directory: CurrentDirectory, typed: Annotated[Why, Form()]
) -> Response:
    """Put the look and its reason on record, then show the data for ten minutes."""
    view = await replace(visitor, permission=Permission.CONTACT_REVEAL).open()
    reason, errors = reason_of(typed)
    if errors:
        more = {"errors": errors, "typed": typed.model_dump(), "thread": await talk_of(visitor, view)}
        return request_page(visitor, view, catalogue, directory, more, status_code=FORM_AGAIN)
    await reveal(visitor.session, view, visitor.caller.actor, reason, visitor.now)
    response = see(f"{visitor.address()}#applicant")
    Revealed(visitor.request, visitor.caller, visitor.now).remember(response, visitor.reference)
    return response


def reason_of(typed: Why) -> tuple[str, dict[str, str]]:
    """The reason for the record, or a sentence for each field at fault."""
    if typed.why not in REASONS:
        return "", {"why": _("Choose why you need the contact data.")}
    try:
        words = Paragraph(REASON_LENGTH, blank=True).validate(typed.words)
    except TextError as error:
        return "", {"words": _(MESSAGES[error.code]).format(**error.context)}
    if typed.why == OTHER and len(words) < SHORTEST_REASON:
        return "", {"words": _("Say in a few words why; at least 5 characters.")}
    return ": ".join(part for part in (str(REASONS[typed.why]), words) if part), {}


@router.get(f"{ONE}/calendar.ics", dependencies=[READ])
async def calendar(visitor: Looking) -> Response:
    return calendar_response(visitor.request, await visitor.open())
