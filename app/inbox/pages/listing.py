"""The list of staff: built-in and kept views, filters, a page of rows, and beside it the request that is open."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.conversation.queries import unread
from app.conversation.rules import Side
from app.inbox.models import SavedView
from app.inbox.offers import days_left
from app.inbox.opening import Kept, opening
from app.inbox.pages.choices import choices, more_than_text
from app.inbox.pages.desk import Desk, Looking, address
from app.inbox.pages.one import panel_of
from app.inbox.queries import Asked, Found, asked_of, first_page, page_of
from app.inbox.rules import BULK, STANDS_STILL, Filters, Source, View
from app.inbox.typed import Typed, of_query, understood
from app.inbox.words import ORDERS, VIEWS
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Invalid
from app.requests.errors import RequestUnknown
from app.requests.rules import permission_of
from app.requests.site_words import way_in_short
from app.requests.visiting import OFFICE, FollowRoute
from app.requests.words import VERBS, state_tag

router = Door(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
A_PAGE = 25


@router.get(OFFICE, dependencies=[READ])
async def listed(desk: Looking, typed: Annotated[Typed, Query()]) -> HTMLResponse:
    """The view that is asked for, else the one that the caller has chosen to begin with, else what is due first."""
    reach = everywhere(desk)
    kept, counted = await opening(desk.database, desk.caller, reach, desk.now)
    current = chosen(kept, typed)
    if current is not None and not typed.asks:
        stays = {"saved": str(current.id), "open": typed.open, "passed": typed.passed}
        typed = of_query(current.query).model_copy(update=stays)
    filters, errors = understood(typed, desk.directory, desk.catalogue)
    asked = asked_of(desk.directory.network, desk.caller.scope(Permission.REQUESTS_READ), filters, desk.now)
    try:
        found = await read(desk, asked, typed.cursor)
    except Invalid as problem:  # a cursor that isn't ours: somebody has written into the address
        found, errors = Found([]), {**errors, "": problem.errors[0].sentence()}
    panel, lost = await opened(desk, typed.open)
    context = {
        **await table(desk, asked, found, any_unread=counted[View.UNREAD] > 0),
        **links(filters, typed, found, current),
        **tabs(filters, kept.views, current),
        "choices": partial(choices, desk),
        "more_filters": more_than_text(filters),
        "counts": counted,
        "reach": reach,
        "typed": typed,
        "filters": filters,
        "errors": errors,
        "panel": panel,
        "lost": lost,
        "may_share": desk.shares(),
    }
    return desk.show("list.html", context, again=bool(errors))


def chosen(kept: Kept, typed: Typed) -> SavedView | None:
    """The kept view that the address names, or that the list opens with."""
    wanted = typed.saved or ("" if typed.asks else str(kept.first or ""))
    return next((view for view in kept.views if str(view.id) == wanted), None)


def everywhere(desk: Desk) -> frozenset[int] | None:
    """Where the caller reads requests, whatever is asked for."""
    scope = desk.caller.scope(Permission.REQUESTS_READ)
    return asked_of(desk.directory.network, scope, Filters(), desk.now).station_ids


async def opened(desk: Desk, reference: str) -> tuple[Markup | None, str]:
    """What is shown beside the list; or the reference that there isn't, or that the caller doesn't reach."""
    if not reference:
        return None, ""
    try:
        return await panel_of(desk, reference, {"level": 2}), ""
    except RequestUnknown:
        return None, reference


async def read(desk: Desk, asked: Asked, cursor: str) -> Found:
    """A page of rows. Raises Invalid for a cursor that isn't ours."""
    network = desk.directory.network
    if asked.filters == Filters() and not cursor:
        return await first_page(desk.database, network, asked, limit=A_PAGE)
    return await page_of(desk.session, network, asked, cursor=cursor, limit=A_PAGE)


async def table(desk: Desk, asked: Asked, found: Found, *, any_unread: bool) -> dict[str, Any]:
    calendar = desk.directory.network.calendar
    left = cache(lambda due: days_left(calendar, due, desk.now))  # many share a due date
    return {
        "rows": found.rows,
        "version": desk.directory.network.version,
        "back_to": found.back_to,
        "unread": await unread(desk.session, Side.STATION, [row.id for row in found.rows]) if any_unread else {},
        "tags": {state: state_tag(state) for state in {row.status for row in found.rows}},
        "left": left,
        "way": way_in_short,
        "still": STANDS_STILL,
        "many_stations": asked.station_ids is None or len(asked.station_ids) > 1,
        "bulk": [(action.value, str(VERBS[action])) for action in BULK if desk.may(permission_of(action))],
    }


def links(filters: Filters, typed: Typed, found: Found, current: SavedView | None) -> dict[str, Any]:
    """Where the list goes on, and where the same is looked for in everything."""
    query = filters.query() + ([("saved", str(current.id))] if current else [])
    more = [("cursor", found.next)] if found.next else []
    searching = bool(filters.text) and filters.source is Source.LIVE
    whole = address(replace(filters, view=View.ALL).query()) if searching else ""
    return {
        "query": query,
        "here_list": address(query + ([("cursor", typed.cursor)] if typed.cursor else [])),
        "first": address(query) if typed.cursor else "",
        "following": address(query + more) if more else "",
        "whole": whole,
        "closed": address(query),
    }


def tabs(filters: Filters, saved: Sequence[SavedView], current: SavedView | None) -> dict[str, Any]:
    """The built-in views, then those that were kept."""
    here = None if current else filters.view
    kept = [
        (view, address([*((name, value) for name, value in view.query), ("saved", str(view.id))])) for view in saved
    ]
    return {
        "tabs": [(view, str(VIEWS[view]), address([("view", view.value)]), view is here) for view in View],
        "kept": kept,
        "current": current,
        "title": current.name if current else str(VIEWS[filters.view]),
        "order": _("Your own view.") if current else str(ORDERS[filters.view]),
    }
