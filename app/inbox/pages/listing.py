"""Requests for staff: the list of those of their stations, and one of them with what may be done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Permission, Scope
from app.inbox.offers import days_left
from app.kit.db import Reading
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import Invalid
from app.requests.lists import Page, Wanted, search
from app.requests.reach import as_staff
from app.requests.rules import State
from app.requests.showing import show_office
from app.requests.visiting import FORM_AGAIN, OFFICE, FollowRoute, Now
from app.requests.words import STATES, state_tag
from app.stations.directory import CurrentDirectory, Directory

router = APIRouter(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
A_PAGE, FEW_STATIONS = 50, 200
ALL = "all"


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
    return show_office(request, caller, "inbox/list.html", context, status_code=FORM_AGAIN if errors else 200)


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
