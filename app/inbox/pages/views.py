"""Keeping views of the list: under a name, for oneself or for a station; changed, deleted, made the first one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.inbox import service
from app.inbox.errors import TooManyViews, ViewNameTaken, ViewUnknown
from app.inbox.models import SavedView
from app.inbox.opening import views_of
from app.inbox.pages.desk import Acting, ActingDesk, Desk, Looking, address
from app.inbox.typed import Typed, understood
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy, tr
from app.kit.i18n import gettext as _
from app.kit.problems import FieldError, Invalid, Problem
from app.requests.visiting import OFFICE, FollowRoute, see
from app.stations.snapshot import StationFacts

router = Door(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
HERE = f"{OFFICE}/views"
NO_STATION = lazy("Choose a station whose manager you are.")
DONE: dict[str, LazyString] = {
    "renamed": lazy("The view has its new name."),
    "deleted": lazy("The view is deleted."),
    "first": lazy("The list opens with this view from now on."),
    "none": lazy("The list opens with what is to do."),
}
Name = Annotated[str, Field(max_length=1_000)]


class Keeping(Typed):
    """The filters of the list, with the name for them and the station whose view it shall be."""

    name: Name = ""
    for_station: Annotated[str, Field(max_length=40)] = ""


@router.get(HERE, dependencies=[READ])
async def listed(desk: Looking, done: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    return await views_page(desk, {}, done=done)


@router.post(HERE, dependencies=[READ])
async def keep(desk: Acting, typed: Annotated[Keeping, Form()]) -> Response:
    """Keep what the list shows under a name, and show it."""
    filters, _errors = understood(typed, desk.directory, desk.catalogue)
    try:
        station = station_of(desk, typed.for_station)
        view = await service.save(desk.session, desk.caller, typed.name, filters, station=station, now=desk.now)
    except (Invalid, ViewNameTaken, TooManyViews) as problem:
        return await views_page(desk, errors_of(problem), typed=typed, query=filters.query())
    return see(address([*filters.query(), ("saved", str(view.id))]))


@router.post(f"{HERE}/first", dependencies=[READ])
async def first(desk: Acting, view: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Let the list open with this view; with none, with what is to do. Raises ViewUnknown."""
    chosen = uuid_of(view) if view else None
    await service.open_with(desk.session, desk.caller, chosen)
    return see(f"{HERE}?done={'first' if chosen else 'none'}")


@router.post(f"{HERE}/{{view_id}}", dependencies=[READ])
async def rename(desk: Acting, view_id: UUID) -> Response:
    """The field is named after the view, as the page has one for each. Raises ViewUnknown."""
    async with desk.request.form() as form:
        name = form.get(f"name.{view_id}")
    name = name if isinstance(name, str) else ""
    try:
        await service.rename(desk.session, desk.caller, view_id, name, desk.now)
    except (Invalid, ViewNameTaken) as problem:
        errors = {f"name.{view_id}": sentence for sentence in errors_of(problem).values()}
        return await views_page(desk, errors, renamed=(view_id, name))
    return see(f"{HERE}?done=renamed")


@router.post(f"{HERE}/{{view_id}}/delete", dependencies=[READ])
async def delete(desk: Acting, view_id: UUID) -> Response:
    """Raises ViewUnknown."""
    await service.remove(desk.session, desk.caller, view_id, desk.now)
    return see(f"{HERE}?done=deleted")


def uuid_of(text: str) -> UUID:
    """Raises ViewUnknown."""
    try:
        return UUID(text)
    except ValueError:
        raise ViewUnknown from None


def station_of(desk: ActingDesk, code: str) -> StationFacts | None:
    """The station that is meant. Raises Invalid for one that the caller doesn't manage."""
    if not code:
        return None
    index = desk.directory.network.station_index.get(code.strip().upper())
    station = None if index is None else desk.directory.network.stations[index]
    if station is None or station.id not in service.managed(desk.caller):
        raise Invalid(errors=[FieldError("for_station", "station_unknown", NO_STATION.msgid)])
    return station


def errors_of(problem: Problem) -> dict[str, str]:
    return {error.field: error.sentence() for error in problem.errors} or {"name": problem.sentence()}


async def views_page(
    desk: Desk,
    errors: dict[str, str],
    *,
    typed: Keeping | None = None,
    query: list[tuple[str, str]] | None = None,
    renamed: tuple[UUID, str] | None = None,
    done: str = "",
) -> HTMLResponse:
    kept = await views_of(desk.database, desk.caller)
    network, mine = desk.directory.network, service.managed(desk.caller)

    def whose(view: SavedView) -> str:
        return _("Only for me") if view.station_id is None else tr(network.station_by_id[view.station_id], "name")

    context: dict[str, Any] = {
        "views": [
            {
                "id": str(view.id),
                "name": view.name,
                "typed": renamed[1] if renamed and renamed[0] == view.id else view.name,
                "whose": whose(view),
                "href": address([*((name, value) for name, value in view.query), ("saved", str(view.id))]),
                "mine": view.station_id is None or view.station_id in mine,
                "first": view.id == kept.first,
            }
            for view in kept.views
        ],
        "has_first": any(view.id == kept.first for view in kept.views),
        "errors": errors,
        "typed": typed,
        "query": query or [],
        "may_share": desk.shares(),
        "said": str(DONE[done]) if done in DONE else "",
    }
    return desk.show("views.html", context, again=bool(errors))
