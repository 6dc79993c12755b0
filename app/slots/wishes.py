"""Whether a wished visit may be booked by the rules, before the database is asked whether its place is free."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.kit.clock import LOCAL
from app.kit.geo import Point
from app.kit.ticks import DAY_TICKS, TICK_MIN, floor_tick
from app.slots.errors import (
    BeyondHorizon,
    CapabilityExpired,
    NoDeskSkilled,
    OffGrid,
    OutsideHours,
    PastStart,
    StationClosed,
    StationInactive,
    StationNotServed,
    too_soon,
)
from app.slots.plans import Ability, Need, Plan, Plans
from app.slots.rules import Bounds, Reason, Terms
from app.stations.snapshot import StationFacts

HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit that somebody would like: `start` is aware, `mode` one of station, onsite, online.

    `site` is where a visit on site is, if that is known. `start` is when it begins, the way there lies before.
    """

    station_code: str
    service_codes: tuple[str, ...]
    mode: str
    start: datetime
    site: Point | None = None


class Visit(NamedTuple):
    """A visit: where it begins (a tick of the epoch), how long it takes, and the way before and after it, in ticks."""

    starts: int
    ticks: int
    travel: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A wish that the rules allow, and the desks that could take it, the best one first."""

    station: StationFacts
    need: Need
    terms: Terms
    visit: Visit
    desks: tuple[int, ...]


def understood(plans: Plans, wish: Wish) -> Ability:
    """Who is meant and whether they can do it. Raises StationNotServed, ServiceUnknown, ServiceRepeated, NotCapable,
    ModeNotOffered, StationInactive, NoDeskSkilled."""
    index = plans.network.station_index.get(wish.station_code)
    if index is None:
        raise StationNotServed
    ability = plans.ability(index, plans.need(wish.service_codes, wish.mode), wish.site)
    if ability.missing is Reason.INACTIVE:
        raise StationInactive
    if ability.missing:
        raise NoDeskSkilled
    return ability


def allowed(plans: Plans, ability: Ability, wish: Wish, bounds: Bounds) -> Choice:
    """The wish as what could be booked. Raises PastStart, BeyondHorizon, OffGrid, TooSoon, CapabilityExpired,
    OutsideHours, StationClosed, in this order."""
    _in_time(wish.start, bounds, ability.terms, ability.travel)
    local = wish.start.astimezone(LOCAL)
    if not bounds.capable(local.toordinal()):
        raise CapabilityExpired
    plan = plans.plan(ability, local.date(), 1)
    starts = floor_tick(wish.start)
    place = starts - plan.span.origin
    if not plan.fit.free(0) >> place & 1:
        minutes = ability.need.duration_min + 2 * ability.travel * TICK_MIN
        raise OutsideHours(reason=plan.fit.reasons[0] or HOURS, duration_min=minutes)
    desks = _open_desks(plan, place)
    if not desks:
        raise StationClosed
    visit = Visit(starts, plan.fit.end(place) - place, ability.travel)
    return Choice(ability.station, ability.need, ability.terms, visit, desks)


def _in_time(start: datetime, bounds: Bounds, terms: Terms, travel: int) -> None:
    """Far years first: they can't even be converted to local time."""
    tick = floor_tick(start)
    if tick < bounds.now - 1:
        raise PastStart
    if tick > bounds.now + (terms.horizon_days + 1) * DAY_TICKS:
        raise BeyondHorizon(horizon_days=terms.horizon_days)
    local = start.astimezone(LOCAL)
    if local.second or local.microsecond or (local.hour * 60 + local.minute) % terms.step_min:
        raise OffGrid(step_min=terms.step_min)
    if tick < bounds.now:
        raise PastStart
    if tick < bounds.earliest:
        raise too_soon(terms.lead_min + travel * TICK_MIN)
    if local.toordinal() > bounds.horizon:
        raise BeyondHorizon(horizon_days=terms.horizon_days)


def _open_desks(plan: Plan, place: int) -> tuple[int, ...]:
    return tuple(desk for desk, closed in plan.closed if plan.fit.free(closed) >> place & 1)
