"""The inbox for programs: one step of many requests, and the views that are kept."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Depends, Request
from pydantic import ValidationError

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Caller, Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.inbox import service
from app.inbox.bulk import Bulk, Outcome, needs_reason
from app.inbox.errors import TooManyViews, ViewNameTaken, ViewUnknown
from app.inbox.models import SavedView
from app.inbox.opening import views_of
from app.inbox.rules import BULK, Filters
from app.inbox.schemas import BulkIn, BulkOut, OutcomeOut, ViewIn, ViewName, ViewOut, ViewsOut
from app.inbox.typed import of_query, understood
from app.kit.clock import LOCAL
from app.kit.db import Hot, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Forbidden, Invalid, problem_responses
from app.requests.correspondence import CurrentLetters
from app.requests.errors import station_unknown
from app.requests.rules import Action, Need, permission_of
from app.requests.service.planning import NEEDED, Given
from app.requests.visiting import Now, spelled
from app.stations.directory import CurrentDirectory
from app.stations.snapshot import CurrentNetwork, Network, StationFacts

router = Door(tags=["inbox"], route_class=RetryingRoute)
MayHandle = Annotated[Caller, Depends(allowed(Permission.REQUESTS_HANDLE))]
MayRead = Annotated[Caller, Depends(allowed(Permission.REQUESTS_READ))]
NOT_A_QUERY = lazy("These are no filters of the list.")
Verb = StrEnum("Verb", {action.name: action.value.replace("_", "-") for action in BULK})  # type: ignore[misc]


@router.post(
    "/requests/actions/{verb}", response_model=BulkOut, responses=problem_responses(*GUARDED, Invalid, Forbidden)
)
async def step_many(
    *,
    request: Request,
    verb: Verb,
    sent: BulkIn,
    caller: MayHandle,
    network: CurrentNetwork,
    letters: CurrentLetters,
    now: Now,
) -> BulkOut:
    """One step of up to 100 requests, each on its own: what one refuses stops none of the others.

    The answer says of each what became of it. Sent again, nothing happens twice: `already` says so.
    """
    action = Action(verb.value.replace("-", "_"))
    if not caller.may(permission_of(action)):
        raise Forbidden
    if needs_reason(action) and not sent.reason:
        raise Invalid(errors=[FieldError("reason", "required", NEEDED[Need.REASON].msgid)])
    steps = Bulk(request.app.state.database, network, letters, caller, now)
    outcomes = await steps.take(action, map(spelled, sent.references), Given(sent.reason, sent.late_reason))
    return BulkOut(results=[told(outcome) for outcome in outcomes])


def told(outcome: Outcome) -> OutcomeOut:
    return OutcomeOut(
        reference=outcome.reference,
        outcome=outcome.kind.value,
        status=outcome.status,
        code=outcome.code or None,
        detail=outcome.why or None,
    )


@router.get("/inbox/views", response_model=ViewsOut, responses=problem_responses(*GUARDED))
async def list_views(caller: MayRead, database: Hot, network: CurrentNetwork) -> ViewsOut:
    """One's own views, and those of the stations where one works."""
    kept = await views_of(database, caller)
    return ViewsOut(items=[shown(view, network) for view in kept.views])


@router.post(
    "/inbox/views",
    status_code=201,
    response_model=ViewOut,
    responses=problem_responses(*GUARDED, Invalid, ViewNameTaken, TooManyViews),
)
async def keep_view(
    *,
    sent: ViewIn,
    caller: MayRead,
    session: Writing,
    directory: CurrentDirectory,
    catalogue: CurrentCatalogue,
    now: Now,
) -> ViewOut:
    """Keep filters under a name, for oneself or, as its manager, for a station."""
    try:
        filters, errors = understood(of_query(parse_qsl(sent.query)), directory, catalogue)
    except ValidationError:
        filters, errors = Filters(), {"query": ""}
    if errors:
        raise Invalid(errors=[FieldError("query", "not_a_query", NOT_A_QUERY.msgid)])
    station = station_of(directory.network, sent.station)
    view = await service.save(session, caller, sent.name, filters, station=station, now=now)
    return shown(view, directory.network)


@router.patch(
    "/inbox/views/{view_id}",
    response_model=ViewOut,
    responses=problem_responses(*GUARDED, Invalid, ViewUnknown, ViewNameTaken),
)
async def rename_view(
    *, view_id: UUID, sent: ViewName, caller: MayRead, session: Writing, network: CurrentNetwork, now: Now
) -> ViewOut:
    """Give one of one's own views, or of a station that one manages, another name."""
    return shown(await service.rename(session, caller, view_id, sent.name, now), network)


@router.delete("/inbox/views/{view_id}", status_code=204, responses=problem_responses(*GUARDED, ViewUnknown))
async def delete_view(view_id: UUID, caller: MayRead, session: Writing, now: Now) -> None:
    """Delete one of one's own views, or of a station that one manages."""
    await service.remove(session, caller, view_id, now)


def station_of(network: Network, code: str | None) -> StationFacts | None:
    """Raises Invalid for a station that there isn't."""
    if code is None:
        return None
    if code not in network.station_index:
        raise station_unknown(code)
    return network.stations[network.station_index[code]]


def shown(view: SavedView, network: Network) -> ViewOut:
    station = None if view.station_id is None else network.station_by_id[view.station_id].code
    query = urlencode([(name, value) for name, value in view.query])
    created = view.created_at.astimezone(LOCAL)
    return ViewOut(id=view.id, name=view.name, query=query, station=station, created_at=created)
