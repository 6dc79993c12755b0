"""Requests for staff: the list of those of their stations, and one of them with what may be done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Permission, Scope
from app.catalogue.labels import mode_label
from app.catalogue.snapshot import CurrentCatalogue
from app.kit.db import Reading
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import Invalid
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.answers import calendar_response
from app.requests.given import given
from app.requests.lists import Page, Wanted, search
from app.requests.many import grouped
from app.requests.masking import contact_of, inputs_of
from app.requests.models import REASON_LENGTH
from app.requests.pages import cancel, move
from app.requests.pages.frame import FORM_AGAIN, OFFICE, Changing, FollowRoute, Looking, Now, Visitor, see
from app.requests.pages.office_frame import show_office
from app.requests.pages.office_steps import REFUSALS, REFUSED, days_left, dues, names_of, steps_for
from app.requests.pages.steps import label
from app.requests.pages.talk import talk_of
from app.requests.queries import CANCELLED, RequestView
from app.requests.reach import as_staff
from app.requests.revealed import Revealed
from app.requests.rules import SHORTEST_REASON, Action, State
from app.requests.service import reveal
from app.requests.service.planning import possible
from app.requests.words import OTHER, REASONS, STATES, state_tag
from app.stations.directory import CurrentDirectory, Directory
from app.web.limits import limited

router = APIRouter(route_class=FollowRoute)
READ, CHANGE = (Depends(allowed(each)) for each in (Permission.REQUESTS_READ, Permission.REQUESTS_CHANGE))
REVEAL = Depends(allowed(Permission.CONTACT_REVEAL))
A_PAGE, FEW_STATIONS = 50, 200
ALL = "all"
ONE = f"{OFFICE}/{{reference}}"


class Asked(BaseModel):
    """The filters of the list, as typed into its form or its address."""

    q: Annotated[str, Field(max_length=120)] = ""
    state: Annotated[str, Field(max_length=20)] = ""
    station: Annotated[str, Field(max_length=32)] = ""
    day: Annotated[str, Field(max_length=10)] = ""
    view: Annotated[str, Field(max_length=10)] = ""
    passed: Annotated[str, Field(max_length=40)] = ""
    cursor: Annotated[str, Field(max_length=400)] = ""

    @property
    def narrowed(self) -> Mapping[str, str]:
        return {name: value for name in ("q", "state", "station", "day") if (value := getattr(self, name).strip())}

    @property
    def inbox(self) -> bool:
        """What is to be done, unless something else is asked for: a state, a day, a text, or all of it."""
        return self.view != ALL and not self.narrowed.keys() & {"q", "state", "day"}


@router.get(OFFICE, dependencies=[READ])
async def listed(
    *,
    request: Request,
    asked: Annotated[Asked, Query()],
    caller: CurrentCaller,
    session: Reading,
    directory: CurrentDirectory,
    now: Now,
) -> HTMLResponse:
    """The inbox of the caller's stations, what is due first on top; or what is looked for, newest first."""
    request.state.mark = request.app.state.live.mark
    reach = as_staff(caller, Permission.REQUESTS_READ)
    wanted, errors = understood(asked, directory)
    kept = dict(asked.narrowed) | ({"view": ALL} if asked.view == ALL else {})
    try:
        page = await search(session, directory.network, reach, wanted, cursor=asked.cursor, limit=A_PAGE)
    except Invalid as problem:  # a cursor that isn't ours: somebody has written into the address
        page, errors = Page([], None), {"": problem.errors[0].sentence()}
    groups = station_groups(directory, reach.staff)
    context = {
        "asked": asked,
        "narrowed": asked.narrowed,
        "errors": errors,
        "rows": page.rows,
        "tag": state_tag,
        "now": now,
        "states": [(state.value, str(words)) for state, words in STATES.items()],
        "station_groups": groups,
        "many_stations": groups is None or sum(len(stations) for _county, stations in groups) > 1,
        "inbox": asked.inbox,
        "passed": asked.passed,
        "left": lambda due: days_left(directory.network.calendar, due, now),
        "first": address(kept) if asked.cursor else "",
        "following": address({**kept, "cursor": page.next}) if page.next else "",
    }
    return show_office(request, caller, "office_list.html", context, status_code=FORM_AGAIN if errors else 200)


def understood(asked: Asked, directory: Directory) -> tuple[Wanted, dict[str, str]]:
    """What to look for, and a sentence for each filter that can't be read."""
    network, errors = directory.network, dict[str, str]()
    status = State(asked.state) if asked.state in set(State) else None
    wanted = Wanted(status, text=asked.q, due_first=asked.inbox)
    if code := asked.station.strip().upper():
        if code in network.station_index:
            wanted = replace(wanted, station_id=network.stations[network.station_index[code]].id)
        else:
            errors["station"] = _("There is no station with the code {code}.").format(code=code)
    if asked.day:
        try:
            wanted = replace(wanted, day=date.fromisoformat(asked.day))
        except ValueError:
            errors["day"] = _("Give a day that exists, such as 2026-12-01.")
    return wanted, errors


def station_groups(directory: Directory, scope: Scope) -> list[tuple[str, list[tuple[str, str]]]] | None:
    """The stations of a scope by county; None where there are too many for a list: then a code is typed."""
    reached = [each for each in directory.network.stations if scope.reaches(each.id, each.county_adcode)]
    if len(reached) > FEW_STATIONS:
        return None
    groups = [
        (tr(county, "name"), [(each.code, tr(each, "name")) for each in reached if each.county_adcode == county.adcode])
        for county in directory.atlas.divisions
    ]
    return [group for group in groups if group[1]]


def address(query: Mapping[str, str]) -> str:
    return f"{OFFICE}?{urlencode(query)}" if query else OFFICE


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
    context = {
        "view": view,
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
    return show_office(visitor.request, caller, "office_request.html", context | dict(more), status_code=status_code)


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


# Moving and cancelling are the same pages as the applicant's; only who may, and who the timeline says it was, differ.
for path, page, method in (
    (move.PAGE, move.times, "GET"),
    (move.CHECK, move.check, "GET"),
    (move.CHECK, move.move, "POST"),
    (cancel.PAGE, cancel.ask_again, "GET"),
    (cancel.PAGE, cancel.cancel, "POST"),
):
    router.add_api_route(f"{ONE}/{path}", page, methods=[method], dependencies=[CHANGE])
router.add_api_route(
    f"{ONE}/{move.PAGE}", move.choose, methods=["POST"], dependencies=[CHANGE, Depends(limited("hold"))]
)
