"""Free time, read: derived from the network's hours and what is reserved at the very moment, never stored.

All that is asked for in the same moment by one process is read by one statement (see kit.batch), so a process needs
one connection for it however many ask. Free time for a question takes that statement and the one that looks at the
network's version.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from app.kit.batch import Batcher
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.geo import Point
from app.kit.ticks import ceil_tick
from app.slots.plans import Ability, Plan, Plans
from app.slots.rules import Bounds, DayFree, Desks, Terms, judge
from app.slots.terms import Source
from app.stations.snapshot import Network


class Reach(NamedTuple):
    """Ticks of the epoch from `first` to before `last` at a station, as they are at a second of the epoch."""

    station_id: int
    first: int
    last: int
    second: int


# Served by the covering index reservation_free_time_idx alone. Nobody is longer than a day at a desk (a check of the
# table), hence 288. What reaches into the time is packed into 8 bytes a row: 32 bits for the desk, 23 for the first
# tick counted from the start of the reach, 9 for the ticks; rows as such would take Python three times as long.
TAKEN = """
SELECT reach.n, (
    SELECT string_agg(int8send(
        (r.desk_id::int8 << 32)
        | ((greatest(r.starts, reach.first) - reach.first)::int8 << 9)
        | (least(r.starts + r.ticks, reach.last) - greatest(r.starts, reach.first))), '' ORDER BY r.starts)
    FROM reservation r
    WHERE r.active AND r.station_id = reach.station_id
        AND r.starts > reach.first - 288 AND r.starts < reach.last AND r.starts + r.ticks > reach.first
        AND (r.expires_at IS NULL OR r.expires_at > to_timestamp(reach.second)))
FROM unnest(%s::int4[], %s::int4[], %s::int4[], %s::int8[]) WITH ORDINALITY reach (station_id, first, last, second, n)
"""
FARTHEST = 31  # so many days `next_free` looks ahead
MOST_KEPT, MOST_DESKS = 2048, 512


class Availability:
    """Free time at stations. One for each process; it remembers only what follows from the network."""

    def __init__(self, database: Database, terms: Source) -> None:
        self._terms = terms
        self._database = database
        self._batcher: Batcher[tuple[Reach, ...], tuple[bytes, ...]] = Batcher(self._load)
        self._plans: Plans | None = None
        self._answer = lru_cache(MOST_KEPT)(answer)

    def plans(self, network: Network) -> Plans:
        """What follows from this version of the network; the last one's is kept."""
        if self._plans is None or self._plans.network is not network:
            self._plans = Plans(network, self._terms())
            self._answer.cache_clear()
        return self._plans

    def terms(self, network: Network, station_index: int) -> Terms:
        """The rules of booking at a station."""
        return self.plans(network).terms.of(network.stations[station_index])

    def farthest(self, network: Network) -> int:
        """How many days ahead somebody could be booked anywhere, at most."""
        return self.plans(network).terms.horizon_days

    async def days(
        self,
        network: Network,
        station_index: int,
        services: Sequence[int],
        *,
        mode: str,
        first: date,
        days: int,
        now: datetime,
        site: Point | None = None,
    ) -> tuple[DayFree, ...]:
        """The days from `first` on, each with its state and the starts at which one desk is free for all services.

        `site` is where a visit on site is; without it a usual way is kept free. Raises NotCapable or ModeNotOffered
        when the station can't do it on any day, ServiceRepeated.
        """
        plans = self.plans(network)
        need = plans.need(codes(network, services), mode)
        return await self.of(plans.plan(plans.ability(station_index, need, site), first, days), now)

    async def of(self, plan: Plan, now: datetime) -> tuple[DayFree, ...]:
        """The same for a plan, for which all of that is already known.

        The answer follows from the plan, what is taken and the moment alone, and is remembered by all three.
        """
        [taken] = await self._taken([plan], now)
        return self._answer(plan, taken, self.bounds(plan.ability, now))

    async def earliest(
        self,
        network: Network,
        station_indices: Sequence[int],
        services: Sequence[int],
        *,
        mode: str,
        first: date,
        days: int,
        now: datetime,
        site: Point | None = None,
    ) -> dict[int, int | None]:
        """The first free start at each station, in ticks of the epoch; None where nothing is free in these days.

        One statement for all. Raises NotCapable or ModeNotOffered when one of them can't do it on any day.
        """
        plans = self.plans(network)
        need = plans.need(codes(network, services), mode)
        abilities = [plans.ability(index, need, site) for index in station_indices]
        # Only the days for which a station can be booked are worked out, but one at least.
        until = (now.astimezone(LOCAL).date() - first).days + 1
        planned = [plans.plan(each, first, max(min(days, until + each.terms.horizon_days), 1)) for each in abilities]
        taken = await self._taken(planned, now)
        return {
            index: self._first(plan, packed, now)
            for index, plan, packed in zip(station_indices, planned, taken, strict=True)
        }

    async def occupied(self, plan: Plan, now: datetime) -> dict[int, int]:
        """What is taken at each desk of the station, as places of the plan's span: by its id."""
        [packed] = await self._taken([plan], now)
        return dict(by_desk(packed))

    def _first(self, plan: Plan, packed: bytes, now: datetime) -> int | None:
        places = self.bounds(plan.ability, now).clip(plan.span, free(plan, packed))
        return plan.span.origin + (places & -places).bit_length() - 1 if places else None

    async def next_free(
        self,
        network: Network,
        station_index: int,
        services: Sequence[int],
        *,
        mode: str,
        after: datetime,
        count: int,
        now: datetime,
        site: Point | None = None,
    ) -> list[int]:
        """The next `count` free starts at a station from a time on, in ticks of the epoch; fewer if there are fewer."""
        first = max(after, now).astimezone(LOCAL).date()
        horizon = self.terms(network, station_index).horizon_days
        days = min((now.astimezone(LOCAL).date() - first).days + horizon + 1, FARTHEST)
        if days < 1:
            return []
        found = await self.days(network, station_index, services, mode=mode, first=first, days=days, now=now, site=site)
        begin = ceil_tick(after)
        return [tick for day in found for tick in day.starts if tick >= begin][:count]

    def bounds(self, ability: Ability, now: datetime) -> Bounds:
        """What the moment and the station's capability allow. The lead is counted from when staff set out."""
        today, terms = now.astimezone(LOCAL).date().toordinal(), ability.terms
        return Bounds(
            ceil_tick(now),
            ceil_tick(now + timedelta(minutes=terms.lead_min)) + ability.travel,
            today,
            today + terms.horizon_days,
            ability.capable_from,
            ability.capable_until,
        )

    async def _taken(self, planned: Iterable[Plan], now: datetime) -> tuple[bytes, ...]:
        second = int(now.timestamp())
        return await self._batcher.get(
            tuple(
                Reach(plan.ability.station.id, plan.span.origin, plan.span.origin + plan.span.edges[-1], second)
                for plan in planned
            )
        )

    async def _load(self, keys: Sequence[tuple[Reach, ...]]) -> Mapping[tuple[Reach, ...], tuple[bytes, ...]]:
        reaches = list({reach: None for key in keys for reach in key})
        if not reaches:
            return dict.fromkeys(keys, ())
        columns = tuple(list(column) for column in zip(*reaches, strict=True))
        rows = await self._database.fetch(TAKEN, columns)
        taken = {reaches[n - 1]: packed or b"" for n, packed in rows}
        return {key: tuple(taken[reach] for reach in key) for key in keys}


def codes(network: Network, services: Iterable[int]) -> tuple[str, ...]:
    return tuple(network.services[index].code for index in services)


def answer(plan: Plan, packed: bytes, bounds: Bounds) -> tuple[DayFree, ...]:
    """The days of a plan, given what `TAKEN` found in its reach."""
    return tuple(judge(plan.fit, Desks(plan.possible, free(plan, packed), plan.ability.missing), bounds))


def free(plan: Plan, packed: bytes) -> int:
    """The starts of a plan that are free at one desk or another, given what `TAKEN` found in its reach."""
    taken = by_desk(packed)
    desks = (closed | taken.get(desk, 0) for desk, closed in plan.closed)
    return reduce(or_, map(plan.fit.free, desks), 0)


@lru_cache(MOST_DESKS)
def by_desk(packed: bytes) -> Mapping[int, int]:
    """What `TAKEN` found, as places at each desk. Kept, because a station is asked for one service after the other."""
    taken: dict[int, int] = {}
    for desk, places in unpacked(packed):
        taken[desk] = taken.get(desk, 0) | places
    return taken


def unpacked(packed: bytes) -> Iterable[tuple[int, int]]:
    """Each row of `TAKEN`: the desk, and the places that are taken."""
    for row in struct.unpack(f">{len(packed) // 8}q", packed):
        yield row >> 32, ((1 << (row & 0x1FF)) - 1) << (row >> 9 & 0x7FFFFF)
