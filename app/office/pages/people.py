"""Staff and their roles: the list, and making somebody."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ValidationError

from app.accounts.callers import allowed
from app.accounts.errors import NameTaken
from app.accounts.queries import people
from app.accounts.queries.people import Member, Wanted
from app.accounts.rules.labels import ROLES
from app.accounts.rules.rights import Caller, Permission, Role
from app.accounts.service import people as managing_people
from app.accounts.service.people import Invited, NewMember
from app.kit.db import Reading, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Forbidden
from app.kit.text import Line
from app.notify.rules import masked
from app.office.calls import Change, CurrentPlaces
from app.office.forms import SENTENCES, MemberForm, RoleForm, grant_of
from app.office.pages.frame import FORM_AGAIN, address, judged, see, show, typed
from app.office.places import Places, managing, roles_to_give
from app.office.queries.cursors import read_cursor, written_cursor

router = Door(route_class=RetryingRoute)
MayRead = Annotated[Caller, Depends(allowed(Permission.PEOPLE_READ))]
MayManage = Annotated[Caller, Depends(allowed(Permission.PEOPLE_MANAGE))]
PATH = "/office/people"
PER_PAGE = 50


class Filter(BaseModel):
    """What the list is narrowed to; what can't be is let pass."""

    role: Role | Literal[""] = ""
    station: Annotated[str, Line(32, blank=True)] = ""
    county: Annotated[str, Line(32, blank=True)] = ""
    q: Annotated[str, Line(100, blank=True)] = ""
    state: Literal["", "active", "disabled"] = ""
    after: str = ""


def filter_of(request: Request) -> Filter:
    """The filter of an address; one that nobody could have made here counts as none."""
    try:
        return Filter.model_validate(dict(request.query_params))
    except ValidationError:
        return Filter()


@router.get(PATH)
async def people_page(request: Request, caller: MayRead, session: Reading, places: CurrentPlaces) -> HTMLResponse:
    """Staff within one's scope, by user name."""
    asked = filter_of(request)
    scope = caller.scope(Permission.PEOPLE_READ)
    station = places.station_by_code(asked.station) if asked.station else None
    unknown = bool(asked.station) and station is None
    wanted = Wanted(
        asked.role or None, station.id if station else -1 if unknown else None, asked.county, asked.q, asked.state
    )
    found = await people.listed(session, scope, wanted, read_cursor(asked.after), PER_PAGE)
    query = asked.model_dump(exclude={"after"})
    context = {
        "asked": query,
        "narrowed": any(query.values()),
        "rows": [row(member, places) for member in found.members],
        "first": address(PATH, query) if asked.after else "",
        "following": address(PATH, query, after=written_cursor(found.next)) if found.next else "",
        "roles": [(role.value, str(words)) for role, words in ROLES.items()],
        "station_groups": places.station_groups(scope),
        "counties": places.counties_in(scope),
        "may_manage": caller.may(Permission.PEOPLE_MANAGE),
    }
    return show(request, caller, "people.html", context)


def row(member: Member, places: Places) -> Mapping[str, Any]:
    """One line of the list: the mail address masked, roles within the scope only."""
    return {
        "member": member,
        "email": masked(member.email) if member.email else "",
        "holdings": places.holdings(member.seen),
        "elsewhere": len(member.held) > len(member.seen),
    }


@router.get(f"{PATH}/new")
async def new_person(request: Request, caller: MayManage, places: CurrentPlaces) -> HTMLResponse:
    return _form(request, caller, places, {}, {})


@router.post(PATH)
async def make_person(request: Request, caller: MayManage, change: Change) -> Response:
    """Make somebody; without a mail address the link to set the password is shown, once, to be handed over."""
    given = typed(await request.form())
    member, errors = judged(MemberForm, given, SENTENCES)
    role, wrong_role = judged(RoleForm, given, SENTENCES)
    grant, wrong_place = grant_of(role, change.places) if role else (None, {})
    errors |= wrong_role | wrong_place
    if member is None or grant is None:
        return _form(request, caller, change.places, given, errors)
    new = NewMember(member.username, member.name, member.email, member.language, grant)
    try:
        made = await managing_people.create(change.session, caller, new, change.head, change.now)
    except NameTaken as problem:
        return _form(request, caller, change.places, given, {problem.data["field"]: problem.sentence()})
    except Forbidden:
        sentence = _("You can't give this role there.")
        return _form(request, caller, change.places, given, {"role": sentence})
    if made.path:
        return handed_over(request, caller, made, change.head.link(made.path), name=member.name)
    return see(f"{PATH}/{made.person_id}", "invited")


def handed_over(request: Request, caller: Caller, made: Invited, link: str, *, name: str) -> HTMLResponse:
    """The page that shows a link once, for somebody without a mail address."""
    context = {"link": link, "expires_at": made.expires_at, "person_id": made.person_id, "name": name}
    return show(request, caller, "person_link.html", context)


def _form(
    request: Request, caller: Caller, places: Places, given: Mapping[str, str], errors: Mapping[str, str]
) -> HTMLResponse:
    context = {"given": given, "errors": errors, **choices(caller, places)}
    return show(request, caller, "person_new.html", context, status_code=FORM_AGAIN if errors else 200)


def choices(caller: Caller, places: Places) -> Mapping[str, Any]:
    """What the fields of a role offer: only roles and places that the caller may give."""
    scope = managing(caller)
    roles = roles_to_give(caller)
    return {
        "roles": roles,
        "station_groups": places.station_groups(scope),
        "counties": places.counties_in(scope) if any(role == Role.COUNTY_ADMIN for role, _label in roles) else [],
    }
