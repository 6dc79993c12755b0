"""Organisations and their requests for programs, with a bearer token or an API key.

A list costs one statement beside that of the session, and no model of pydantic is made of what is sent.
"""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response

from app.accounts.callers import SignedIn
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.ids import OrganisationId
from app.accounts.queries.organisations import listed
from app.accounts.rules.rights import Caller, KeyScope
from app.enterprise.errors import KeyScopeMissing
from app.enterprise.schemas import OrganisationsAsked, OrganisationsPage, RequestsAsked, RequestsPage
from app.kit.cursors import read_cursor, write_cursor
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Invalid, NotFound, problem_responses
from app.kit.tables import CSV, as_file, csv_response, wants_csv
from app.requests.owned import MOST_IN_A_FILE, Listed, Wish, page_of

router = Door(tags=["organisations"])
JSON = "application/json"
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}
DEFAULT_LIMIT = 50
COLUMNS = ("reference", "status", "created_at", "services", "station_code", "start", "end", "appointment_status")
MAY_READ = frozenset({KeyScope.READ_REQUESTS, KeyScope.CHANGE_REQUESTS})
AS_FILE = as_file(CSV)


def reads(caller: Caller) -> None:
    """An API key does only what it was given for. Raises KeyScopeMissing."""
    if caller.kind == "key" and MAY_READ.isdisjoint(caller.key_scopes):
        raise KeyScopeMissing


@router.get(
    "/organisations",
    response_model=OrganisationsPage,
    responses=problem_responses(Invalid, SignInNeeded, SecondFactorMissing, KeyScopeMissing),
)
async def list_organisations(
    caller: SignedIn, asked: Annotated[OrganisationsAsked, Query()], database: Hot
) -> Response:
    """The organisations that the caller acts for."""
    reads(caller)
    limit = asked.limit or DEFAULT_LIMIT
    after = read_cursor(asked.cursor, UUID)[0] if asked.cursor else None
    found = await listed(database, caller, after, limit + 1)
    names = ("id", "name", "uscc", "role", "since")
    items = [{name: getattr(each, name) for name in names} for each in found[:limit]]
    following = write_cursor(found[limit - 1].id) if len(found) > limit else None
    return as_json({"items": items, "next": following})


@router.get(
    "/organisations/{organisation}/requests",
    response_model=RequestsPage,
    responses=AS_FILE | problem_responses(Invalid, SignInNeeded, SecondFactorMissing, KeyScopeMissing, NotFound),
)
async def list_requests(
    request: Request,
    caller: SignedIn,
    organisation: OrganisationId,
    asked: Annotated[RequestsAsked, Query()],
    database: Hot,
) -> Response:
    """The organisation's requests, the newest first. `q` is a part of a reference."""
    reads(caller)
    if organisation not in caller.organisation_ids:
        raise NotFound
    file = wants_csv(request, asked.format)
    limit = asked.limit or (MOST_IN_A_FILE if file else DEFAULT_LIMIT)
    found = await page_of(
        database, caller.person_id, organisation, Wish(asked.status, asked.q, asked.cursor or None, limit)
    )
    if file:
        return csv_response("requests", COLUMNS, map(cells, found.items))
    return as_json({"items": [each.json() for each in found.items], "next": found.next})


def cells(row: Listed) -> dict[str, object]:
    return {
        "reference": row.reference,
        "status": row.status,
        "created_at": row.created_at,
        "services": row.service_codes(),
        "station_code": row.station_code,
        "start": row.start,
        "end": row.end,
        "appointment_status": row.appointment,
    }


def as_json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), headers=NOT_TO_KEEP, media_type=JSON)
