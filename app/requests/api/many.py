"""Lists of requests: an enterprise's own, and for staff those of their stations."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.accounts.callers import SignedIn
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.rules.rights import Permission
from app.kit.clock import LOCAL
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.problems import Forbidden, Invalid, problem_responses
from app.kit.tables import CSV, as_file, csv_response, wants_csv
from app.requests.access import as_json
from app.requests.errors import station_unknown
from app.requests.lists import Listed, Wanted, search
from app.requests.reach import reach_of
from app.requests.schemas import ListedOut, RequestsAsked, RequestsPage
from app.stations.snapshot import CurrentNetwork, Network

router = Door()
DEFAULT_LIMIT, FILE_LIMIT = 50, 10_000
AS_FILE = as_file(CSV)


@router.get(
    "/requests",
    response_model=RequestsPage,
    responses={**AS_FILE, **problem_responses(Invalid, SignInNeeded, SecondFactorMissing, Forbidden)},
)
async def list_requests(
    request: Request,
    asked: Annotated[RequestsAsked, Query()],
    caller: SignedIn,
    session: Reading,
    network: CurrentNetwork,
) -> Response:
    """Requests within the caller's reach, newest first: of the own organisations, and for staff of their stations.

    As a file with `format=csv`, which has up to 10,000 rows.
    """
    reach = reach_of(caller, Permission.REQUESTS_READ)
    if reach.empty:
        raise Forbidden
    as_file = wants_csv(request, asked.format)
    limit = asked.limit or (FILE_LIMIT if as_file else DEFAULT_LIMIT)
    page = await search(session, network, reach, _wanted(asked, network), cursor=asked.cursor, limit=limit)
    rows = [row_of(row) for row in page.rows]
    if as_file:
        return csv_response("requests", tuple(ListedOut.model_fields), rows)
    return as_json({"items": rows, "next": page.next})


def _wanted(asked: RequestsAsked, network: Network) -> Wanted:
    """Raises Invalid for a station that there isn't."""
    if asked.station and asked.station not in network.station_index:
        raise station_unknown(asked.station)
    station_id = network.stations[network.station_index[asked.station]].id if asked.station else None
    return Wanted(asked.status, station_id, asked.organisation_id, asked.day, asked.q)


def row_of(row: Listed) -> dict[str, Any]:
    """A row as JSON has it: plain dictionaries, since lists are asked for often."""
    return {
        "reference": row.reference,
        "status": row.status,
        "organisation_name": row.organisation_name,
        "organisation_id": row.organisation_id,
        "station_code": row.station.code,
        "service_codes": [service.code for service in row.services],
        "mode": row.mode,
        "start": row.start,
        "end": row.end,
        "appointment_status": row.appointment,
        "created_at": row.created_at.astimezone(LOCAL),
        "changed_at": row.changed_at.astimezone(LOCAL),
        "due_at": row.due_at,
        "due_provisional": row.due_provisional,
    }
