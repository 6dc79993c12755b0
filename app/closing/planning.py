"""What those are offered who lose their time: found for one after the other, so that no two are offered the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from app.closing.queries import Booked
from app.closing.rules.choosing import Found, Offer, cheapest, elsewhere
from app.kit.clock import LOCAL, local_date
from app.kit.geo import Point, geodesic_km
from app.kit.ticks import TICK_MIN, tick_time
from app.requests.elsewhere import asked_from, question_of
from app.requests.sites import point_of
from app.routing.queries import Answer, route
from app.routing.rules import Question
from app.slots.errors import ModeNotOffered, NotCapable
from app.slots.plans import Ability, Plan, Plans
from app.slots.queries import Availability
from app.slots.wishes import Choice, Wish, allowed, understood
from app.stations.snapshot import Network, StationFacts, StationIndex

NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person is offered: where and when, at which desk; with ASK nothing.

    `km` is how much farther it is than before, in whole kilometres; None at the same station.
    """

    booked: Booked
    offer: Offer
    station: StationFacts | None = None
    start: datetime | None = None
    desk_id: int | None = None
    km: int | None = None


class Planner:
    """Finds other times at a station as it will be, and at its neighbours as they are.

    What is given to one is taken for the next. `reach_km` is how far a neighbour may be.
    """

    def __init__(
        self, network: Network, after: StationFacts, availability: Availability, now: datetime, reach_km: float
    ) -> None:
        stations = list(network.stations)
        stations[after.index] = after
        self.network = replace(network, stations=tuple(stations))
        self._as_is = network
        self._here = after
        self._availability = availability
        self._plans = Plans(self.network, availability.plans(network).terms)
        self._now = now
        self._today = local_date(now)
        self._days = availability.farthest(network) + 1
        self._reach_km = reach_km
        self._taken: dict[StationIndex, dict[int, int]] = {}
        self._answers: dict[Question, Answer] = {}

    async def propose(self, booked: Iterable[Booked]) -> list[Proposal]:
        """For each the best that is free, in the order given: whoever comes first chooses first."""
        return [await self._best(each) for each in booked]

    def choice(self, wish: Wish) -> Choice:
        """A wish at the station as it will be, or at another one. Raises what `slots.wishes` raises."""
        ability = understood(self._plans, wish)
        return allowed(self._plans, ability, wish, self._availability.bounds(ability, self._now))

    async def _best(self, booked: Booked) -> Proposal:
        own = await self._same_time(booked)
        if own:
            return self._take(booked, own)
        own = await self._found_at(booked, self._here.index)
        others = [await self._found_at(booked, index) for index in await self._neighbours(booked)]
        best = min(filter(None, [own, *others]), key=lambda found: (found.cost, found.place), default=None)
        return Proposal(booked, Offer.ASK) if best is None else self._take(booked, best)

    def _take(self, booked: Booked, found: Found) -> Proposal:
        """Offer it, so that nobody else is."""
        plan = self._plan(booked, found.station)
        travel = plan.ability.travel
        time = (1 << (plan.fit.end(found.place) - found.place + 2 * travel)) - 1
        taken = self._taken[found.station]
        taken[found.desk_id] = taken.get(found.desk_id, 0) | time << (found.place - travel)
        station = self.network.stations[found.station]
        start = tick_time(plan.span.origin + found.place, LOCAL)
        if station.id != self._here.id:
            km = round(self._extra_km(booked, station))
            return Proposal(booked, Offer.STATION, station, start, found.desk_id, km)
        same = start == booked.view.appointment.start
        return Proposal(booked, Offer.DESK if same else Offer.TIME, station, start, found.desk_id)

    def desks_then(self, booked: Booked) -> tuple[int, ...]:
        """The other desks of the station that are open at the very time of an appointment, the best one first."""
        plan = self._plan(booked, self._here.index)
        place = self._place_of(plan, booked.view.appointment.start)
        open_then = [desk for desk, closed in plan.closed if plan.fit.free(closed) >> place & 1]
        return tuple(desk for desk in open_then if desk != booked.taken.desk_id)

    async def _same_time(self, booked: Booked) -> Found | None:
        """Another desk then. However soon that is: who comes notices nothing."""
        plan = self._plan(booked, self._here.index)
        place, taken = self._place_of(plan, booked.view.appointment.start), await self._taken_at(plan)
        for desk in self.desks_then(booked):
            if plan.fit.free(taken.get(desk, 0)) >> place & 1:
                return Found(0.0, place, self._here.index, desk)
        return None

    async def _taken_at(self, plan: Plan) -> dict[int, int]:
        """What is taken at the desks of a plan's station, with what was offered already."""
        index = plan.ability.station.index
        if index not in self._taken:
            self._taken[index] = await self._availability.occupied(plan, self._now)
        return self._taken[index]

    async def _found_at(self, booked: Booked, index: StationIndex) -> Found | None:
        """The best of what a station has free for somebody."""
        try:
            plan = self._plan(booked, index)
        except (NotCapable, ModeNotOffered):
            return None
        taken = await self._taken_at(plan)
        old = self._place_of(plan, booked.view.appointment.start)
        extra = 0.0
        if index != self._here.index:
            extra = elsewhere(self._extra_km(booked, self.network.stations[index]))
        bounds = self._availability.bounds(plan.ability, self._now)
        found: list[Found] = []
        for desk, closed in plan.closed:
            free = bounds.clip(plan.span, plan.fit.free(closed | taken.get(desk, 0)))
            if best := cheapest(old, free, partial(_somebody_there, booked, plan)):
                found.append(Found(best[0] + extra, best[1], index, desk))
        return min(found, key=lambda each: each.cost, default=None)

    def _plan(self, booked: Booked, index: StationIndex) -> Plan:
        return self._plans.plan(self._ability(booked, index), self._today, self._days)

    def _ability(self, booked: Booked, index: StationIndex) -> Ability:
        codes = tuple(service.code for service, _count in booked.view.what)
        need = self._plans.need(codes, booked.view.request.mode)
        return self._plans.ability(index, need, point_of(booked.view.request))

    @staticmethod
    def _place_of(plan: Plan, start: datetime) -> int:
        return int((start - tick_time(plan.span.origin, LOCAL)).total_seconds()) // 60 // TICK_MIN

    async def _neighbours(self, booked: Booked) -> list[StationIndex]:
        """The nearest others that may do it, by what routing says: near where the request came from."""
        question = question_of(
            booked.view, self._here, self._days_from(booked), limit=NEIGHBOURS + 1, reach_km=self._reach_km
        )
        if question not in self._answers:
            self._answers[question] = await route(self._as_is, self._availability, question, self._now)
        whole = len(question.services)
        near = [each for each in self._answers[question].candidates if each.km <= self._reach_km]
        able = [StationIndex(each.station) for each in near if len(each.covers) == whole]
        return [index for index in able if index != self._here.index][:NEIGHBOURS]

    def _days_from(self, booked: Booked) -> tuple[date, int]:
        """From the day of the appointment on, for a week."""
        first = local_date(booked.view.appointment.start)
        left = self._days - (first - self._today).days
        return first, max(min(left, 7), 1)

    def _extra_km(self, booked: Booked, station: StationFacts) -> float:
        origin = asked_from(booked.view, self._here)
        there, here = (geodesic_km(origin, Point(each.lon, each.lat)) for each in (station, self._here))
        return there - here


def _somebody_there(booked: Booked, plan: Plan, place: int) -> bool:
    """Whether a visit on site may begin then; one at a station or online always may."""
    site = booked.view.site
    return site is None or not site.refuses(tick_time(plan.span.origin + place, LOCAL))
