"""Free times and holds for programs."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request, Response

from app.kit import clock
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.slots import errors
from app.slots.queries import Availability
from app.slots.schemas import AvailabilityOut, AvailabilityParams, HoldIn, HoldOut, availability_json
from app.slots.service import Held, Holds, Wish, handle, release
from app.stations.snapshot import CurrentNetwork
from app.web.client import Client
from app.web.limits import limited

router = Door(tags=["slots"])
JSON = "application/json"
IN_QUERY = {"service_codes": "service", "site": "lon"}
FARTHEST = timedelta(days=366)
CANNOT = (
    errors.ServiceUnknown,
    errors.ServiceRepeated,
    errors.NotCapable,
    errors.ModeNotOffered,
    errors.SiteNotAsked,
)
MAY_NOT = (
    errors.StationNotServed,
    errors.StationInactive,
    errors.NoDeskSkilled,
    errors.CapabilityExpired,
    errors.OffGrid,
    errors.PastStart,
    errors.TooSoon,
    errors.BeyondHorizon,
    errors.OutsideHours,
    errors.KeyReused,
)

Now = Annotated[datetime, Depends(clock.now)]
StationCode = Annotated[str, Path(max_length=32)]


@router.get(
    "/stations/{code}/availability",
    response_model=AvailabilityOut,
    responses=problem_responses(errors.StationUnknown, Invalid, errors.DateOutOfRange, *CANNOT),
)
async def availability(
    request: Request,
    code: StationCode,
    asked: Annotated[AvailabilityParams, Query()],
    network: CurrentNetwork,
    now: Now,
) -> Response:
    """Free starts of a visit at a station, day by day. Several services in one visit take as long as all together.

    On site (`mode=onsite`) the way from the station to the point and back has to fit too; the starts are the visit's.
    """
    index = network.station_index.get(code)
    if index is None:
        raise errors.StationUnknown
    free: Availability = request.app.state.availability
    plans = free.plans(network)
    try:
        need = plans.need(tuple(asked.service), asked.mode)
        ability = plans.ability(index, need, asked.point())
    except errors.FieldProblem as problem:
        raise problem.under(IN_QUERY) from None
    days = await free.of(plans.plan(ability, first_day(asked.from_, now), asked.days), now)
    return Response(availability_json(ability, days), media_type=JSON)


def first_day(given: date | None, now: datetime) -> date:
    """Today, or the day given, if that is not absurd. Raises DateOutOfRange."""
    today = clock.local_date(now)
    if given is not None and abs(given - today) > FARTHEST:
        raise errors.DateOutOfRange
    return given or today


@router.post(
    "/holds",
    status_code=201,
    response_model=HoldOut,
    dependencies=[Depends(limited("hold"))],
    responses=problem_responses(
        errors.SlotTaken, errors.StationClosed, Invalid, *CANNOT, *MAY_NOT, errors.TooManyHolds, TooMany
    ),
)
async def take_hold(
    request: Request,
    wanted: HoldIn,
    client: Client,
    now: Now,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Held:
    """Keep a place for some minutes, so that it can't be taken while the request is filled in."""
    holds: Holds = request.app.state.holds
    site = wanted.site.point(wanted.mode) if wanted.site else None
    wish = Wish(wanted.station_code, tuple(wanted.service_codes), wanted.mode, wanted.start, site)
    return await holds.hold(
        wish, client.key, handle(client.key, idempotency_key, request.app.state.settings.secret_key), now
    )


@router.delete("/holds/{hold_id}", status_code=204, responses=problem_responses(errors.HoldUnknown, Invalid))
async def give_back(database: Hot, hold_id: UUID, x_hold_token: Annotated[str, Header(max_length=200)]) -> None:
    """Give the place back before its time is over."""
    await release(database, hold_id, x_hold_token)
