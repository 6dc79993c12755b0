"""One request for staff: how it stands, what may be done with it, and whom to call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.catalogue.labels import mode_label
from app.inbox.offers import names_of, steps_for
from app.inbox.pages.desk import Acting, Desk
from app.inbox.pages.desk import Looking as AtDesk
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.answers import calendar_response
from app.requests.beside import beside
from app.requests.given import given
from app.requests.many import grouped
from app.requests.masking import contact_of, inputs_of
from app.requests.models import REASON_LENGTH
from app.requests.onsite import on_site
from app.requests.queries import CANCELLED, RequestView
from app.requests.rating_words import rated
from app.requests.revealed import Revealed
from app.requests.rules import SHORTEST_REASON, Action, State
from app.requests.section import talk_of
from app.requests.service import reveal
from app.requests.service.planning import possible
from app.requests.service.rating import RATED_WHEN, rating_of
from app.requests.showing import others_of
from app.requests.standing import REFUSALS, REFUSED, dues, has_results, label
from app.requests.visiting import OFFICE, FollowRoute, TypedReference, Visitor, see
from app.requests.visiting import Looking as LookingAtOne
from app.requests.words import OTHER, REASONS, state_tag
from app.web.templating import part

router = Door(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
REVEAL = Depends(allowed(Permission.CONTACT_REVEAL))
ONE = f"{OFFICE}/{{reference}}"
NOTHING: Mapping[str, Any] = {}


@router.get(ONE, dependencies=[READ])
async def one(
    desk: AtDesk,
    reference: TypedReference,
    changed: Annotated[str, Query(max_length=20)] = "",
    refused: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """A request of one of the caller's stations. Raises RequestUnknown, also for one of another station."""
    said = {"changed": changed, "refused": str(REFUSALS.get(refused, REFUSED)) if refused else ""}
    visitor = desk.visitor(reference)
    return request_page(desk, visitor, await panel_of(desk, reference, said))


async def panel_of(desk: Desk, reference: str, more: Mapping[str, Any] = NOTHING) -> Markup:
    """What is shown of a request, on its own page and beside the list. Raises RequestUnknown."""
    visitor = desk.visitor(reference)
    view = await visitor.open()
    thread = await talk_of(visitor, view)
    names = await names_of(visitor.session, view)
    rating = rated(await rating_of(visitor.session, view.request.id)) if view.request.status in RATED_WHEN else None
    parts = await beside(visitor, view)
    own = {"names": names, "thread": thread, "rating": rating, "beside": parts}
    context = standing(desk, visitor, view) | own | dict(more)
    return part(desk.request, "inbox/panel.html", context)


def request_page(desk: Desk, visitor: Visitor, panel: Markup, *, again: bool = False) -> HTMLResponse:
    context = {"reference": visitor.reference, "here_path": visitor.address(), "panel": panel}
    return desk.show("request.html", context, again=again)


def standing(desk: Desk, visitor: Visitor, view: RequestView) -> dict[str, Any]:
    """How the request stands and what may be done with it, without what takes another statement."""
    station, divisions = view.appointment.station, desk.directory.atlas.divisions
    caller, where = visitor.caller, (station.id, station.county_adcode)
    may_reveal = caller.scope(Permission.CONTACT_REVEAL).reaches(*where)
    until = Revealed(visitor.request, caller, visitor.now).until(visitor.reference) if may_reveal else None
    return {
        "view": view,
        "there": on_site(view, masked=until is None),
        "here_path": visitor.address(),
        "tag": state_tag(State(view.request.status)),
        "item_tag": lambda item: state_tag(State(item.status)),
        "label": label,
        "mixed": len({item.status for item in view.items}) > 1,
        "others": others_of(visitor, view),
        "steps": steps_for(view, visitor),
        "has_results": has_results(view),
        "dues": dues(view, visitor.network.calendar),
        "handler": next((told.person_id for told in reversed(view.timeline) if told.person_id), None),
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
                given(
                    desk.catalogue.by_code[item.service.code], inputs_of(item.inputs, masked=until is None), divisions
                ),
            )
            for item in view.items
        ),
        "errors": {},
        "typed": {},
        "changed": "",
        "level": 1,
    }


def changeable(view: RequestView, visitor: Visitor) -> bool:
    return possible(view, Action.RESCHEDULE, visitor.party, visitor.now)


class Why(BaseModel):
    """Why contact data are needed: one of the usual reasons, and words that the last one of them needs."""

    why: Annotated[str, Form(max_length=20)] = ""
    words: Annotated[str, Form(max_length=10_000)] = ""


@router.post(f"{ONE}/reveal", dependencies=[REVEAL])
async def reveal_contact(desk: Acting, reference: TypedReference, typed: Annotated[Why, Form()]) -> Response:
    """Put the look and its reason on record, then show the data for ten minutes."""
    visitor = desk.visitor(reference)
    view = await replace(visitor, permission=Permission.CONTACT_REVEAL).open()
    reason, errors = reason_of(typed)
    if errors:
        panel = await panel_of(desk, reference, {"errors": errors, "typed": typed.model_dump()})
        return request_page(desk, visitor, panel, again=True)
    await reveal(desk.session, view, desk.caller.actor, reason, desk.now)
    response = see(f"{visitor.address()}#applicant")
    Revealed(desk.request, desk.caller, desk.now).remember(response, visitor.reference)
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
async def calendar(visitor: LookingAtOne) -> Response:
    return calendar_response(visitor.request, await visitor.open())
