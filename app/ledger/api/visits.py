"""Rebooking for programs: which visits, where and when, with the answers of the forms as far as the ledger knows them.

What is answered is what POST /holds and POST /requests take.
"""

from fastapi import Depends, Request, Response

from app.kit.db import Hot, RetryingRoute
from app.kit.doors import Door
from app.kit.problems import TooMany, problem_responses
from app.ledger.api.frame import GUARDED, HERE, Asks, as_json
from app.ledger.errors import InstrumentUnknown
from app.ledger.queries import Wish, page_of
from app.ledger.schemas import VisitsOut, VisitsWanted
from app.ledger.visits import Places, Visit, answers
from app.web.limits import limited

router = Door(route_class=RetryingRoute)


@router.post(
    f"{HERE}/visits",
    response_model=VisitsOut,
    dependencies=[Depends(limited("search"))],
    responses=problem_responses(*GUARDED, InstrumentUnknown, TooMany),
)
async def plan_visits(request: Request, asks: Asks, wanted: VisitsWanted, database: Hot) -> Response:
    """As few visits as there can be for these instruments: one station that may do all, else the fewest.

    Nothing is booked. Hold a time with POST /holds for the services of a visit, then send its items with POST /requests
    and `ledger`, so that the instruments stand in the ledger as booked.
    """
    ids = list(dict.fromkeys(wanted.instrument_ids))
    wish = Wish(ids=ids, limit=len(ids))
    found = (await page_of(database, asks.caller.person_id, asks.organisation_id, wish, asks.world.today)).items
    if len(found) < len(ids):
        raise InstrumentUnknown
    places = Places(asks.directory, asks.catalogue, request.app.state.availability, asks.now)
    planned = await places.planned(found, places.origin(found, wanted.town or ""))
    return as_json(
        {
            "visits": [_visit(asks, visit) for visit in planned.visits],
            "left_out": [{"instrument_id": each.id, "reason": why} for each, why in planned.left],
        }
    )


def _visit(asks: Asks, visit: Visit) -> dict[str, object]:
    services = asks.catalogue.by_code
    return {
        "station_code": visit.station.code,
        "distance_km": round(visit.km, 1),
        "earliest_start": visit.start,
        "mode": visit.mode,
        "use": visit.use,
        "service_codes": [code for code, _count in visit.counts],
        "items": [
            {
                "instrument_id": wish.instrument.id,
                "service_code": wish.service,
                "inputs": answers(wish.instrument, services[wish.service], visit.mode),
            }
            for wish in visit.wishes
        ],
    }
