"""The day of a counter for programs: how it goes, closing and stopping it, contingents."""

from typing import Annotated

from fastapi import Depends, Query

from app.accounts.callers import GUARDED, allowed
from app.accounts.rules.rights import Permission
from app.hall.api import READ, StationCode
from app.hall.day.queries import day_of
from app.hall.day.schemas import (
    ContingentOut,
    ContingentsIn,
    ContingentsOut,
    DayOut,
    HaltIn,
    HourOut,
    OpeningOut,
)
from app.hall.opening import Opening, opening_of
from app.hall.service.contingents import Contingents, allowances
from app.hall.service.days import Days
from app.hall.working import UNKNOWN, AtCounter, Looking, Watching, Working
from app.kit.clock import LOCAL, local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import FieldError, Invalid, problem_responses
from app.kit.schemas import WrittenDate
from app.slots.errors import StationUnknown
from app.stations.snapshot import ServiceFacts, StationFacts

router = Door(tags=["hall"], route_class=RetryingRoute)
MANAGE = Depends(allowed(Permission.HALL_MANAGE))
ERRORS = problem_responses(*GUARDED, StationUnknown, Invalid)
DESK = "/desk/{station}"


@router.get(f"{DESK}/day", response_model=DayOut, dependencies=[READ], responses=ERRORS)
async def day(station: StationCode, at: Watching, day: Annotated[WrittenDate | None, Query()] = None) -> DayOut:
    """A day of the counter by hour: today, or one before."""
    found = at.station(station, Permission.HALL_READ)
    today = local_date(at.now)
    shown = await day_of(at.database, at.network, found, min(day or today, today), at.now)
    figures = shown.figures
    return DayOut(
        station_code=found.code,
        day=shown.day,
        booked=figures.booked,
        walk_ins=figures.walk_ins,
        waiting=figures.waiting,
        served=figures.served,
        no_shows=figures.no_shows,
        left=figures.left,
        wait_p50_min=figures.waits.p50_min,
        wait_p90_min=figures.waits.p90_min,
        hours=[HourOut.model_validate(hour) for hour in shown.hours],
    )


@router.get(f"{DESK}/opening", response_model=OpeningOut, dependencies=[READ], responses=ERRORS)
async def opening(station: StationCode, at: Watching) -> OpeningOut:
    """Whether tickets are given out and called."""
    found = at.station(station, Permission.HALL_READ)
    return opening_out(found, await opening_of(at.database, found, at.now))


@router.post(f"{DESK}/close", status_code=204, dependencies=[MANAGE], responses=ERRORS)
async def close(station: StationCode, at: AtCounter) -> None:
    """No more tickets today but for appointments; done once more, nothing changes."""
    await days_of(at, station).close()


@router.post(f"{DESK}/open", status_code=204, dependencies=[MANAGE], responses=ERRORS)
async def open_again(station: StationCode, at: AtCounter) -> None:
    """Tickets for everybody again."""
    await days_of(at, station).open()


@router.post(f"{DESK}/halt", status_code=204, dependencies=[MANAGE], responses=ERRORS)
async def halt(station: StationCode, sent: HaltIn, at: AtCounter) -> None:
    """An emergency: from now on nobody is called and no ticket given out. `other` needs words."""
    await days_of(at, station).halt(sent.reason, sent.words)


@router.post(f"{DESK}/go-on", status_code=204, dependencies=[MANAGE], responses=ERRORS)
async def go_on(station: StationCode, at: AtCounter) -> None:
    """The emergency is over."""
    await days_of(at, station).go_on()


@router.get(f"{DESK}/contingents", response_model=ContingentsOut, dependencies=[READ], responses=ERRORS)
async def contingents(station: StationCode, at: Watching) -> ContingentsOut:
    """Walk-in tickets a day by service, and how many were given out today."""
    return await contingents_out(at, at.station(station, Permission.HALL_READ))


@router.patch(f"{DESK}/contingents", status_code=204, dependencies=[MANAGE], responses=ERRORS)
async def change_contingents(station: StationCode, sent: ContingentsIn, at: AtCounter) -> None:
    """Change those that are sent. Of a service that is sent twice the last one counts."""
    found = at.station(station, Permission.HALL_MANAGE)
    wanted = {service_of(at, each.service_code, n): each.per_day for n, each in enumerate(sent.contingents)}
    await Contingents(at.session, found, at.now, at.caller).set(wanted)


def days_of(at: Working, code: str) -> Days:
    """Raises StationUnknown, also where the caller doesn't manage."""
    return Days(at.session, at.station(code, Permission.HALL_MANAGE), at.now, at.caller)


def opening_out(station: StationFacts, found: Opening) -> OpeningOut:
    return OpeningOut(
        station_code=station.code,
        closed_at=found.closed_at and found.closed_at.astimezone(LOCAL),
        halted_at=found.halted_at and found.halted_at.astimezone(LOCAL),
        halt_reason=found.reason,
    )


async def contingents_out(at: Looking, station: StationFacts) -> ContingentsOut:
    found = await allowances(at.database, at.network, station, local_date(at.now))
    rows = [ContingentOut(service_code=one.service.code, per_day=one.per_day, used_today=one.used) for one in found]
    return ContingentsOut(contingents=rows)


def service_of(at: Working, code: str, n: int) -> ServiceFacts:
    """Raises Invalid."""
    if code not in at.network.service_index:
        field = f"contingents.{n}.service_code"
        raise Invalid(errors=[FieldError(field, "service_unknown", UNKNOWN.msgid, {"code": code})])
    return at.network.services[at.network.service_index[code]]
