"""`GET /routes`: which stations to go to, why, and which nearer ones not, and why not."""

from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response

from app.kit.clock import LOCAL, local_date, now
from app.kit.doors import Door
from app.kit.geo import Crs
from app.kit.problems import Invalid, problem_responses
from app.kit.ticks import TICK_MIN, tick_time
from app.routing.asked import tell
from app.routing.errors import (
    beyond_horizon,
    origin_missing,
    origin_twice,
    past_date,
    service_repeated,
    services_unknown,
)
from app.routing.origins import origin_of_point, origin_of_town
from app.routing.params import parameters, read_params
from app.routing.queries import Answer, route
from app.routing.ranking import Candidate
from app.routing.rules import DM_PER_KM, Check, Mode, Origin, Question
from app.routing.schemas import RouteParams, RoutesOut
from app.routing.words import nobody
from app.slots.queries import Availability
from app.slots.travel import travel
from app.stations.snapshot import MODES, Network, current_network

router = Door(tags=["routes"])
Now = Annotated[datetime, Depends(now)]
MODES_IN_ORDER = tuple(Mode)
REASONS = {check: check.reason for check in Check}


@router.get(
    "/routes",
    response_model=RoutesOut,
    responses=problem_responses(Invalid),
    openapi_extra={"parameters": parameters()},
)
async def find_routes(request: Request, at: Now) -> Response:
    """The stations that may do one service, or several in one visit, best first by `policy`.

    A service that is mandatory by its use goes to a designated station only. When nobody within reach may do it, the
    station above the nearest one stands in (`escalated`).
    """
    params = read_params(request)
    network = await current_network(request)
    availability: Availability = request.app.state.availability
    question = Question(
        services=_services(network, params.service),
        origin=await _origin(request, params),
        mode=params.mode or _usual_mode(network, params.service),
        first=_first(params.from_, local_date(at), availability.farthest(network)),
        days=params.days,
        use=params.use,
        policy=params.policy,
        limit=params.limit,
        reach_km=params.within_km or request.app.state.settings.booking.reach_km,
    )
    answer = await route(network, availability, question, at)
    tell(request.app.state.questions, network, answer, at)
    return Response(orjson.dumps(_body(network, answer, params.town)), media_type="application/json")


def _services(network: Network, codes: list[str]) -> tuple[int, ...]:
    """Their indices. Raises Invalid for a code that is unknown or out of use (with suggestions), or named twice."""
    unknown = [code for code in codes if not _offered(network, code)]
    if unknown:
        names = {service.code: (service.name_zh, service.name_en) for service in network.services if service.active}
        raise services_unknown(unknown, names)
    for place, code in enumerate(codes):
        if code in codes[:place]:
            raise service_repeated(code)
    return tuple(network.service_index[code] for code in codes)


def _offered(network: Network, code: str) -> bool:
    index = network.service_index.get(code)
    return index is not None and network.services[index].active


async def _origin(request: Request, params: RouteParams) -> Origin:
    point = params.lon, params.lat
    if params.town is not None:
        if any(given is not None for given in (*point, params.crs)):
            raise origin_twice()
        return origin_of_town((await request.app.state.directory.current()).atlas, params.town)
    lon, lat = point
    if lon is None or lat is None:
        raise origin_missing([name for name, value in (("lon", lon), ("lat", lat)) if value is None])
    return origin_of_point(lon, lat, params.crs or Crs.WGS84)


def _usual_mode(network: Network, codes: list[str]) -> Mode:
    """At the station, if all the services are done there; else the first way in which all of them are, if any."""
    facts = [network.services[network.service_index[code]] for code in codes]
    shared = [mode for mode in MODES_IN_ORDER if all(service.modes & MODES[mode] for service in facts)]
    return shared[0] if shared else Mode.STATION


def _first(asked: date | None, today: date, horizon_days: int) -> date:
    if asked is None:
        return today
    if asked < today:
        raise past_date()
    if (asked - today).days > horizon_days:
        raise beyond_horizon(horizon_days)
    return asked


def _body(network: Network, answer: Answer, town: str | None) -> dict[str, Any]:
    question = answer.question
    codes = [network.services[index].code for index in question.services]
    return {
        "origin": _origin_body(question.origin, town),
        "services": codes,
        "mode": question.mode,
        "use": question.use,
        "policy": question.policy,
        "from": question.first,
        "until": question.last,
        "designation_needed": any(answer.needs_designation),
        "reach_km": question.reach_km,
        "candidates": [
            _candidate_body(network, question, codes, *ranked) for ranked in enumerate(answer.candidates, start=1)
        ],
        "passed_over": [
            {"station_code": network.stations[index].code, "distance_km": dm / DM_PER_KM, "reason": REASONS[check]}
            for index, dm, check in answer.passed_over
        ],
        "passed_over_total": answer.passed_over_total,
        "escalated": answer.escalated,
        "explanation": answer.obstacle and {"code": answer.obstacle.reason, "text": nobody(answer.obstacle)},
    }


def _origin_body(origin: Origin, town: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {"lon": origin.lon, "lat": origin.lat, "crs": origin.crs, "town": None}
    if town is not None:
        given = {"lon": None, "lat": None, "crs": None, "town": town}
    return {"lon": origin.point.lon, "lat": origin.point.lat, "crs": Crs.WGS84, "given": given}


def _candidate_body(
    network: Network, question: Question, codes: list[str], rank: int, candidate: Candidate
) -> dict[str, Any]:
    station = network.stations[candidate.station]
    travel_min = travel(station, question.mode, question.origin.point) * TICK_MIN
    return {
        "rank": rank,
        "station": {
            "code": station.code,
            "name_zh": station.name_zh,
            "name_en": station.name_en,
            "lon": station.lon,
            "lat": station.lat,
            "coord_class": station.coord_class,
        },
        "distance_km": candidate.km,
        "travel_min": travel_min,
        "earliest_start": tick_time(candidate.start, LOCAL),
        "covers": [codes[place] for place in candidate.covers],
        "reasons": candidate.reasons,
    }
